// What spent codes are remembered by: a keyed hash of what a profile's codes come from, the same for all profiles whose
// codes are spent together. HMAC-SHA256 (RFC 2104) of two calls of the hash: Node's Hmac object takes four times as long.
import { hash } from "node:crypto";
import type { SecretMark } from "../store/store.ts";
import type { Profile } from "./profile.ts";

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const MARK_BYTES = 16;
/** Factor and step, and a key of at most 64 bytes. */
const MESSAGE_BYTES = 128;

export class SecretMarks {
  /** The key's block for the inner hash, and a message behind it; the outer one's, and an inner hash behind it. */
  readonly #inner = Buffer.alloc(BLOCK_BYTES + MESSAGE_BYTES, 0x36);
  readonly #outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES, 0x5c);

  /** `key`: 32 bytes, which are wiped. */
  constructor(key: Buffer) {
    key.forEach((byte, i) => {
      this.#inner[i]! ^= byte;
      this.#outer[i]! ^= byte;
    });
    key.fill(0);
  }

  /** The mark of a profile with this key; digits, PIN and name are no part of it, since six digits are the end of eight. */
  of({ factor, period = 0 }: Pick<Profile, "factor" | "period">, key: Uint8Array): SecretMark {
    const at = BLOCK_BYTES + this.#inner.write(`${factor} ${period} `, BLOCK_BYTES, "latin1");
    this.#inner.set(key, at);
    const end = at + key.length;
    this.#outer.write(hash("sha256", this.#inner.subarray(0, end), "binary"), BLOCK_BYTES, "latin1");
    this.#inner.fill(0, BLOCK_BYTES, end);
    const whole = hash("sha256", this.#outer, "binary");
    return { hash: Buffer.from(whole.slice(0, MARK_BYTES), "latin1"), period };
  }
}
