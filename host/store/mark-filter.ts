// Which marks of secrets are surely new, while many users are added: a Bloom filter (B. H. Bloom, Communications of the
// ACM 13, 1970). A database that is asked a million times for what it does not have begins to compact for it.

/** Bits: of two million marks in it, one in five hundred that is new is not told as such. */
const BITS = 2 ** 25;
/** Bits of a mark, each chosen by four of its bytes, which are a hash's. */
const CHOSEN = 4;

export class MarkFilter {
  readonly #bytes = new Uint8Array(BITS / 8);

  /** Takes in a mark of 16 bytes; whether it is surely the first of its kind. */
  add(mark: Uint8Array): boolean {
    let isNew = false;
    for (let i = 0; i < CHOSEN; i++) {
      const at = 4 * i;
      const bit =
        (mark[at]! | (mark[at + 1]! << 8) | (mark[at + 2]! << 16) | (mark[at + 3]! << 24)) & (BITS - 1);
      const mask = 1 << (bit & 7);
      if ((this.#bytes[bit >> 3]! & mask) === 0) isNew = true;
      this.#bytes[bit >> 3]! |= mask;
    }
    return isNew;
  }
}
