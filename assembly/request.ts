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
  RECORDS,
  STATUS_OK,
  TEXT_BYTES,
  TIME_END,
  TYPE_ANY,
  VERDICT_BAD_RECORD,
  VERDICT_BAD_REQUEST,
} from "./abi";
import { zero } from "./bytes";
import { checkRecord } from "./check";
import { clamp } from "./masks";
import { challengeHash } from "./mschapv2";
import { typedCode } from "./pap";
import { NO_RANK, NONE, PART_CODE, PART_PASSWORD, Plan, PLAN_BYTES, planAt, requestOf, stepOf } from "./plan";
import { Record, recordAt } from "./record";
import { Request } from "./rows";

/** Makes the plan of request r; returns 0, or the verdict on a request or record that cannot be scanned. */
export function makePlan<L>(r: u32): u32 {
  const plan = planAt(r);
  const request = requestOf(plan);
  const index: u32 = request.index;
  if (index >= RECORDS || !isSound(request)) return refuse(plan, VERDICT_BAD_REQUEST);
  const record = recordAt(index);
  if (checkRecord(record) != STATUS_OK) return refuse(plan, VERDICT_BAD_RECORD);
  const parts = partsOf(request, record);
  if (parts == 0) return refuse(plan, VERDICT_BAD_REQUEST);
  const proof = request.proof;
  // The plan lies where the name of MS-CHAPv2 does.
  if (proof == PROOF_MSCHAPV2) challengeHash<L>(request);
  planCandidates(plan, record, parts);
  plan.proof = proof;
  plan.typed = proof == PROOF_CLEAR ? typedCode(request, record, parts) : 0;
  return 0;
}

/** Leaves a plan without candidates. */
function refuse(plan: Plan, verdict: u32): u32 {
  zero(plan.at, PLAN_BYTES);
  return verdict;
}

/** Writes what a plan says of candidates, all but `typed` and `proof`, at its request's time: the window around the clock's step, the one around the drifted step, the last accepted step. */
export function planCandidates(plan: Plan, record: Record, parts: u32): void {
  const width = record.width;
  const bound: i32 = record.driftBound;
  const next = record.state.next;
  const drift = clamp(record.state.drift, bound);
  const early = drift & (drift >> 31); // 0 where the device's clock is ahead
  const apart: u32 = drift - 2 * early;
  const first = stepOf(record, requestOf(plan).time) - (record.back as i64) + (early as i64);
  let all = width + min<u32>(apart, width);
  plan.first = first;
  plan.next = next;
  plan.rank = NO_RANK;
  plan.owner = record.at as u16;
  plan.drift = drift as i16;
  plan.algorithm = record.algorithm;
  plan.parts = parts as u8;
  plan.low = (apart > width ? width : all) as u8;
  // All ones where the last accepted step is in a window, or there is none.
  let planned = 0 - (((next == 0) | isPlanned(next - 1 - first, apart, width)) as u32);
  if (parts == PART_PASSWORD) {
    // The fixed password is one candidate, in which the step plays no part.
    all = 1;
    planned = ~0;
  }
  plan.extra = (all | planned) as u8; // NONE, or the last index
  plan.width = (all + 1 + planned) as u8;
  plan.entered = 0;
}

/** Whether a step that lies so far from the first one is in one of the windows; the same work whether or not. */
function isPlanned(place: u64, apart: u64, width: u64): bool {
  return (place < width) | (place - apart < width);
}

/** What the candidate password is made of; 0 where the request asks for what the mode does not have. */
function partsOf(request: Request, record: Record): u32 {
  const mode = record.mode;
  if (request.flags & FLAG_SECOND) return mode == MODE_PASSWORD_THEN_CODE ? PART_CODE : 0;
  if (mode == MODE_CODE) return PART_CODE;
  return mode == MODE_PASSWORD_THEN_CODE ? PART_PASSWORD : PART_PASSWORD | PART_CODE;
}

/** Whether every field of a request is in range. */
function isSound(request: Request): bool {
  const length = request.length;
  const type = request.type;
  if (request.time >= TIME_END) return false;
  if (request.flags & ~(FLAG_SECOND | FLAG_ACTIVATE | FLAG_NOT_VALID | FLAG_CALLER_WAITS)) return false;
  if (type > TYPE_ANY || (type & (type - 1)) != 0) return false;
  const proof = request.proof;
  if (proof == PROOF_CLEAR) return length <= TEXT_BYTES;
  if (proof == PROOF_CHAP) return length <= CHALLENGE_BYTES;
  return proof == PROOF_MSCHAPV2 && request.nameLength <= NAME_BYTES;
}
