// A state from which no code that may have been spent is right: where what was spent is not known (a damaged log, a
// backup that was put back), codes count from the first one that nobody can have used yet.
import { RECORD_DRIFT_BOUND, RECORD_FORWARD } from "../../assembly/abi.ts";
import { RECORD_STATE, type Core } from "../core/core.ts";
import { firstUnspent, spendUntil } from "../core/state.ts";
import { DialwardError } from "../errors.ts";
import { toEnrolment, type Profile } from "./profile.ts";

/** The byte that a state is full of that is lost (host/store/spent-log.md). */
const LOST = 0xff;

/**
 * The state that holds off all codes which may be spent by `now`, seconds since 1970, from `before` on; the user is
 * active. TOTP and mOTP: to the end of the widest window. HOTP has no time: `counter` is the first one that is not
 * spent, and without it a state that is lost cannot be gone on from. Throws DialwardError("usage").
 */
export function holdOff(
  core: Core,
  profile: Profile,
  before: Uint8Array,
  now: number,
  counter?: number,
): { state: Uint8Array; seconds: number } {
  const lost = before.every((byte) => byte === LOST);
  const enrolment = toEnrolment(profile, { active: true, counter: 0 });
  const record = core.enrol(enrolment, lost ? undefined : before);
  try {
    const state = record.slice(RECORD_STATE);
    const view = new DataView(record.buffer, record.byteOffset);
    if (profile.factor === "hotp") {
      if (lost && counter === undefined)
        throw new DialwardError(
          "usage",
          `The counter of "${profile.name}" is lost: give --counter, the first one that was not used, or a new secret.`,
        );
      return { state: spendUntil(state, counter ?? firstUnspent(state)), seconds: 0 };
    }
    const period = profile.period ?? 1;
    const ahead = view.getUint16(RECORD_FORWARD, true) + view.getUint16(RECORD_DRIFT_BOUND, true);
    return {
      state: spendUntil(state, Math.floor(now / period) + ahead + 1),
      seconds: (2 * ahead + 1) * period,
    };
  } finally {
    record.fill(0);
  }
}
