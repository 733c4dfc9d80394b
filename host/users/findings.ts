// What the doctor finds, as an administrator reads it: what is wrong, and what to do. (The guides' troubleshooting.)
import type { Validity } from "../groups/validity.ts";

/** A code that is this little too old was probably just typed too late. */
const LATE_SECONDS = 60;

/** What may be wrong. */
export type Cause =
  | "unknown-user"
  | "name-case"
  | "name-domain"
  | "router-clock"
  | "clock-moved"
  | "disabled"
  | "pending"
  | "type-not-allowed"
  | "waiting"
  | "group-missing"
  | "not-valid-now"
  | "too-many-logins"
  | "no-accounting"
  | "no-directory"
  | "directory-unreachable"
  | "directory-password"
  | "right"
  | "used"
  | "expired"
  | "clock-behind"
  | "clock-ahead"
  | "counter-ahead"
  | "upper-case"
  | "spaces"
  | "not-a-code"
  | "other-digits"
  | "identifier"
  | "code-first"
  | "password"
  | "mistyped"
  | "other-settings"
  | "wrong-pin"
  | "wrong-secret";

/** One thing that is wrong. `text` says what, and what to do. */
export interface Finding {
  cause: Cause;
  /** How far the device's clock is off, or how long the user has to wait. */
  seconds?: number;
  /** What it is about, where its cause does not say all: a group, hours, a NAS. */
  about?: string;
  /** The rule that keeps the user out now, for words of another language. */
  valid?: Validity;
  text: string;
}

/** The code is spent. */
export function used(): Finding {
  return finding(
    "used",
    "This code, or a later one, has been used already. Each is good once: wait for the next one.",
  );
}

/** So many seconds too early. */
export function ahead(seconds: number): Finding {
  const text = `The device's clock is about ${duration(seconds)} ahead of this machine's. Set it by the network, or resynchronise with two consecutive codes.`;
  return { cause: "clock-ahead", seconds, text };
}

/** This machine's clock has moved by so many seconds, forward where they are positive. */
export function clockMoved(seconds: number): Finding {
  const text = `This machine's clock has moved: it is about ${duration(Math.abs(seconds))} ${seconds > 0 ? "ahead of" : "behind"} where it was, as the devices of many users tell. See that NTP works here.`;
  return { cause: "clock-moved", seconds, text };
}

/** Too old: typed too late, or of a clock that is behind. One code cannot tell which; a fresh one can. */
export function behind(seconds: number, allowed: number): Finding[] {
  const expired: Finding = {
    cause: "expired",
    seconds,
    text: `The code has expired: it was shown about ${duration(seconds)} ago by this machine's clock. Type it within 30 to 60 s.`,
  };
  const slow: Finding = {
    cause: "clock-behind",
    seconds,
    text: `If it was typed at once, the device's clock is about ${duration(seconds)} behind this machine's. Set it by the network, or resynchronise with two consecutive codes.`,
  };
  return seconds <= allowed + LATE_SECONDS ? [expired, slow] : [slow, expired];
}

/** Seconds as people say them: exact up to ten minutes. */
export function duration(seconds: number): string {
  if (seconds < 600) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** A finding that is told by its text alone. */
export function finding(cause: Cause, text: string): Finding {
  return { cause, text };
}
