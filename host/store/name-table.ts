// Which slot a user's name has: all names of a store in one piece of memory, without an object for any.
import { randomInt } from "node:crypto";

/** Most bytes of a name. */
export const NAME_BYTES = 64;
const FIRST_PLACES = 1024;

/** A hash table with open addressing over the bytes of names. */
export class NameTable {
  /** Of each place two: the slot of the user, 0 where it is free; and where its name begins in #bytes, by its length. */
  #places: Uint32Array;
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
    this.#places = new Uint32Array(2 * places);
    this.#bytes = Buffer.alloc(8 * places);
  }

  get count(): number {
    return this.#count;
  }

  /** The slot of a name; 0 where there is none. */
  slotOf(name: string): number {
    if (this.#count === 0) return 0;
    const length = this.#typed.write(name);
    return length > NAME_BYTES ? 0 : this.slotOfBytes(this.#typed, 0, length);
  }

  /** The same for a name's bytes, from `from` to before `to`. */
  slotOfBytes(bytes: Uint8Array, from: number, to: number): number {
    return this.#places[this.#find(bytes, from, to)]!;
  }

  /** Gives `name`, of 1 to 64 bytes, a slot, in place of the one it had. */
  set(name: string, slot: number): void {
    this.setBytes(this.#typed, 0, this.#typed.write(name), slot);
  }

  /** The same for a name's bytes, from `from` to before `to`. */
  setBytes(bytes: Uint8Array, from: number, to: number, slot: number): void {
    const place = this.#place(bytes, from, to);
    this.#places[place] = slot;
  }

  /** Gives `name`, of 1 to 64 bytes, a slot unless it has one; the slot that it has then. */
  add(name: string, slot: number): number {
    const place = this.#place(this.#typed, 0, this.#typed.write(name));
    return (this.#places[place] ||= slot);
  }

  /** The place of a name, which is to have a slot now. */
  #place(bytes: Uint8Array, from: number, to: number): number {
    if (4 * (this.#count + 1) > this.#places.length) this.#rehash();
    const place = this.#find(bytes, from, to);
    if (this.#places[place] === 0) {
      this.#places[place + 1] = this.#keep(bytes, from, to);
      this.#count++;
    }
    return place;
  }

  delete(name: string): void {
    const length = this.#typed.write(name);
    let place = this.#find(this.#typed, 0, length);
    const places = this.#places;
    if (places[place] === 0) return;
    this.#count--;
    // What lies behind it moves up, so that a search need not go on beyond a free place.
    const mask = places.length - 1;
    for (let next = (place + 2) & mask; places[next] !== 0; next = (next + 2) & mask) {
      const at = places[next + 1]!;
      const home = this.#home(this.#bytes, at + 1, at + 1 + this.#bytes[at]!);
      if (((next - home) & mask) < ((next - place) & mask)) continue;
      places.copyWithin(place, next, next + 2);
      place = next;
    }
    places[place] = 0;
  }

  /** The name of every user with its slot, in no order. */
  *[Symbol.iterator](): Iterable<[string, number]> & Iterator<[string, number]> {
    yield* this.of(() => true);
  }

  /** The name of every user whose slot is `wanted`, with the slot, in no order. */
  *of(wanted: (slot: number) => boolean): Iterable<[string, number]> {
    for (let place = 0; place < this.#places.length; place += 2) {
      const slot = this.#places[place]!;
      const at = this.#places[place + 1]!;
      if (slot !== 0 && wanted(slot))
        yield [this.#bytes.toString("utf8", at + 1, at + 1 + this.#bytes[at]!), slot];
    }
  }

  /** The place of a name, or the free one where it would lie. */
  #find(bytes: Uint8Array, from: number, to: number): number {
    const mask = this.#places.length - 1;
    for (let place = this.#home(bytes, from, to); ; place = (place + 2) & mask)
      if (this.#places[place] === 0 || this.#isAt(this.#places[place + 1]!, bytes, from, to)) return place;
  }

  #isAt(at: number, bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#bytes[at] !== to - from) return false;
    for (let i = from; i < to; i++) if (this.#bytes[at + 1 + i - from] !== bytes[i]) return false;
    return true;
  }

  /** Where a name lies if nothing else does. */
  #home(bytes: Uint8Array, from: number, to: number): number {
    let hash = this.#seed;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    return (hash ^ (hash >>> 13)) & (this.#places.length - 2);
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
    const [places, bytes] = [this.#places, this.#bytes];
    this.#places = new Uint32Array(2 * places.length);
    this.#bytes = Buffer.alloc(bytes.length);
    this.#used = 0;
    for (let place = 0; place < places.length; place += 2) {
      if (places[place] === 0) continue;
      const at = places[place + 1]!;
      const [from, to] = [at + 1, at + 1 + bytes[at]!];
      const next = this.#find(bytes, from, to);
      this.#places[next] = places[place]!;
      this.#places[next + 1] = this.#keep(bytes, from, to);
    }
  }
}
