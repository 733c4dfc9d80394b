// The users of a batch, for admission: what the store has of each, its record as the core takes it, and what is to be
// committed once the core has judged. Rows are used again by the next batch: a login makes no objects here.
import { RECORD_STATE, REQUESTS, type Core } from "../core/core.ts";
import type { Log } from "../log/log.ts";
import { isName } from "../users/profile.ts";
import { Records, type UserRules } from "./record-cache.ts";
import type { Sealer } from "../store/seal.ts";
import type { Entry, Store, Update } from "../store/store.ts";
import { STATE_BYTES } from "../store/spent-entry.ts";

/** Profiles that are opened before others have a turn. */
const OPENED_AT_ONCE = 64;

/** One user of a batch. */
export interface Candidate {
  user: string;
  /** The place of the record among the batch's. */
  index: number;
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
  /** Those of the batch that is judged, by name, and rows for them. */
  readonly #batch = new Map<string, Candidate>();
  readonly #rows: Candidate[] = [];
  /** Decoys and updates of a batch. */
  readonly #decoys: Uint8Array[] = [];
  readonly #updates = Array.from({ length: REQUESTS }, () => {
    return { user: "", revision: 0, state: Buffer.alloc(STATE_BYTES) };
  });

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

  /** A record of nobody as number `index` of a batch, at most REQUESTS. */
  decoy(index: number): Uint8Array {
    const decoy = (this.#decoys[index] ??= new Uint8Array(this.#decoy.length));
    decoy.set(this.#decoy);
    return decoy;
  }

  /** One user, apart from any batch; to be looked at, not to be judged. */
  async find(user: string): Promise<Candidate> {
    const candidate = newCandidate(user, 0);
    if (isName(user)) this.#fill(candidate, (await this.#store.load([user]))[0]);
    return candidate;
  }

  /**
   * The users of a batch by name, each once, with its record: the decoy's where there is none. At most REQUESTS; good
   * until the next batch.
   */
  async load(batch: readonly { user: string }[]): Promise<ReadonlyMap<string, Candidate>> {
    const candidates = this.#batch;
    candidates.clear();
    const names: string[] = [];
    for (const { user } of batch) {
      if (candidates.has(user)) continue;
      const index = candidates.size;
      const candidate = (this.#rows[index] ??= newCandidate(user, index));
      candidate.user = user;
      candidate.entry = candidate.known = candidate.rules = undefined;
      candidate.granted = candidate.lost = false;
      candidates.set(user, candidate);
      if (isName(user)) names.push(user);
    }
    const entries = await this.#store.load(names);
    for (let i = 0; i < names.length; i++) this.#fill(candidates.get(names[i]!)!, entries[i]);
    for (const candidate of candidates.values())
      candidate.record = candidate.known ?? this.decoy(candidate.index);
    return candidates;
  }

  /** What is to be committed of a candidate of the batch that has been judged, good until the next; undefined for nothing. */
  update({ user, index, entry, known, record, granted }: Candidate): Update | undefined {
    if (!entry || !known) return undefined;
    const update = this.#updates[index]!;
    const { state } = update;
    let changed = granted;
    for (let i = 0; i < STATE_BYTES; i++) {
      state[i] = record[RECORD_STATE + i]!;
      changed ||= state[i] !== entry.state[i];
    }
    if (!changed) return undefined;
    update.user = user;
    update.revision = entry.revision;
    return update;
  }

  #fill(candidate: Candidate, entry: Entry | undefined): void {
    candidate.entry = entry;
    if (entry === undefined || entry.damaged) return;
    const { user } = candidate;
    try {
      candidate.known = this.#records.get(user, entry);
      candidate.rules = this.#records.rules(user);
    } catch (error) {
      this.#log.error({ user, err: error }, "a user's profile cannot be used");
    }
  }
}

const NO_RECORD = new Uint8Array(0);

function newCandidate(user: string, index: number): Candidate {
  return {
    user,
    index,
    entry: undefined,
    known: undefined,
    record: NO_RECORD,
    rules: undefined,
    granted: false,
    lost: false,
  };
}
