// A verdict on its way out, which the log, the audit log, the history, the counts and the metrics take alike;
// and the log's line of it, written by hand into bytes: it is the line of every login, and must leave no garbage.
import type { DialIn, Verdict } from "../core/dial-in.ts";

export interface LoginEvent {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** It has its login id. */
  readonly dialIn: DialIn;
  readonly verdict: Verdict;
}

/** Hears of a verdict before it leaves; the event is good until it returns. Never throws, never waits. */
export type LoginSink = (event: LoginEvent) => void;

/** Most bytes that a UTF-16 unit takes in JSON: "\u001f". */
const UNIT_BYTES = 6;
/** All of a line but its texts, and more. */
const FRAME_BYTES = 300;

/** At least as many bytes as the line of a login takes. */
export function loginBytes({ dialIn: { login, user, nas, source } }: LoginEvent): number {
  const units = user.length + source.length + (login?.length ?? 0) + (nas?.length ?? 0);
  return FRAME_BYTES + UNIT_BYTES * units;
}

/**
 * Writes the log's line of a login at `at`, as pino would at level info: who, whence, what and why, and never the proof.
 * Returns where it ends; there must be room for loginBytes().
 */
export function writeLogin(bytes: Buffer, at: number, { time, dialIn, verdict }: LoginEvent): number {
  const { login, user, nas, source, type } = dialIn;
  const { reason, waitSeconds, outcome } = verdict;
  at = write(bytes, at, '{"level":"info","time":"');
  at = write(bytes, at, printTime(time));
  if (login !== undefined) at = writeText(bytes, write(bytes, at, '","login":"'), login);
  at = writeText(bytes, write(bytes, at, '","user":"'), user);
  if (nas !== undefined) at = writeText(bytes, write(bytes, at, '","nas":"'), nas);
  at = writeText(bytes, write(bytes, at, '","source":"'), source);
  if (type !== undefined) at = write(bytes, write(bytes, at, '","type":"'), type);
  at = write(bytes, write(bytes, at, '","reason":"'), reason);
  if (waitSeconds > 0) {
    at = write(bytes, write(bytes, at, '","wait":'), String(waitSeconds));
    at = write(bytes, at, ',"msg":"');
  } else at = write(bytes, at, '","msg":"');
  return write(bytes, write(bytes, at, outcome), '"}\n');
}

/** Letters of ASCII. */
function write(bytes: Buffer, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  return at;
}

/** Any text, as the inside of a string of JSON. */
function writeText(bytes: Buffer, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c)
      return at + bytes.write(plainJson(JSON.stringify(text.slice(i)).slice(1, -1)), at);
    bytes[at++] = unit;
  }
  return at;
}

/** JSON that reads the same, and shows on a terminal what could move its cursor or turn the direction of writing. */
export function plainJson(json: string): string {
  return json.replace(/[\x7f-\x9f]|[\p{Cf}\p{Zl}\p{Zp}]/gu, (letter) =>
    letter.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}

let moment = NaN;
let text = "";

/** A time as the logs have it; many events of one batch have the same. */
export function printTime(milliseconds: number): string {
  if (milliseconds !== moment) text = new Date((moment = milliseconds)).toISOString();
  return text;
}
