// The doctor: why a code was refused, for the administrator. It looks a day in each direction, offline, on its own
// copy of the record; it changes nothing, spends nothing, and never tells a valid code. (The guides' troubleshooting.)
import { STATE_DRIFT, STATE_NEXT } from "../assembly/abi.ts";
import { ALGORITHMS, MODES, toEnrolment, type Profile } from "./profile.ts";
import type { Core } from "./core.ts";
import type { DialInType } from "./dialin.ts";

/** How far the search goes, in seconds and, for HOTP, in counters. */
const DAY_SECONDS = 86_400;
const COUNTERS_AHEAD = 1000;
const COUNTERS_BACK = 100;
/** A code that is this little too old was probably just typed too late. */
const LATE_SECONDS = 60;
/** Codes between two turns of the event loop: logins go on meanwhile. */
const CODES_A_TURN = 256;

export type Cause =
  | "unknown-user"
  | "name-case"
  | "router-clock"
  | "disabled"
  | "pending"
  | "type-not-allowed"
  | "waiting"
  | "right"
  | "used"
  | "expired"
  | "clock-behind"
  | "clock-ahead"
  | "counter-ahead"
  | "upper-case"
  | "spaces"
  | "not-a-code"
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
  text: string;
}

/** What the doctor looks at, beside the code. */
export interface Patient {
  profile: Profile;
  /** The record's state as stored. */
  state: Uint8Array;
  /** Seconds until strangers' attempts count. */
  waitSeconds: number;
  standing: "pending" | "active" | "disabled";
  /** The dial-in type that was tried, if known. */
  type?: DialInType | undefined;
}

/** Whether this machine's clock can be believed. `synchronised` is undefined where nobody can tell. */
export interface ClockState {
  seconds: number;
  plausible: boolean;
  synchronised: boolean | undefined;
}

/** Everything that keeps `typed` from being accepted, the likeliest first; never empty. */
export async function diagnose(
  core: Core,
  patient: Patient,
  typed: string,
  clock: ClockState,
): Promise<Finding[]> {
  const findings = standingFindings(patient);
  if (!clock.plausible) {
    findings.unshift(
      finding(
        "router-clock",
        "This machine's clock is not set, so no code can be judged. Set it, and see that NTP works.",
      ),
    );
    return findings;
  }
  const code = await codeFindings(core, patient, typed, clock.seconds);
  const blocked = findings.length > 0;
  findings.push(...code.filter(({ cause }) => !(blocked && cause === "right")));
  const clockMatters = code.some(({ cause }) => !["right", "used", "password", "not-a-code"].includes(cause));
  if (clock.synchronised === false && clockMatters) {
    findings.push(
      finding(
        "router-clock",
        "This machine's clock is not synchronised: it may be this one that is wrong. See that NTP works here.",
      ),
    );
  }
  return findings;
}

/** The findings for a name that no user has; `names` are those that differ from it in case or spaces only. */
export function diagnoseStranger(name: string, names: readonly string[]): Finding[] {
  if (names.length > 0) {
    const like = names.map((one) => `"${one}"`).join(", ");
    return [
      finding(
        "name-case",
        `There is no user "${name}", but there is ${like}: names are case-sensitive, and the device sends what was typed.`,
      ),
    ];
  }
  return [finding("unknown-user", `There is no user "${name}". Look the name up in the list of users.`)];
}

/** True where two names differ in case or in spaces around them only. */
export function isAlike(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

function standingFindings({ profile, standing, waitSeconds, type }: Patient): Finding[] {
  const findings: Finding[] = [];
  if (standing === "disabled") findings.push(finding("disabled", "The profile is disabled. Enable it."));
  if (standing === "pending") {
    findings.push(
      finding("pending", "The profile is pending: its first code has not been verified. Verify one."),
    );
  }
  if (type && !profile.types.includes(type)) {
    findings.push(
      finding("type-not-allowed", `The profile is not allowed on ${type}. Allow this dial-in type.`),
    );
  }
  if (waitSeconds > 0) {
    const text = `After too many wrong codes the next attempt counts in ${duration(waitSeconds)}. Wait, or end the waiting time.`;
    findings.push({ cause: "waiting", seconds: waitSeconds, text });
  }
  return findings;
}

async function codeFindings(core: Core, patient: Patient, typed: string, now: number): Promise<Finding[]> {
  const { profile } = patient;
  const findings: Finding[] = [];
  let code = typed;
  if (profile.mode === MODES[1] && profile.password !== undefined) {
    if (code.startsWith(profile.password)) code = code.slice(profile.password.length);
    else if (code.length > profile.digits) {
      code = code.slice(-profile.digits);
      findings.push(
        finding(
          "password",
          "What stands before the code is not the profile's password. Upper and lower case differ.",
        ),
      );
    } else
      findings.push(
        finding(
          "password",
          "The password is missing: this profile wants password and code in one, the password first.",
        ),
      );
  }
  const packed = code.replace(/[\s-]/g, "");
  if (packed !== code) {
    findings.push(finding("spaces", "There are spaces or dashes in the code. Type it without them."));
    code = packed;
  }
  const motp = profile.factor === "motp";
  if (motp && code !== code.toLowerCase()) {
    findings.push(finding("upper-case", "The code is in upper case. mOTP codes are typed in lower case."));
    code = code.toLowerCase();
  }
  const form = motp ? /^[0-9a-f]*$/ : /^[0-9]*$/;
  if (code.length !== profile.digits || !form.test(code)) {
    const kind = motp ? "hexadecimal digits (0 to 9, a to f)" : "digits";
    findings.push(
      finding(
        "not-a-code",
        `This is no code: it must have ${profile.digits} ${kind}, and this has ${code.length} characters${form.test(code) ? "" : ", some of them others"}.`,
      ),
    );
    return findings;
  }
  const search = profile.factor === "hotp" ? searchCounters : searchDay;
  const found = await search(core, patient, code, now);
  if (found.some(({ cause }) => cause === "right") && findings.length > 0) return findings;
  return [...findings, ...(found.length > 0 ? found : await strayFindings(core, patient, code, now))];
}

/** Where in the two days around `now` this is the code. */
async function searchDay(
  core: Core,
  { profile, state }: Patient,
  code: string,
  now: number,
): Promise<Finding[]> {
  const enrolment = toEnrolment(profile);
  const record = core.enrol(enrolment, state);
  const period = profile.period ?? 30;
  const view = new DataView(state.buffer, state.byteOffset);
  const next = Number(view.getBigUint64(STATE_NEXT, true));
  const drift = view.getInt32(STATE_DRIFT, true);
  const step = Math.floor(now / period);
  const reach = windowSteps(profile);
  try {
    for (let i = 0; i <= 2 * Math.ceil(DAY_SECONDS / period); i++) {
      if (i % CODES_A_TURN === CODES_A_TURN - 1) await turn();
      // 0, 1, -1, 2, -2 … steps from where the device's clock was last seen.
      const offset = drift + (i % 2 === 1 ? (i + 1) / 2 : -i / 2);
      const at = step + offset;
      if (at < 0 || core.generate(record, at * period) !== code) continue;
      if (Math.abs(offset - drift) <= reach) {
        return at < next ? [used()] : [finding("right", "The code is right: it would be accepted now.")];
      }
      return offset > 0 ? [ahead(offset * period)] : behind(-offset * period, (reach - drift) * period);
    }
    return [];
  } finally {
    record.fill(0);
  }
}

async function searchCounters(core: Core, { profile, state }: Patient, code: string): Promise<Finding[]> {
  const next = Number(new DataView(state.buffer, state.byteOffset).getBigUint64(STATE_NEXT, true));
  const from = Math.max(0, next - COUNTERS_BACK);
  const record = core.enrol(toEnrolment(profile, { active: true, counter: from }));
  try {
    for (let i = 0; i <= next - from + COUNTERS_AHEAD; i++) {
      if (i % CODES_A_TURN === CODES_A_TURN - 1) await turn();
      if (core.generate(record, i) !== code) continue;
      const offset = from + i - next;
      if (offset < 0) return [used()];
      if (offset <= windowSteps(profile))
        return [finding("right", "The code is right: it would be accepted now.")];
      return [
        finding(
          "counter-ahead",
          `The device is ${offset} codes ahead: its button was pressed that often without a login. Resynchronise it with two consecutive codes.`,
        ),
      ];
    }
    return [];
  } finally {
    record.fill(0);
  }
}

/** For a code of no moment: nearly right, of an app that ignores settings, of another PIN, or of another secret. */
async function strayFindings(core: Core, patient: Patient, code: string, now: number): Promise<Finding[]> {
  const { profile } = patient;
  const current = codesOf(core, patient, profile, now);
  if (current.some((one) => isNear(one, code))) {
    return [finding("mistyped", "One digit is mistyped, or two are swapped. Type the next code with care.")];
  }
  if (profile.factor === "totp") {
    for (const algorithm of ALGORITHMS) {
      for (const period of [30, 60]) {
        if (algorithm === profile.algorithm && period === profile.period) continue;
        if (!codesOf(core, patient, { ...profile, algorithm, period }, now).includes(code)) continue;
        const says = `${profile.algorithm?.toUpperCase()} and ${profile.period} s`;
        return [
          finding(
            "other-settings",
            `The authenticator works with ${algorithm.toUpperCase()} and ${period} s, the profile with ${says}. Some apps know only SHA1 and 30 s: make a profile with these.`,
          ),
        ];
      }
    }
  }
  const compare = "Compare the secret: set it up anew in the device, or make a new one.";
  if (profile.factor !== "motp")
    return [
      finding(
        "wrong-secret",
        `No code within a day matches. The device has another secret, probably. ${compare}`,
      ),
    ];
  // All PINs of 4 digits; of longer ones those that are nearly right.
  const pin = profile.pin ?? "";
  for (let i = 0; i < 10_000; i++) {
    if (i % CODES_A_TURN === CODES_A_TURN - 1) await turn();
    const other = pin.slice(0, -4) + String(i).padStart(4, "0");
    if (other !== pin && codesOf(core, patient, { ...profile, pin: other }, now).includes(code)) {
      return [
        finding(
          "wrong-pin",
          "The PIN is wrong, probably: another PIN gives this code. A device shows a code for any PIN, and no error.",
        ),
      ];
    }
  }
  return [
    finding(
      "wrong-secret",
      `No code within a day matches. The device has another secret, probably. ${compare}`,
    ),
    finding(
      "wrong-pin",
      "Or the PIN was mistyped some time ago: a device shows a code for any PIN, and no error.",
    ),
  ];
}

/** The codes that `profile` gives within the window. */
function codesOf(core: Core, { state }: Patient, profile: Profile, now: number): string[] {
  const record = core.enrol(toEnrolment(profile), state);
  const hotp = profile.factor === "hotp";
  const period = profile.period ?? 1;
  const drift = hotp ? 0 : new DataView(state.buffer, state.byteOffset).getInt32(STATE_DRIFT, true);
  const centre = hotp ? 0 : (Math.floor(now / period) + drift) * period;
  const reach = windowSteps(profile);
  const codes: string[] = [];
  for (let i = hotp ? 0 : -reach; i <= reach; i++) {
    const time = centre + i * period;
    if (time >= 0) codes.push(core.generate(record, time));
  }
  record.fill(0);
  return codes;
}

/** Steps that the core tries on each side where the administrator says nothing (assembly/abi.ts, DEFAULT_*). */
function windowSteps({ factor }: Profile): number {
  return factor === "motp" ? 6 : factor === "hotp" ? 10 : 1;
}

/** One digit differs, or two neighbours are swapped. */
function isNear(a: string, b: string): boolean {
  const differ = [...a].flatMap((digit, i) => (digit === b[i] ? [] : [i]));
  const [i = 0, j = 0] = differ;
  return differ.length === 1 || (differ.length === 2 && j === i + 1 && a[i] === b[j] && a[j] === b[i]);
}

function used(): Finding {
  return finding(
    "used",
    "This code, or a later one, has been used already. Each is good once: wait for the next one.",
  );
}

function ahead(seconds: number): Finding {
  const text = `The device's clock is about ${duration(seconds)} ahead of this machine's. Set it by the network, or resynchronise with two consecutive codes.`;
  return { cause: "clock-ahead", seconds, text };
}

/** Too old: typed too late, or of a clock that is behind. One code cannot tell which; a fresh one can. */
function behind(seconds: number, allowed: number): Finding[] {
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

function finding(cause: Cause, text: string): Finding {
  return { cause, text };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
