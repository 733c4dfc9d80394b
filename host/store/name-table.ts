// Which slot a user's name has: all names of a store in one piece of memory, without an object for any.
import { randomInt } from "node:crypto";

/** Most bytes of a name. */
const NAME_BYTES = 64;
const FIRST_PLACES = 1024;

/** A hash table with open addressing over the bytes of names. */
export class NameTable {
  /** Of each place: slot of the user; 0 is free. */
  #slots: Uint32Array;
  /** Of each place: where its name begins in #bytes: a byte with its length, then the name. */
  #names: Uint32Array;
  #bytes: Buffer;
  #used = 0;
  #count = 0;
  /** So that nobody outside can choose names that lie together. */
  readonly #seed = randomInt(2 ** 32);
  readonly #typed = Buffer.alloc(NAME_BYTES + 4);

  /** With room for `names` names before it has to grow. */
  constructor(names = 0) {
    let places = FIRST_PLACES;
    while (places < 2 * (names + 1)) places *= 2;
    this.#slots = new Uint32Array(places);
    this.#names = new Uint32Array(places);
    this.#bytes = Buffer.alloc(8 * places);
  }

  get count(): number {
    return this.#count;
  }

  /** The slot of a name; 0 where there is none. */
  slotOf(name: string): number {
    const length = this.#typed.write(name);
    return length > NAME_BYTES ? 0 : this.slotOfBytes(this.#typed, 0, length);
  }

  /** The same for a name's bytes, from `from` to before `to`. */
  slotOfBytes(bytes: Uint8Array, from: number, to: number): number {
    return this.#slots[this.#find(bytes, from, to)]!;
  }

  /** Gives `name`, of 1 to 64 bytes, a slot, in place of the one it had. */
  set(name: string, slot: number): void {
    this.setBytes(this.#typed, 0, this.#typed.write(name), slot);
  }

  /** The same for a name's bytes, from `from` to before `to`. */
  setBytes(bytes: Uint8Array, from: number, to: number, slot: number): void {
    if (2 * (this.#count + 1) > this.#slots.length) this.#rehash();
    const place = this.#find(bytes, from, to);
    if (this.#slots[place] === 0) {
      this.#names[place] = this.#keep(bytes, from, to);
      this.#count++;
    }
    this.#slots[place] = slot;
  }

  delete(name: string): void {
    const length = this.#typed.write(name);
    let place = this.#find(this.#typed, 0, length);
    if (this.#slots[place] === 0) return;
    this.#count--;
    // What lies behind it moves up, so that a search need not go on beyond a free place.
    const mask = this.#slots.length - 1;
    for (let next = (place + 1) & mask; this.#slots[next] !== 0; next = (next + 1) & mask) {
      const at = this.#names[next]!;
      const home = this.#hash(this.#bytes, at + 1, at + 1 + this.#bytes[at]!) & mask;
      if (((next - home) & mask) < ((next - place) & mask)) continue;
      this.#slots[place] = this.#slots[next]!;
      this.#names[place] = at;
      place = next;
    }
    this.#slots[place] = 0;
  }

  /** The name of every user with its slot, in no order. */
  *[Symbol.iterator](): Iterable<[string, number]> & Iterator<[string, number]> {
    yield* this.of(() => true);
  }

  /** The name of every user whose slot is `wanted`, with the slot, in no order. */
  *of(wanted: (slot: number) => boolean): Iterable<[string, number]> {
    for (let place = 0; place < this.#slots.length; place++) {
      const slot = this.#slots[place]!;
      const at = this.#names[place]!;
      if (slot !== 0 && wanted(slot))
        yield [this.#bytes.toString("utf8", at + 1, at + 1 + this.#bytes[at]!), slot];
    }
  }

  /** The place of a name, or the free one where it would lie. */
  #find(bytes: Uint8Array, from: number, to: number): number {
    const mask = this.#slots.length - 1;
    for (let place = this.#hash(bytes, from, to) & mask; ; place = (place + 1) & mask)
      if (this.#slots[place] === 0 || this.#isAt(this.#names[place]!, bytes, from, to)) return place;
  }

  #isAt(at: number, bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#bytes[at] !== to - from) return false;
    for (let i = from; i < to; i++) if (this.#bytes[at + 1 + i - from] !== bytes[i]) return false;
    return true;
  }

  #hash(bytes: Uint8Array, from: number, to: number): number {
    let hash = this.#seed;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    return (hash ^ (hash >>> 13)) >>> 0;
  }

  /** Keeps a name; where it lies. */
  #keep(bytes: Uint8Array, from: number, to: number): number {
    const at = this.#used;
    const length = to - from;
    if (at + length + 1 > this.#bytes.length) {
      const larger = Buffer.alloc(2 * this.#bytes.length);
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    this.#bytes[at] = length;
    for (let i = 0; i < length; i++) this.#bytes[at + 1 + i] = bytes[from + i]!;
    this.#used += length + 1;
    return at;
  }

  /** A larger table, without the bytes of names that are gone. */
  #rehash(): void {
    const [slots, names, bytes] = [this.#slots, this.#names, this.#bytes];
    this.#slots = new Uint32Array(2 * slots.length);
    this.#names = new Uint32Array(2 * slots.length);
    this.#bytes = Buffer.alloc(bytes.length);
    this.#used = 0;
    for (let place = 0; place < slots.length; place++) {
      if (slots[place] === 0) continue;
      const at = names[place]!;
      const [from, to] = [at + 1, at + 1 + bytes[at]!];
      const next = this.#find(bytes, from, to);
      this.#slots[next] = slots[place]!;
      this.#names[next] = this.#keep(bytes, from, to);
    }
  }
}
