// A verdict on its way out: one object, which the log, the audit log, the history, the counts and the metrics take alike.
import type { DialIn, Verdict } from "../core/dial-in.ts";

export interface LoginEvent {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** It has its login id. */
  readonly dialIn: DialIn;
  readonly verdict: Verdict;
}

/** Hears of a verdict before it leaves. Never throws, never waits. */
export type LoginSink = (event: LoginEvent) => void;

/** The log's line of a login, as pino would write it at level info: who, whence, what and why, and never the proof. */
export function printLogin({ time, dialIn, verdict }: LoginEvent): string {
  const { login, user, nas, source, type } = dialIn;
  const { reason, waitSeconds, outcome } = verdict;
  const wait = waitSeconds || undefined;
  const at = printTime(time);
  const line = { level: "info", time: at, login, user, nas, source, type, reason, wait, msg: outcome };
  return JSON.stringify(line);
}

let moment = NaN;
let text = "";

/** A time as the logs have it; many events of one batch have the same. */
export function printTime(milliseconds: number): string {
  if (milliseconds !== moment) text = new Date((moment = milliseconds)).toISOString();
  return text;
}
