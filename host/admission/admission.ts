// Admission: every dial-in, from whatever door, becomes a verdict here. The only caller of the core's verify.
// Batches form by themselves: what arrives while one batch is being committed is the next one. No timer.
import { randomBytes } from "node:crypto";
import { Candidates } from "./batch.ts";
import { systemClock, type Clock } from "../core/clock.ts";
import { modeOf, REQUESTS, type Core, type Mode } from "../core/core.ts";
import {
  refuse,
  type DialIn,
  type DialInType,
  type Login,
  type Look,
  type Reason,
  type Verdict,
} from "../core/dial-in.ts";
import type { Directory } from "../directory/directory.ts";
import { silentLog, type LoginLog } from "../log/log.ts";
import type { LoginSink } from "../log/login-event.ts";
import type { Sealer } from "../store/seal.ts";
import type { Store } from "../store/store.ts";
import { Callers } from "./caller.ts";
import { ClockWatch } from "./clock-watch.ts";
import { DirectoryStep } from "./directory-step.ts";
import { FarCodes } from "./far-codes.ts";
import { FirstLogins } from "./first-login.ts";
import { Judgement, type Settled } from "./judgement.ts";
import type { AdmissionOptions } from "./options.ts";
import { MeantUsers } from "./meant-user.ts";
import { Repeats } from "./repeats.ts";
import { SecondLook } from "./second-look.ts";
import { Sources } from "./source-backoff.ts";
import { SourceNumbers } from "./source-number.ts";
import { letLoginsIn } from "../core/turn.ts";

export type { AdmissionOptions };

/** Dial-ins that may wait; beyond, they are refused at once. */
const QUEUE_LENGTH = 4096;
/** Turns of the event loop that a batch waits for more at most: whoever sends without end holds nobody up. */
const TURNS = 16;
/** How often a dial-in is judged anew when another process changed the user's state meanwhile. */
const TRIES = 5;

/** Gathers dial-ins into batches, has the core judge them, and commits each spent code before it answers. */
export class Admission {
  readonly #candidates: Candidates;
  readonly #judgement: Judgement;
  readonly #clock: Clock;
  readonly #log: LoginLog;
  readonly #queueLength: number;
  readonly #note: LoginSink;
  readonly #noted: NonNullable<AdmissionOptions["noted"]>;
  readonly #backoff: Sources;
  readonly #callers: Callers;
  readonly #meant: MeantUsers;
  readonly #second: SecondLook;
  readonly #directory: DirectoryStep | undefined;
  readonly #repeats = new Repeats();
  readonly #loginPrefix = randomBytes(4).toString("hex");
  #logins = 0;
  #arrivals = 0;
  #queue: Login[] = [];
  #running: Promise<void> | undefined;
  #warming: Promise<void> | undefined;
  #closed = false;

  constructor(core: Core, store: Store, sealer: Sealer, options: AdmissionOptions = {}) {
    const { clock = systemClock, log = silentLog, clockWatch = new ClockWatch(), entitlements } = options;
    this.#clock = clock;
    this.#log = log;
    this.#candidates = new Candidates(core, store, sealer, log, options.cachedRecords);
    this.#queueLength = options.queueLength ?? QUEUE_LENGTH;
    this.#backoff = options.sources ?? new Sources();
    this.#callers = options.callers ?? new Callers();
    this.#second = new SecondLook(this.#candidates, entitlements, clock, log);
    this.#meant = new MeantUsers(store, log);
    this.#note = options.note ?? (() => {});
    this.#noted = options.noted ?? (() => {});
    this.#directory = options.directory && this.#stepBy(options.directory, core);
    this.#judgement = new Judgement({
      core,
      store,
      candidates: this.#candidates,
      clock,
      backoff: this.#backoff,
      sources: new SourceNumbers(sealer.derive("sources")),
      clockWatch,
      farCodes: new FarCodes(core, (user, ahead) => clockWatch.found(user, ahead)),
      repeats: this.#repeats,
      entitlements,
      directory: this.#directory,
      firstLogins: new FirstLogins(options.invite),
      settle: (...settled) => this.#settle(...settled),
    });
  }

  /** The verdict on `dialIn`; an accepted code has been committed and synced when it resolves. Never rejects. */
  submit(dialIn: DialIn): Promise<Verdict> {
    return new Promise((resolve) => this.admit({ ...dialIn, decide: resolve }));
  }

  /** Takes a login, which has its verdict sooner or later; an accepted code has been committed and synced then. */
  admit(login: Login): void {
    login.login ??= `${this.#loginPrefix}-${++this.#logins}`;
    if (this.#closed || this.#queue.length >= this.#queueLength) this.#refuseAll([login], "overloaded");
    else if (login.repeat !== undefined && this.#repeats.takeRefusal(login.repeat))
      this.#refuseAll([login], "repeat-refused");
    else this.#enqueue(login);
  }

  /**
   * Looks at a user once more, before an answer to `nas` leaves that was judged a while ago. `standing`: what the verdict
   * called the profile; where none is given, the profile as it is must allow the dial-in. Never throws or rejects.
   */
  look(user: string, nas: string, type?: DialInType, standing?: Uint8Array): Look | Promise<Look> {
    return this.#second.look(user, nas, type, standing);
  }

  /** Opens users' profiles before their first login. Never rejects: what does not open is told by its login. */
  async warm(): Promise<void> {
    this.#warming = this.#candidates
      .warm(() => this.#closed)
      .catch((error: unknown) => {
        this.#log.error({ err: error }, "the users could not be read");
      });
    await this.#warming;
  }

  /** What a user must show; undefined for a stranger, and where it cannot be told. */
  async mode(user: string): Promise<Mode | undefined> {
    try {
      return await this.#candidates.find(user, ({ known }) => known && modeOf(known));
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
    await Promise.all([this.#running, this.#warming]);
  }

  #stepBy(directory: Directory, core: Core): DirectoryStep {
    return new DirectoryStep({
      core,
      directory,
      log: this.#log,
      enqueue: (login) => this.#enqueue(login),
      refuse: (login, reason) => this.#refuseAll([login], reason),
    });
  }

  #enqueue(login: Login): void {
    this.#queue.push(login);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#gather();
      await this.#decide(this.#queue.splice(0, REQUESTS));
    }
    this.#running = undefined;
  }

  /** Something has arrived of which a login may come: a step of a conversation. */
  arrived(): void {
    this.#arrivals++;
  }

  /**
   * A batch takes all that has arrived: until a turn of the event loop brings nothing more. One turn takes no more than
   * half a batch off a socket, and a batch costs a sync of the disk however many are in it.
   */
  async #gather(): Promise<void> {
    for (let turns = 0; turns < TURNS && this.#queue.length < REQUESTS; turns++) {
      const before = this.#queue.length + this.#arrivals;
      await letLoginsIn();
      if (this.#queue.length + this.#arrivals === before) return;
    }
  }

  /** Judges a batch until each of its dial-ins has a verdict that is committed. */
  async #decide(batch: Login[]): Promise<void> {
    let open = batch;
    for (let tries = 0; tries < TRIES && open.length > 0; tries++) {
      if (!this.#clock.plausible()) return this.#refuseAll(open, "clock-not-set");
      try {
        open = await this.#judgement.judge(open);
      } catch (error) {
        this.#log.error({ err: error }, "a batch was refused: the store cannot be read or written");
        break;
      }
    }
    if (open.length > 0) this.#refuseAll(open, "store-unavailable");
  }

  #refuseAll(batch: readonly Login[], reason: Reason): void {
    this.#settle(batch.map((dialIn) => ({ dialIn, verdict: refuse(reason) })));
  }

  /** Tells who should know of the verdicts, and then lets them leave. */
  #settle(settled: readonly Settled[], commitSeconds?: number): void {
    if (settled.length > 0) this.#tellAll(settled);
    this.#noted(settled.length, commitSeconds);
    for (let i = 0; i < settled.length; i++) {
      const { dialIn, verdict } = settled[i]!;
      this.#directory?.decided(dialIn);
      if (verdict.reason === "unknown-user") void this.#meant.tell(dialIn);
      dialIn.decide(verdict);
    }
  }

  /** Tells of each verdict, all in one object: one for each would be garbage. */
  #tellAll(settled: readonly Settled[]): void {
    const event = { time: Date.now(), dialIn: settled[0]!.dialIn, verdict: settled[0]!.verdict };
    for (let i = 0; i < settled.length; i++) {
      const { dialIn, verdict } = settled[i]!;
      const { user, nas, caller, place } = dialIn;
      const { reason, outcome } = verdict;
      // Without a NAS it is an administrator who tries a code.
      const guessed = reason === "wrong-code" || reason === "unknown-user";
      if (guessed && caller && nas !== undefined) this.#backoff.fail(caller, user);
      if (outcome === "accept" && nas !== undefined && place) this.#callers.letIn(nas, place, user);
      event.dialIn = dialIn;
      event.verdict = verdict;
      this.#log.verdict(event);
      this.#note(event);
    }
  }
}
