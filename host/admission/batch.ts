// The users of a batch, for admission: what the store has of each, its record as the core takes it, and what is to be
// committed once the core has judged.
import { RECORD_STATE, type Core } from "../core/core.ts";
import type { Log } from "../log/log.ts";
import { isName } from "../users/profile.ts";
import { Records, type UserRules } from "./record-cache.ts";
import type { Sealer } from "../store/seal.ts";
import type { Entry, Store, Update } from "../store/store.ts";

/** Profiles that are opened before others have a turn. */
const OPENED_AT_ONCE = 64;

/** One user of a batch. */
export interface Candidate {
  readonly user: string;
  /** The place of the record among the batch's. */
  readonly index: number;
  entry: Entry | undefined;
  /** Undefined where there is no such user, or where its profile cannot be used; the decoy is judged then. */
  known: Uint8Array | undefined;
  record: Uint8Array;
  /** What an administrator allows beyond a right code. */
  rules: UserRules | undefined;
  /** Whether a dial-in may pass, so that its state must be committed even if it is the same. */
  granted: boolean;
  /** Someone else changed the user meanwhile. */
  lost: boolean;
}

/** Makes candidates of users' names. */
export class Candidates {
  readonly #store: Store;
  readonly #log: Log;
  readonly #records: Records;
  readonly #decoy: Uint8Array;

  /** `cachedRecords`: how many records are kept unsealed. */
  constructor(core: Core, store: Store, sealer: Sealer, log: Log, cachedRecords?: number) {
    this.#store = store;
    this.#log = log;
    this.#records = new Records(core, sealer, cachedRecords);
    this.#decoy = core.decoy();
  }

  /** Opens the profiles of as many users as are kept, so that each one's first login is as fast as the next. */
  async warm(): Promise<void> {
    let opened = 0;
    for await (const { user, entry } of this.#store.list()) {
      try {
        if (!this.#records.warm(user, entry)) return;
      } catch {
        // Its login will say why.
      }
      if (++opened % OPENED_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** A record of nobody, fresh for one batch. */
  decoy(): Uint8Array {
    return this.#decoy.slice();
  }

  /** The users of a batch by name, each once, with its record: the decoy's where there is none. */
  async load(users: readonly string[]): Promise<Map<string, Candidate>> {
    const candidates = new Map<string, Candidate>();
    const named: Candidate[] = [];
    for (const user of users) {
      if (candidates.has(user)) continue;
      const candidate: Candidate = {
        user,
        index: candidates.size,
        entry: undefined,
        known: undefined,
        record: this.#decoy,
        rules: undefined,
        granted: false,
        lost: false,
      };
      candidates.set(user, candidate);
      if (isName(user)) named.push(candidate);
    }
    const entries = await this.#store.load(named.map(({ user }) => user));
    named.forEach((candidate, i) => {
      const entry = (candidate.entry = entries[i]);
      candidate.known = entry && !entry.damaged ? this.#record(candidate.user, entry) : undefined;
      candidate.rules = candidate.known && this.#records.rules(candidate.user);
    });
    for (const candidate of candidates.values()) candidate.record = candidate.known ?? this.decoy();
    return candidates;
  }

  /** What is to be committed of a candidate that has been judged; undefined where nothing is. */
  update({ user, entry, known, record, granted }: Candidate): Update | undefined {
    if (!entry || !known) return undefined;
    const state = Buffer.from(record.subarray(RECORD_STATE));
    if (!granted && state.equals(entry.state)) return undefined;
    return { user, revision: entry.revision, state };
  }

  #record(user: string, entry: Entry): Uint8Array | undefined {
    try {
      return this.#records.get(user, entry);
    } catch (error) {
      this.#log.error({ user, err: error }, "a user's profile cannot be used");
      return undefined;
    }
  }
}
