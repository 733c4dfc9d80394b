// A source as the core knows it: a keyed hash of its text, so that the store does not tell where users were.
import { createHmac } from "node:crypto";

const REMEMBERED = 10_000;

export class SourceNumbers {
  readonly #key: Uint8Array;
  readonly #known = new Map<string, number>();

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Never 0 but for "", which is no source. */
  of(source: string): number {
    if (source === "") return 0;
    const known = this.#known.get(source);
    if (known !== undefined) return known;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    const hash = createHmac("sha256", this.#key).update(source).digest().readUInt32LE(0) || 1;
    this.#known.set(source, hash);
    return hash;
  }
}
