// The candidates in the lanes: which step of whose window each lane is working on, and the code that came out.

import { CANDIDATES } from "./lane";
import { CANDIDATES_AT } from "./scratch";
import { PLAN_FIRST, PLAN_RECORD } from "./plan";
import { RECORD_KEY } from "./abi";

// Each field is one word for each lane, side by side.
/** Address of the record's key. */
export const KEYS_AT: u32 = CANDIDATES_AT;
/** The step, as the two words of an HOTP counter. */
export const HIGHS_AT: u32 = KEYS_AT + 4 * CANDIDATES;
export const LOWS_AT: u32 = HIGHS_AT + 4 * CANDIDATES;
const LANE_PLANS_AT: u32 = LOWS_AT + 4 * CANDIDATES;
const INDEXES_AT: u32 = LANE_PLANS_AT + 4 * CANDIDATES;
/** The code as a number: decimal digits, or mOTP's 24 bits. */
const CODES_AT: u32 = INDEXES_AT + 4 * CANDIDATES;
/** The plan whose mOTP block stands in the lane, or 0. */
export const BLOCK_PLANS_AT: u32 = CODES_AT + 4 * CANDIDATES;

/** Puts candidate `index` of a plan's window into a lane. */
@inline
export function place(lane: u32, plan: u32, index: u32): void {
  const step = load<i64>(plan, PLAN_FIRST) + (index as i64);
  store<u32>(KEYS_AT + lane * 4, load<u32>(plan, PLAN_RECORD) + RECORD_KEY);
  store<u32>(HIGHS_AT + lane * 4, (step >>> 32) as u32);
  store<u32>(LOWS_AT + lane * 4, step as u32);
  store<u32>(LANE_PLANS_AT + lane * 4, plan);
  store<u32>(INDEXES_AT + lane * 4, index);
}

@inline
export function planIn(lane: u32): u32 {
  return load<u32>(LANE_PLANS_AT + lane * 4);
}

@inline
export function indexIn(lane: u32): u32 {
  return load<u32>(INDEXES_AT + lane * 4);
}

@inline
export function codeIn(lane: u32): u32 {
  return load<u32>(CODES_AT + lane * 4);
}

@inline
export function setCode(lane: u32, code: u32): void {
  store<u32>(CODES_AT + lane * 4, code);
}
