// The candidates in the lanes: which step of whose window each lane is working on, and the code that came out.

import { RECORD_KEY } from "./abi";
import { CANDIDATES } from "./lane";
import { PLAN_FIRST, PLAN_RECORD } from "./plan";
import { CANDIDATES_AT, PLANS_AT } from "./scratch";

// Each field is a number for each lane, side by side.
/** u32: the code as a number: decimal digits, or mOTP's 24 bits. */
const CODES_AT: u32 = CANDIDATES_AT;
/** u16: the plan. */
const LANE_PLANS_AT: u32 = CODES_AT + 4 * CANDIDATES;
/** u16: whose mOTP block stands in the lane, or 0. */
export const BLOCKS_AT: u32 = LANE_PLANS_AT + 2 * CANDIDATES;
/** u8: which candidate's it is. */
export const BLOCK_INDEXES_AT: u32 = BLOCKS_AT + 2 * CANDIDATES;
/** u8: which candidate of the plan's window. */
const INDEXES_AT: u32 = BLOCK_INDEXES_AT + CANDIDATES;

/** Puts candidate `index` of a plan's window into a lane. */
@inline
export function place(lane: u32, plan: u32, index: u32): void {
  store<u16>(LANE_PLANS_AT + lane * 2, plan);
  store<u8>(INDEXES_AT + lane, index);
}

/** Puts the first plan into all lanes: those that are not filled are worked on all the same. */
export function placeAny(): void {
  for (let lane: u32 = 0; lane < CANDIDATES; lane++) place(lane, PLANS_AT, 0);
}

@inline
export function planIn(lane: u32): u32 {
  return load<u16>(LANE_PLANS_AT + lane * 2);
}

@inline
export function indexIn(lane: u32): u32 {
  return load<u8>(INDEXES_AT + lane);
}

@inline
export function stepIn(lane: u32): i64 {
  return load<i64>(planIn(lane), PLAN_FIRST) + (indexIn(lane) as i64);
}

/** Address of the key in the lane's record. */
@inline
export function keyIn(lane: u32): u32 {
  return load<u32>(planIn(lane), PLAN_RECORD) + RECORD_KEY;
}

@inline
export function codeIn(lane: u32): u32 {
  return load<u32>(CODES_AT + lane * 4);
}

@inline
export function setCode(lane: u32, code: u32): void {
  store<u32>(CODES_AT + lane * 4, code);
}
