// Users' records as the core takes them, unsealed and enrolled once: a login pays for its verdict alone. They lie packed,
// by slot, without an object for any: a million are 128 MB.
import { RECORD_BYTES } from "../../assembly/abi.ts";
import { RECORD_STATE, type Core } from "../core/core.ts";
import type { Rules } from "../groups/group.ts";
import { decodeProfile, toEnrolment, type Profile } from "../users/profile.ts";
import type { Sealer } from "../store/seal.ts";
import type { Entry } from "../store/store.ts";
import { standingOf } from "./standing.ts";

/** Records that are kept where the store has no slots for its users. */
const KEPT = 20_000;
/** A slot has a record without its state, and the standing of the profile that it was made from: two cache lines. */
const SLOT_BYTES = 128;
const SLOT_WORDS = SLOT_BYTES / 4;
const SLOT_DOUBLES = SLOT_BYTES / 8;
const RECORD_WORDS = RECORD_STATE / 4;
const STANDING = SLOT_DOUBLES - 1;
/** Slots that memory is taken for at once. */
const PIECE_SLOTS = 4096;

/** Rules of a user, and the groups that have more. */
export interface UserRules extends Rules {
  groups: readonly string[];
  /** The directory has the password; a code has so many digits, and the mode says where the password stands. */
  directory: { digits: number; mode: Profile["mode"] } | undefined;
}

/** Room for one record, by bytes and by words. */
export interface RecordRoom {
  readonly record: Uint8Array;
  readonly words: Int32Array;
}

/** Room for a record of RECORD_BYTES. */
export function makeRoom(): RecordRoom {
  const { buffer } = new Uint8Array(RECORD_BYTES);
  return { record: new Uint8Array(buffer), words: new Int32Array(buffer) };
}

/** Some slots. */
interface Piece {
  words: Int32Array;
  doubles: Float64Array;
}

export class Records {
  readonly #core: Core;
  readonly #sealer: Sealer;
  readonly #kept: number;
  readonly #pieces: Piece[] = [];
  /** What an administrator allows beyond a right code, by slot; most users have nothing of it. */
  readonly #rules = new Map<number, UserRules>();
  /** Slots of users to whom the store gives none, who was asked for last at the end; and slots that are free. */
  readonly #slots = new Map<string, number>();
  readonly #free: number[] = [];

  constructor(core: Core, sealer: Sealer, kept: number = KEPT) {
    this.#core = core;
    this.#sealer = sealer;
    this.#kept = kept;
  }

  /** Puts the record of an entry into `room`; the user's rules. Throws DialwardError where the profile does not open. */
  read(user: string, entry: Entry, { record, words }: RecordRoom): UserRules | undefined {
    const slot = entry.slot ?? this.#slotOf(user);
    const piece = this.#enrolled(user, slot, entry);
    // Loops, and no views: this is every login's, and objects are garbage.
    for (let i = 0, at = (slot % PIECE_SLOTS) * SLOT_WORDS; i < RECORD_WORDS; i++)
      words[i] = piece.words[at + i]!;
    const { state } = entry;
    for (let i = RECORD_STATE; i < RECORD_BYTES; i++) record[i] = state[i - RECORD_STATE]!;
    return this.#rules.size > 0 ? this.#rules.get(slot) : undefined;
  }

  /**
   * Makes the record of an entry, so that the user's first login need not; false where there is no room without dropping
   * others. Throws DialwardError.
   */
  warm(user: string, entry: Entry): boolean {
    if (entry.slot === undefined && this.#slots.size >= this.#kept) return false;
    this.#enrolled(user, entry.slot ?? this.#slotOf(user), entry);
    return true;
  }

  /** The user is gone. */
  forget(user: string): void {
    const slot = this.#slots.get(user);
    if (slot === undefined) return;
    this.#slots.delete(user);
    this.wipe(slot);
    this.#free.push(slot);
  }

  /** Forgets what is in a slot. */
  wipe(slot: number): void {
    const at = (slot % PIECE_SLOTS) * SLOT_WORDS;
    this.#pieces[Math.floor(slot / PIECE_SLOTS)]?.words.fill(0, at, at + SLOT_WORDS);
    this.#rules.delete(slot);
  }

  /** A slot for a user, which is that of whom nobody has asked for longest where all are taken. */
  #slotOf(user: string): number {
    let slot = this.#slots.get(user);
    if (slot === undefined && this.#slots.size >= this.#kept) this.forget(this.#slots.keys().next().value!);
    slot ??= this.#free.pop() ?? this.#slots.size + 1;
    this.#slots.delete(user);
    this.#slots.set(user, slot);
    return slot;
  }

  /** The piece in which the record of the entry lies. */
  #enrolled(user: string, slot: number, entry: Entry): Piece {
    const piece = this.#pieceOf(slot);
    const at = slot % PIECE_SLOTS;
    const standing = standingOf(entry);
    if (piece.doubles[at * SLOT_DOUBLES + STANDING] === standing) return piece;
    this.wipe(slot);
    const text = this.#sealer.open(user, entry.profile);
    const profile = decodeProfile(text);
    text.fill(0);
    const record = this.#core.enrol(toEnrolment(profile), entry.state);
    piece.words.set(new Int32Array(record.buffer, record.byteOffset, RECORD_WORDS), at * SLOT_WORDS);
    piece.doubles[at * SLOT_DOUBLES + STANDING] = standing;
    record.fill(0);
    const rules = rulesOf(profile);
    if (rules !== undefined) this.#rules.set(slot, rules);
    return piece;
  }

  #pieceOf(slot: number): Piece {
    const number = Math.floor(slot / PIECE_SLOTS);
    while (this.#pieces.length <= number) {
      const { buffer } = new Uint8Array(PIECE_SLOTS * SLOT_BYTES);
      this.#pieces.push({ words: new Int32Array(buffer), doubles: new Float64Array(buffer) });
    }
    return this.#pieces[number]!;
  }
}

function rulesOf(profile: Profile): UserRules | undefined {
  const { groups = [], attributes, valid, logins, onLimit, passwordFrom, digits, mode } = profile;
  const directory = passwordFrom === "directory" ? { digits, mode } : undefined;
  if (groups.length === 0 && !attributes && !valid && logins === undefined && !directory) return undefined;
  return { groups, attributes, valid, logins, onLimit, directory };
}
