// The candidates in the lanes: which step of whose plan each lane is working on, and the code that came out.

import { RECORD_KEY } from "./abi";
import { CANDIDATES } from "./lane";
import { Plan, planAt, stepAt } from "./plan";
import { CANDIDATE_BYTES, CANDIDATES_AT } from "./scratch";

// Each field is a number for each lane, side by side.
/** i64: the step. */
const STEPS_AT: u32 = CANDIDATES_AT;
/** u32: the code as a number: decimal digits, or mOTP's 24 bits. */
const CODES_AT: u32 = STEPS_AT + 8 * CANDIDATES;
/** u32: the step of the mOTP block that stands in the lane. */
export const BLOCK_STEPS_AT: u32 = CODES_AT + 4 * CANDIDATES;
/** u16: whose block that is, or 0. */
export const BLOCKS_AT: u32 = BLOCK_STEPS_AT + 4 * CANDIDATES;
/** u16: the plan. */
const LANE_PLANS_AT: u32 = BLOCKS_AT + 2 * CANDIDATES;
/** u8: which of the plan's candidates. */
const INDEXES_AT: u32 = LANE_PLANS_AT + 2 * CANDIDATES;

if (INDEXES_AT + CANDIDATES - CANDIDATES_AT != CANDIDATE_BYTES * CANDIDATES) ERROR("CANDIDATE_BYTES is not the sum of the fields");

/** Puts candidate `index` of a plan into a lane. */
export function place(lane: u32, plan: Plan, index: u32): void {
  store<u8>(INDEXES_AT + lane, index);
  placeStep(lane, plan, stepAt(plan, index));
}

/** Puts a step that no index names into a lane. */
@inline
export function placeStep(lane: u32, plan: Plan, step: i64): void {
  store<u16>(LANE_PLANS_AT + lane * 2, changetype<usize>(plan));
  store<i64>(STEPS_AT + lane * 8, step);
}

/** Puts a plan into all lanes: those that are not filled are worked on all the same. */
export function placeAny(): void {
  for (let lane: u32 = 0; lane < CANDIDATES; lane++) placeStep(lane, planAt(0), 0);
}

@inline
export function planIn(lane: u32): Plan {
  return changetype<Plan>(load<u16>(LANE_PLANS_AT + lane * 2) as u32);
}

@inline
export function indexIn(lane: u32): u32 {
  return load<u8>(INDEXES_AT + lane);
}

@inline
export function stepIn(lane: u32): i64 {
  return load<i64>(STEPS_AT + lane * 8);
}

/** Address of the key in the lane's record. */
@inline
export function keyIn(lane: u32): u32 {
  return (planIn(lane).record as u32) + RECORD_KEY;
}

@inline
export function codeIn(lane: u32): u32 {
  return load<u32>(CODES_AT + lane * 4);
}

@inline
export function setCode(lane: u32, code: u32): void {
  store<u32>(CODES_AT + lane * 4, code);
}
