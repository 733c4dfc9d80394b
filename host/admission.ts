// Admission: every dial-in, from whatever door, becomes a verdict here. The only caller of the core's verify.
// Batches form by themselves: what arrives while one batch is being committed is the next one. No timer.
import { createHmac, randomBytes } from "node:crypto";
import { STATE_DRIFT, STATE_NEXT } from "../assembly/abi.ts";
import { systemClock, type Clock } from "./clock.ts";
import { RECORD_STATE, REQUESTS, type Core } from "./core.ts";
import type { DialIn, Reason, Verdict } from "./dialin.ts";
import { silentLog, type Log } from "./log.ts";
import { isName } from "./profile.ts";
import { Records, type UserRecord } from "./records.ts";
import { findScratchCode, SCRATCH_LABEL } from "./scratch.ts";
import { Sources } from "./sources.ts";
import type { Sealer } from "./store/seal.ts";
import type { Entry, Store, Update } from "./store/store.ts";

/** Dial-ins that may wait; beyond, they are refused at once. */
const QUEUE_LENGTH = 4096;
const CACHED_SOURCES = 10_000;
/** How often a dial-in is judged anew when another process changed the user's state meanwhile. */
const TRIES = 5;

export interface AdmissionOptions {
  clock?: Clock;
  log?: Log;
  queueLength?: number;
  /** Records that are kept unsealed. */
  cachedRecords?: number;
  /** Back-off by source; its own where none is given. */
  sources?: Sources;
  /** Hears of every verdict before it leaves, for the journal and the audit log; `dialIn` has its login id. */
  note?: (dialIn: DialIn, verdict: Verdict) => void;
  /** Hears that so many verdicts were noted, and how long their commit took, before they leave. */
  noted?: (verdicts: number, commitSeconds: number | undefined) => void;
}

interface Waiting {
  dialIn: DialIn;
  resolve: (verdict: Verdict) => void;
}

/** One user of a batch. */
interface Candidate {
  /** The place of the record among the batch's. */
  index: number;
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

/** Gathers dial-ins into batches, has the core judge them, and commits each spent code before it answers. */
export class Admission {
  readonly #core: Core;
  readonly #store: Store;
  readonly #records: Records;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #queueLength: number;
  readonly #note: NonNullable<AdmissionOptions["note"]>;
  readonly #noted: NonNullable<AdmissionOptions["noted"]>;
  readonly #callers: Sources;
  readonly #sourceKey: Buffer;
  readonly #scratchKey: Buffer;
  readonly #decoy: Uint8Array;
  readonly #sources = new Map<string, number>();
  readonly #loginPrefix = randomBytes(4).toString("hex");
  #logins = 0;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(core: Core, store: Store, sealer: Sealer, options: AdmissionOptions = {}) {
    this.#core = core;
    this.#store = store;
    this.#records = new Records(core, sealer, options.cachedRecords);
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#queueLength = options.queueLength ?? QUEUE_LENGTH;
    this.#callers = options.sources ?? new Sources();
    this.#note = options.note ?? (() => {});
    this.#noted = options.noted ?? (() => {});
    this.#sourceKey = sealer.derive("sources");
    this.#scratchKey = sealer.derive(SCRATCH_LABEL);
    this.#decoy = core.decoy();
  }

  /** The verdict on `dialIn`; an accepted code has been committed and synced when it resolves. Never rejects. */
  submit(given: DialIn): Promise<Verdict> {
    const dialIn = given.login === undefined ? { ...given, login: this.#nextLogin() } : given;
    const wait = isCaller(dialIn) ? this.#callers.waitSeconds(dialIn.source, this.#clock.seconds()) : 0;
    return new Promise((resolve) => {
      const waiting = { dialIn, resolve };
      if (this.#closed || this.#queue.length >= this.#queueLength)
        this.#settle([waiting], [refuse("overloaded")]);
      else if (wait > 0) this.#settle([waiting], [refuse("source-must-wait", wait)]);
      else {
        this.#queue.push(waiting);
        this.#running ??= this.#run();
      }
    });
  }

  /** Dial-ins that wait for a batch. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Refuses what comes from now on; resolves when everything before has its verdict. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  #nextLogin(): string {
    return `${this.#loginPrefix}-${++this.#logins}`;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#gather();
      await this.#decide(this.#queue.splice(0, REQUESTS));
    }
    this.#running = undefined;
  }

  /**
   * A batch takes all that has arrived: until a turn of the event loop brings nothing more. One turn takes no more
   * than half a batch off a socket, and a batch costs two syncs of the disk however many are in it.
   */
  async #gather(): Promise<void> {
    let before: number;
    do {
      before = this.#queue.length;
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#queue.length > before && this.#queue.length < REQUESTS);
  }

  /** Logs and notes the verdicts, and then lets them leave. */
  #settle(batch: readonly Waiting[], verdicts: readonly Verdict[], commitSeconds?: number): void {
    const now = this.#clock.seconds();
    batch.forEach(({ dialIn }, i) => {
      const verdict = verdicts[i]!;
      const { reason, waitSeconds } = verdict;
      if ((reason === "wrong-code" || reason === "unknown-user") && isCaller(dialIn))
        this.#callers.fail(dialIn.source, now);
      const { login, user, nas, source, type } = dialIn;
      const wait = waitSeconds || undefined;
      this.#log.info({ login, user, nas, source, type, reason, wait }, verdict.outcome);
      this.#note(dialIn, verdict);
    });
    this.#noted(batch.length, commitSeconds);
    batch.forEach(({ resolve }, i) => resolve(verdicts[i]!));
  }

  #refuseAll(batch: readonly Waiting[], reason: Reason): void {
    const verdict = refuse(reason);
    this.#settle(
      batch,
      batch.map(() => verdict),
    );
  }

  /** Judges a batch until each of its dial-ins has a verdict that is committed. */
  async #decide(batch: Waiting[]): Promise<void> {
    let open = batch;
    for (let tries = 0; tries < TRIES && open.length > 0; tries++) {
      if (!this.#clock.plausible()) return this.#refuseAll(open, "clock-not-set");
      try {
        open = await this.#judge(open);
      } catch (error) {
        this.#log.error({ err: error }, "a batch was refused: the store cannot be read or written");
        break;
      }
    }
    if (open.length > 0) this.#refuseAll(open, "store-unavailable");
  }

  /** One round: load, verify, commit, resolve. Returns the dial-ins whose user was changed by someone else. */
  async #judge(batch: Waiting[]): Promise<Waiting[]> {
    const candidates = await this.#load(batch);
    const mine = batch.map(({ dialIn }) => candidates.get(dialIn.user)!);
    const time = this.#clock.seconds();
    const scratch = batch.map(({ dialIn }, i) => this.#scratch(dialIn, mine[i]!, time));
    const requests = batch.map(({ dialIn }, i) => ({
      record: mine[i]!.index,
      dialIn: scratch[i]?.dialIn ?? dialIn,
      time,
      source: this.#source(dialIn.source),
    }));
    const verdicts = this.#core.verify(
      Array.from(candidates.values(), ({ record }) => record),
      requests,
    );

    mine.forEach((candidate, i) => {
      const { outcome } = verdicts[i]!;
      if (outcome !== "refuse") candidate.granted = true;
      if (outcome === "accept" && scratch[i]) candidate.spent.push(scratch[i].hash);
    });
    const updates: Update[] = [];
    const updated: Candidate[] = [];
    for (const [user, candidate] of candidates) {
      const { entry, known, record, granted, spent } = candidate;
      if (!entry || !known) continue;
      const state = Buffer.from(record.subarray(RECORD_STATE));
      if (!granted && Buffer.compare(state, entry.state) === 0) continue;
      const update: Update = { user, revision: entry.revision, state };
      if (spent.length > 0) update.profile = this.#records.withoutScratch(user, entry, spent);
      updates.push(update);
      updated.push(candidate);
    }

    const start = performance.now();
    const written = await this.#store.commit(updates);
    const seconds = (performance.now() - start) / 1000;
    updated.forEach((candidate, i) => (candidate.lost = written[i] !== true));
    const settled: Waiting[] = [];
    const decided: Verdict[] = [];
    const left: Waiting[] = [];
    batch.forEach((waiting, i) => {
      const { entry, known, lost } = mine[i]!;
      if (lost) return void left.push(waiting);
      settled.push(waiting);
      decided.push(entry && !known ? refuse("bad-record") : verdicts[i]!);
    });
    this.#settle(settled, decided, seconds);
    return left;
  }

  /** The users of a batch, each with its record: the decoy's where there is none. */
  async #load(batch: readonly Waiting[]): Promise<Map<string, Candidate>> {
    const candidates = new Map<string, Candidate>();
    const named: Candidate[] = [];
    const names: string[] = [];
    for (const { dialIn } of batch) {
      const { user } = dialIn;
      if (candidates.has(user)) continue;
      const candidate: Candidate = {
        index: candidates.size,
        entry: undefined,
        known: undefined,
        record: this.#decoy,
        granted: false,
        spent: [],
        lost: false,
      };
      candidates.set(user, candidate);
      if (!isName(user)) continue;
      names.push(user);
      named.push(candidate);
    }
    const entries = await this.#store.load(names);
    named.forEach((candidate, i) => {
      const entry = (candidate.entry = entries[i]);
      candidate.known = entry && this.#record(names[i]!, entry);
    });
    for (const candidate of candidates.values())
      candidate.record = candidate.known?.record ?? this.#decoy.slice();
    return candidates;
  }

  #record(user: string, entry: Entry): UserRecord | undefined {
    try {
      return this.#records.get(user, entry);
    } catch (error) {
      this.#log.error({ user, err: error }, "a user's profile cannot be used");
      return undefined;
    }
  }

  /**
   * For a scratch code that is left: the same dial-in with the code of this moment in its place, so that the core
   * judges standing, types, back-off and password as ever; and the hash that is spent if it accepts.
   */
  #scratch(
    dialIn: DialIn,
    { entry, known }: Candidate,
    time: number,
  ): { dialIn: DialIn; hash: string } | undefined {
    const { user, proof } = dialIn;
    if (!entry || !known || known.scratch.length === 0 || proof.kind !== "clear") return undefined;
    const typed = Buffer.from(proof.text).toString();
    const found = findScratchCode(this.#scratchKey, user, typed, known.scratch);
    if (!found) return undefined;
    const { record, period } = known;
    const state = new DataView(entry.state.buffer, entry.state.byteOffset);
    const step = Math.floor(time / (period || 1)) + state.getInt32(STATE_DRIFT, true);
    const free = Math.max(step, Number(state.getBigUint64(STATE_NEXT, true)));
    const text = Buffer.from(found.before + this.#core.generate(record, free * period));
    return { dialIn: { ...dialIn, proof: { kind: "clear", text } }, hash: found.hash };
  }

  /** A source as the core knows it: a keyed hash, so that the store does not tell where users were. 0 is none. */
  #source(source: string): number {
    if (source === "") return 0;
    const known = this.#sources.get(source);
    if (known !== undefined) return known;
    if (this.#sources.size >= CACHED_SOURCES) this.#sources.clear();
    const hash = createHmac("sha256", this.#sourceKey).update(source).digest().readUInt32LE(0) || 1;
    this.#sources.set(source, hash);
    return hash;
  }
}

function refuse(reason: Reason, waitSeconds = 0): Verdict {
  return { outcome: "refuse", reason, waitSeconds, offset: 0 };
}

/** Whether the source is one caller: a NAS that tells no calling station would keep out all its users. */
function isCaller({ nas, source }: DialIn): boolean {
  return nas !== undefined && source !== nas;
}
