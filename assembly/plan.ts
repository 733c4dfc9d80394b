// A plan for each request of a batch: whose record, which candidates, which proof, and which candidate matched. It lies in
// the tail of its request, which is read before: the name of MS-CHAPv2 alone reaches there.

import {
  CHALLENGE_BYTES,
  FACTOR_HOTP,
  RECORD_BACK,
  RECORD_FACTOR,
  RECORD_PERIOD,
  RECORD_STATE,
  RECORD_T0,
  REQUEST_BYTES,
  REQUEST_CHAP_CHALLENGE,
  REQUEST_TEXT,
  REQUESTS_AT,
  STATE_NEXT,
  TEXT_BYTES,
} from "./abi";
import { load16, load64 } from "./bytes";
import { loadWord } from "./lane";

/** Where in a request its plan lies. */
export const PLAN: u32 = 104;
export const PLAN_BYTES: u32 = 40;

export const PART_PASSWORD: u32 = 1;
export const PART_CODE: u32 = 2;

/** No index of a candidate. */
export const NONE: u8 = 255;
/** Of the rank no candidate has: greater than every other. */
export const NO_MATCH: i64 = i64.MAX_VALUE;
/** Ranks have 62 bits, so that their differences have a sign. */
const RANKS: i64 = 0x3fffffffffffffff;

/**
 * ```
 *   0 ┌──────────────────┐
 *     │ first            │ the first candidate's step; negative soon after T0
 *   8 ├──────────────────┤
 *     │ next             │ the state's STATE_NEXT when the plan was made
 *  16 ├──────────────────┤
 *     │ rank             │ of the best match: steps from `next` on, those before it behind all others
 *  24 ├────────┬────┬────┤
 *     │ typed  │ rec│drif│ the typed code, or NO_CODE; the record's address; the drift within its bound
 *  32 ├─┬─┬─┬─┬┴┬─┬─┬─┬──┘
 *     │l│w│x│e│a│p│p│0│     see below
 *  40 └─┴─┴─┴─┴─┴─┴─┴─┘
 * ```
 */
@unmanaged
export class Plan {
  first: i64;
  next: i64;
  rank: i64;
  typed: u32;
  record: u16;
  drift: i16;
  /** How many candidates come before the gap between two windows that do not touch. */
  low: u8;
  /** How many candidates there are; 0 for a request that is not scanned. */
  width: u8;
  /** The index of the last accepted step, where it lies in no window; else NONE. */
  extra: u8;
  /** How many have entered a lane, where they enter step by step. */
  entered: u8;
  algorithm: u8;
  proof: u8;
  /** What the candidate password is made of, PART_*. */
  parts: u8;
  zero: u8;
}

if (PLAN + PLAN_BYTES > REQUEST_BYTES || PLAN_BYTES != offsetof<Plan>()) ERROR("A plan does not fit its request");
if (PLAN < REQUEST_CHAP_CHALLENGE + CHALLENGE_BYTES || PLAN <= REQUEST_TEXT + TEXT_BYTES) ERROR("A plan lies over a proof");

export function planAt(r: u32): Plan {
  return changetype<Plan>(REQUESTS_AT + r * REQUEST_BYTES + PLAN);
}

export function planAfter(plan: Plan): Plan {
  return changetype<Plan>(changetype<usize>(plan) + REQUEST_BYTES);
}

/** The request in which a plan lies. */
export function requestOf(plan: Plan): u32 {
  return (changetype<usize>(plan) as u32) - PLAN;
}

/** The step of candidate `index` of a plan. */
export function stepAt(plan: Plan, index: u32): i64 {
  if (index == plan.extra) return plan.next - 1;
  const step = plan.first + (index as i64);
  return index < plan.low ? step : step + (abs<i32>(plan.drift) as i64) - (plan.low as i64);
}

/** The step of a time. HOTP has no clock: its step is the next counter. */
export function stepOf(record: u32, time: u64): i64 {
  if (load<u8>(record, RECORD_FACTOR) == FACTOR_HOTP) return load64(record + RECORD_STATE + STATE_NEXT) as i64;
  const since = (time as i64) - (loadWord(record + RECORD_T0) as i64);
  return since / (loadWord(record + RECORD_PERIOD) as i64);
}

/** The clock's step, as it was when the plan was made. */
export function clockStep(plan: Plan): i64 {
  return plan.first + (load16((plan.record as u32) + RECORD_BACK) as i64) - (min<i32>(plan.drift, 0) as i64);
}

/** Keeps the better of the best match so far and `step`, if `match` is 1, without a branch. The first step that is not spent is best. */
export function mark(plan: Plan, step: i64, match: u32): void {
  const rank = ((step - plan.next) & RANKS) | (((match as i64) - 1) & NO_MATCH);
  const better = rank - plan.rank;
  plan.rank += better & (better >> 63);
}

/** All ones if a candidate matched, else 0. */
export function isMatched(plan: Plan): u32 {
  return ((plan.rank >>> 62) as u32) - 1;
}

/** The step of the best match; of no meaning without one. */
export function matchedStep(plan: Plan): i64 {
  return plan.next + ((plan.rank << 2) >> 2);
}
