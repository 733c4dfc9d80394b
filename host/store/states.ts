// The states of all users of an embedded store, resident and packed: a slot for each id, no object for any. What is known
// of a slot lies together, and memory is taken for some slots at once, so that nothing is copied when users are added.
import { STATE_BYTES } from "./spent-entry.ts";

/** A state that is lost, as the spent log has it. */
const LOST = 0xff;

/** Of a slot: its state, two doubles (version and standing), two words (revision of the profile, flags). */
const SLOT_BYTES = STATE_BYTES + 24;
const SLOT_DOUBLES = SLOT_BYTES / 8;
const SLOT_WORDS = SLOT_BYTES / 4;
const VERSION = STATE_BYTES / 8;
const STANDING = VERSION + 1;
const REVISION = STATE_BYTES / 4 + 4;
const FLAGS = REVISION + 1;

/** What is known of a slot. */
const PRESENT = 1;
const DAMAGED = 2;

/** Slots of a piece, and of all pieces: an id beyond is none that this program has given. */
const PIECE_SLOTS = 4096;
const MOST_SLOTS = 2 ** 28;

interface Piece {
  bytes: Buffer;
  doubles: Float64Array;
  words: Uint32Array;
}

function makePiece(): Piece {
  const { buffer } = new Uint8Array(PIECE_SLOTS * SLOT_BYTES);
  return { bytes: Buffer.from(buffer), doubles: new Float64Array(buffer), words: new Uint32Array(buffer) };
}

/** Where nothing was put yet; not to be written to. */
const NOTHING = makePiece();

/** The slot of a user is its id. Slot 0 is nobody's. */
export class States {
  #pieces: Piece[] = [];
  #count = 0;
  #damaged = 0;
  #last = 0;
  #write = 0;

  /** The highest slot that was ever used. */
  get last(): number {
    return this.#last;
  }

  /** Slots with a state. */
  get count(): number {
    return this.#count;
  }

  /** Slots that are damaged, whoever has them. */
  get damaged(): number {
    return this.#damaged;
  }

  has(slot: number): boolean {
    return (this.#word(slot, FLAGS) & PRESENT) !== 0;
  }

  /** Whether what was spent in it may be forgotten: who has it is refused. */
  isDamaged(slot: number): boolean {
    return (this.#word(slot, FLAGS) & DAMAGED) !== 0;
  }

  /** A view of one state. */
  at(slot: number): Buffer {
    const from = (slot % PIECE_SLOTS) * SLOT_BYTES;
    return this.#piece(slot).bytes.subarray(from, from + STATE_BYTES);
  }

  /** The revision of the profile with which the state was last written. */
  revision(slot: number): number {
    return this.#word(slot, REVISION);
  }

  /** Changes with every `put` and `renew`, and never comes back while this process lives. */
  version(slot: number): number {
    return this.#piece(slot).doubles[(slot % PIECE_SLOTS) * SLOT_DOUBLES + VERSION]!;
  }

  /** The highest version of any slot. */
  get newest(): number {
    return this.#write;
  }

  /** Changes with every `renew`, and no other slot ever has the same: it says which profile the slot's user has. */
  standing(slot: number): number {
    return this.#piece(slot).doubles[(slot % PIECE_SLOTS) * SLOT_DOUBLES + STANDING]!;
  }

  /** The slot's user may have another profile from now on, or the slot another user. */
  renew(slot: number): void {
    const { doubles } = this.#grow(slot);
    const at = (slot % PIECE_SLOTS) * SLOT_DOUBLES;
    doubles[at + STANDING] = doubles[at + VERSION] = ++this.#write;
  }

  /** Takes a state, which lies at `from` of `bytes`. One that is lost makes the slot damaged. */
  put(slot: number, revision: number, bytes: Uint8Array, from = 0): void {
    const piece = this.#grow(slot);
    this.#begin(slot);
    const to = (slot % PIECE_SLOTS) * SLOT_BYTES;
    let lost = true;
    for (let i = 0; i < STATE_BYTES; i++) lost = (piece.bytes[to + i] = bytes[from + i]!) === LOST && lost;
    piece.words[(slot % PIECE_SLOTS) * SLOT_WORDS + REVISION] = revision;
    this.#flag(slot, lost ? PRESENT | DAMAGED : PRESENT);
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
    this.#flag(slot, PRESENT | DAMAGED);
  }

  /**
   * The user of a slot whose profile has `revision` is refused where all states are `lost`, where there is none, and
   * where a change of its profile is: the log has seen a newer one.
   */
  check(slot: number, revision: number, lost: boolean): void {
    if (lost || !this.has(slot)) this.lose(slot);
    else if (this.revision(slot) > revision) this.distrust(slot);
  }

  /** What is spent in it need not be known any more. */
  drop(slot: number): void {
    if (!this.has(slot)) return;
    this.#count--;
    this.at(slot).fill(0);
    this.#flag(slot, 0);
  }

  /** As if no state had ever been put. */
  clear(): void {
    this.#pieces = [];
    this.#count = this.#damaged = this.#last = 0;
  }

  /** A slot that had no state is about to have one. */
  #begin(slot: number): void {
    if (this.has(slot)) return;
    this.#count++;
    this.renew(slot);
  }

  #flag(slot: number, flags: number): void {
    const { doubles, words } = this.#piece(slot);
    const at = (slot % PIECE_SLOTS) * SLOT_WORDS + FLAGS;
    this.#damaged += ((flags & DAMAGED) - (words[at]! & DAMAGED)) / DAMAGED;
    words[at] = flags;
    doubles[(slot % PIECE_SLOTS) * SLOT_DOUBLES + VERSION] = ++this.#write;
  }

  #word(slot: number, word: number): number {
    return this.#piece(slot).words[(slot % PIECE_SLOTS) * SLOT_WORDS + word]!;
  }

  #piece(slot: number): Piece {
    return this.#pieces[Math.floor(slot / PIECE_SLOTS)] ?? NOTHING;
  }

  /** The piece of a slot that is to be written to. */
  #grow(slot: number): Piece {
    if (slot >= MOST_SLOTS) throw new RangeError(`no user has the id ${slot}`);
    if (slot > this.#last) this.#last = slot;
    const number = Math.floor(slot / PIECE_SLOTS);
    while (this.#pieces.length <= number) this.#pieces.push(makePiece());
    return this.#pieces[number]!;
  }
}
