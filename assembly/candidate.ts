// The candidates in the lanes: which step of whose plan each lane is working on, and the code that came out.

import { CANDIDATES, GROUPED } from "./lane";
import { Plan, planAt } from "./plan";
import { CANDIDATE_BYTES, CANDIDATES_AT } from "./scratch";

/**
 * ```
 *   0 ┌───────────────────────────────────┐
 *     │ step                              │
 *   8 ├─────────────────┬─────────────────┤
 *     │ code            │ block step      │ the step of the mOTP block that stands in the lane
 *  16 ├─────────────────┼─────────────────┤
 *     │ plan            │ block           │ whose block that is (motp.ts), or 0
 *  24 ├─────┬───────────┴─────────────────┤
 *     │index│                             │ which of the plan's candidates
 *  32 └─────┴─────────────────────────────┘
 * ```
 */
@unmanaged
export class Candidate {
  step: i64;
  /** As a number: decimal digits, or mOTP's 24 bits. */
  code: u32;
  blockStep: u32;
  plan: Plan;
  block: u32;
  index: u8;

  /** Address of the key in the record. */
  @inline
  get key(): u32 {
    return this.plan.record.key;
  }
}

if (offsetof<Candidate>() > CANDIDATE_BYTES) ERROR("A candidate does not fit its lane");

/** The candidate in a lane; the strict file has but one. */
@inline
export function candidateIn(lane: u32): Candidate {
  return changetype<Candidate>(CANDIDATES_AT + (GROUPED ? lane * CANDIDATE_BYTES : 0));
}

/** Puts candidate `index` of a plan, which is of step `step`, into a lane. */
@inline
export function place(lane: u32, plan: Plan, index: u32, step: i64): void {
  candidateIn(lane).index = index as u8;
  placeStep(lane, plan, step);
}

/** Puts a step that no index names into a lane. */
@inline
export function placeStep(lane: u32, plan: Plan, step: i64): void {
  const candidate = candidateIn(lane);
  candidate.plan = plan;
  candidate.step = step;
}

/** Puts a plan into all lanes: those that are not filled are worked on all the same. */
export function placeAny(): void {
  for (let lane: u32 = 0; lane < CANDIDATES; lane++) placeStep(lane, planAt(0), 0);
}
