// The users of a batch, for admission: what the store has of each, its record as the core takes it, a scratch code in
// place of a code, and what is to be committed once the core has judged.
import { STATE_DRIFT, STATE_NEXT } from "../../assembly/abi.ts";
import { RECORD_STATE, type Core } from "../core/core.ts";
import { typedText, type DialIn } from "../core/dial-in.ts";
import type { Log } from "../log/log.ts";
import { isName } from "../users/profile.ts";
import { Records, type UserRecord } from "./record-cache.ts";
import { findScratchCode, SCRATCH_LABEL } from "../users/recovery-codes.ts";
import type { Sealer } from "../store/seal.ts";
import type { Entry, Store, Update } from "../store/store.ts";

/** One user of a batch. */
export interface Candidate {
  readonly user: string;
  /** The place of the record among the batch's. */
  readonly index: number;
  entry: Entry | undefined;
  /** Undefined where there is no such user, or where its profile cannot be used; the decoy is judged then. */
  known: UserRecord | undefined;
  record: Uint8Array;
  /** Whether a dial-in may pass, so that its state must be committed even if it is the same. */
  granted: boolean;
  /** Hashes of the scratch codes that were used. */
  spent: string[];
  /** Someone else changed the user meanwhile. */
  lost: boolean;
}

/** Makes candidates of users' names. */
export class Candidates {
  readonly #core: Core;
  readonly #store: Store;
  readonly #log: Log;
  readonly #records: Records;
  readonly #scratchKey: Buffer;
  readonly #decoy: Uint8Array;

  /** `cachedRecords`: how many records are kept unsealed. */
  constructor(core: Core, store: Store, sealer: Sealer, log: Log, cachedRecords?: number) {
    this.#core = core;
    this.#store = store;
    this.#log = log;
    this.#records = new Records(core, sealer, cachedRecords);
    this.#scratchKey = sealer.derive(SCRATCH_LABEL);
    this.#decoy = core.decoy();
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
        granted: false,
        spent: [],
        lost: false,
      };
      candidates.set(user, candidate);
      if (isName(user)) named.push(candidate);
    }
    const entries = await this.#store.load(named.map(({ user }) => user));
    named.forEach((candidate, i) => {
      const entry = (candidate.entry = entries[i]);
      candidate.known = entry && !entry.damaged ? this.#record(candidate.user, entry) : undefined;
    });
    for (const candidate of candidates.values()) candidate.record = candidate.known?.record ?? this.decoy();
    return candidates;
  }

  /**
   * For a scratch code that is left: the same dial-in with the code of this moment in its place, so that the core
   * judges standing, types, back-off and password as ever; and the hash that is spent if it accepts.
   */
  findScratch(
    dialIn: DialIn,
    { entry, known }: Candidate,
    time: number,
  ): { dialIn: DialIn; hash: string } | undefined {
    const { user, proof } = dialIn;
    const text = typedText(proof);
    if (!entry || !known || known.scratch.length === 0 || text === undefined) return undefined;
    const typed = Buffer.from(text).toString();
    const found = findScratchCode(this.#scratchKey, user, typed, known.scratch);
    if (!found) return undefined;
    const { record, period } = known;
    const state = new DataView(entry.state.buffer, entry.state.byteOffset);
    const step = Math.floor(time / (period || 1)) + state.getInt32(STATE_DRIFT, true);
    const free = Math.max(step, Number(state.getBigUint64(STATE_NEXT, true)));
    const now = Buffer.from(found.before + this.#core.generate(record, free * period));
    return { dialIn: { ...dialIn, proof: { kind: "clear", text: now } }, hash: found.hash };
  }

  /** What is to be committed of a candidate that has been judged; undefined where nothing is. */
  update({ user, entry, known, record, granted, spent }: Candidate): Update | undefined {
    if (!entry || !known) return undefined;
    const state = Buffer.from(record.subarray(RECORD_STATE));
    if (!granted && state.equals(entry.state)) return undefined;
    const update: Update = { user, revision: entry.revision, state };
    if (spent.length > 0) update.profile = this.#records.withoutScratch(user, entry, spent);
    return update;
  }

  #record(user: string, entry: Entry): UserRecord | undefined {
    try {
      return this.#records.get(user, entry);
    } catch (error) {
      this.#log.error({ user, err: error }, "a user's profile cannot be used");
      return undefined;
    }
  }
}
