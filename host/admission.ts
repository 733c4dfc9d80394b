// Admission: every dial-in, from whatever door, becomes a verdict here. The only caller of the core's verify.
// Batches form by themselves: what arrives while one batch is being committed is the next one. No timer.
import { createHmac, randomBytes } from "node:crypto";
import { STATE_DRIFT, STATE_NEXT } from "../assembly/abi.ts";
import { systemClock, type Clock } from "./clock.ts";
import { RECORD_STATE, REQUESTS, type Core } from "./core.ts";
import type { DialIn, Proof, Reason, Verdict } from "./dialin.ts";
import { silentLog, type Log } from "./log.ts";
import { decodeProfile, encodeProfile, isName, toEnrolment } from "./profile.ts";
import { hashScratchCode, parseScratchCode, SCRATCH_LABEL } from "./scratch.ts";
import { Sources } from "./sources.ts";
import type { Sealer } from "./store/seal.ts";
import type { Entry, Store, Update } from "./store/store.ts";

/** Dial-ins that may wait; beyond, they are refused at once. */
const QUEUE_LENGTH = 4096;
/** Records that are kept unsealed, least recently used ones dropped. */
const CACHED_RECORDS = 20_000;
const CACHED_SOURCES = 10_000;
/** How often a dial-in is judged anew when another process changed the user's state meanwhile. */
const TRIES = 5;

export interface AdmissionOptions {
  clock?: Clock;
  log?: Log;
  queueLength?: number;
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

/** One user of a batch: where its entry stands, and what is wrong with it. */
interface Candidate {
  user: string;
  entry: Entry | undefined;
  sealed: boolean;
}

interface CachedRecord {
  profile: Uint8Array;
  record: Uint8Array;
  /** Hashes of the scratch codes that are left. */
  scratch: readonly string[];
  /** Seconds of a step; 0 for HOTP. */
  period: number;
}

/** Gathers dial-ins into batches, has the core judge them, and commits each spent code before it answers. */
export class Admission {
  readonly #core: Core;
  readonly #store: Store;
  readonly #sealer: Sealer;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #queueLength: number;
  readonly #cachedRecords: number;
  readonly #note: NonNullable<AdmissionOptions["note"]>;
  readonly #noted: NonNullable<AdmissionOptions["noted"]>;
  readonly #callers: Sources;
  readonly #sourceKey: Buffer;
  readonly #scratchKey: Buffer;
  readonly #decoy: Uint8Array;
  readonly #records = new Map<string, CachedRecord>();
  readonly #sources = new Map<string, number>();
  readonly #loginPrefix = randomBytes(4).toString("hex");
  #logins = 0;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(core: Core, store: Store, sealer: Sealer, options: AdmissionOptions = {}) {
    this.#core = core;
    this.#store = store;
    this.#sealer = sealer;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#queueLength = options.queueLength ?? QUEUE_LENGTH;
    this.#cachedRecords = options.cachedRecords ?? CACHED_RECORDS;
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
    const users = [...new Set(batch.map(({ dialIn }) => dialIn.user))];
    const names = users.filter(isName);
    const entries = await this.#store.load(names);
    const entryOf = new Map(names.map((name, i) => [name, entries[i]]));
    const candidates = users.map((user): Candidate => ({ user, entry: entryOf.get(user), sealed: false }));
    const records = candidates.map((candidate) => this.#record(candidate));
    const indexOf = new Map(users.map((user, i) => [user, i]));
    const time = this.#clock.seconds();
    const scratch = batch.map(({ dialIn }) => {
      const index = indexOf.get(dialIn.user)!;
      return this.#scratch(dialIn, candidates[index]!, records[index]!, time);
    });
    const requests = batch.map(({ dialIn }, i) => ({
      record: indexOf.get(dialIn.user)!,
      dialIn: scratch[i] ? { ...dialIn, proof: scratch[i].proof } : dialIn,
      time,
      source: this.#source(dialIn.source),
    }));
    const verdicts = this.#core.verify(records, requests);

    const granted = new Set<string>();
    const spent = new Map<string, Set<string>>();
    batch.forEach(({ dialIn: { user } }, i) => {
      if (verdicts[i]!.outcome !== "refuse") granted.add(user);
      if (scratch[i] && verdicts[i]!.outcome === "accept") {
        spent.set(user, (spent.get(user) ?? new Set()).add(scratch[i].hash));
      }
    });
    const updates: Update[] = [];
    candidates.forEach(({ user, entry, sealed }, i) => {
      if (!entry || sealed) return;
      const state = records[i]!.slice(RECORD_STATE);
      if (!granted.has(user) && Buffer.compare(state, entry.state) === 0) return;
      const used = spent.get(user);
      const profile = used && { profile: this.#withoutScratch(user, entry, used) };
      updates.push({ user, revision: entry.revision, state, ...profile });
    });

    const start = performance.now();
    const written = await this.#store.commit(updates);
    const seconds = (performance.now() - start) / 1000;
    const lost = new Set(updates.filter((_, i) => written[i] !== true).map(({ user }) => user));
    const unreadable = new Set(candidates.filter(({ sealed }) => sealed).map(({ user }) => user));
    const decided = batch.map(({ dialIn: { user } }, i) =>
      unreadable.has(user) ? refuse("bad-record") : verdicts[i]!,
    );
    if (lost.size === 0) {
      this.#settle(batch, decided, seconds);
      return [];
    }
    const stands = ({ dialIn }: Waiting): boolean => !lost.has(dialIn.user);
    const settled = batch.filter(stands);
    if (settled.length > 0)
      this.#settle(
        settled,
        decided.filter((_, i) => stands(batch[i]!)),
        seconds,
      );
    return batch.filter((one) => !stands(one));
  }

  /**
   * For a scratch code that is left: the same dial-in with the code of this moment in its place, so that the core
   * judges standing, types, back-off and password as ever; and the hash that is spent if it accepts.
   */
  #scratch(
    { user, proof }: DialIn,
    { entry, sealed }: Candidate,
    record: Uint8Array,
    time: number,
  ): { proof: Proof; hash: string } | undefined {
    const cached = this.#records.get(user);
    if (!entry || sealed || !cached || cached.scratch.length === 0 || proof.kind !== "clear")
      return undefined;
    const text = Buffer.from(proof.text).toString();
    const [, before = "", typed = ""] = /^(.*?)((?:[a-z0-9]{4}-?){2}[a-z0-9]{4})$/is.exec(text) ?? [];
    const code = parseScratchCode(typed);
    const hash = code === undefined ? "" : hashScratchCode(this.#scratchKey, user, code);
    if (!cached.scratch.includes(hash)) return undefined;
    const state = new DataView(entry.state.buffer, entry.state.byteOffset);
    const step = Math.floor(time / (cached.period || 1)) + state.getInt32(STATE_DRIFT, true);
    const free = Math.max(step, Number(state.getBigUint64(STATE_NEXT, true)));
    const now = this.#core.generate(record, free * cached.period);
    return { proof: { kind: "clear", text: Buffer.from(before + now) }, hash };
  }

  #withoutScratch(user: string, entry: Entry, used: ReadonlySet<string>): Uint8Array {
    const text = this.#sealer.open(user, entry.profile);
    const profile = decodeProfile(text);
    text.fill(0);
    const left = encodeProfile({ ...profile, scratch: profile.scratch?.filter((hash) => !used.has(hash)) });
    const sealed = this.#sealer.seal(user, left);
    left.fill(0);
    return sealed;
  }

  /** The user's record with its state as stored; a copy of the decoy's for a user that is not there. */
  #record(candidate: Candidate): Uint8Array {
    const { user, entry } = candidate;
    if (!entry) return this.#decoy.slice();
    try {
      const record = this.#profileOf(user, entry);
      record.set(entry.state, RECORD_STATE);
      return record;
    } catch (error) {
      candidate.sealed = true;
      this.#log.error({ user, err: error }, "a user's profile cannot be used");
      return this.#decoy.slice();
    }
  }

  /** The record of a sealed profile, unsealed and enrolled once. */
  #profileOf(user: string, entry: Entry): Uint8Array {
    const cached = this.#records.get(user);
    this.#records.delete(user);
    const fresh =
      cached && (cached.profile === entry.profile || Buffer.compare(cached.profile, entry.profile) === 0)
        ? cached
        : { profile: entry.profile, ...this.#enrol(user, entry) };
    this.#records.set(user, fresh); // the youngest stands last
    if (this.#records.size > this.#cachedRecords) {
      const oldest = this.#records.keys().next().value!;
      this.#records.get(oldest)!.record.fill(0);
      this.#records.delete(oldest);
    }
    return fresh.record;
  }

  #enrol(user: string, entry: Entry): Omit<CachedRecord, "profile"> {
    const text = this.#sealer.open(user, entry.profile);
    const profile = decodeProfile(text);
    text.fill(0);
    const record = this.#core.enrol(toEnrolment(profile), entry.state);
    return { record, scratch: profile.scratch ?? [], period: profile.period ?? 0 };
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
