// Users as they stand in the store: opened for an administrator's eyes, and changed whatever else changes them meanwhile.
import { FREE_FAILURES } from "../../assembly/abi.ts";
import type { Clock } from "../core/clock.ts";
import type { Core } from "../core/core.ts";
import { failures, isActive, knownSources, recoveryCodesLeft, restoreState } from "../core/state.ts";
import { DialwardError } from "../errors.ts";
import {
  decodeProfile,
  encodeProfile,
  isName,
  parseSecret,
  toEnrolment,
  type Profile,
  type Start,
} from "./profile.ts";
import { makeProfile } from "./new-profile.ts";
import { SecretMarks } from "./secret-marks.ts";
import type { Sealer } from "../store/seal.ts";
import type { Entry, NewUser, SecretMark, Store } from "../store/store.ts";

/** How often a change is tried anew when someone else changed the user meanwhile. */
const TRIES = 10;

/** A user as an administrator sees it. */
export interface User {
  profile: Profile;
  /** pending: its first code has not been verified. */
  standing: "pending" | "active" | "disabled";
  /** Seconds until an attempt counts, after too many failures; 0 is now. */
  waitSeconds: number;
  /** Recovery codes that are not used yet. */
  recoveryCodesLeft: number;
  /** What was spent may have been lost: it is refused until that is accepted. */
  damaged?: boolean;
}

/** What was done to a user, as the audit log says it. */
export type UserChange =
  | `user ${"added" | "removed" | "replaced" | "edited" | "enabled" | "disabled" | "unlocked" | "followed"}`
  | "recovery codes made"
  | "loss accepted";

/** Hears of a change that took place: of the names, and how many they are. */
export type Changed = (action: UserChange, names: Iterable<string>, count: number) => void;

/** Loads, opens, changes and seals entries; what an administrator does is made of these. */
export class UserEntries {
  readonly #core: Core;
  readonly #store: Store;
  readonly #sealer: Sealer;
  readonly #clock: Clock;
  readonly #changed: Changed;
  readonly #marks: SecretMarks;

  constructor(core: Core, store: Store, sealer: Sealer, clock: Clock, changed: Changed) {
    this.#core = core;
    this.#store = store;
    this.#sealer = sealer;
    this.#clock = clock;
    this.#changed = changed;
    this.#marks = new SecretMarks(sealer.derive("spent"));
  }

  /** Checks a row of an import as enrol() does; returns the name. Throws DialwardError("usage"). */
  check(input: unknown): string {
    const { profile, start, key } = makeProfile(input, this.#clock.seconds());
    this.#begin(profile, start, key);
    return profile.name;
  }

  /** The state of a new user, with what `start` brings back. Throws DialwardError("usage"). */
  #begin(profile: Profile, start: Start, key: Buffer): Uint8Array {
    const state = this.#core.enrolState(toEnrolment(profile, start, key));
    if (!restoreState(state, { ...start, generation: profile.recovery })) return state;
    // The core checks what was brought back.
    return this.#core.enrolState(toEnrolment(profile), state);
  }

  /** A row of an import as an entry that is not stored yet. Throws DialwardError("usage"). */
  enrol(input: unknown): { row: NewUser; user: User; counter: number | undefined } {
    const { profile, start, key } = makeProfile(input, this.#clock.seconds());
    const state = this.#begin(profile, start, key);
    const mark = this.#marks.of(profile, key);
    const row = { user: profile.name, profile: this.seal(profile), state, mark };
    const user = {
      profile,
      standing: standing(profile, state),
      waitSeconds: 0,
      recoveryCodesLeft: recoveryCodesLeft(state, profile.recovery ?? 0),
    };
    return { row, user, counter: start.counter };
  }

  /**
   * Changes an entry, again where someone else changed it meanwhile, and tells of it. `change` returns what is to be
   * stored. Throws DialwardError("not-found") or ("conflict").
   */
  async change(
    action: UserChange,
    name: string,
    change: (entry: Entry) => { profile?: Uint8Array; mark?: SecretMark; state: Uint8Array },
  ): Promise<User> {
    for (let tries = 0; tries < TRIES; tries++) {
      const done = await this.#sealer.using(async () => {
        const entry = await this.load(name);
        const changed = change(entry);
        const [done] = await this.#store.commit([{ user: name, revision: entry.revision, ...changed }]);
        return done && this.read(name, { ...entry, profile: entry.profile, ...changed });
      });
      if (!done) continue;
      this.#changed(action, [name], 1);
      return done;
    }
    throw new DialwardError(
      "conflict",
      `"${name}" is being changed by someone else all the time. Try again.`,
    );
  }

  /** Throws DialwardError("not-found"). */
  async load(name: string): Promise<Entry> {
    const [entry] = isName(name) ? await this.#store.load([name]) : [];
    if (!entry) throw notFound(name);
    return entry;
  }

  /** Opens an entry. Throws DialwardError("sealed"). */
  read(name: string, entry: Entry): User {
    const text = this.#sealer.open(name, entry.profile);
    const profile = decodeProfile(text);
    text.fill(0);
    if (entry.damaged)
      return {
        profile,
        standing: profile.enabled ? "active" : "disabled",
        waitSeconds: 0,
        recoveryCodesLeft: 0,
        damaged: true,
      };
    return {
      profile,
      standing: standing(profile, entry.state),
      waitSeconds: this.#wait(profile, entry.state),
      recoveryCodesLeft: recoveryCodesLeft(entry.state, profile.recovery ?? 0),
    };
  }

  /** Asks the core, on a copy of the record, for how long attempts from strange and from known sources must wait. */
  #wait(profile: Profile, state: Uint8Array): number {
    if (failures(state) < FREE_FAILURES) return 0;
    const proof = { kind: "clear", text: Buffer.from("?") } as const;
    const waits = [0, knownSources(state)[0] ?? 0].map((source) => {
      const record = this.#core.enrol(toEnrolment({ ...profile, enabled: true }), state);
      const dialIn = { user: profile.name, proof, source: "", activate: true };
      const request = { record: 0, dialIn, time: this.#clock.seconds(), source };
      const [verdict] = this.#core.verify([record], [request]);
      record.fill(0);
      return verdict?.reason === "must-wait" ? verdict.waitSeconds : 0;
    });
    return Math.max(...waits);
  }

  /** What the spending of a profile's codes is remembered by. */
  mark(profile: Profile): SecretMark {
    return this.#marks.of(profile, parseSecret(profile.factor, profile.secret));
  }

  /** What is stored of a profile. */
  seal(profile: Profile): Uint8Array {
    const text = encodeProfile(profile);
    const sealed = this.#sealer.seal(profile.name, text);
    text.fill(0);
    return sealed;
  }
}

function standing(profile: Profile, state: Uint8Array): User["standing"] {
  if (!profile.enabled) return "disabled";
  return isActive(state) ? "active" : "pending";
}

/** What is thrown where the name is taken. */
export function exists(name: string): DialwardError {
  return new DialwardError(
    "exists",
    `There is a user "${name}" already. Remove it first, or choose another name.`,
  );
}

/** What is thrown where there is no such user. */
export function notFound(name: string): DialwardError {
  return new DialwardError(
    "not-found",
    `There is no user "${name}". Names are case-sensitive; see: dialward user list`,
  );
}
