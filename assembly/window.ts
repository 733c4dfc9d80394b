// The window scan: every candidate of every request of a batch goes through the lanes, hit or miss; none is left out.
// RFC 6238 section 5.2 (the window), RFC 4226 section 7.2 (HOTP's look-ahead).

import {
  ALGORITHM_MD5,
  ALGORITHM_SHA1,
  CHALLENGE_BYTES,
  FLAG_ACTIVATE,
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
  RECORD_FORWARD,
  RECORD_MODE,
  RECORD_STATE,
  RECORDS,
  RECORDS_AT,
  REQUEST_BYTES,
  REQUEST_FLAGS,
  REQUEST_LENGTH,
  REQUEST_NAME_LENGTH,
  REQUEST_PROOF,
  REQUEST_RECORD,
  REQUEST_TIME,
  REQUEST_TYPE,
  REQUESTS,
  REQUESTS_AT,
  STATE_DRIFT,
  STATUS_OK,
  TEXT_BYTES,
  TIME_END,
  TYPE_ANY,
  VERDICT_BAD_RECORD,
  VERDICT_BAD_REQUEST,
} from "./abi";
import { load16, load64 } from "./bytes";
import { indexIn, place, placeAny, planIn } from "./candidate";
import { forgetSchedule } from "./hmac";
import { hotpCodes } from "./hotp";
import { CANDIDATES, GROUPED, HMAC_CANDIDATES, loadWord } from "./lane";
import { forgetBlocks, motpCodes } from "./motp";
import { challengeHash, settleRows } from "./mschapv2";
import { compareTyped, typedCode } from "./pap";
import {
  PART_CODE,
  PART_PASSWORD,
  PLAN_ALGORITHM,
  PLAN_BYTES,
  PLAN_ENTERED,
  PLAN_FIRST,
  PLAN_PARTS,
  PLAN_PROOF,
  PLAN_RECORD,
  PLAN_REQUEST,
  PLAN_TYPED,
  PLAN_WIDTH,
  planAt,
  stepOf,
} from "./plan";
import { respond } from "./response";
import { checkRecord } from "./record";

/** Makes the plan of request r; answers 0, or the verdict on a request or record that cannot be scanned. */
export function makePlan<L>(r: u32): u32 {
  const plan = planAt(r);
  const request = REQUESTS_AT + r * REQUEST_BYTES;
  const index = load16(request + REQUEST_RECORD);
  if (index >= RECORDS || !isSound(request)) return VERDICT_BAD_REQUEST;
  const record = RECORDS_AT + index * RECORD_BYTES;
  if (checkRecord(record) != STATUS_OK) return VERDICT_BAD_RECORD;
  const mode = load<u8>(record, RECORD_MODE);
  const second = load<u8>(request, REQUEST_FLAGS) & FLAG_SECOND;
  if (second && mode != MODE_PASSWORD_THEN_CODE) return VERDICT_BAD_REQUEST;

  let parts: u32 = PART_PASSWORD | PART_CODE;
  if (mode == MODE_CODE || second) parts = PART_CODE;
  else if (mode == MODE_PASSWORD_THEN_CODE) parts = PART_PASSWORD;
  const back = load16(record + RECORD_BACK);
  const drift = loadWord(record + RECORD_STATE + STATE_DRIFT) as i32;
  const centre = stepOf(record, load64(request + REQUEST_TIME)) + (drift as i64);
  const proof = load<u8>(request, REQUEST_PROOF);
  store<i64>(plan, centre - (back as i64), PLAN_FIRST);
  store<u32>(plan, record, PLAN_RECORD);
  store<u16>(plan, request as u16, PLAN_REQUEST);
  // The fixed password is one candidate, in which the step plays no part.
  store<u8>(plan, parts == PART_PASSWORD ? 1 : back + 1 + load16(record + RECORD_FORWARD), PLAN_WIDTH);
  store<u8>(plan, load<u8>(record, RECORD_ALGORITHM), PLAN_ALGORITHM);
  store<u8>(plan, proof, PLAN_PROOF);
  store<u8>(plan, parts, PLAN_PARTS);
  if (proof == PROOF_CLEAR) store<u32>(plan, typedCode(request, record, parts), PLAN_TYPED);
  if (proof == PROOF_MSCHAPV2) challengeHash<L>(request);
  return 0;
}

/** Whether every field of a request is in range. */
function isSound(request: u32): bool {
  const proof = load<u8>(request, REQUEST_PROOF);
  const length = load<u8>(request, REQUEST_LENGTH);
  if (load64(request + REQUEST_TIME) >= TIME_END) return false;
  if (load<u8>(request, REQUEST_FLAGS) > (FLAG_SECOND | FLAG_ACTIVATE)) return false;
  const type = load<u8>(request, REQUEST_TYPE);
  if (type > TYPE_ANY || (type & (type - 1)) != 0) return false;
  if (proof == PROOF_CLEAR) return length <= TEXT_BYTES;
  if (proof == PROOF_CHAP) return length <= CHALLENGE_BYTES;
  return proof == PROOF_MSCHAPV2 && load<u8>(request, REQUEST_NAME_LENGTH) <= NAME_BYTES;
}

/** Tries all candidates of the first `count` plans and marks those that match. */
export function scan<L>(count: u32): void {
  forgetLanes();
  for (let algorithm = ALGORITHM_SHA1; algorithm <= ALGORITHM_MD5; algorithm++) {
    if (GROUPED && algorithm == ALGORITHM_MD5) {
      tryRuns<L>(count);
      continue;
    }
    let lanes: u32 = 0;
    for (let r: u32 = 0; r < count; r++) {
      const plan = planAt(r);
      if (load<u8>(plan, PLAN_ALGORITHM) != algorithm) continue;
      if (GROUPED) lanes = enterSteps<L>(algorithm, lanes, r, count);
      else for (let i: u32 = 0; i < load<u8>(plan, PLAN_WIDTH); i++) lanes = enter<L>(algorithm, lanes, plan, i);
    }
    if (GROUPED && lanes > 0) tryLanes<L>(algorithm, lanes);
  }
  settleRows<L>();
}

/** Puts a candidate into the next lane, and tries the lanes when they are full; answers how many are filled then. */
@inline
function enter<L>(algorithm: u32, lanes: u32, plan: u32, index: u32): u32 {
  place(lanes, plan, index);
  if (++lanes < HMAC_CANDIDATES) return lanes;
  tryLanes<L>(algorithm, lanes);
  return 0;
}

/**
 * Enters what is left of plan r's window, and with each step whatever plans after it have come to the same one: lanes
 * that hold one step share its schedule.
 */
function enterSteps<L>(algorithm: u32, lanes: u32, r: u32, count: u32): u32 {
  for (let step = nextStep(planAt(r)); hasNext(planAt(r)); step++) {
    for (let other = r; other < count; other++) {
      const plan = planAt(other);
      if (load<u8>(plan, PLAN_ALGORITHM) != algorithm || !hasNext(plan) || nextStep(plan) != step) continue;
      const index = load<u8>(plan, PLAN_ENTERED);
      store<u8>(plan, index + 1, PLAN_ENTERED);
      lanes = enter<L>(algorithm, lanes, plan, index);
    }
  }
  return lanes;
}

@inline
function hasNext(plan: u32): bool {
  return load<u8>(plan, PLAN_ENTERED) < load<u8>(plan, PLAN_WIDTH);
}

@inline
function nextStep(plan: u32): i64 {
  return load<i64>(plan, PLAN_FIRST) + (load<u8>(plan, PLAN_ENTERED) as i64);
}

/**
 * Tries all candidates of mOTP. They are one long row, plan after plan; each lane takes a run of it, so that its next
 * candidate is mostly the next step of the same user, whose block it holds.
 */
function tryRuns<L>(count: u32): void {
  let total: u32 = 0;
  for (let r: u32 = 0; r < count; r++) total += motpWidth(planAt(r));
  if (total == 0) return;
  const run = (total + CANDIDATES - 1) / CANDIDATES;
  let lanes: u32 = 0;
  let position: u32 = 0; // of the plan's first candidate in the row
  for (let r: u32 = 0; r < count; r++) {
    const width = motpWidth(planAt(r));
    for (; lanes * run < position + width; lanes++) place(lanes, planAt(r), lanes * run - position);
    position += width;
  }
  for (let tried: u32 = 0; tried < run; tried++) {
    tryLanes<L>(ALGORITHM_MD5, lanes);
    for (let lane: u32 = 0; lane < lanes; lane++) advance(lane);
  }
}

/** How many candidates of mOTP a plan has. */
@inline
function motpWidth(plan: u32): u32 {
  return load<u8>(plan, PLAN_ALGORITHM) == ALGORITHM_MD5 ? load<u8>(plan, PLAN_WIDTH) : 0;
}

/** Puts the next candidate of the row into a lane. The last one stays, where the last run is shorter than the others. */
function advance(lane: u32): void {
  let plan = planIn(lane);
  const index = indexIn(lane) + 1;
  if (index < motpWidth(plan)) return place(lane, plan, index);
  do {
    plan += PLAN_BYTES;
    if (plan == planAt(REQUESTS)) return;
  } while (motpWidth(plan) == 0);
  place(lane, plan, 0);
}

/** Forgets what earlier calls left for the lanes, which has been wiped since; before codeLanes. */
@inline
export function forgetLanes(): void {
  forgetBlocks();
  if (!GROUPED) return;
  forgetSchedule();
  placeAny();
}

/** Computes the codes of the candidates in the lanes. Lanes beyond `lanes` hold other candidates, which do no harm. */
export function codeLanes<L>(algorithm: u32, lanes: u32): void {
  if (algorithm == ALGORITHM_MD5) motpCodes<L>(lanes);
  else hotpCodes<L>(algorithm, lanes);
}

function tryLanes<L>(algorithm: u32, lanes: u32): void {
  codeLanes<L>(algorithm, lanes);
  let proofs: u32 = 0;
  let lane: u32 = 0;
  do {
    const proof = load<u8>(planIn(lane), PLAN_PROOF);
    proofs |= 1 << proof;
    if (proof == PROOF_CLEAR) compareTyped(lane);
  } while (GROUPED && ++lane < lanes);
  if (proofs & (1 << PROOF_CHAP)) respond<L>(PROOF_CHAP, lanes, true);
  if (proofs & (1 << PROOF_MSCHAPV2)) respond<L>(PROOF_MSCHAPV2, lanes, true);
}
