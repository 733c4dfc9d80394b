// A user as it is moved to another installation: profile and state as one row that newProfileSchema takes. It brings back
// all but failures and the places of logins.
import { driftSteps, isActive, firstUnspent, recoveryCodesUsed } from "../core/state.ts";
import type { Profile } from "./profile.ts";

/** The row of a user. */
export interface MovedUser extends Profile {
  /** A first code was verified. */
  active: boolean;
  /** HOTP: the first counter that is not spent. */
  counter?: number;
  /** TOTP, mOTP: the first step that is not spent. */
  next?: number;
  /** Steps that the device's clock is ahead. */
  drift?: number;
  /** Recovery codes that are used, a bit for each. */
  recovered?: number;
}

/** The row of a profile and its state. */
export function toRow(profile: Profile, state: Uint8Array): MovedUser {
  const next = firstUnspent(state);
  const drift = driftSteps(state);
  const recovered = recoveryCodesUsed(state, profile.recovery ?? 0);
  return {
    ...profile,
    active: isActive(state),
    ...(profile.factor === "hotp" ? { counter: next } : next > 0 && { next }),
    ...(drift !== 0 && { drift }),
    ...(recovered !== 0 && { recovered }),
  };
}
