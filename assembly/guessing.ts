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
  RECORD_BACK,
  RECORD_DRIFT_BOUND,
  RECORD_FACTOR,
  RECORD_FORWARD,
  STATE_SOURCE_NEXT,
  STATE_SOURCES,
} from "./abi";
import { either, load16, storeWord } from "./bytes";
import { loadWord } from "./lane";

const SOURCES: u32 = 3;
const DOUBLINGS: u32 = MOST_FAILURES - FREE_FAILURES;

/**
 * The longest wait of a profile, which is also the time that a failure is remembered: it follows from the most candidates
 * that there can be, of a million codes. mOTP has 16 million; seven and eight digits count as six.
 */
export function longestWait(record: u32): u32 {
  const width = load16(record + RECORD_BACK) + 1 + load16(record + RECORD_FORWARD);
  const candidates = width + min<u32>(width, load16(record + RECORD_DRIFT_BOUND));
  const wait = candidates * CANDIDATE_WAIT_SECONDS;
  return max<u32>(LONGEST_WAIT_SECONDS, load<u8>(record, RECORD_FACTOR) == FACTOR_MOTP ? wait >>> 4 : wait);
}


/** Which count an attempt from `source` belongs to: 1 where the user has logged in from there, else 0. */
export function countOf(state: u32, source: u32): u32 {
  let known: u32 = 0;
  for (let i: u32 = 0; i < SOURCES; i++) known |= (loadWord(state + STATE_SOURCES + i * 4) == source) as u32;
  return known & ((source != 0) as u32);
}

/** What is left of `failures`: one is forgotten for each `longest` seconds that have passed. */
export function failuresLeft(failures: u32, elapsed: u32, longest: u32): u32 {
  return failures - min<u32>(failures, elapsed / longest);
}

/** Seconds until an attempt is considered, `elapsed` seconds after the last of so many failures; 0 is now. */
export function waitSeconds(failures: u32, elapsed: u32, longest: u32): u32 {
  const wait = min<u32>(FIRST_WAIT_SECONDS << min<u32>(failures - FREE_FAILURES, DOUBLINGS), longest);
  return (wait - min<u32>(wait, elapsed)) & (((FREE_FAILURES - 1 - failures) as i32 >> 31) as u32);
}

/** Remembers a source, where `learnt` is all ones and not zero. */
export function learnSource(state: u32, source: u32, learnt: u32): void {
  const next: u32 = load<u8>(state, STATE_SOURCE_NEXT);
  const known = state + STATE_SOURCES + next * 4;
  storeWord(known, either(learnt, source, loadWord(known)));
  store<u8>(state, (next - learnt) % SOURCES, STATE_SOURCE_NEXT);
}
