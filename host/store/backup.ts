// A backup: one file with users, the administrator's account, settings and, if wanted, the keys; sealed as a whole.
// A line of JSON, then AES-256-GCM over gzip over lines of JSON, then the tag. (NIST SP 800-38D; scrypt: RFC 7914.)
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomBytes,
  scrypt as hash,
  type KeyObject,
  type ScryptOptions,
} from "node:crypto";
import { pipeline, Readable } from "node:stream";
import { promisify } from "node:util";
import { createGunzip, createGzip } from "node:zlib";
import { DialwardError } from "../errors.ts";
import { printLines, readLines } from "./json-lines.ts";
import { letLoginsIn } from "../core/turn.ts";

// In threads of their own: logins wait for none of them.
const scrypt = promisify<string, string, number, ScryptOptions, Buffer>(hash);

const VERSION = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SCRYPT_COST = 131_072;
const SCRYPT_BLOCK = 8;
/** What is ciphered or packed at once. */
const PIECE_BYTES = 1 << 16;
/** Users that are handed out at once. */
const PIECE_USERS = 1000;
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

/** One user of a backup; its profile is sealed by the keys of then. */
export interface BackupUser {
  user: string;
  profile: Buffer;
  state: Buffer;
}

/** A backup that is open: what it holds beside its users, who may be a million. */
export interface Backup {
  /** When it was made, in seconds since 1970. */
  made: number;
  files: ReadonlyMap<string, string>;
  groups: readonly unknown[];
  /** The users of the service, or its administrators, some at a time. */
  users(realm: "users" | "administrator"): AsyncIterable<BackupUser[]>;
}

type Secret = { passphrase: string; cost?: number } | { rootKey: Buffer };

/** Seals lines: by a passphrase, or by `rootKey`, of 32 bytes. The file comes piece by piece. */
export async function* sealBackup(
  lines: Iterable<BackupLine> | AsyncIterable<BackupLine>,
  secret: Secret,
): AsyncGenerator<Buffer> {
  const salt = randomBytes(16).toString("base64url");
  const nonce = randomBytes(NONCE_BYTES);
  const head: Head = { dialward: "backup", version: VERSION, nonce: nonce.toString("base64url") };
  if ("passphrase" in secret) head.scrypt = { salt, cost: secret.cost ?? SCRYPT_COST };
  const cipher = createCipheriv("aes-256-gcm", await keyOf(head, secret), nonce);
  const first = Buffer.from(`${JSON.stringify(head)}\n`);
  cipher.setAAD(first);
  yield first;
  // What fails is thrown by the end of the pipeline, which is read.
  for await (const packed of pipeline(Readable.from(printLines(lines)), createGzip(), () => {})) {
    yield cipher.update(packed as Buffer);
    (packed as Buffer).fill(0);
  }
  yield Buffer.concat([cipher.final(), cipher.getAuthTag()]);
}

/** Whether a passphrase opens this file. Throws DialwardError("usage") where it is no backup. */
export function hasPassphrase(bytes: Buffer): boolean {
  return readHead(bytes).head.scrypt !== undefined;
}

/** Opens a backup. Throws DialwardError("usage") or ("sealed"); nothing of it is believed before all of it is checked. */
export async function openBackup(bytes: Buffer, secret: Secret): Promise<Backup> {
  const { head, end } = readHead(bytes);
  if (bytes.length < end + TAG_BYTES) throw damaged();
  const key = await keyOf(head, secret);
  /** The text, packed; what is not checked yet is for nobody. */
  async function* decipher(): AsyncGenerator<Buffer> {
    const cipher = createDecipheriv("aes-256-gcm", key, Buffer.from(head.nonce, "base64url"));
    cipher.setAAD(bytes.subarray(0, end));
    cipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    for (let at = end; at < bytes.length - TAG_BYTES; at += PIECE_BYTES) {
      yield cipher.update(bytes.subarray(at, Math.min(at + PIECE_BYTES, bytes.length - TAG_BYTES)));
      await letLoginsIn();
    }
    cipher.final();
  }
  async function* read(): AsyncGenerator<BackupLine> {
    const text = pipeline(Readable.from(decipher()), createGunzip(), () => {});
    for await (const line of readLines(text.setEncoding("utf8"))) yield JSON.parse(line) as BackupLine;
  }
  try {
    for await (const packed of decipher()) packed.fill(0);
    const files = new Map<string, string>();
    const groups: unknown[] = [];
    let made = 0;
    for await (const line of read())
      if (line.kind === "made") made = line.seconds;
      else if (line.kind === "file") files.set(line.name, line.text);
      else if (line.kind === "group") groups.push(line.group);
    return { made, files, groups, users: (realm) => usersOf(read(), realm) };
  } catch {
    throw damaged();
  }
}

async function* usersOf(
  lines: AsyncIterable<BackupLine>,
  realm: "users" | "administrator",
): AsyncGenerator<BackupUser[]> {
  let users: BackupUser[] = [];
  for await (const line of lines) {
    if (line.kind !== "user" || line.realm !== realm) continue;
    const [profile, state] = [Buffer.from(line.profile, "base64"), Buffer.from(line.state, "base64")];
    users.push({ user: line.user, profile, state });
    if (users.length < PIECE_USERS) continue;
    yield users;
    users = [];
  }
  yield users;
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

async function keyOf({ scrypt: told }: Head, secret: Secret): Promise<KeyObject> {
  if ("rootKey" in secret) return createSecretKey(secret.rootKey);
  const { salt, cost } = told ?? { salt: "", cost: SCRYPT_COST };
  // What a file says is not believed without bounds: memory is 128 · cost · block size.
  if (!Number.isInteger(cost) || cost < 2 || cost > SCRYPT_COST || (cost & (cost - 1)) !== 0) throw damaged();
  const options = { N: cost, r: SCRYPT_BLOCK, p: 1, maxmem: 256 * cost * SCRYPT_BLOCK };
  const bytes = await scrypt(secret.passphrase.normalize(), salt, KEY_BYTES, options);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

function damaged(): DialwardError {
  return new DialwardError(
    "sealed",
    "The backup does not open: the passphrase or key is another, or it is damaged.",
  );
}
