// One round over a batch: load, verify, commit, settle. Rows are used again by the next one: a login makes no objects but
// its verdict.
import type { Clock } from "../core/clock.ts";
import type { Core, CoreRequest } from "../core/core.ts";
import { isTyped, refuse, typedText, type Login, type Verdict } from "../core/dial-in.ts";
import { stepSeconds } from "../core/enrolment.ts";
import { driftSteps, knowsSource } from "../core/state.ts";
import type { Store, Update } from "../store/store.ts";
import type { Candidate, Candidates } from "./batch.ts";
import type { ClockWatch } from "./clock-watch.ts";
import type { DirectoryStep } from "./directory-step.ts";
import type { Entitled, Entitlements } from "./entitlement.ts";
import type { FarCodes } from "./far-codes.ts";
import type { FirstLogins } from "./first-login.ts";
import type { Repeats } from "./repeats.ts";
import type { Sources } from "./source-backoff.ts";
import type { SourceNumbers } from "./source-number.ts";
import { isStanding, printStanding, standingOf } from "./standing.ts";

export interface JudgementOptions {
  core: Core;
  store: Store;
  candidates: Candidates;
  clock: Clock;
  backoff: Sources;
  sources: SourceNumbers;
  clockWatch: ClockWatch;
  farCodes: FarCodes;
  repeats: Repeats;
  entitlements: Entitlements | undefined;
  directory: DirectoryStep | undefined;
  firstLogins: FirstLogins;
  /** Takes verdicts that are committed, with the seconds that it took; good until it returns. */
  settle(settled: readonly Settled[], commitSeconds: number): void;
}

/** A login and what became of it. */
export interface Settled {
  dialIn: Login;
  verdict: Verdict;
}

/** A login in its batch. */
interface Row extends CoreRequest, Settled {
  dialIn: Login;
  candidate: Candidate;
  entitled: Entitled | undefined;
  /** Seconds that its caller must wait. */
  wait: number;
  /** Refused whatever it shows. */
  barred: Verdict | undefined;
}

export class Judgement {
  readonly #options: JudgementOptions;
  // Lists that keep their length from batch to batch: one that begins empty is made anew several times while it grows.
  readonly #pool: Row[] = [];
  readonly #rows: Row[] = [];
  readonly #records: Uint8Array[] = [];
  readonly #updates: Update[] = [];
  readonly #updated: Candidate[] = [];

  constructor(options: JudgementOptions) {
    this.#options = options;
  }

  /**
   * Judges a batch, at most REQUESTS. Those that a directory is asked about first leave it. Returns the logins whose user
   * was changed by someone else meanwhile. Throws where the store fails: nobody in `batch` has a verdict then.
   */
  async judge(batch: Login[]): Promise<Login[]> {
    return this.#judge(batch).finally(() => this.#options.candidates.wipe());
  }

  async #judge(batch: Login[]): Promise<Login[]> {
    const { core, store, candidates, clock, firstLogins } = this.#options;
    const users = await candidates.load(batch);
    const time = clock.seconds();
    const rows = await this.#lineUp(batch, users, time);
    if (rows.length === 0) return [];
    const records = this.#records;
    let count = 0;
    for (const { record } of users.values()) records[count++] = record;
    records.length = count;
    // Who is barred is judged against a decoy: the work is the same, and nothing is spent or counted.
    const decoy = users.size;
    for (const row of rows) {
      row.record = row.barred === undefined ? row.candidate.index : decoy;
      if (row.record === decoy && records.length === decoy) records.push(candidates.decoy(decoy));
    }
    const first = firstLogins.prepare(rows, records);
    const verdicts = core.verify(records, first?.requests ?? rows);
    first?.finish(verdicts);

    /** Logins of this batch that were accepted and may come again. */
    let accepted: Set<string> | undefined;
    for (let i = 0; i < rows.length; i++) {
      const { barred, candidate, dialIn, wait } = rows[i]!;
      const { repeat } = dialIn;
      if (barred !== undefined) verdicts[i] = barred;
      // A wait by caller has the door of the core's: who has the device may have been let in.
      if (wait > 0 && verdicts[i]!.outcome === "refuse") verdicts[i] = refuse("source-must-wait", wait);
      if (repeat !== undefined && this.#isRepeat(verdicts[i]!, repeat, candidate, accepted))
        verdicts[i] = { outcome: "accept", reason: "repeat", waitSeconds: 0, offset: 0 };
      const { outcome, reason } = verdicts[i]!;
      if (outcome !== "refuse") candidate.granted = true;
      if (repeat !== undefined && outcome === "accept" && reason !== "repeat")
        (accepted ??= new Set()).add(repeat);
    }
    const seconds = await this.#commit(store, users);
    /** Whose user was changed meanwhile. */
    let left: Row[] | undefined;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const { dialIn, candidate } = row;
      if (candidate.lost) {
        (left ??= []).push(row);
        continue;
      }
      const verdict = (row.verdict = this.#finish(row, verdicts[i]!, time));
      if (first?.proved.has(i) && verdict.reason === "profile-pending") firstLogins.tell(verdict, dialIn);
      const { repeat } = dialIn;
      if (repeat === undefined) continue;
      if (accepted?.has(repeat)) this.#options.repeats.noteAccept(repeat, standingOf(candidate.entry!));
      else if (verdict.outcome === "refuse") this.#options.repeats.noteRefusal(repeat);
    }
    this.#options.settle(left === undefined ? rows : rows.filter((row) => !left.includes(row)), seconds);
    return left?.map(({ dialIn }) => dialIn) ?? [];
  }

  /** The rows of a batch, but those that a directory is asked about first. */
  async #lineUp(batch: Login[], users: ReadonlyMap<string, Candidate>, time: number): Promise<Row[]> {
    const { sources, entitlements, directory, firstLogins } = this.#options;
    const rows = this.#rows;
    let count = 0;
    for (let i = 0; i < batch.length; i++) {
      const dialIn = batch[i]!;
      const candidate = users.get(dialIn.user)!;
      const source = sources.of(dialIn.caller ?? "");
      const { rules } = candidate;
      const wait = this.#callerWait(dialIn, source, candidate);
      // Without a NAS it is an administrator who tries a code.
      const entitled =
        rules && dialIn.nas !== undefined ? await entitlements?.check(dialIn.user, rules, time) : undefined;
      const refused = entitled?.refused;
      // Of hours and dates the core says it itself.
      dialIn.notValid = refused === "not-valid-now";
      const barred = refused === undefined || dialIn.notValid ? undefined : refuse(refused);
      const callerWaits = wait > 0;
      const alone = firstLogins.isFirst(dialIn, candidate.known);
      if (barred === undefined && directory?.takes(dialIn, candidate, { source, time, callerWaits }, alone)) {
        batch.splice(i--, 1);
        continue;
      }
      const row = (this.#pool[count] ??= {
        record: 0,
        dialIn,
        time,
        source,
        callerWaits,
        candidate,
        entitled,
        wait,
        barred,
        verdict: PENDING,
      });
      row.dialIn = dialIn;
      row.time = time;
      row.source = source;
      row.callerWaits = callerWaits;
      row.candidate = candidate;
      row.entitled = entitled;
      row.wait = wait;
      row.barred = barred;
      rows[count++] = row;
    }
    rows.length = count;
    return rows;
  }

  /** Commits what has changed, or must be synced; returns the seconds that it took. */
  async #commit(store: Store, users: ReadonlyMap<string, Candidate>): Promise<number> {
    const updates = this.#updates;
    const updated = this.#updated;
    let count = 0;
    for (const candidate of users.values()) {
      const update = this.#options.candidates.update(candidate);
      if (!update) continue;
      updates[count] = update;
      updated[count++] = candidate;
    }
    updates.length = updated.length = count;
    const start = performance.now();
    const written = await store.commit(updates);
    for (let i = 0; i < updated.length; i++) updated[i]!.lost = written[i] !== true;
    return (performance.now() - start) / 1000;
  }

  /** The verdict as it leaves, once it is committed. */
  #finish({ dialIn, candidate, entitled }: Row, verdict: Verdict, time: number): Verdict {
    const { entry, known } = candidate;
    if (entry && !known) return refuse(entry.damaged ? "state-damaged" : "bad-record");
    if (verdict.outcome !== "refuse" && entry !== undefined) {
      const { standing } = dialIn;
      // The first step was judged by another profile.
      if (standing !== undefined && !isStanding(standing, entry)) verdict = refuse("profile-changed");
      // Who lets the user in later asks again; by a text that a NAS has sent the user is let in now.
      else if (verdict.outcome === "continue" || dialIn.proof.kind !== "laid-out" || !isTyped(dialIn.proof))
        verdict.standing = printStanding(entry);
    }
    if (verdict.outcome === "accept" && entitled !== undefined && dialIn.nas !== undefined) {
      verdict.attributes = this.#options.entitlements!.reply(entitled, dialIn.nas, time);
      this.#options.entitlements!.admitted(entitled);
    }
    this.#watchClock(candidate, dialIn, verdict, time);
    return verdict;
  }

  /** Whether a code that the core has refused as spent is the second copy of its login, and nothing else refuses it. */
  #isRepeat(
    { reason }: Verdict,
    repeat: string,
    { entry }: Candidate,
    accepted: Set<string> | undefined,
  ): boolean {
    if (reason !== "code-spent" || entry === undefined) return false;
    return accepted?.delete(repeat) === true || this.#options.repeats.takeAccept(repeat, standingOf(entry));
  }

  #watchClock({ user, entry, record }: Candidate, { proof }: Login, verdict: Verdict, time: number): void {
    const { clockWatch, farCodes } = this.#options;
    const period = stepSeconds(record);
    const { reason, offset } = verdict;
    if (reason === "ok" && period > 0 && entry)
      clockWatch.note(user, offset * period, driftSteps(entry.state) * period, period);
    const refused = reason === "wrong-code" || reason === "unknown-user";
    const text = refused ? typedText(proof) : undefined;
    if (text) void farCodes.look(entry && user, text, record, time);
  }

  /** Seconds until one code from a caller who has failed as many users is enough; it always is for who is known there. */
  #callerWait({ caller }: Login, source: number, { entry }: Candidate): number {
    const wait = caller ? this.#options.backoff.waitSeconds(caller) : 0;
    return wait > 0 && entry && knowsSource(entry.state, source) ? 0 : wait;
  }
}

/** Of a row that has none yet. */
const PENDING = refuse("overloaded");
