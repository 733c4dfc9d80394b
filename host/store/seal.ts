// Seals what must stay secret on the disk: AES-256-GCM (NIST SP 800-38D), bound to the user's name.
// Sealed: version 1 ‖ key id 4 ‖ nonce 12 ‖ tag 16 ‖ ciphertext, in bytes.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { linkSync, readFileSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { DialwardError } from "../errors.ts";

/** The sealing keys' file in the data folder. */
export const KEY_FILE = "key";

const VERSION = 1;
const KEY_BYTES = 32;
const KEY_ID_AT = 1;
const NONCE_AT = 5;
const TAG_AT = 17;
const TEXT_AT = 33;

interface SealingKey {
  id: Buffer;
  key: Buffer;
}

/** Seals with the first of its keys and opens with any of them. */
export class Sealer {
  readonly #keys: SealingKey[];

  /** `keys`: 32 bytes each, the current one first. */
  constructor(keys: readonly Uint8Array[]) {
    this.#keys = keys.map((key) => ({ id: keyId(key), key: Buffer.from(key) }));
    if (this.#keys.length === 0) throw new TypeError("a Sealer needs a key");
  }

  /** `text` sealed for `user`. */
  seal(user: string, text: Uint8Array): Uint8Array {
    const { id, key } = this.#keys[0]!;
    const nonce = randomBytes(TAG_AT - NONCE_AT);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    cipher.setAAD(associatedData(user));
    const body = [cipher.update(text), cipher.final()];
    return Buffer.concat([Buffer.of(VERSION), id, nonce, cipher.getAuthTag(), ...body]);
  }

  /** What was sealed for `user`. Throws DialwardError("sealed") naming the user. */
  open(user: string, sealed: Uint8Array): Buffer {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const fail = (why: string): DialwardError =>
      new DialwardError("sealed", `The profile of "${user}" does not open: ${why}.`);
    if (bytes.length < TEXT_AT) throw fail("it is cut short; remove the user and add it again");
    if (bytes[0] !== VERSION) throw fail("it was sealed by another version of Dialward, or is damaged");
    const id = bytes.subarray(KEY_ID_AT, NONCE_AT);
    const key = this.#keys.find((candidate) => candidate.id.equals(id))?.key;
    if (!key)
      throw fail("it was sealed with another key; give the key file (or DIALWARD_KEY) it was made with");
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(NONCE_AT, TAG_AT));
    decipher.setAAD(associatedData(user));
    decipher.setAuthTag(bytes.subarray(TAG_AT, TEXT_AT));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(TEXT_AT)), decipher.final()]);
    } catch {
      throw fail("it was sealed for another user, or is damaged; remove the user and add it again");
    }
  }

  /** A key of 32 bytes for another purpose, named by `label` (HKDF, RFC 5869). */
  derive(label: string): Buffer {
    return Buffer.from(hkdfSync("sha256", this.#keys[0]!.key, "", `dialward ${label}`, KEY_BYTES));
  }
}

/**
 * The sealing keys: from DIALWARD_KEY where set, else from `file`, one of 64 hexadecimal digits a line, the
 * current one first. Where there is no file, it is made (0600) if `mayCreate`. Throws DialwardError("sealed").
 */
export function loadKeys(file: string, mayCreate: boolean, warn: (message: string) => void): Buffer[] {
  const given = process.env["DIALWARD_KEY"];
  if (given) return parseKeys(given, "DIALWARD_KEY");
  try {
    if (mayCreate) createSecretFile(file, randomBytes(KEY_BYTES).toString("hex"));
    warnIfReadable(file, warn);
    return parseKeys(readFileSync(file, "latin1"), file);
  } catch (cause) {
    if (cause instanceof DialwardError) throw cause;
    const why = `The key ${file} cannot be read: ${(cause as Error).message}.`;
    throw new DialwardError(
      "sealed",
      `${why} The users in the store were sealed with it; put it back, or set DIALWARD_KEY.`,
      {
        cause,
      },
    );
  }
}

/** Writes `text` into a new file (0600), whole or not at all; leaves a file that exists. */
export function createSecretFile(file: string, text: string): void {
  if (statSync(file, { throwIfNoEntry: false })) return;
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  writeFileSync(draft, text + "\n", { mode: 0o600, flag: "wx", flush: true });
  try {
    linkSync(draft, file); // fails where another process was first
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Warns when others than the owner can read a secret. */
export function warnIfReadable(file: string, warn: (message: string) => void): void {
  if (process.platform === "win32") return;
  const mode = statSync(file).mode & 0o777;
  if (mode & 0o077) {
    warn(`${file} holds a secret and others can read it (mode ${mode.toString(8)}). Run: chmod 600 ${file}`);
  }
}

function parseKeys(text: string, from: string): Buffer[] {
  const lines = text.split("\n").map((line) => line.trim());
  const keys = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (keys.length === 0 || keys.some((key) => !/^[0-9a-f]{64}$/i.test(key))) {
    throw new DialwardError("sealed", `${from} must hold 64 hexadecimal digits, one key a line.`);
  }
  return keys.map((key) => Buffer.from(key, "hex"));
}

function keyId(key: Uint8Array): Buffer {
  return createHash("sha256")
    .update("dialward key id")
    .update(key)
    .digest()
    .subarray(0, NONCE_AT - KEY_ID_AT);
}

function associatedData(user: string): Buffer {
  return Buffer.from(`dialward profile ${user}`);
}
