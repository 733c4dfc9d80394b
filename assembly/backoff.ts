// Back-off: failures push the next allowed attempt away, doubling up to a cap, and are forgotten with time.
//
// Sources from which the user has logged in before are counted apart from strangers, so that a stranger who fails
// in somebody's name does not keep that person out.

import {
  FIRST_WAIT_SECONDS,
  FREE_FAILURES,
  LONGEST_WAIT_SECONDS,
  STATE_FAILURES,
  STATE_SINCE,
  STATE_SOURCE_NEXT,
  STATE_SOURCES,
} from "./abi";
import { load64, store64, storeWord } from "./bytes";
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

/** Seconds until an attempt is considered; 0 is now. */
export function waitSeconds(state: u32, count: u32, now: u64): u32 {
  // A clock that was set back would stretch the wait until it has caught up: count from its new time instead.
  const since = state + STATE_SINCE + count * 8;
  if (load64(since) > now) store64(since, now);
  const failures = failuresNow(state, count, now);
  if (failures < FREE_FAILURES) return 0;
  const doublings = failures - FREE_FAILURES;
  const wait = min<u32>(FIRST_WAIT_SECONDS << min<u32>(doublings, DOUBLINGS), LONGEST_WAIT_SECONDS);
  const elapsed = elapsedSince(state, count, now);
  return elapsed < wait ? wait - elapsed : 0;
}

export function countFailure(state: u32, count: u32, now: u64): void {
  const failures = failuresNow(state, count, now);
  store<u8>(state + count, min<u32>(failures + 1, 255), STATE_FAILURES);
  store64(state + STATE_SINCE + count * 8, now);
}

/** A success ends the wait of its own count, and makes its source known. */
export function countSuccess(state: u32, count: u32, source: u32): void {
  store<u8>(state + count, 0, STATE_FAILURES);
  store64(state + STATE_SINCE + count * 8, 0);
  if (source == 0 || count == 1) return;
  const next: u32 = load<u8>(state, STATE_SOURCE_NEXT);
  storeWord(state + STATE_SOURCES + next * 4, source);
  store<u8>(state, (next + 1) % SOURCES, STATE_SOURCE_NEXT);
}

/** Failures less one for each LONGEST_WAIT_SECONDS that have passed. */
function failuresNow(state: u32, count: u32, now: u64): u32 {
  const failures: u32 = load<u8>(state + count, STATE_FAILURES);
  const forgotten = elapsedSince(state, count, now) / LONGEST_WAIT_SECONDS;
  return forgotten < failures ? failures - forgotten : 0;
}

/** Seconds since the last failure, which waitSeconds has seen to be no later than now; 2^32 - 1 if more. */
function elapsedSince(state: u32, count: u32, now: u64): u32 {
  return min<u64>(now - load64(state + STATE_SINCE + count * 8), u32.MAX_VALUE) as u32;
}
