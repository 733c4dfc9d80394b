// What the verbs do, over L: index.ts exports them under the names that a host calls.

import {
  ENROLMENT_AT,
  FACTOR_HOTP,
  FACTOR_MOTP,
  RECORD_ALGORITHM,
  RECORD_BYTES,
  RECORD_DIGITS,
  RECORD_FACTOR,
  RECORD_KEY,
  RECORD_KEY_LENGTH,
  RECORD_PASSWORD,
  RECORD_PASSWORD_LENGTH,
  RECORD_RESERVED,
  RECORD_STATE,
  RECORDS,
  RECORDS_AT,
  REQUEST_BYTES,
  REQUEST_RECORD,
  REQUEST_TIME,
  REQUESTS,
  REQUESTS_AT,
  RESULT_BYTES,
  RESULT_CODE,
  RESULT_CODE_LENGTH,
  RESULT_VERDICT,
  RESULTS_AT,
  STATE_ACTIVE,
  STATE_FAILURES,
  STATE_NEXT,
  STATE_SINCE,
  STATUS_COUNT,
  STATUS_INDEX,
  STATUS_OK,
  TIME_END,
  VERDICT_ACCEPT,
  VERDICT_BAD_RECORD,
  VERDICT_BAD_REQUEST,
} from "./abi";
import { copy, load16, load64, store64, zero } from "./bytes";
import { place } from "./candidate";
import { condense } from "./hmac";
import { judge } from "./judge";
import { writePassword } from "./password";
import { PART_CODE, PLAN_BYTES, PLAN_FIRST, PLAN_PARTS, PLAN_RECORD, planAt, stepOf } from "./plan";
import { checkMotpKey, checkRecord } from "./record";
import { DES_ROWS_AT, LANES_AT, PLANS_AT } from "./scratch";
import { codeLanes, forgetLanes, makePlan, scan } from "./window";

/** Checks the enrolment form, condenses its key and makes it record `index`. With `keep` the record's state stays. */
export function enrolForm<L>(index: u32, keep: u32): u32 {
  if (index >= RECORDS) return STATUS_INDEX;
  const form = ENROLMENT_AT;
  const record = RECORDS_AT + index * RECORD_BYTES;
  if (keep) copy(form + RECORD_STATE, record + RECORD_STATE, RECORD_BYTES - RECORD_STATE);
  let status = checkRecord(form);
  if (status == STATUS_OK && load<u8>(form, RECORD_FACTOR) == FACTOR_MOTP) status = checkMotpKey(form);
  if (status == STATUS_OK) {
    // What lies behind the lengths must not be taken for key or password.
    clear(form + RECORD_KEY + load<u8>(form, RECORD_KEY_LENGTH), form + RECORD_PASSWORD);
    clear(form + RECORD_PASSWORD + load<u8>(form, RECORD_PASSWORD_LENGTH), form + RECORD_STATE);
    clear(form + RECORD_RESERVED, form + RECORD_KEY);
    condense<L>(load<u8>(form, RECORD_ALGORITHM), form + RECORD_KEY);
    copy(record, form, RECORD_BYTES);
    if (!keep) freshState(record + RECORD_STATE);
  }
  zero(form, RECORD_BYTES);
  wipeRequests(0);
  return status;
}

function clear(from: u32, end: u32): void {
  for (let at = from; at < end; at++) store<u8>(at, 0);
}

/** Leaves of a form's state only what an administrator may set: whether it is active, and the counter. */
function freshState(state: u32): void {
  const active = load<u8>(state, STATE_ACTIVE);
  const next = load64(state + STATE_NEXT);
  zero(state, RECORD_BYTES - RECORD_STATE);
  store<u8>(state, active, STATE_ACTIVE);
  store64(state + STATE_NEXT, next);
}

/** Forgets the failures of record `index`. */
export function unlockRecord(index: u32): u32 {
  if (index >= RECORDS) return STATUS_INDEX;
  const state = RECORDS_AT + index * RECORD_BYTES + RECORD_STATE;
  clear(state + STATE_FAILURES, state + STATE_FAILURES + 2);
  zero(state + STATE_SINCE, 16);
  return STATUS_OK;
}

/** Verifies the first `count` requests: plans all, scans all, then judges them in order. Wipes the requests. */
export function verifyRequests<L>(count: u32): u32 {
  if (count > REQUESTS) return STATUS_COUNT;
  zero(RESULTS_AT, count * RESULT_BYTES);
  for (let r: u32 = 0; r < count; r++) store<u8>(RESULTS_AT + r * RESULT_BYTES, makePlan<L>(r), RESULT_VERDICT);
  scan<L>(count);
  for (let r: u32 = 0; r < count; r++) {
    const result = RESULTS_AT + r * RESULT_BYTES;
    if (load<u8>(result, RESULT_VERDICT) == 0) store<u8>(result, judge<L>(planAt(r), result), RESULT_VERDICT);
  }
  return wipeRequests(count);
}

/** Leaves nothing of the requests but their results, and nothing in the scratch. */
function wipeRequests(count: u32): u32 {
  zero(REQUESTS_AT, count * REQUEST_BYTES);
  zero(PLANS_AT, count * PLAN_BYTES);
  zero(LANES_AT, DES_ROWS_AT - LANES_AT);
  return STATUS_OK;
}

/** For each of the first `count` requests (record and time only) the code of that moment, as text. */
export function generateCodes<L>(count: u32): u32 {
  if (count > REQUESTS) return STATUS_COUNT;
  zero(RESULTS_AT, count * RESULT_BYTES);
  forgetLanes();
  for (let r: u32 = 0; r < count; r++) {
    store<u8>(RESULTS_AT + r * RESULT_BYTES, generateCode<L>(r), RESULT_VERDICT);
  }
  return wipeRequests(count);
}

function generateCode<L>(r: u32): u32 {
  const request = REQUESTS_AT + r * REQUEST_BYTES;
  const result = RESULTS_AT + r * RESULT_BYTES;
  const index = load16(request + REQUEST_RECORD);
  const time = load64(request + REQUEST_TIME);
  if (index >= RECORDS || time >= TIME_END) return VERDICT_BAD_REQUEST;
  const record = RECORDS_AT + index * RECORD_BYTES;
  if (checkRecord(record) != STATUS_OK) return VERDICT_BAD_RECORD;
  const plan = planAt(r);
  const ahead = load<u8>(record, RECORD_FACTOR) == FACTOR_HOTP ? time : 0;
  store<i64>(plan, stepOf(record, time) + (ahead as i64), PLAN_FIRST);
  store<u32>(plan, record, PLAN_RECORD);
  store<u8>(plan, PART_CODE, PLAN_PARTS);
  place(0, plan, 0);
  codeLanes<L>(load<u8>(record, RECORD_ALGORITHM), 1);
  writePassword(result + RESULT_CODE, 0);
  store<u8>(result, load<u8>(record, RECORD_DIGITS), RESULT_CODE_LENGTH);
  return VERDICT_ACCEPT;
}
