// The states of all users of an embedded store, resident and packed: a slot for each id, no object for any.
import { STATE_BYTES } from "./spent-entry.ts";

const FIRST_SLOTS = 1024;
/** A state that is lost, as the spent log has it. */
const LOST = 0xff;

/** What is known of a slot. */
const PRESENT = 1;
const DAMAGED = 2;

/** The slot of a user is its id. Slot 0 is nobody's. */
export class States {
  #bytes = Buffer.alloc(FIRST_SLOTS * STATE_BYTES);
  #revisions = new Uint32Array(FIRST_SLOTS);
  #flags = new Uint8Array(FIRST_SLOTS);
  #writes = new Float64Array(FIRST_SLOTS);
  #standings = new Float64Array(FIRST_SLOTS);
  #count = 0;
  #last = 0;
  #write = 0;

  /** All states, STATE_BYTES each, by slot. It is another one after users were added; it is not to be written to. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The highest slot that was ever used. */
  get last(): number {
    return this.#last;
  }

  /** Slots with a state. */
  get count(): number {
    return this.#count;
  }

  has(slot: number): boolean {
    return (this.#flags[slot]! & PRESENT) !== 0;
  }

  /** Whether what was spent in it may be forgotten: who has it is refused. */
  isDamaged(slot: number): boolean {
    return (this.#flags[slot]! & DAMAGED) !== 0;
  }

  /** A view of one state. */
  at(slot: number): Buffer {
    return this.#bytes.subarray(slot * STATE_BYTES, (slot + 1) * STATE_BYTES);
  }

  /** The revision of the profile with which the state was last written. */
  revision(slot: number): number {
    return this.#revisions[slot]!;
  }

  /** Changes with every `put` and `renew`, and never comes back while this process lives. */
  version(slot: number): number {
    return this.#writes[slot]!;
  }

  /** The highest version of any slot. */
  get newest(): number {
    return this.#write;
  }

  /** Changes with every `renew`, and no other slot ever has the same: it says which profile the slot's user has. */
  standing(slot: number): number {
    return this.#standings[slot]!;
  }

  /** The slot's user may have another profile from now on, or the slot another user. */
  renew(slot: number): void {
    this.#grow(slot);
    this.#touch(slot);
    this.#standings[slot] = this.#writes[slot]!;
  }

  /** Takes a state, which lies at `from` of `bytes`. One that is lost makes the slot damaged. */
  put(slot: number, revision: number, bytes: Uint8Array, from = 0): void {
    this.#grow(slot);
    for (let i = 0, to = slot * STATE_BYTES; i < STATE_BYTES; i++) this.#bytes[to + i] = bytes[from + i]!;
    this.#begin(slot);
    this.#flags[slot] = isLost(this.#bytes, slot * STATE_BYTES) ? PRESENT | DAMAGED : PRESENT;
    this.#revisions[slot] = revision;
    this.#touch(slot);
  }

  /** The slot's state is lost: its user is refused. */
  lose(slot: number): void {
    this.#grow(slot);
    this.#begin(slot);
    this.at(slot).fill(LOST);
    this.distrust(slot);
  }

  /** The slot's user is refused while this process lives, and its state stays. */
  distrust(slot: number): void {
    this.#flags[slot] = PRESENT | DAMAGED;
    this.#touch(slot);
  }

  /**
   * The user of a slot whose profile has `revision` is refused where all states are `lost`, where there is none, and
   * where a change of its profile is: the log has seen a newer one.
   */
  check(slot: number, revision: number, lost: boolean): void {
    this.#grow(slot);
    if (lost || !this.has(slot)) this.lose(slot);
    else if (this.revision(slot) > revision) this.distrust(slot);
  }

  /** What is spent in it need not be known any more. */
  drop(slot: number): void {
    if (!this.has(slot)) return;
    this.#count--;
    this.#flags[slot] = 0;
    this.at(slot).fill(0);
    this.#touch(slot);
  }

  /** As if no state had ever been put. */
  clear(): void {
    this.#flags.fill(0);
    this.#bytes.fill(0);
    this.#count = this.#last = 0;
  }

  #touch(slot: number): void {
    this.#writes[slot] = ++this.#write;
  }

  /** A slot that had no state is about to have one. */
  #begin(slot: number): void {
    if (this.has(slot)) return;
    this.#count++;
    this.renew(slot);
  }

  #grow(slot: number): void {
    this.#last = Math.max(this.#last, slot);
    const slots = this.#flags.length;
    if (slot < slots) return;
    const more = Math.max(slot + 1, slots + (slots >> 1));
    const bytes = Buffer.alloc(more * STATE_BYTES);
    this.#bytes.copy(bytes);
    this.#bytes = bytes;
    this.#revisions = grown(new Uint32Array(more), this.#revisions);
    this.#flags = grown(new Uint8Array(more), this.#flags);
    this.#writes = grown(new Float64Array(more), this.#writes);
    this.#standings = grown(new Float64Array(more), this.#standings);
  }
}

function grown<Numbers extends Uint8Array | Uint32Array | Float64Array>(
  into: Numbers,
  from: Numbers,
): Numbers {
  into.set(from);
  return into;
}

function isLost(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + STATE_BYTES; i++) if (bytes[i] !== LOST) return false;
  return true;
}
