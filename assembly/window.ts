// The scan: every candidate of every request of a batch goes through the lanes, hit or miss; none is left out.
// RFC 6238 section 5.2 (the window), RFC 4226 section 7.2 (HOTP's look-ahead).

import { ALGORITHM_MD5, ALGORITHM_SHA1, PROOF_CHAP, PROOF_CLEAR, PROOF_MSCHAPV2 } from "./abi";
import { candidateIn, place, placeAny } from "./candidate";
import { hotpCodes } from "./hotp";
import { CANDIDATES, GROUPED, HMAC_CANDIDATES } from "./lane";
import { forgetBlocks, motpCodes } from "./motp";
import { settleRows } from "./mschapv2";
import { compareTyped } from "./pap";
import { Plan, planAfter, planAt, stepAt } from "./plan";
import { respond } from "./response";

/** Tries all candidates of the first `count` plans, and marks in each plan the best one that matches. */
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
      if (plan.algorithm != algorithm) continue;
      if (GROUPED) lanes = enterSteps<L>(algorithm, lanes, r, count);
      else for (let i: u32 = 0; i < plan.width; i++) lanes = enter<L>(algorithm, lanes, plan, i, stepAt(plan, i));
    }
    if (GROUPED && lanes > 0) tryLanes<L>(algorithm, lanes);
  }
  settleRows<L>();
}

/** Puts a candidate into the next lane, and tries the lanes when they are full; returns how many are filled then. */
@inline
function enter<L>(algorithm: u32, lanes: u32, plan: Plan, index: u32, step: i64): u32 {
  place(lanes, plan, index, step);
  if (++lanes < HMAC_CANDIDATES) return lanes;
  tryLanes<L>(algorithm, lanes);
  return 0;
}

/**
 * Enters what is left of plan r's candidates, and with each step whatever plans after it have come to the same one: lanes
 * that hold one step share its schedule.
 */
function enterSteps<L>(algorithm: u32, lanes: u32, r: u32, count: u32): u32 {
  while (hasNext(planAt(r))) {
    const step = nextStep(planAt(r));
    for (let other = r; other < count; other++) {
      const plan = planAt(other);
      if (plan.algorithm != algorithm || !hasNext(plan) || nextStep(plan) != step) continue;
      const index: u32 = plan.entered;
      plan.entered = (index + 1) as u8;
      lanes = enter<L>(algorithm, lanes, plan, index, step);
    }
  }
  return lanes;
}

@inline
function hasNext(plan: Plan): bool {
  return plan.entered < plan.width;
}

@inline
function nextStep(plan: Plan): i64 {
  return stepAt(plan, plan.entered);
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
    for (; lanes * run < position + width; lanes++) enterRun(lanes, planAt(r), lanes * run - position);
    position += width;
  }
  for (let tried: u32 = 0; tried < run; tried++) {
    tryLanes<L>(ALGORITHM_MD5, lanes);
    for (let lane: u32 = 0; lane < lanes; lane++) advance(lane, count);
  }
}

/** How many candidates of mOTP a plan has. */
@inline
function motpWidth(plan: Plan): u32 {
  return plan.algorithm == ALGORITHM_MD5 ? plan.width : 0;
}

/** Puts the next candidate of the row into a lane. The last one stays, where the last run is shorter than the others. */
function advance(lane: u32, count: u32): void {
  let plan = candidateIn(lane).plan;
  const index: u32 = candidateIn(lane).index + 1;
  if (index < motpWidth(plan)) return enterRun(lane, plan, index);
  do {
    plan = planAfter(plan);
    if (plan == planAt(count)) return;
  } while (motpWidth(plan) == 0);
  enterRun(lane, plan, 0);
}

@inline
function enterRun(lane: u32, plan: Plan, index: u32): void {
  place(lane, plan, index, stepAt(plan, index));
}

/** Prepares the lanes, before codeLanes: no block and no schedule of an earlier call stands there. */
@inline
export function forgetLanes(): void {
  forgetBlocks();
  if (GROUPED) placeAny();
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
    const proof: u32 = candidateIn(lane).plan.proof;
    if (proof == PROOF_CLEAR) compareTyped(lane);
    else if (GROUPED) proofs |= 1 << proof;
    else respond<L>(proof, lanes, true);
  } while (GROUPED && ++lane < lanes);
  if (!GROUPED) return;
  if (proofs & (1 << PROOF_CHAP)) respond<L>(PROOF_CHAP, lanes, true);
  if (proofs & (1 << PROOF_MSCHAPV2)) respond<L>(PROOF_MSCHAPV2, lanes, true);
}
