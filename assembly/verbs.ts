// What the verbs do, over L: index.ts exports them under the names that a host calls.

import {
  DIGESTS_BYTES,
  ENROLMENT_AT,
  FACTOR_HOTP,
  FACTOR_MOTP,
  FLAG_RECOVERY,
  RECORD_BYTES,
  RECORDS,
  RECOVERY_CODES,
  REQUEST_BYTES,
  REQUESTS,
  REQUESTS_AT,
  RESULT_BYTES,
  RESULTS_AT,
  STATE_BYTES,
  STATE_DRIFT,
  STATE_FAILURES,
  STATE_SEEN,
  STATE_SOURCES,
  STATUS_COUNT,
  STATUS_INDEX,
  STATUS_OK,
  TIME_END,
  VERDICT_ACCEPT,
  VERDICT_BAD_RECORD,
  VERDICT_BAD_REQUEST,
} from "./abi";
import { copy, zero } from "./bytes";
import { placeStep } from "./candidate";
import { checkMotpKey, checkRecord } from "./check";
import { condense } from "./hmac";
import { judge } from "./judge";
import { GROUPED } from "./lane";
import { turnRecord, turnRequests, turnResults } from "./order";
import { writePassword } from "./password";
import { clockStep, PART_CODE, PLAN_BYTES, planAt, requestOf } from "./plan";
import { Record, recordAt, State } from "./record";
import { RECOVERY_BYTES, recoveryCode, writeRecovery } from "./recovery";
import { makePlan, planCandidates } from "./request";
import { resultAt } from "./rows";
import { DES_ROWS_AT, LANES_AT } from "./scratch";
import { codeLanes, forgetLanes, scan } from "./window";

/** The requests in whose place the form lies. */
const FORM_REQUESTS: u32 = 2;
if (ENROLMENT_AT != REQUESTS_AT || RECORD_BYTES > FORM_REQUESTS * REQUEST_BYTES) ERROR("The form lies elsewhere");

/** Checks the enrolment form, condenses its key and makes it record `index`. With `keep` the record's state stays. */
export function enrolForm<L>(index: u32, keep: u32): u32 {
  const status = index < RECORDS ? condenseForm<L>(index, keep) : STATUS_INDEX;
  wipeRequests(FORM_REQUESTS);
  return status;
}

function condenseForm<L>(index: u32, keep: u32): u32 {
  const form = changetype<Record>(ENROLMENT_AT);
  const record = recordAt(index);
  if (keep) copy(form.state.at, record.state.at, STATE_BYTES);
  turnRecord(form.at);
  let status = checkRecord(form);
  if (status == STATUS_OK && form.factor == FACTOR_MOTP) status = checkMotpKey(form);
  if (status != STATUS_OK) return status;
  // What lies behind the lengths must not be taken for key or password.
  clear(form.key + form.keyLength, form.password);
  clear(form.password + form.passwordLength, form.state.at);
  form.reserved = 0;
  condense<L>(form.algorithm, form.key);
  // What was wrong under another password may be right now.
  if (keep) form.state.wrong = 0;
  else freshState(form.state);
  copy(record.at, form.at, RECORD_BYTES);
  turnRecord(record.at);
  return STATUS_OK;
}

function clear(from: u32, end: u32): void {
  for (let at = from; at < end; at++) store<u8>(at, 0);
}

/** Leaves of a form's state only what an administrator may set: whether it is active, and the counter. */
function freshState(state: State): void {
  const active = state.active;
  const next = state.next;
  zero(state.at, STATE_BYTES);
  state.active = active;
  state.next = next;
}

/** Forgets the failures of record `index`, and the wait that they brought. Zero is zero in any order of bytes. */
export function unlockRecord(index: u32): u32 {
  if (index >= RECORDS) return STATUS_INDEX;
  const state = recordAt(index).state.at;
  clear(state + STATE_FAILURES, state + STATE_DRIFT);
  clear(state + STATE_SEEN, state + STATE_SOURCES);
  return STATUS_OK;
}

/** Verifies the first `count` requests: plans all, scans all, then judges them in order. Wipes the requests. */
export function verifyRequests<L>(count: u32): u32 {
  if (!takeRequests(count)) return STATUS_COUNT;
  for (let r: u32 = 0; r < count; r++) resultAt(r).verdict = makePlan<L>(r) as u8;
  scan<L>(count);
  for (let r: u32 = 0; r < count; r++) {
    const result = resultAt(r);
    if (result.verdict == 0) result.verdict = judge<L>(planAt(r), result) as u8;
  }
  return endRequests(count);
}

/** Makes the page ready for the first `count` requests. More than there is room for: none is looked at, and none stays. */
function takeRequests(count: u32): bool {
  if (count > REQUESTS) {
    wipeRequests(REQUESTS);
    return false;
  }
  turnRequests(count);
  zero(RESULTS_AT, count * RESULT_BYTES);
  return true;
}

function endRequests(count: u32): u32 {
  turnResults(count);
  return wipeRequests(count);
}

/** Leaves nothing of the requests but their results, and nothing in the scratch. */
function wipeRequests(count: u32): u32 {
  zero(REQUESTS_AT, count * REQUEST_BYTES);
  wipeScratch();
  return STATUS_OK;
}

/** DES has wiped its rows by itself. */
export function wipeScratch(): void {
  zero(0, DIGESTS_BYTES);
  zero(LANES_AT, DES_ROWS_AT - LANES_AT);
}

/** For each of the first `count` requests (record, time and flags only) the code of that moment, or a recovery code, as text. */
export function generateCodes<L>(count: u32): u32 {
  if (!takeRequests(count)) return STATUS_COUNT;
  if (GROUPED) zero(planAt(0).at, PLAN_BYTES); // the lanes that are not filled hold it
  forgetLanes();
  for (let r: u32 = 0; r < count; r++) resultAt(r).verdict = generateCode<L>(r) as u8;
  return endRequests(count);
}

function generateCode<L>(r: u32): u32 {
  const plan = planAt(r);
  const request = requestOf(plan);
  const result = resultAt(r);
  const time = request.time;
  if (request.index >= RECORDS || time >= TIME_END) return VERDICT_BAD_REQUEST;
  const record = recordAt(request.index);
  if (checkRecord(record) != STATUS_OK) return VERDICT_BAD_RECORD;
  planCandidates(plan, record, PART_CODE);
  if (request.flags & FLAG_RECOVERY) {
    if (time >= RECOVERY_CODES || record.recovery == 0) return VERDICT_BAD_REQUEST;
    writeRecovery(result.code, recoveryCode<L>(plan, time as u32));
    result.codeLength = RECOVERY_BYTES as u8;
    return VERDICT_ACCEPT;
  }
  const ahead = record.factor == FACTOR_HOTP ? time : 0;
  placeStep(0, plan, clockStep(plan) + (ahead as i64));
  codeLanes<L>(plan.algorithm, 1);
  writePassword(result.code, 0);
  result.codeLength = record.digits;
  return VERDICT_ACCEPT;
}
