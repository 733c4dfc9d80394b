// Seals what must stay secret on the disk: AES-256-GCM (NIST SP 800-38D), bound to the user's name.
// Sealed: version 1 ‖ key id 4 ‖ nonce 12 ‖ tag 16 ‖ ciphertext, in bytes.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  hkdfSync,
  randomFillSync,
  type KeyObject,
} from "node:crypto";
import { statSync } from "node:fs";
import { warnIfReadable } from "../config/private-file.ts";
import { createKeyFile, KEY_BYTES, parseKeyFile, readKeyFile, wipeKeys, type KeyRing } from "./key-file.ts";
import { DialwardError, systemWords } from "../errors.ts";

/** The sealing keys' file in the data folder. */
export const KEY_FILE = "key";

const VERSION = 1;
const KEY_ID_AT = 1;
const NONCE_AT = 5;
const TAG_AT = 17;
const TEXT_AT = 33;
const NONCE_BYTES = TAG_AT - NONCE_AT;

/** The key file is looked at so often while profiles are sealed, in milliseconds. */
const LOOK_MS = 50;

interface SealingKey {
  id: Buffer;
  key: KeyObject;
}

/** Seals with the first of its keys and opens with any of them. */
export class Sealer {
  #keys: SealingKey[];
  readonly #root: KeyObject;
  readonly #reload: () => KeyRing | undefined;
  readonly #running = new Set<Promise<unknown>>();
  /** When the file was looked at last, by performance.now(). */
  #looked = -Infinity;

  /** `ring`: as loadKeys reads it, which is wiped; or keys of 32 bytes each, the current one first. */
  constructor(ring: KeyRing | readonly Uint8Array[]) {
    const { keys, root, reload } =
      "root" in ring ? ring : { keys: ring, root: ring.at(-1), reload: undefined };
    if (!root || keys.length === 0) throw new TypeError("a Sealer needs a key");
    this.#keys = keys.map(sealingKey);
    this.#root = createSecretKey(root);
    this.#reload = reload ?? (() => undefined);
    if ("root" in ring) wipeKeys(ring);
  }

  /** Works by other keys from now on, and wipes `ring`. */
  use(ring: KeyRing): void {
    this.#keys = ring.keys.map(sealingKey);
    wipeKeys(ring);
  }

  /** Runs what seals and then stores: a rotation drops no key before it has ended. */
  async using<T>(action: () => Promise<T>): Promise<T> {
    const running = action();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Resolves when all that was begun by using() has ended. */
  async quiet(): Promise<void> {
    await Promise.allSettled([...this.#running]);
  }

  /** `text` sealed for `user`. */
  seal(user: string, text: Uint8Array): Uint8Array {
    // What is sealed with a key that is being dropped would be lost: it is retired for longer than this.
    if (performance.now() >= this.#looked + LOOK_MS) this.#refresh();
    const { id, key } = this.#keys[0]!;
    const nonce = takeNonce();
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    cipher.setAAD(associatedData(user));
    const sealed = Buffer.allocUnsafe(TEXT_AT + text.length);
    sealed[0] = VERSION;
    sealed.set(id, KEY_ID_AT);
    sealed.set(nonce, NONCE_AT);
    sealed.set(cipher.update(text), TEXT_AT);
    cipher.final(); // GCM has nothing left at the end
    sealed.set(cipher.getAuthTag(), TAG_AT);
    return sealed;
  }

  /** What was sealed for `user`. Throws DialwardError("sealed") naming the user. */
  open(user: string, sealed: Uint8Array): Buffer {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const fail = (why: string): DialwardError =>
      new DialwardError("sealed", `The profile of "${user}" does not open: ${why}.`);
    if (bytes.length < TEXT_AT) throw fail("it is cut short; remove the user and add it again");
    if (bytes[0] !== VERSION) throw fail("it was sealed by another version of Dialward, or is damaged");
    const id = bytes.subarray(KEY_ID_AT, NONCE_AT);
    let key = this.#find(id);
    if (!key) {
      this.#refresh();
      key = this.#find(id);
    }
    if (!key)
      throw fail("it was sealed with another key; give the key file (or DIALWARD_KEY) it was made with");
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(NONCE_AT, TAG_AT));
    decipher.setAAD(associatedData(user));
    decipher.setAuthTag(bytes.subarray(TAG_AT, TEXT_AT));
    // All of it: GCM has nothing left at the end. It is no copy, so that who wipes it has wiped it.
    const text = decipher.update(bytes.subarray(TEXT_AT));
    try {
      decipher.final();
      return text;
    } catch {
      text.fill(0);
      throw fail("it was sealed for another user, or is damaged; remove the user and add it again");
    }
  }

  /** Whether `sealed` was sealed with the key that seals now. */
  isCurrent(sealed: Uint8Array): boolean {
    return this.#keys[0]!.id.equals(sealed.subarray(KEY_ID_AT, NONCE_AT));
  }

  /** A key of 32 bytes for another purpose, named by `label` (HKDF, RFC 5869). It outlives the sealing keys. */
  derive(label: string): Buffer {
    return Buffer.from(hkdfSync("sha256", this.#root, "", `dialward ${label}`, KEY_BYTES));
  }

  #find(id: Buffer): KeyObject | undefined {
    return this.#keys.find((candidate) => candidate.id.equals(id))?.key;
  }

  #refresh(): void {
    this.#looked = performance.now();
    const ring = this.#reload();
    if (ring) this.use(ring);
  }
}

/** Random bytes from the system, many at once, of which each is used once: a million profiles are sealed one after the other. */
const nonces = Buffer.alloc(4096);
let noncesAt = nonces.length;

function takeNonce(): Buffer {
  if (noncesAt + NONCE_BYTES > nonces.length) {
    randomFillSync(nonces);
    noncesAt = 0;
  }
  return nonces.subarray(noncesAt, (noncesAt += NONCE_BYTES));
}

/** Six bytes of a sealed profile's tag, as a number; 0 where it is cut short. */
export function tagOf(sealed: Uint8Array): number {
  let tag = 0;
  for (let i = TAG_AT; i < TAG_AT + 6; i++) tag = 256 * tag + (sealed[i] ?? 0);
  return tag;
}

let taken: string | undefined;

/**
 * DIALWARD_KEY, which is taken out of the environment: what this process starts must not inherit it. A string, which
 * cannot be wiped; keys in a file are.
 */
export function environmentKeys(): string | undefined {
  taken = process.env["DIALWARD_KEY"] ?? taken;
  delete process.env["DIALWARD_KEY"];
  return taken;
}

/**
 * The sealing keys: from DIALWARD_KEY where set, else from `file` (host/store/key-file.ts), which a Sealer reads again
 * when it has changed. Where there is no file, it is made (0600) if `mayCreate`. Throws DialwardError("sealed").
 */
export function loadKeys(file: string, mayCreate: boolean, warn: (message: string) => void): KeyRing {
  const given = environmentKeys();
  if (given) return parseKeyFile(Buffer.from(given), "DIALWARD_KEY");
  try {
    if (mayCreate) createKeyFile(file);
    warnIfReadable(file, warn);
    let version = versionOf(file);
    const reload = (): KeyRing | undefined => {
      try {
        const now = versionOf(file);
        if (now === version) return undefined;
        const ring = readKeyFile(file);
        version = now;
        return ring;
      } catch {
        return undefined; // what is known goes on being used
      }
    };
    return { ...readKeyFile(file), reload };
  } catch (cause) {
    if (cause instanceof DialwardError) throw cause;
    const why = `The key ${file} cannot be read: ${systemWords(cause)}.`;
    const what = "The users in the store were sealed with it; put it back, or set DIALWARD_KEY.";
    throw new DialwardError("sealed", `${why} ${what}`, { cause });
  }
}

/** Changes whenever the file does: it is only ever replaced as a whole. */
function versionOf(file: string): string {
  const { ino, mtimeMs, size } = statSync(file);
  return `${ino} ${mtimeMs} ${size}`;
}

function sealingKey(key: Uint8Array): SealingKey {
  return { id: keyId(key), key: createSecretKey(key) };
}

/** Tells keys apart without showing them. */
export function keyId(key: Uint8Array): Buffer {
  return createHash("sha256")
    .update("dialward key id")
    .update(key)
    .digest()
    .subarray(0, NONCE_AT - KEY_ID_AT);
}

function associatedData(user: string): Buffer {
  return Buffer.from(`dialward profile ${user}`);
}
