// A backup: one file with users, the administrator's account, settings and, if wanted, the keys; sealed as a whole.
// A line of JSON, then AES-256-GCM over gzip over lines of JSON, then the tag. (NIST SP 800-38D; scrypt: RFC 7914.)
import {
  createCipheriv,
  createDecipheriv,
  randomBytes,
  scrypt as hash,
  type ScryptOptions,
} from "node:crypto";
import { promisify } from "node:util";
import { gunzip as unpack, gzip as pack } from "node:zlib";
import { DialwardError } from "../errors.ts";

// In threads of their own: logins wait for none of them.
const scrypt = promisify<string, string, number, ScryptOptions, Buffer>(hash);
const [gzip, gunzip] = [promisify<string, Buffer>(pack), promisify<Buffer, Buffer>(unpack)];

const VERSION = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SCRYPT_COST = 131_072;
const SCRYPT_BLOCK = 8;
/** A file's first line is shorter. */
const HEAD_BYTES = 1024;

interface Head {
  dialward: "backup";
  version: number;
  /** By a passphrase, with scrypt; else by a key that the data folder's root key makes. */
  scrypt?: { salt: string; cost: number };
  nonce: string;
}

/** One line of a backup. */
export type BackupLine =
  | { kind: "made"; seconds: number }
  | { kind: "file"; name: string; text: string }
  | { kind: "group"; group: unknown }
  | { kind: "user"; realm: "users" | "administrator"; user: string; profile: string; state: string };

/** Seals lines: by a passphrase, or by `rootKey`, of 32 bytes. */
export async function sealBackup(
  lines: readonly BackupLine[],
  secret: { passphrase: string; cost?: number } | { rootKey: Buffer },
): Promise<Buffer> {
  const salt = randomBytes(16).toString("base64url");
  const nonce = randomBytes(NONCE_BYTES);
  const head: Head = { dialward: "backup", version: VERSION, nonce: nonce.toString("base64url") };
  if ("passphrase" in secret) head.scrypt = { salt, cost: secret.cost ?? SCRYPT_COST };
  const key = await keyOf(head, secret);
  const first = Buffer.from(`${JSON.stringify(head)}\n`);
  const text = await gzip(lines.map((line) => JSON.stringify(line)).join("\n"));
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(first);
  const body = [cipher.update(text), cipher.final()];
  text.fill(0);
  key.fill(0);
  return Buffer.concat([first, ...body, cipher.getAuthTag()]);
}

/** Whether a passphrase opens this file. Throws DialwardError("usage") where it is no backup. */
export function hasPassphrase(bytes: Buffer): boolean {
  return readHead(bytes).head.scrypt !== undefined;
}

/** Opens a backup. Throws DialwardError("usage") or ("sealed"); nothing of it is believed before all of it is checked. */
export async function openBackup(
  bytes: Buffer,
  secret: { passphrase: string } | { rootKey: Buffer },
): Promise<BackupLine[]> {
  const { head, end } = readHead(bytes);
  if (bytes.length < end + TAG_BYTES) throw damaged();
  const key = await keyOf(head, secret);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(head.nonce, "base64url"));
    decipher.setAAD(bytes.subarray(0, end));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const packed = Buffer.concat([decipher.update(bytes.subarray(end, -TAG_BYTES)), decipher.final()]);
    const text = await gunzip(packed);
    packed.fill(0);
    const lines = text.toString().split("\n");
    text.fill(0);
    return lines.map((line) => JSON.parse(line) as BackupLine);
  } catch {
    throw damaged();
  } finally {
    key.fill(0);
  }
}

function readHead(bytes: Buffer): { head: Head; end: number } {
  const end = bytes.subarray(0, HEAD_BYTES).indexOf(0x0a) + 1;
  let head: Partial<Head> = {};
  try {
    head = JSON.parse(bytes.subarray(0, end).toString()) as Partial<Head>;
  } catch {
    // said below
  }
  if (end === 0 || head.dialward !== "backup")
    throw new DialwardError("usage", "This is no backup of Dialward.");
  if (head.version !== VERSION)
    throw new DialwardError(
      "usage",
      `A newer version of Dialward has made this backup (version ${head.version}).`,
    );
  return { head: head as Head, end };
}

async function keyOf(
  { scrypt: told }: Head,
  secret: { passphrase: string } | { rootKey: Buffer },
): Promise<Buffer> {
  if ("rootKey" in secret) return Buffer.from(secret.rootKey);
  const { salt, cost } = told ?? { salt: "", cost: SCRYPT_COST };
  // What a file says is not believed without bounds: memory is 128 · cost · block size.
  if (!Number.isInteger(cost) || cost < 2 || cost > SCRYPT_COST || (cost & (cost - 1)) !== 0) throw damaged();
  const options = { N: cost, r: SCRYPT_BLOCK, p: 1, maxmem: 256 * cost * SCRYPT_BLOCK };
  return scrypt(secret.passphrase.normalize(), salt, KEY_BYTES, options);
}

function damaged(): DialwardError {
  return new DialwardError(
    "sealed",
    "The backup does not open: the passphrase or key is another, or it is damaged.",
  );
}
