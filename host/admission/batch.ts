// The users of a batch, for admission: what the store has of each, its record as the core takes it, and what is to be
// committed once the core has judged. Rows are used again by the next batch: a login makes no objects here.
import { allows, RECORD_STATE, REQUESTS, type Core } from "../core/core.ts";
import type { DialInType, Reason } from "../core/dial-in.ts";
import type { Log } from "../log/log.ts";
import { isName } from "../users/profile.ts";
import { makeRoom, Records, type RecordRoom, type UserRules } from "./record-cache.ts";
import { isStanding } from "./standing.ts";
import type { Sealer } from "../store/seal.ts";
import type { Entry, Store, Update } from "../store/store.ts";
import { STATE_BYTES } from "../store/spent-entry.ts";

/** One user of a batch. */
export interface Candidate extends RecordRoom {
  user: string;
  /** The place of the record among the batch's. */
  index: number;
  entry: Entry | undefined;
  /** Undefined where there is no such user, or where its profile cannot be used; the decoy is judged then. */
  known: Uint8Array | undefined;
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
  /** Those of the batch that is judged, by name, and rows for them; and one for who is looked at apart from it. */
  readonly #batch = new Map<string, Candidate>();
  readonly #rows: Candidate[] = [];
  readonly #apart = newCandidate(0);
  readonly #updates = Array.from({ length: REQUESTS }, () => {
    return { user: "", revision: 0, state: Buffer.alloc(STATE_BYTES) };
  });

  /** `cachedRecords`: how many records are kept unsealed. */
  constructor(core: Core, store: Store, sealer: Sealer, log: Log, cachedRecords?: number) {
    this.#store = store;
    this.#log = log;
    this.#records = new Records(core, sealer, cachedRecords);
    this.#decoy = core.decoy();
    store.watch?.((slot) => this.#records.wipe(slot));
  }

  /**
   * Opens the profiles of as many users as are kept, so that each one's first login is as fast as the next. Gives up once
   * `isClosed`.
   */
  async warm(isClosed: () => boolean): Promise<void> {
    for await (const { user, entry } of this.#store.list()) {
      if (isClosed()) return;
      try {
        if (!entry.damaged && !this.#records.warm(user, entry)) return;
      } catch {
        // Its login will say why.
      }
    }
  }

  /** A record of nobody as number `index` of a batch, at most REQUESTS. */
  decoy(index: number): Uint8Array {
    const { record } = this.#row(index);
    record.set(this.#decoy);
    return record;
  }

  /** What `read` returns of one user, apart from any batch; to be looked at, not to be judged. At once where the store is. */
  find<T>(user: string, read: (candidate: Candidate) => T): T | Promise<T> {
    const loaded = isName(user) ? this.#store.load([user]) : [];
    if (!(loaded instanceof Promise)) return this.#readApart(user, loaded[0], read);
    return loaded.then(([entry]) => this.#readApart(user, entry, read));
  }

  /**
   * The users of a batch by name, each once, with its record: the decoy's where there is none. At most REQUESTS; good
   * until `wipe`.
   */
  async load(batch: readonly { user: string }[]): Promise<ReadonlyMap<string, Candidate>> {
    const candidates = this.#batch;
    candidates.clear();
    const names: string[] = [];
    for (const { user } of batch) {
      if (candidates.has(user)) continue;
      const index = candidates.size;
      const candidate = this.#row(index);
      begin(candidate, user);
      candidates.set(user, candidate);
      if (isName(user)) names.push(user);
    }
    const entries = await this.#store.load(names);
    for (let i = 0; i < names.length; i++) this.#fill(candidates.get(names[i]!)!, entries[i]);
    for (const { known, index } of candidates.values()) if (known === undefined) this.decoy(index);
    return candidates;
  }

  /** The batch is judged: nobody's key stays in it. */
  wipe(): void {
    for (const { words } of this.#rows) words.fill(0);
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

  #readApart<T>(user: string, entry: Entry | undefined, read: (candidate: Candidate) => T): T {
    const candidate = this.#apart;
    try {
      begin(candidate, user);
      this.#fill(candidate, entry);
      return read(candidate);
    } finally {
      candidate.words.fill(0);
    }
  }

  #row(index: number): Candidate {
    return (this.#rows[index] ??= newCandidate(index));
  }

  #fill(candidate: Candidate, entry: Entry | undefined): void {
    const { user } = candidate;
    candidate.entry = entry;
    if (entry === undefined) this.#records.forget(user);
    if (entry === undefined || entry.damaged) return;
    try {
      candidate.rules = this.#records.read(user, entry, candidate);
      candidate.known = candidate.record;
    } catch (error) {
      this.#log.error({ user, err: error }, "a user's profile cannot be used");
    }
  }
}

function newCandidate(index: number): Candidate {
  return {
    user: "",
    index,
    entry: undefined,
    known: undefined,
    ...makeRoom(),
    rules: undefined,
    granted: false,
    lost: false,
  };
}

/** Makes `candidate` one of `user`, of whom nothing is known yet. */
function begin(candidate: Candidate, user: string): void {
  candidate.user = user;
  candidate.entry = candidate.known = candidate.rules = undefined;
  candidate.granted = candidate.lost = false;
}

/** What is found of a user who is looked at. */
export interface Seen {
  /** Whether the user may pass as it is stored now, whatever is shown: "ok", or why not. */
  reason: Reason;
  /** What else has to allow it. */
  rules: UserRules | undefined;
}

/** Looks at a user whose profile a verdict has called `standing`, where one was given before. */
export function lookAt(
  { entry, known, rules }: Candidate,
  type: DialInType | undefined,
  standing: Uint8Array | undefined,
): Seen {
  let reason: Reason;
  if (entry === undefined) reason = "unknown-user";
  else if (known === undefined) reason = "bad-record";
  else if (standing !== undefined && !isStanding(standing, entry)) reason = "profile-changed";
  else reason = allows(known, type);
  return { reason, rules };
}
