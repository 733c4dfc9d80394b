// What the verbs do, over L: index.ts exports them under the names that a host calls.

import {
  ENROLMENT_AT,
  FACTOR_HOTP,
  FACTOR_MOTP,
  FLAG_RECOVERY,
  RECORD_ALGORITHM,
  RECORD_BYTES,
  RECORD_DIGITS,
  RECORD_FACTOR,
  RECORD_KEY,
  RECORD_KEY_LENGTH,
  RECORD_PASSWORD,
  RECORD_PASSWORD_LENGTH,
  RECORD_RECOVERY,
  RECORD_RESERVED,
  RECORD_STATE,
  RECORDS,
  RECORDS_AT,
  RECOVERY_CODES,
  REQUEST_BYTES,
  REQUEST_FLAGS,
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
  STATE_BYTES,
  STATE_FAILURES,
  STATE_NEXT,
  STATE_SEEN,
  STATE_SOURCES,
  STATE_WRONG,
  STATUS_COUNT,
  STATUS_INDEX,
  STATUS_OK,
  TIME_END,
  VERDICT_ACCEPT,
  VERDICT_BAD_RECORD,
  VERDICT_BAD_REQUEST,
} from "./abi";
import { copy, load16, load64, store64, storeWord, zero } from "./bytes";
import { placeStep } from "./candidate";
import { condense } from "./hmac";
import { judge } from "./judge";
import { writePassword } from "./password";
import { clockStep, PART_CODE, PLAN_BYTES, planAt, requestOf } from "./plan";
import { checkMotpKey, checkRecord } from "./record";
import { RECOVERY_BYTES, recoveryCode, writeRecovery } from "./recovery";
import { makePlan, planCandidates } from "./request";
import { DES_ROWS_AT, LANES_AT } from "./scratch";
import { codeLanes, forgetLanes, scan } from "./window";

/** Checks the enrolment form, condenses its key and makes it record `index`. With `keep` the record's state stays. */
export function enrolForm<L>(index: u32, keep: u32): u32 {
  const status = index < RECORDS ? condenseForm<L>(index, keep) : STATUS_INDEX;
  zero(ENROLMENT_AT, RECORD_BYTES);
  wipeScratch();
  return status;
}

function condenseForm<L>(index: u32, keep: u32): u32 {
  const form = ENROLMENT_AT;
  const record = RECORDS_AT + index * RECORD_BYTES;
  if (keep) copy(form + RECORD_STATE, record + RECORD_STATE, STATE_BYTES);
  let status = checkRecord(form);
  if (status == STATUS_OK && load<u8>(form, RECORD_FACTOR) == FACTOR_MOTP) status = checkMotpKey(form);
  if (status != STATUS_OK) return status;
  // What lies behind the lengths must not be taken for key or password.
  clear(form + RECORD_KEY + load<u8>(form, RECORD_KEY_LENGTH), form + RECORD_PASSWORD);
  clear(form + RECORD_PASSWORD + load<u8>(form, RECORD_PASSWORD_LENGTH), form + RECORD_STATE);
  store<u8>(form, 0, RECORD_RESERVED);
  condense<L>(load<u8>(form, RECORD_ALGORITHM), form + RECORD_KEY);
  copy(record, form, RECORD_BYTES);
  // What was wrong under another password may be right now.
  if (keep) storeWord(record + RECORD_STATE + STATE_WRONG, 0);
  else freshState(record + RECORD_STATE);
  return STATUS_OK;
}

function clear(from: u32, end: u32): void {
  for (let at = from; at < end; at++) store<u8>(at, 0);
}

/** Leaves of a form's state only what an administrator may set: whether it is active, and the counter. */
function freshState(state: u32): void {
  const active = load<u8>(state, STATE_ACTIVE);
  const next = load64(state + STATE_NEXT);
  zero(state, STATE_BYTES);
  store<u8>(state, active, STATE_ACTIVE);
  store64(state + STATE_NEXT, next);
}

/** Forgets the failures of record `index`, and the wait that they brought. */
export function unlockRecord(index: u32): u32 {
  if (index >= RECORDS) return STATUS_INDEX;
  const state = RECORDS_AT + index * RECORD_BYTES + RECORD_STATE;
  clear(state + STATE_FAILURES, state + STATE_FAILURES + 2);
  clear(state + STATE_SEEN, state + STATE_SOURCES);
  return STATUS_OK;
}

/** Verifies the first `count` requests: plans all, scans all, then judges them in order. Wipes the requests. */
export function verifyRequests<L>(count: u32): u32 {
  if (count > REQUESTS) return refuseCount();
  zero(RESULTS_AT, count * RESULT_BYTES);
  for (let r: u32 = 0; r < count; r++) store<u8>(RESULTS_AT + r * RESULT_BYTES, makePlan<L>(r), RESULT_VERDICT);
  scan<L>(count);
  for (let r: u32 = 0; r < count; r++) {
    const result = RESULTS_AT + r * RESULT_BYTES;
    if (load<u8>(result, RESULT_VERDICT) == 0) store<u8>(result, judge<L>(planAt(r), result), RESULT_VERDICT);
  }
  return wipeRequests(count);
}

/** More requests than there is room for: none is looked at, and none stays. */
function refuseCount(): u32 {
  wipeRequests(REQUESTS);
  return STATUS_COUNT;
}

/** Leaves nothing of the requests but their results, and nothing in the scratch. */
function wipeRequests(count: u32): u32 {
  zero(REQUESTS_AT, count * REQUEST_BYTES);
  wipeScratch();
  return STATUS_OK;
}

/** DES has wiped its rows by itself. */
function wipeScratch(): void {
  zero(LANES_AT, DES_ROWS_AT - LANES_AT);
}

/** For each of the first `count` requests (record, time and flags only) the code of that moment, or a recovery code, as text. */
export function generateCodes<L>(count: u32): u32 {
  if (count > REQUESTS) return refuseCount();
  zero(RESULTS_AT, count * RESULT_BYTES);
  zero(changetype<usize>(planAt(0)) as u32, PLAN_BYTES); // the lanes that are not filled hold it
  forgetLanes();
  for (let r: u32 = 0; r < count; r++) {
    store<u8>(RESULTS_AT + r * RESULT_BYTES, generateCode<L>(r), RESULT_VERDICT);
  }
  return wipeRequests(count);
}

function generateCode<L>(r: u32): u32 {
  const plan = planAt(r);
  const request = requestOf(plan);
  const result = RESULTS_AT + r * RESULT_BYTES;
  const index = load16(request + REQUEST_RECORD);
  const time = load64(request + REQUEST_TIME);
  if (index >= RECORDS || time >= TIME_END) return VERDICT_BAD_REQUEST;
  const record = RECORDS_AT + index * RECORD_BYTES;
  if (checkRecord(record) != STATUS_OK) return VERDICT_BAD_RECORD;
  planCandidates(plan, record, time, PART_CODE);
  if (load<u8>(request, REQUEST_FLAGS) & FLAG_RECOVERY) {
    if (time >= RECOVERY_CODES || load<u8>(record, RECORD_RECOVERY) == 0) return VERDICT_BAD_REQUEST;
    writeRecovery(result + RESULT_CODE, recoveryCode<L>(plan, time as u32));
    store<u8>(result, RECOVERY_BYTES, RESULT_CODE_LENGTH);
    return VERDICT_ACCEPT;
  }
  const ahead = load<u8>(record, RECORD_FACTOR) == FACTOR_HOTP ? time : 0;
  placeStep(0, plan, clockStep(plan) + (ahead as i64));
  codeLanes<L>(plan.algorithm, 1);
  writePassword(result + RESULT_CODE, 0);
  store<u8>(result, load<u8>(record, RECORD_DIGITS), RESULT_CODE_LENGTH);
  return VERDICT_ACCEPT;
}
