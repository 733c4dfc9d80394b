// Resynchronisation: two consecutive codes show where a drifting device is, up to a day away (RFC 4226 section 7.4,
// RFC 6238 section 6). Only the core changes the state: it is led there by codes that it accepts one after another.
import { DEFAULT_MOTP_DRIFT_STEPS, DEFAULT_TOTP_DRIFT_STEPS } from "../../assembly/abi.ts";
import { driftSteps, firstUnspent, stateOf } from "../core/state.ts";
import { type Core } from "../core/core.ts";
import { DialwardError } from "../errors.ts";
import { toEnrolment, type Profile } from "./profile.ts";
import { pauseAtCode } from "../core/turn.ts";

const DAY_SECONDS = 86_400;
const COUNTERS_AHEAD = 1000;
/** The longest time between two codes of an mOTP device, in seconds: its user types the PIN in between. */
const MOTP_GAP_SECONDS = 180;
/** How far one accepted code moves the window. */
const HOP_STEPS = 31;
const WIDE_DRIFT_STEPS = 32_767;

/** The steps (HOTP: counters) of the two codes. */
export interface Found {
  first: number;
  second: number;
}

/**
 * Where the two codes stand, the second later than the first, nearest to now. Throws DialwardError("refused")
 * where there is no such place.
 */
export async function findCodes(
  core: Core,
  profile: Profile,
  state: Uint8Array,
  codes: readonly [string, string],
  now: number,
): Promise<Found> {
  const next = firstUnspent(state);
  const hotp = profile.factor === "hotp";
  const period = profile.period ?? 1;
  const record = core.enrol(toEnrolment(profile, { active: true, counter: 0 }));
  const code = (step: number): string => (step < 0 ? "" : core.generate(record, step * period));
  const centre = hotp ? next : Math.floor(now / period);
  const reach = hotp ? COUNTERS_AHEAD : Math.ceil(DAY_SECONDS / period);
  const gap = profile.factor === "motp" ? Math.ceil(MOTP_GAP_SECONDS / period) : 1;
  let spent = false;
  try {
    for (let i = 0; i <= 2 * reach; i++) {
      await pauseAtCode(i);
      const first = centre + (i % 2 === 1 ? (i + 1) / 2 : -i / 2);
      if (code(first) !== codes[0]) continue;
      for (let second = first + 1; second <= first + gap; second++) {
        if (code(second) !== codes[1]) continue;
        if (first >= next) return { first, second };
        spent = true;
      }
    }
  } finally {
    record.fill(0);
  }
  if (spent) throw refused("These codes, or later ones, have been used already. Wait for two new codes");
  throw refused(
    "These are no two consecutive codes of this user within a day. Check their order, the secret and, for mOTP, the PIN",
  );
}

/**
 * The profile and state with which the device's clock (HOTP: counter) is followed from now on. Both codes are spent,
 * failures are forgotten, a pending profile is active. Throws DialwardError("refused").
 */
export function followDevice(
  core: Core,
  profile: Profile,
  state: Uint8Array,
  codes: readonly [string, string],
  { first, second }: Found,
  now: number,
): { profile: Profile; state: Uint8Array; offset: number } {
  const hotp = profile.factor === "hotp";
  const period = profile.period ?? 1;
  const wide = hotp
    ? { back: 0, forward: HOP_STEPS, driftBound: 0 }
    : { back: HOP_STEPS, forward: HOP_STEPS, driftBound: WIDE_DRIFT_STEPS };
  const enrolment = toEnrolment({ ...profile, mode: "code", password: undefined, enabled: true });
  const record = core.enrol({ ...enrolment, ...wide }, core.unlock(state));
  const accept = (text: string, time: number): void => {
    const proof = { kind: "clear", text: Buffer.from(text) } as const;
    const dialIn = { user: profile.name, proof, source: "", activate: true };
    const [verdict] = core.verify([record], [{ record: 0, dialIn, time, source: 0 }]);
    if (verdict?.outcome !== "accept")
      throw refused("The codes are too close to the last accepted one. Wait a minute");
  };
  const code = (at: number): string => core.generate(record, at);
  try {
    const next = firstUnspent(state);
    if (hotp) {
      for (let at = next; first - at > HOP_STEPS; at += HOP_STEPS + 1) accept(code(HOP_STEPS), now);
      for (const text of codes) accept(text, now);
      return { profile, state: stateOf(record).slice(), offset: second - next };
    }
    const offset = second - Math.floor(now / period);
    const hops = hopsBetween(driftSteps(state), offset);
    // Each hop spends a step just before the first code, at the moment at which it would have been that far off.
    hops.forEach((to, i) => {
      const step = first - hops.length + i;
      accept(code(step * period), (step - to) * period);
    });
    accept(codes[0], (first - offset) * period);
    accept(codes[1], now);
    const bound = profile.factor === "motp" ? DEFAULT_MOTP_DRIFT_STEPS : DEFAULT_TOTP_DRIFT_STEPS;
    const driftBound = Math.abs(offset) + bound;
    return { profile: { ...profile, driftBound }, state: stateOf(record).slice(), offset };
  } finally {
    record.fill(0);
  }
}

/** The drifts between two, each within reach of the one before; the last is `to`. */
function hopsBetween(from: number, to: number): number[] {
  const hops: number[] = [];
  for (let at = from; at !== to;) {
    at += Math.max(-HOP_STEPS, Math.min(HOP_STEPS, to - at));
    hops.push(at);
  }
  return hops;
}

function refused(message: string): DialwardError {
  return new DialwardError("refused", `${message}.`);
}
