// The audit log: one JSON line for each verdict and for each change by an administrator, only ever appended. The
// verdicts of a batch are written before they leave; the login id is the log's.
import { closeSync, openSync, writeSync } from "node:fs";
import { DialwardError, describeFailure } from "../errors.ts";
import type { Log } from "./log.ts";
import { printTime, type LoginEvent } from "./login-event.ts";

/** A write that failed is told once in this time, in milliseconds. */
const TELL_MS = 60_000;
/** No more than this is held. */
const HELD_LETTERS = 65_536;

export class Audit {
  readonly #file: string;
  readonly #by: string;
  readonly #log: Log;
  #fd: number;
  #held = "";
  #told = -Infinity;
  /** Lines that could not be written. */
  lost = 0;

  /** Opens or makes `file` (0600); `by` names who makes changes. Throws DialwardError("config"). */
  constructor(file: string, by: string, log: Log) {
    this.#file = file;
    this.#by = by;
    this.#log = log;
    this.#fd = this.#open();
  }

  /** A verdict; it is written by the next flush(). */
  note({ time, dialIn, verdict }: LoginEvent): void {
    const { login, user, nas, source, type } = dialIn;
    const { outcome, reason, waitSeconds } = verdict;
    const wait = waitSeconds || undefined;
    this.#held += line(time, { event: "login", login, user, nas, source, type, outcome, reason, wait });
  }

  /** What an administrator did to a user, and `by` which way; it is written by the next flush(), or with many others. */
  change(action: string, user: string, by: string = this.#by): void {
    this.#held += line(Date.now(), { event: action, user, by });
    if (this.#held.length > HELD_LETTERS) this.flush();
  }

  /** Writes what is held. A full disk loses lines, which the log and the metrics tell, and refuses nobody. */
  flush(): void {
    if (this.#held === "") return;
    const bytes = Buffer.from(this.#held);
    this.#held = "";
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      this.lost += bytes.subarray(at).filter((byte) => byte === 0x0a).length;
      if (performance.now() - this.#told < TELL_MS) return;
      this.#told = performance.now();
      this.#log.error({ lost: this.lost, why: (error as Error).message }, "the audit log cannot be written");
    }
  }

  /** Goes on in a new file where the old one was renamed (SIGHUP). Throws DialwardError("config"). */
  reopen(): void {
    this.flush();
    const fd = this.#open();
    closeSync(this.#fd);
    this.#fd = fd;
  }

  close(): void {
    this.flush();
    closeSync(this.#fd);
  }

  #open(): number {
    try {
      return openSync(this.#file, "a", 0o600);
    } catch (cause) {
      const why = describeFailure(cause);
      throw new DialwardError("config", `The audit log cannot be opened: ${why}`, { cause });
    }
  }
}

function line(time: number, event: object): string {
  return JSON.stringify({ time: printTime(time), ...event }) + "\n";
}
