// Back-off: failures push the next allowed attempt away, doubling up to a cap, and are forgotten with time.
//
// Sources from which the user has logged in before are counted apart from strangers, so that a stranger who fails
// in somebody's name does not keep that person out.

import {
  FIRST_WAIT_SECONDS,
  FREE_FAILURES,
  LONGEST_WAIT_SECONDS,
  STATE_SOURCE_NEXT,
  STATE_SOURCES,
} from "./abi";
import { either, storeWord } from "./bytes";
import { loadWord } from "./lane";

const SOURCES: u32 = 4;
/** Doublings that reach the cap: 30 s × 2^12 is more than a day. */
const DOUBLINGS: u32 = 12;

/** Which count an attempt from `source` belongs to: 1 where the user has logged in from there, else 0. */
export function countOf(state: u32, source: u32): u32 {
  let known: u32 = 0;
  for (let i: u32 = 0; i < SOURCES; i++) known |= (loadWord(state + STATE_SOURCES + i * 4) == source) as u32;
  return known & ((source != 0) as u32);
}

/** What is left of `failures`: one is forgotten for each LONGEST_WAIT_SECONDS that have passed. */
export function failuresLeft(failures: u32, elapsed: u32): u32 {
  return failures - min<u32>(failures, elapsed / LONGEST_WAIT_SECONDS);
}

/** Seconds until an attempt is considered, `elapsed` seconds after the last of so many failures; 0 is now. */
export function waitSeconds(failures: u32, elapsed: u32): u32 {
  const wait = min<u32>(FIRST_WAIT_SECONDS << min<u32>(failures - FREE_FAILURES, DOUBLINGS), LONGEST_WAIT_SECONDS);
  return (wait - min<u32>(wait, elapsed)) & (((FREE_FAILURES - 1 - failures) as i32 >> 31) as u32);
}

/** Remembers a source, where `learnt` is all ones and not zero. */
export function learnSource(state: u32, source: u32, learnt: u32): void {
  const next: u32 = load<u8>(state, STATE_SOURCE_NEXT);
  const known = state + STATE_SOURCES + next * 4;
  storeWord(known, either(learnt, source, loadWord(known)));
  store<u8>(state, (next - learnt) % SOURCES, STATE_SOURCE_NEXT);
}
