// Users' records as the core takes them, unsealed and enrolled once: a login pays for its verdict alone.
import { RECORD_STATE, REQUESTS, type Core } from "../core/core.ts";
import { keep } from "../store/keep.ts";
import type { Rules } from "../groups/group.ts";
import { decodeProfile, toEnrolment, type Profile } from "../users/profile.ts";
import type { Sealer } from "../store/seal.ts";
import type { Entry } from "../store/store.ts";

/** Records that are kept. The oldest make room, except those that were asked for lately: they count as new. */
const KEPT = 20_000;

/** Rules of a user, and the groups that have more. */
export interface UserRules extends Rules {
  groups: readonly string[];
  /** The directory has the password; a code has so many digits, and the mode says where the password stands. */
  directory: { digits: number; mode: Profile["mode"] } | undefined;
}

interface Kept {
  /** RECORD_BYTES, with the state of the entry that it was asked for last. */
  record: Uint8Array;
  /** What an administrator allows beyond a right code; most users have nothing of it. */
  rules: UserRules | undefined;
  /** Sealed, as the record was made from it. */
  profile: Uint8Array;
  /** When it was asked for last, counted in askings: a record need not be moved to the end each time. */
  asked: number;
}

export class Records {
  readonly #core: Core;
  readonly #sealer: Sealer;
  readonly #kept: number;
  readonly #records = new Map<string, Kept>();
  #askings = 0;

  constructor(core: Core, sealer: Sealer, kept: number = KEPT) {
    this.#core = core;
    this.#sealer = sealer;
    this.#kept = Math.max(kept, 2 * REQUESTS); // those of one batch stay
  }

  /** The record of an entry, good until REQUESTS others were asked for. Throws DialwardError where it does not open. */
  get(user: string, entry: Entry): Uint8Array {
    const known = this.#records.get(user);
    const same =
      known && (known.profile === entry.profile || Buffer.compare(known.profile, entry.profile) === 0);
    const found = same ? known : this.#enrol(user, entry);
    found.asked = ++this.#askings;
    if (!same) {
      this.#records.delete(user);
      this.#records.set(user, found); // the youngest stands last
      while (this.#records.size > this.#kept) this.#dropOldest();
    }
    found.record.set(entry.state, RECORD_STATE);
    return found.record;
  }

  /**
   * Makes the record of an entry that was not asked for yet, so that its first login need not; false where there is no
   * room without dropping others. A record that is known stays as it is: a batch may be working on it. Throws DialwardError.
   */
  warm(user: string, entry: Entry): boolean {
    if (this.#records.size >= this.#kept) return false;
    if (!this.#records.has(user)) this.#records.set(user, this.#enrol(user, entry));
    return true;
  }

  /** The rules of a user whose record was asked for just now. */
  rules(user: string): UserRules | undefined {
    return this.#records.get(user)?.rules;
  }

  #dropOldest(): void {
    const [user, oldest] = this.#records.entries().next().value!;
    this.#records.delete(user);
    // At most half of them were asked for of late, and warmed ones never, so that one is found.
    const late = Math.max(0, this.#askings - this.#kept / 2);
    if (oldest.asked > late) this.#records.set(user, oldest);
    else oldest.record.fill(0);
  }

  #enrol(user: string, entry: Entry): Kept {
    const profile = this.#read(user, entry);
    const enrolled = this.#core.enrol(toEnrolment(profile), entry.state);
    const record = keep(enrolled);
    enrolled.fill(0);
    return { profile: entry.profile, record, rules: rulesOf(profile), asked: 0 };
  }

  #read(user: string, entry: Entry): ReturnType<typeof decodeProfile> {
    const text = this.#sealer.open(user, entry.profile);
    const profile = decodeProfile(text);
    text.fill(0);
    return profile;
  }
}

function rulesOf(profile: Profile): UserRules | undefined {
  const { groups = [], attributes, valid, logins, onLimit, passwordFrom, digits, mode } = profile;
  const directory = passwordFrom === "directory" ? { digits, mode } : undefined;
  if (groups.length === 0 && !attributes && !valid && logins === undefined && !directory) return undefined;
  return { groups, attributes, valid, logins, onLimit, directory };
}
