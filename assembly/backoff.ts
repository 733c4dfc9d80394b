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
  store64(since, min<u64>(load64(since), now));
  const failures = failuresNow(state, count, now);
  const doublings = min<u32>(failures - FREE_FAILURES, DOUBLINGS);
  const wait = min<u32>(FIRST_WAIT_SECONDS << doublings, LONGEST_WAIT_SECONDS);
  const elapsed = min<u32>(elapsedSince(state, count, now), wait);
  return select<u32>(wait - elapsed, 0, failures >= FREE_FAILURES);
}

/**
 * Counts a failure, or a success, or neither: `failed` and `accepted` are 0 or 1, and the work is the same. A success ends
 * the wait of its own count and makes its source known.
 */
export function countAttempt(state: u32, count: u32, source: u32, now: u64, failed: u32, accepted: u32): void {
  const at = state + count;
  const more = min<u32>(failuresNow(state, count, now) + 1, 255);
  store<u8>(at, select<u32>(more, load<u8>(at, STATE_FAILURES), failed) * (1 - accepted), STATE_FAILURES);
  const since = state + STATE_SINCE + count * 8;
  store64(since, select<u64>(now, load64(since), failed) * ((1 - accepted) as u64));
  const learned = accepted & ((source != 0) as u32) & (1 - count);
  const slot: u32 = load<u8>(state, STATE_SOURCE_NEXT);
  const place = state + STATE_SOURCES + slot * 4;
  storeWord(place, select<u32>(source, loadWord(place), learned));
  store<u8>(state, (slot + learned) % SOURCES, STATE_SOURCE_NEXT);
}

/** Failures less one for each LONGEST_WAIT_SECONDS that have passed. */
function failuresNow(state: u32, count: u32, now: u64): u32 {
  const failures: u32 = load<u8>(state + count, STATE_FAILURES);
  const forgotten = elapsedSince(state, count, now) / LONGEST_WAIT_SECONDS;
  return failures - min<u32>(forgotten, failures);
}

/** Seconds since the last failure, which waitSeconds has seen to be no later than now; 2^32 - 1 if more. */
function elapsedSince(state: u32, count: u32, now: u64): u32 {
  return min<u64>(now - load64(state + STATE_SINCE + count * 8), u32.MAX_VALUE) as u32;
}
