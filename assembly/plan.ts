// A plan for each request of a batch: whose record, which candidates, which proof, and which candidate matched. It lies in
// the tail of its request, which is read before: the name of MS-CHAPv2 alone reaches there.

import {
  CHALLENGE_BYTES,
  FACTOR_HOTP,
  REQUEST_BYTES,
  REQUEST_CHAP_CHALLENGE,
  REQUEST_TEXT,
  REQUESTS_AT,
  TEXT_BYTES,
} from "./abi";
import { Record } from "./record";
import { Request } from "./rows";

/** Where in a request its plan lies. */
export const PLAN: u32 = 104;
export const PLAN_BYTES: u32 = 40;

export const PART_PASSWORD: u32 = 1;
export const PART_CODE: u32 = 2;

/** No index of a candidate. */
export const NONE: u8 = 255;
/** Worse than every candidate's rank. */
export const NO_RANK: i64 = i64.MAX_VALUE;
/** Ranks have 62 bits, so that their differences have a sign. */
const RANKS: i64 = 0x3fffffffffffffff;

/**
 * ```
 *   0 ┌──────────────────┐
 *     │ first            │ the first candidate's step; negative soon after T0
 *   8 ├──────────────────┤
 *     │ next             │ the state's STATE_NEXT when the plan was made
 *  16 ├──────────────────┤
 *     │ rank             │ of the best candidate: steps from `next` on, those before it behind all others
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
  owner: u16;
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

  @inline
  get at(): u32 {
    return changetype<usize>(this) as u32;
  }
  @inline
  get record(): Record {
    return changetype<Record>(this.owner as usize);
  }
}

if (PLAN + PLAN_BYTES > REQUEST_BYTES || PLAN_BYTES < offsetof<Plan>()) ERROR("A plan does not fit its request");
if (PLAN < REQUEST_CHAP_CHALLENGE + CHALLENGE_BYTES || PLAN <= REQUEST_TEXT + TEXT_BYTES) ERROR("A plan lies over a proof");

@inline
export function planAt(r: u32): Plan {
  return changetype<Plan>(REQUESTS_AT + r * REQUEST_BYTES + PLAN);
}

@inline
export function planAfter(plan: Plan): Plan {
  return changetype<Plan>(changetype<usize>(plan) + REQUEST_BYTES);
}

/** The request in which a plan lies. */
@inline
export function requestOf(plan: Plan): Request {
  return changetype<Request>(changetype<usize>(plan) - PLAN);
}

/** The step of candidate `index` of a plan. */
@inline
export function stepAt(plan: Plan, index: u32): i64 {
  return index < plan.low ? plan.first + (index as i64) : stepBeyond(plan, index);
}

/** The same where the index is not one of the first window's. */
function stepBeyond(plan: Plan, index: u32): i64 {
  if (index == plan.extra) return plan.next - 1;
  return plan.first + ((index + abs<i32>(plan.drift) - plan.low) as i64);
}

/** The step of a time. HOTP has no clock: its step is the next counter. */
export function stepOf(record: Record, time: u64): i64 {
  if (record.factor == FACTOR_HOTP) return record.state.next;
  return ((time as i64) - (record.t0 as i64)) / (record.period as i64);
}

/** The clock's step, as it was when the plan was made. */
export function clockStep(plan: Plan): i64 {
  return plan.first + (plan.record.back as i64) - (min<i32>(plan.drift, 0) as i64);
}

/**
 * Keeps the better of the best candidate so far and `step`, without a branch: one that matches (`match` is 1) before all
 * that do not (0), of these the first step that is not spent.
 */
export function mark(plan: Plan, step: i64, match: u32): void {
  const rank = ((step - plan.next) & RANKS) | (((match ^ 1) as i64) << 62);
  const better = rank - plan.rank;
  plan.rank += better & (better >> 63);
}

/** All ones if a candidate matched, else 0. */
export function isMatched(plan: Plan): u32 {
  return ((plan.rank >>> 62) as u32) - 1;
}

/** The step of the best candidate: without a match it is confirmed like one. */
export function matchedStep(plan: Plan): i64 {
  return plan.next + ((plan.rank << 2) >> 2);
}
