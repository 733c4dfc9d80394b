// A request becomes a plan: whether its fields are in range, what its mode asks for, and which steps are tried.
// RFC 6238 section 5.2 (the window), RFC 4226 section 7.2 (HOTP's look-ahead).

import {
  CHALLENGE_BYTES,
  FLAG_ACTIVATE,
  FLAG_CALLER_WAITS,
  FLAG_NOT_VALID,
  FLAG_SECOND,
  MODE_CODE,
  MODE_PASSWORD_THEN_CODE,
  NAME_BYTES,
  PROOF_CHAP,
  PROOF_CLEAR,
  PROOF_MSCHAPV2,
  RECORD_ALGORITHM,
  RECORD_BACK,
  RECORD_BYTES,
  RECORD_DRIFT_BOUND,
  RECORD_FORWARD,
  RECORD_MODE,
  RECORD_STATE,
  RECORDS,
  RECORDS_AT,
  REQUEST_FLAGS,
  REQUEST_LENGTH,
  REQUEST_NAME_LENGTH,
  REQUEST_PROOF,
  REQUEST_RECORD,
  REQUEST_TIME,
  REQUEST_TYPE,
  STATE_DRIFT,
  STATE_NEXT,
  STATUS_OK,
  TEXT_BYTES,
  TIME_END,
  TYPE_ANY,
  VERDICT_BAD_RECORD,
  VERDICT_BAD_REQUEST,
} from "./abi";
import { load16, load64, zero } from "./bytes";
import { challengeHash } from "./mschapv2";
import { typedCode } from "./pap";
import { NO_MATCH, NONE, PART_CODE, PART_PASSWORD, Plan, PLAN_BYTES, planAt, requestOf, stepOf } from "./plan";
import { checkRecord } from "./record";

/** Makes the plan of request r; returns 0, or the verdict on a request or record that cannot be scanned. */
export function makePlan<L>(r: u32): u32 {
  const plan = planAt(r);
  const request = requestOf(plan);
  const index = load16(request + REQUEST_RECORD);
  let refusal: u32 = index >= RECORDS || !isSound(request) ? VERDICT_BAD_REQUEST : 0;
  const record = RECORDS_AT + index * RECORD_BYTES;
  if (!refusal && checkRecord(record) != STATUS_OK) refusal = VERDICT_BAD_RECORD;
  const parts = refusal ? 0 : partsOf(request, record);
  if (!refusal && !parts) refusal = VERDICT_BAD_REQUEST;
  const proof: u32 = load<u8>(request, REQUEST_PROOF);
  if (!refusal && proof == PROOF_MSCHAPV2) challengeHash<L>(request);
  zero(changetype<usize>(plan) as u32, PLAN_BYTES);
  if (refusal) return refusal;

  planCandidates(plan, record, load64(request + REQUEST_TIME), parts);
  plan.rank = NO_MATCH;
  plan.proof = proof as u8;
  if (proof == PROOF_CLEAR) plan.typed = typedCode(request, record, parts);
  return 0;
}

/** Sets what a plan says of candidates: the window around the clock's step, the one around the drifted step, the last accepted step. */
export function planCandidates(plan: Plan, record: u32, time: u64, parts: u32): void {
  const back = load16(record + RECORD_BACK);
  const width = back + 1 + load16(record + RECORD_FORWARD);
  const bound = load16(record + RECORD_DRIFT_BOUND) as i32;
  const drift = min<i32>(max<i32>(load16(record + RECORD_STATE + STATE_DRIFT) as i16 as i32, -bound), bound);
  const apart: u32 = abs<i32>(drift);
  const next = load64(record + RECORD_STATE + STATE_NEXT) as i64;
  const first = stepOf(record, time) - (back as i64) + (min<i32>(drift, 0) as i64);
  let all = width + min<u32>(apart, width);
  plan.first = first;
  plan.next = next;
  plan.record = record as u16;
  plan.drift = drift as i16;
  plan.algorithm = load<u8>(record, RECORD_ALGORITHM);
  plan.parts = parts as u8;
  plan.low = (apart > width ? width : all) as u8;
  plan.extra = NONE;
  // The fixed password is one candidate, in which the step plays no part.
  if (parts == PART_PASSWORD) all = 1;
  else if (!((next == 0) | isPlanned(next - 1 - first, apart, width))) plan.extra = all++ as u8;
  plan.width = all as u8;
}

/** Whether a step that lies so far from the first one is in one of the windows; the same work whether or not. */
function isPlanned(place: u64, apart: u64, width: u64): bool {
  return (place < width) | (place - apart < width);
}

/** What the candidate password is made of; 0 where the request asks for what the mode does not have. */
function partsOf(request: u32, record: u32): u32 {
  const mode: u32 = load<u8>(record, RECORD_MODE);
  if (load<u8>(request, REQUEST_FLAGS) & FLAG_SECOND) return mode == MODE_PASSWORD_THEN_CODE ? PART_CODE : 0;
  if (mode == MODE_CODE) return PART_CODE;
  return mode == MODE_PASSWORD_THEN_CODE ? PART_PASSWORD : PART_PASSWORD | PART_CODE;
}

/** Whether every field of a request is in range. */
function isSound(request: u32): bool {
  const proof = load<u8>(request, REQUEST_PROOF);
  const length = load<u8>(request, REQUEST_LENGTH);
  if (load64(request + REQUEST_TIME) >= TIME_END) return false;
  if (load<u8>(request, REQUEST_FLAGS) & ~(FLAG_SECOND | FLAG_ACTIVATE | FLAG_NOT_VALID | FLAG_CALLER_WAITS)) return false;
  const type = load<u8>(request, REQUEST_TYPE);
  if (type > TYPE_ANY || (type & (type - 1)) != 0) return false;
  if (proof == PROOF_CLEAR) return length <= TEXT_BYTES;
  if (proof == PROOF_CHAP) return length <= CHALLENGE_BYTES;
  return proof == PROOF_MSCHAPV2 && load<u8>(request, REQUEST_NAME_LENGTH) <= NAME_BYTES;
}

