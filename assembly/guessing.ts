// What guessing costs: failures push the next attempt away, doubling up to a cap, and are forgotten with time. A wait has a
// door: codes are still looked at, and several right ones in a row end it, so that nobody keeps the owner out by guessing.
//
// Sources from which the user has logged in before are counted apart from strangers. A login that is accepted forgives
// nothing: whoever guesses beside the owner gains nothing by the owner's logins.

import {
  CANDIDATE_WAIT_SECONDS,
  FACTOR_MOTP,
  FIRST_WAIT_SECONDS,
  FREE_FAILURES,
  LONGEST_WAIT_SECONDS,
  MOST_FAILURES,
} from "./abi";
import { below, either } from "./masks";
import { Record, State } from "./record";

const DOUBLINGS: u32 = MOST_FAILURES - FREE_FAILURES;

/**
 * The longest wait of a profile, which is also the time that a failure is remembered: it follows from the most candidates
 * that there can be, of a million codes. mOTP has 16 million; seven and eight digits count as six.
 */
export function longestWait(record: Record): u32 {
  const width = record.width;
  const wait = (width + min<u32>(width, record.driftBound)) * CANDIDATE_WAIT_SECONDS;
  return max<u32>(LONGEST_WAIT_SECONDS, record.factor == FACTOR_MOTP ? wait >>> 4 : wait);
}

/** All ones where the user has logged in from `source`: such attempts are counted apart. */
export function isKnown(state: State, source: u32): u32 {
  const known = (state.source == source) | (state.source1 == source) | (state.source2 == source);
  return 0 - ((known & (source != 0)) as u32);
}

/** What is left of `failures`: one is forgotten for each `longest` seconds that have passed. */
export function failuresLeft(failures: u32, elapsed: u32, longest: u32): u32 {
  return failures - min<u32>(failures, elapsed / longest);
}

/** Seconds until an attempt is considered, `elapsed` seconds after the last of so many failures; 0 is now. */
export function waitSeconds(failures: u32, elapsed: u32, longest: u32): u32 {
  const wait = min<u32>(FIRST_WAIT_SECONDS << min<u32>(failures - FREE_FAILURES, DOUBLINGS), longest);
  return (wait - min<u32>(wait, elapsed)) & below(FREE_FAILURES - 1, failures);
}

/** Remembers a source, where `learnt` is all ones and not zero. */
export function learnSource(state: State, source: u32, learnt: u32): void {
  const at: u32 = state.sourceNext;
  state.setSource(at, either(learnt, source, state.sourceOf(at)));
  const next = at - learnt;
  state.sourceNext = (next & ~below(2, next)) as u8; // 0 to 2
}
