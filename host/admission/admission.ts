// Admission: every dial-in, from whatever door, becomes a verdict here. The only caller of the core's verify.
// Batches form by themselves: what arrives while one batch is being committed is the next one. No timer.
import { createHmac, randomBytes } from "node:crypto";
import { Candidates, type Candidate } from "./batch.ts";
import { systemClock, type Clock } from "../core/clock.ts";
import { allows, modeOf, REQUESTS, type Core, type Mode } from "../core/core.ts";
import {
  typedText,
  type DialIn,
  type DialInType,
  type Login,
  type Reason,
  type ReplyAttribute,
  type Verdict,
} from "../core/dial-in.ts";
import { stepSeconds } from "../core/enrolment.ts";
import type { Directory } from "../directory/directory.ts";
import { STAND_IN } from "../users/profile.ts";
import type { Entitled, Entitlements } from "./entitlement.ts";
import type { UserRules } from "./record-cache.ts";
import { driftSteps, knowsSource } from "../core/state.ts";
import { silentLog, type Log } from "../log/log.ts";
import { Callers } from "./caller.ts";
import { ClockWatch } from "./clock-watch.ts";
import { FarCodes } from "./far-codes.ts";
import { MeantUsers } from "./meant-user.ts";
import { Repeats } from "./repeats.ts";
import { Sources } from "./source-backoff.ts";
import type { Sealer } from "../store/seal.ts";
import type { Entry, Store, Update } from "../store/store.ts";

/** Dial-ins that may wait; beyond, they are refused at once. */
const QUEUE_LENGTH = 4096;
/** The authentication tag of a sealed profile. */
const STANDING_BYTES = 16;
const CACHED_SOURCES = 10_000;
/** How often a dial-in is judged anew when another process changed the user's state meanwhile. */
const TRIES = 5;

export interface AdmissionOptions {
  clock?: Clock;
  log?: Log;
  queueLength?: number;
  /** Records that are kept unsealed. */
  cachedRecords?: number;
  /** Back-off by caller; its own where none is given. */
  sources?: Sources;
  /** Hears how far devices are ahead of this machine's clock; its own where none is given. */
  clockWatch?: ClockWatch;
  /** Hears from where users were let in; its own where none is given. */
  callers?: Callers;
  /** What users may do beyond a right code; nothing is asked where it is not given. */
  entitlements?: Entitlements;
  /** Has the passwords of users whose profile says so. */
  directory?: Directory;
  /** Hears of every verdict before it leaves, for the journal and the audit log; `dialIn` has its login id. */
  note?: (dialIn: DialIn, verdict: Verdict) => void;
  /** Hears that so many verdicts were noted, and how long their commit took, before they leave. */
  noted?: (verdicts: number, commitSeconds: number | undefined) => void;
}

/** Gathers dial-ins into batches, has the core judge them, and commits each spent code before it answers. */
export class Admission {
  readonly #core: Core;
  readonly #store: Store;
  readonly #candidates: Candidates;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #queueLength: number;
  readonly #note: NonNullable<AdmissionOptions["note"]>;
  readonly #noted: NonNullable<AdmissionOptions["noted"]>;
  readonly #backoff: Sources;
  readonly #callers: Callers;
  readonly #clockWatch: ClockWatch;
  readonly #farCodes: FarCodes;
  readonly #meant: MeantUsers;
  readonly #entitlements: Entitlements | undefined;
  readonly #directory: Directory | undefined;
  readonly #repeats = new Repeats();
  readonly #sourceKey: Buffer;
  readonly #sources = new Map<string, number>();
  readonly #loginPrefix = randomBytes(4).toString("hex");
  #logins = 0;
  #queue: Login[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(core: Core, store: Store, sealer: Sealer, options: AdmissionOptions = {}) {
    this.#core = core;
    this.#store = store;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#candidates = new Candidates(core, store, sealer, this.#log, options.cachedRecords);
    this.#queueLength = options.queueLength ?? QUEUE_LENGTH;
    this.#backoff = options.sources ?? new Sources();
    this.#callers = options.callers ?? new Callers();
    this.#clockWatch = options.clockWatch ?? new ClockWatch();
    this.#farCodes = new FarCodes(core, (user, ahead) => this.#clockWatch.found(user, ahead));
    this.#entitlements = options.entitlements;
    this.#directory = options.directory;
    this.#meant = new MeantUsers(store, this.#log);
    this.#note = options.note ?? (() => {});
    this.#noted = options.noted ?? (() => {});
    this.#sourceKey = sealer.derive("sources");
  }

  /** The verdict on `dialIn`; an accepted code has been committed and synced when it resolves. Never rejects. */
  submit(dialIn: DialIn): Promise<Verdict> {
    return new Promise((resolve) => this.admit({ ...dialIn, decide: resolve }));
  }

  /** Takes a login, which has its verdict sooner or later; an accepted code has been committed and synced then. */
  admit(login: Login): void {
    login.login ??= this.#nextLogin();
    if (this.#closed || this.#queue.length >= this.#queueLength)
      this.#settle([login], [refuse("overloaded")]);
    else if (login.repeat !== undefined && this.#repeats.takeRefusal(login.repeat))
      this.#settle([login], [refuse("repeat-refused")]);
    else if (this.#directory !== undefined && login.second !== true)
      void this.#askDirectory(login, this.#directory);
    else this.#enqueue(login);
  }

  #enqueue(login: Login): void {
    this.#queue.push(login);
    this.#running ??= this.#run();
  }

  /** Where the directory has the user's password, puts in its place what stands for it in the record. */
  async #askDirectory(login: Login, directory: Directory): Promise<void> {
    let rules: UserRules | undefined;
    try {
      rules = (await this.#candidates.load([login.user])).get(login.user)?.rules;
    } catch {
      // The batch will find the same, and say so.
    }
    if (rules?.directory === undefined) return this.#enqueue(login);
    const text = typedText(login.proof);
    if (text === undefined) return this.#settle([login], [refuse("clear-proof-needed")]);
    const { mode, digits } = rules.directory;
    const end = mode === "password-then-code" ? text.length : Math.max(0, text.length - digits);
    const password = Buffer.from(text.subarray(0, end)).toString();
    const why = (reason: string): void =>
      this.#log.warn({ login: login.login, user: login.user, why: reason }, "the directory gave no answer");
    const answer = await directory.check(login.user, password, why);
    if (answer === "unreachable") return this.#settle([login], [refuse("directory-unreachable")]);
    const code = Buffer.from(text.subarray(end));
    if (answer === "right")
      login.proof = { kind: "clear", text: Buffer.concat([Buffer.from(STAND_IN), code]) };
    this.#enqueue(login);
  }

  /**
   * Looks at a user once more, before an answer leaves that was judged a while ago: "ok", or why not. `standing`: what
   * the verdict called the profile; where none is given, the profile as it is must allow the dial-in.
   */
  async look(user: string, type?: DialInType, standing?: Uint8Array): Promise<Reason> {
    try {
      const candidate = (await this.#candidates.load([user])).get(user)!;
      const { entry, known } = candidate;
      if (entry === undefined) return "unknown-user";
      if (known === undefined) return "bad-record";
      if (standing !== undefined && Buffer.compare(standing, standingOf(entry)) !== 0)
        return "profile-changed";
      const entitled = await this.#entitled(user, candidate.rules, this.#clock.seconds());
      return entitled?.refused ?? allows(known, type);
    } catch (error) {
      this.#log.error({ err: error }, "a user could not be looked up");
      return "store-unavailable";
    }
  }

  /** Opens users' profiles before their first login. Never rejects: what does not open is told by its login. */
  async warm(): Promise<void> {
    await this.#candidates.warm().catch((error: unknown) => {
      this.#log.error({ err: error }, "the users could not be read");
    });
  }

  /** What a user must show; undefined for a stranger, and where it cannot be told. */
  async mode(user: string): Promise<Mode | undefined> {
    try {
      const { known } = (await this.#candidates.load([user])).get(user)!;
      return known && modeOf(known);
    } catch {
      return undefined; // the login will fail by itself, and say why
    }
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
  #settle(batch: readonly Login[], verdicts: readonly Verdict[], commitSeconds?: number): void {
    batch.forEach((dialIn, i) => {
      const verdict = verdicts[i]!;
      const { reason, waitSeconds, outcome } = verdict;
      const { login, user, nas, source, type, caller, place } = dialIn;
      // Without a NAS it is an administrator who tries a code.
      const guessed = reason === "wrong-code" || reason === "unknown-user";
      if (guessed && caller && nas !== undefined) this.#backoff.fail(caller, user);
      if (outcome === "accept" && nas !== undefined && place) this.#callers.letIn(nas, place, user);
      const wait = waitSeconds || undefined;
      this.#log.info({ login, user, nas, source, type, reason, wait }, verdict.outcome);
      this.#note(dialIn, verdict);
    });
    this.#noted(batch.length, commitSeconds);
    batch.forEach((dialIn, i) => {
      dialIn.decide(verdicts[i]!);
      if (verdicts[i]!.reason === "unknown-user") void this.#meant.tell(dialIn);
    });
  }

  #refuseAll(batch: readonly Login[], reason: Reason): void {
    const verdict = refuse(reason);
    this.#settle(
      batch,
      batch.map(() => verdict),
    );
  }

  /** Judges a batch until each of its dial-ins has a verdict that is committed. */
  async #decide(batch: Login[]): Promise<void> {
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
  async #judge(batch: Login[]): Promise<Login[]> {
    const candidates = await this.#candidates.load(batch.map(({ user }) => user));
    const mine = batch.map(({ user }) => candidates.get(user)!);
    const time = this.#clock.seconds();
    const requests = batch.map((dialIn, i) => ({
      record: mine[i]!.index,
      dialIn,
      time,
      source: this.#source(dialIn.caller ?? ""),
    }));
    const records = Array.from(candidates.values(), ({ record }) => record);
    // Who waits by caller, or may not dial in for another reason than the time, is judged against a decoy: the work is
    // the same, and nothing is spent or counted. Of hours and dates the core says it itself.
    const entitled = mine.some(({ rules }) => rules)
      ? await Promise.all(
          batch.map(async ({ user, nas }, i) =>
            nas === undefined ? undefined : this.#entitled(user, mine[i]!.rules, time),
          ),
        )
      : [];
    const barred = batch.map((dialIn, i) => {
      const wait = this.#callerWait(dialIn, requests[i]!.source, mine[i]!);
      if (wait > 0) return refuse("source-must-wait", wait);
      const { refused } = entitled[i] ?? {};
      if (refused !== "not-valid-now") return refused && refuse(refused);
      requests[i]!.dialIn = { ...dialIn, notValid: true };
      return undefined;
    });
    if (barred.some(Boolean)) records.push(this.#candidates.decoy());
    barred.forEach((verdict, i) => verdict && (requests[i]!.record = candidates.size));
    const verdicts = this.#core.verify(records, requests);
    barred.forEach((verdict, i) => verdict && (verdicts[i] = verdict));

    /** Logins of this batch that were accepted and may come again. */
    const accepted = new Set<string>();
    mine.forEach((candidate, i) => {
      const { repeat } = batch[i]!;
      if (repeat !== undefined && this.#isRepeat(verdicts[i]!, repeat, candidate, accepted)) {
        verdicts[i] = { outcome: "accept", reason: "repeat", waitSeconds: 0, offset: 0 };
      }
      const { outcome, reason } = verdicts[i]!;
      if (outcome !== "refuse") candidate.granted = true;
      if (repeat !== undefined && outcome === "accept" && reason !== "repeat") accepted.add(repeat);
    });
    const updates: Update[] = [];
    const updated: Candidate[] = [];
    for (const candidate of candidates.values()) {
      const update = this.#candidates.update(candidate);
      if (!update) continue;
      updates.push(update);
      updated.push(candidate);
    }

    const judged = mine.map(({ entry }) => entry && standingOf(entry));
    const start = performance.now();
    const written = await this.#store.commit(updates);
    const seconds = (performance.now() - start) / 1000;
    updated.forEach((candidate, i) => {
      candidate.lost = written[i] !== true;
    });
    const settled: Login[] = [];
    const decided: Verdict[] = [];
    const left: Login[] = [];
    batch.forEach((waiting, i) => {
      const { entry, known, lost } = mine[i]!;
      if (lost) return void left.push(waiting);
      settled.push(waiting);
      const unusable = entry?.damaged ? "state-damaged" : "bad-record";
      const found = entry && !known ? refuse(unusable) : verdicts[i]!;
      const verdict = this.#stand(waiting, judged[i], found);
      decided.push(verdict);
      if (verdict.outcome === "accept" && entitled[i]) this.#bring(verdict, entitled[i], waiting, time);
      this.#watchClock(mine[i]!, waiting, verdict, time);
      const { repeat } = waiting;
      if (repeat === undefined) return;
      if (accepted.has(repeat)) this.#repeats.noteAccept(repeat, entry!.profile);
      else if (verdict.outcome === "refuse") this.#repeats.noteRefusal(repeat);
    });
    this.#settle(settled, decided, seconds);
    return left;
  }

  /** The verdict, with the name of the profile that was judged; refused where the first step had another profile. */
  #stand({ standing }: DialIn, judged: Uint8Array | undefined, verdict: Verdict): Verdict {
    if (verdict.outcome === "refuse" || judged === undefined) return verdict;
    if (standing !== undefined && Buffer.compare(standing, judged) !== 0) return refuse("profile-changed");
    verdict.standing = judged;
    return verdict;
  }

  /** Whether a code that the core has refused as spent is the second copy of its login, and nothing else refuses it. */
  #isRepeat({ reason }: Verdict, repeat: string, { entry }: Candidate, accepted: Set<string>): boolean {
    if (reason !== "code-spent") return false;
    return (
      entry !== undefined && (accepted.delete(repeat) || this.#repeats.takeAccept(repeat, entry.profile))
    );
  }

  /** Gives an Accept what the user's rules bring, and ends what it takes the place of. */
  #bring(verdict: Verdict, entitled: Entitled, { nas = "" }: DialIn, now: number): void {
    verdict.attributes = this.#entitlements!.reply(entitled, nas, now);
    this.#entitlements!.admitted(entitled);
  }

  /** What a user's rules say; undefined where it has none. */
  async #entitled(user: string, rules: UserRules | undefined, now: number): Promise<Entitled | undefined> {
    return rules && this.#entitlements?.check(user, rules, now);
  }

  /** The attributes that an Accept to `nas` brings, for an answer that leaves later than its verdict. */
  async attributesOf(user: string, nas: string): Promise<readonly ReplyAttribute[]> {
    const { rules } = (await this.#candidates.load([user])).get(user)!;
    const now = this.#clock.seconds();
    const entitled = await this.#entitled(user, rules, now);
    return entitled ? this.#entitlements!.reply(entitled, nas, now) : [];
  }

  #watchClock({ user, entry, record }: Candidate, { proof }: DialIn, verdict: Verdict, time: number): void {
    const period = stepSeconds(record);
    const { reason, offset } = verdict;
    if (reason === "ok" && period > 0 && entry)
      this.#clockWatch.note(user, offset * period, driftSteps(entry.state) * period, period);
    const refused = reason === "wrong-code" || reason === "unknown-user";
    const text = refused ? typedText(proof) : undefined;
    if (text) void this.#farCodes.look(entry && user, text, record, time);
  }

  /** Seconds until a caller who has failed as many users is considered; a user who has logged in from there need not wait. */
  #callerWait({ caller }: DialIn, source: number, { entry }: Candidate): number {
    const wait = caller ? this.#backoff.waitSeconds(caller) : 0;
    return wait > 0 && entry && knowsSource(entry.state, source) ? 0 : wait;
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

/** What the profile of an entry is called: the end of its sealed form, another one after each change. */
function standingOf({ profile }: Entry): Uint8Array {
  return profile.subarray(profile.length - STANDING_BYTES);
}

function refuse(reason: Reason, waitSeconds = 0): Verdict {
  return { outcome: "refuse", reason, waitSeconds, offset: 0 };
}
