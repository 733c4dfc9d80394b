// Users whose password a directory has: it is asked before the core judges, and what stands for the password in the record
// takes its place. Whoever guesses must not lock accounts there: it is asked only where the core would judge, and one
// question for a user follows the other, so that each failure counts before the next is asked.
import { STATE_BYTES } from "../store/spent-entry.ts";
import { askPasswordAlone, RECORD_STATE, type Core, type CoreRequest } from "../core/core.ts";
import { replaceText, typedText, type Login, type Reason } from "../core/dial-in.ts";
import type { Directory } from "../directory/directory.ts";
import type { Log } from "../log/log.ts";
import { STAND_IN } from "../users/profile.ts";
import type { Candidate } from "./batch.ts";

/** Logins of one user that stand in line; more are refused. */
const LINE = 16;
/** A recovery code at the end of a text, as it is shown. */
const RECOVERY_CODE = /(?:[0-9a-z]{4}-){2}[0-9a-z]{4}$/i;

/** The login of a user that is asked for, or judged after that, and those behind it. */
interface Line {
  readonly first: Login;
  readonly behind: Login[];
}

export interface DirectoryStepOptions {
  core: Core;
  directory: Directory;
  log: Log;
  /** Takes a login that can be judged now. */
  enqueue(login: Login): void;
  /** Takes one that is refused. */
  refuse(login: Login, reason: Reason): void;
}

export class DirectoryStep {
  readonly #options: DirectoryStepOptions;
  readonly #lines = new Map<string, Line>();

  constructor(options: DirectoryStepOptions) {
    this.#options = options;
  }

  /**
   * Whether a login of a batch leaves it, since the directory is asked first: it comes back by `enqueue` or `refuse`.
   * `how`: as the core would judge it; `alone`: by the password alone (first-login.ts).
   */
  takes(
    login: Login,
    candidate: Candidate,
    how: Omit<CoreRequest, "record" | "dialIn">,
    alone = false,
  ): boolean {
    const { rules, user } = candidate;
    const known = alone && candidate.known ? askPasswordAlone(candidate.known) : candidate.known;
    if (rules?.directory === undefined || known === undefined || login.second === true) return false;
    const line = this.#lines.get(user);
    if (line?.first === login) return false;
    if (line !== undefined) {
      if (line.behind.length < LINE) line.behind.push(login);
      else this.#options.refuse(login, "overloaded");
      return true;
    }
    const text = typedText(login.proof);
    if (text === undefined) {
      this.#options.refuse(login, "clear-proof-needed");
      return true;
    }
    const { mode, digits } = rules.directory;
    const recovery = RECOVERY_CODE.exec(Buffer.from(text).toString("latin1"));
    const code = recovery ? text.length - recovery.index : digits;
    const end = alone || mode === "password-then-code" ? text.length : Math.max(0, text.length - code);
    const password = Buffer.from(text.subarray(0, end)).toString();
    const standing = Buffer.concat([Buffer.from(STAND_IN), text.subarray(end)]);
    const judged = alone ? { ...login, activate: true } : login;
    if (!this.#wouldJudge(judged, known, text, standing, how)) return false;
    this.#lines.set(user, { first: login, behind: [] });
    void this.#ask(login, password, standing);
    return true;
  }

  /** `login` has its verdict: those behind it have their turn. */
  decided(login: Login): void {
    const line = this.#lines.get(login.user);
    if (line?.first !== login) return;
    this.#lines.delete(login.user);
    for (const next of line.behind) this.#options.enqueue(next);
  }

  async #ask(login: Login, password: string, standing: Uint8Array): Promise<void> {
    const { directory, log, enqueue, refuse } = this.#options;
    const why = (reason: string): void =>
      log.warn({ login: login.login, user: login.user, why: reason }, "the directory gave no answer");
    const answer = await directory.check(login.user, password, why);
    if (answer === "unreachable") return refuse(login, "directory-unreachable");
    if (answer === "right") replaceText(login, standing);
    enqueue(login);
  }

  /**
   * Asked of the core itself, with copies of the record: not while the user or the caller waits, unless a recovery code
   * is right; not where a standing or a type bars it; not for the same wrong proof again, which costs nothing here either.
   */
  #wouldJudge(
    { user, type, activate, notValid }: Login,
    known: Uint8Array,
    text: Uint8Array,
    standing: Uint8Array,
    how: Omit<CoreRequest, "record" | "dialIn">,
  ): boolean {
    const judge = (typed: Uint8Array, record: Uint8Array): Reason => {
      const proof = { kind: "clear", text: typed } as const;
      const dialIn = {
        user,
        proof,
        type,
        source: "",
        ...(activate && { activate }),
        ...(notValid && { notValid }),
      };
      return this.#options.core.verify([record], [{ ...how, record: 0, dialIn }])[0]!.reason;
    };
    const copy = Uint8Array.from(known);
    const other = Uint8Array.from(known);
    try {
      const typed = judge(text, copy);
      if (typed === "must-wait") return judge(standing, other) === "recovered";
      if (typed !== "wrong-code") return false;
      const end = RECORD_STATE + STATE_BYTES;
      return Buffer.compare(copy.subarray(RECORD_STATE, end), known.subarray(RECORD_STATE, end)) !== 0;
    } finally {
      copy.fill(0);
      other.fill(0);
    }
  }
}
