// A plan for each request of a batch: whose record, which window, which proof, and which candidates matched.
// The window makes and fills it; the proofs and the judge read it.

import {
  FACTOR_HOTP,
  RECORD_FACTOR,
  RECORD_PERIOD,
  RECORD_STATE,
  RECORD_T0,
  STATE_NEXT,
} from "./abi";
import { load64 } from "./bytes";
import { loadWord } from "./lane";
import { PLANS_AT } from "./scratch";

export const PLAN_BYTES: u32 = 32;
/** u64: bit i is set when candidate i of the window matches. */
export const PLAN_MATCHES: u32 = 0;
/** i64: the window's first step; may be negative, soon after T0. */
export const PLAN_FIRST: u32 = 8;
/** u32: PROOF_CLEAR: the code that was typed, as a number; NO_CODE if the text cannot be right. */
export const PLAN_TYPED: u32 = 16;
/** u32 and u16: addresses. */
export const PLAN_RECORD: u32 = 20;
export const PLAN_REQUEST: u32 = 24;
/** u8: how many candidates have entered a lane, where they enter step by step. */
export const PLAN_ENTERED: u32 = 26;
/** u8: candidates; 0 for a request that is not scanned. */
export const PLAN_WIDTH: u32 = 28;
export const PLAN_ALGORITHM: u32 = 29;
export const PLAN_PROOF: u32 = 30;
/** u8: what the candidate password is made of, PART_*. */
export const PLAN_PARTS: u32 = 31;

export const PART_PASSWORD: u32 = 1;
export const PART_CODE: u32 = 2;

@inline
export function planAt(r: u32): u32 {
  return PLANS_AT + r * PLAN_BYTES;
}

/** The request that a plan is for. */
export function indexOf(plan: u32): u32 {
  return (plan - PLANS_AT) / PLAN_BYTES;
}

/** Sets bit `index` of a plan's matches if `match` is 1; leaves it if 0. */
@inline
export function mark(plan: u32, index: u32, match: u32): void {
  store<u64>(plan, load<u64>(plan, PLAN_MATCHES) | ((match as u64) << (index as u64)), PLAN_MATCHES);
}

/** The step of a time. HOTP has no clock: its step is the next counter. */
export function stepOf(record: u32, time: u64): i64 {
  if (load<u8>(record, RECORD_FACTOR) == FACTOR_HOTP) return load64(record + RECORD_STATE + STATE_NEXT) as i64;
  const since = (time as i64) - (loadWord(record + RECORD_T0) as i64);
  return since / (loadWord(record + RECORD_PERIOD) as i64);
}
