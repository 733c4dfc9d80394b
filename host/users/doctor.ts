// The doctor: why a code was refused, for the administrator. It looks a day in each direction, offline, on its own
// copy of the record; it changes nothing, spends nothing, and never tells a valid code. (The guides' troubleshooting.)
import { isSynchronised, type Clock } from "../core/clock.ts";
import type { Core } from "../core/core.ts";
import { driftSteps, firstUnspent } from "../core/state.ts";
import type { DialInType } from "../core/dial-in.ts";
import { ahead, behind, clockMoved, duration, finding, used, type Cause, type Finding } from "./findings.ts";
import { toEnrolment, type Profile } from "./profile.ts";
import { strayFindings, windowSteps } from "./near-miss.ts";
import { pauseAtCode } from "../core/turn.ts";
import { readTypedText } from "./typed-text.ts";
import { howMeant } from "./user-name.ts";

/** How far the search goes, in seconds and, for HOTP, in counters. */
const DAY_SECONDS = 86_400;
const COUNTERS_AHEAD = 1000;
const COUNTERS_BACK = 100;

/** What a wrong clock of this machine may look like. */
const OF_THE_CLOCK = new Set<Cause>([
  "expired",
  "clock-ahead",
  "clock-behind",
  "wrong-secret",
  "wrong-pin",
  "mistyped",
  "other-settings",
]);

/** What bars nobody, and is told last. */
const REMARKS = new Set<Cause>(["no-accounting", "directory-password"]);

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
  /** What there is to say of groups, hours, limits and the directory (host/admission/entitled-findings.ts). */
  entitled?: readonly Finding[] | undefined;
}

/** Whether this machine's clock can be believed. `synchronised` is undefined where nobody can tell. */
export interface ClockState {
  seconds: number;
  plausible: boolean;
  synchronised: boolean | undefined;
  /** Seconds by which it has moved of late, as many users' devices tell (clock-watch.ts); 0 or undefined: not. */
  moved?: number | undefined;
}

/** What `clock` says of itself; `synchronised` asks the operating system. */
export async function readClock(
  clock: Clock,
  synchronised: () => Promise<boolean | undefined> = isSynchronised,
): Promise<ClockState> {
  const [seconds, plausible, moved] = [clock.seconds(), clock.plausible(), clock.moved?.()];
  return { seconds, plausible, moved, synchronised: await synchronised() };
}

/** Everything that keeps `typed` from being accepted, the likeliest first; never empty. */
export async function diagnose(
  core: Core,
  patient: Patient,
  typed: string,
  clock: ClockState,
): Promise<Finding[]> {
  const { entitled = [] } = patient;
  const findings = [...standingFindings(patient), ...entitled.filter(({ cause }) => !REMARKS.has(cause))];
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
  const clockMatters = code.some(({ cause }) => OF_THE_CLOCK.has(cause));
  if (clock.moved && clockMatters) findings.unshift(clockMoved(clock.moved));
  findings.push(...entitled.filter(({ cause }) => REMARKS.has(cause)));
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

/** The findings for a name that no user has; `names` are those of all users. */
export function diagnoseStranger(name: string, names: readonly string[]): Finding[] {
  const meant = names.map((one) => ({ one, how: howMeant(name, one) }));
  const list = (wanted: "case" | "domain"): string =>
    meant.flatMap(({ one, how }) => (how === wanted ? [`"${one}"`] : [])).join(", ");
  const [byCase, byDomain] = [list("case"), list("domain")];
  const findings: Finding[] = [];
  if (byCase !== "")
    findings.push(
      finding(
        "name-case",
        `There is no user "${name}", but there is ${byCase}: names are case-sensitive, and the device sends what was typed.`,
      ),
    );
  if (byDomain !== "")
    findings.push(
      finding(
        "name-domain",
        `There is no user "${name}", but there is ${byDomain}: the domain or realm counts as a part of the name. Let the device send the other name, or set domain or realm to "strip" at the RADIUS client.`,
      ),
    );
  if (findings.length > 0) return findings;
  return [finding("unknown-user", `There is no user "${name}". Look the name up in the list of users.`)];
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
  const { code, findings } = readTypedText(profile, typed);
  if (code === undefined) return findings;
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
  const next = firstUnspent(state);
  const drift = driftSteps(state);
  const step = Math.floor(now / period);
  const reach = windowSteps(profile);
  try {
    for (let i = 0; i <= 2 * Math.ceil(DAY_SECONDS / period); i++) {
      await pauseAtCode(i);
      // 0, 1, -1, 2, -2 … steps from where the device's clock was last seen.
      const offset = drift + (i % 2 === 1 ? (i + 1) / 2 : -i / 2);
      const at = step + offset;
      if (at < 0 || core.generate(record, at * period) !== code) continue;
      if (Math.abs(offset - drift) <= reach || Math.abs(offset) <= reach) {
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
  const next = firstUnspent(state);
  const from = Math.max(0, next - COUNTERS_BACK);
  const record = core.enrol(toEnrolment(profile, { active: true, counter: from }));
  try {
    for (let i = 0; i <= next - from + COUNTERS_AHEAD; i++) {
      await pauseAtCode(i);
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
