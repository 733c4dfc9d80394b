// The judge: what a scanned request gets, and what becomes of the state. Replay, drift, standing, types, waits, recovery.
//
// A code is spent when a step at or after it has been accepted, whatever window or drift says (RFC 6238 section 5.2,
// RFC 4226 section 7.2).

import {
  DOOR_CODES,
  DOOR_LOOKS,
  DOOR_SECONDS,
  FACTOR_HOTP,
  FLAG_ACTIVATE,
  FLAG_CALLER_WAITS,
  FLAG_NOT_VALID,
  MOST_FAILURES,
  PROOF_CLEAR,
  PROOF_MSCHAPV2,
  RECORD_DRIFT_BOUND,
  RECORD_FACTOR,
  RECORD_KEY,
  RECORD_PASSWORD,
  RECORD_PASSWORD_LENGTH,
  RECORD_PERIOD,
  RECORD_RECOVERY,
  RECORD_STANDING,
  RECORD_STATE,
  RECORD_T0,
  RECORD_TYPES,
  RECOVERY_CODES,
  REQUEST_FLAGS,
  REQUEST_LENGTH,
  REQUEST_RESPONSE,
  REQUEST_SOURCE,
  REQUEST_TEXT,
  REQUEST_TIME,
  REQUEST_TYPE,
  RESULT_MASTER_KEY,
  RESULT_OFFSET,
  RESULT_WAIT,
  STANDING_DECOY,
  STANDING_DISABLED,
  STATE_ACTIVE,
  STATE_DOOR,
  STATE_DOOR_AGE,
  STATE_DOOR_STEP,
  STATE_DRIFT,
  STATE_ELAPSED,
  STATE_FAILURES,
  STATE_NEXT,
  STATE_RECOVERED,
  STATE_SEEN,
  STATE_WRONG,
  VERDICT_ACCEPT,
  VERDICT_CONTINUE,
  VERDICT_DISABLED,
  VERDICT_NOT_VALID,
  VERDICT_PENDING,
  VERDICT_RECOVERED,
  VERDICT_SPENT,
  VERDICT_TYPE,
  VERDICT_UNKNOWN,
  VERDICT_WAIT,
  VERDICT_WRONG,
} from "./abi";
import { either, equal, load16, load64, mask, store16, store64, storeWord, zero } from "./bytes";
import { placeStep } from "./candidate";
import { countOf, failuresLeft, learnSource, longestWait, waitSeconds } from "./guessing";
import { loadWord } from "./lane";
import { deriveKeys, writeHash } from "./mppe";
import { confirm } from "./mschapv2";
import { clockStep, isMatched, matchedStep, PART_CODE, PART_PASSWORD, Plan, requestOf } from "./plan";
import { findRecovery, matchRecovery, NOWHERE, readRecovery } from "./recovery";
import { respond } from "./response";
import { sipHash } from "./siphash";
import { codeLanes } from "./window";

/** The bits of STATE_RECOVERED that say which codes are used. */
const USED: u32 = (1 << RECOVERY_CODES) - 1;
/** No time is counted as longer, in seconds. */
const LONGEST: u32 = 0x3fffffff;

/**
 * Judges a scanned plan, changes the record's state and fills the result but for its verdict, which it returns. Every
 * outcome takes the same way: values are chosen by masks. Only MS-CHAPv2 does more where a candidate matches.
 */
export function judge<L>(plan: Plan, result: u32): u32 {
  const record: u32 = plan.record;
  const request = requestOf(plan);
  const state = record + RECORD_STATE;
  const now = load64(request + REQUEST_TIME) as u32;
  const source = loadWord(request + REQUEST_SOURCE);
  const flags: u32 = load<u8>(request, REQUEST_FLAGS);
  const active: u32 = load<u8>(state, STATE_ACTIVE);
  const standing: u32 = load<u8>(record, RECORD_STANDING);
  const type: u32 = load<u8>(request, REQUEST_TYPE) & ~load<u8>(record, RECORD_TYPES);

  // Time that has passed. None has where the clock was set back: no wait grows by that.
  const since = now - loadWord(state + STATE_SEEN);
  const passed = since & ~(((since as i32) >> 31) as u32);
  const count = countOf(state, source);
  const elapsed = addTime(loadWord(state + STATE_ELAPSED + count * 4), passed);
  const longest = longestWait(record);
  const counted: u32 = load<u8>(state + count, STATE_FAILURES);
  const failures = failuresLeft(counted, elapsed, longest);
  const wait = waitSeconds(failures, elapsed, longest);

  // What bars the user whatever the proof says; the last line that applies counts.
  let bar = ~mask(standing ^ STANDING_DECOY) & VERDICT_UNKNOWN;
  bar = either(mask(type), VERDICT_TYPE, bar);
  bar = either(mask(active | (flags & FLAG_ACTIVATE)), bar, VERDICT_PENDING);
  bar = either(mask(flags & FLAG_NOT_VALID), VERDICT_NOT_VALID, bar);
  bar = either(mask(standing ^ STANDING_DISABLED), bar, VERDICT_DISABLED);
  const open = ~mask(bar);
  const waiting = mask(wait | (flags & FLAG_CALLER_WAITS)) & open;

  // During a wait a few proofs are looked at.
  const door: u32 = load<u8>(state, STATE_DOOR);
  const looks = (door >>> 4) & ~mask((now ^ (now - since)) >>> 1);
  const coded = mask(plan.parts & PART_CODE);
  const looked = waiting & (((looks - DOOR_LOOKS) as i32 >> 31) as u32);
  const considered = open & (looked | ~waiting);

  // The same wrong proof again is no guess: it is refused unread, and costs nothing.
  const digest = hashProof(plan, request, record);
  const remembered = loadWord(state + STATE_WRONG);
  const repeated = ~mask(digest ^ remembered);

  // A request that is refused must not be confirmed: its time would tell whether the code was right. During a wait each
  // one that is looked at is.
  const step = matchedStep(plan);
  let right = isMatched(plan) & considered & ~repeated;
  const proof: u32 = plan.proof;
  if (proof == PROOF_MSCHAPV2 && (right | looked)) right &= confirmed<L>(plan, step, request, result);

  const next = load64(state + STATE_NEXT) as i64;
  const fresh = right & ~(((step - next) >> 63) as u32);
  const age = min<u32>((load<u8>(state, STATE_DOOR_AGE) as u32) + min<u32>(passed, 255), 255);
  const inTime = ((age - DOOR_SECONDS - 1) as i32 >> 31) as u32;
  const hits = door & 15 & inTime;
  // A code follows the one before if no more steps lie between them than have begun since: nobody can guess ahead.
  const clock = clockStep(plan);
  const ahead = (((step as u32) - load16(state + STATE_DOOR_STEP)) << 16) as i32 >> 16;
  const begun = stepsBegun(record, clock, now, age);
  const later = ((-ahead >> 31) as u32) | ~mask(hits);
  const follows = later & ((((ahead - begun - 1) as i32) >> 31) as u32) & mask(hits);
  // Sooner than a device shows the next one nobody types it but who guesses beside its owner: that counts for nothing.
  const early = (((age * 3 - loadWord(record + RECORD_PERIOD) * 2) as i32 >> 31) as u32) & mask(hits);
  const hit = fresh & coded & looked & later & ~early;
  const opened = hit & follows & (((DOOR_CODES - 2 - hits) as i32 >> 31) as u32);

  const accepted = (fresh & coded & ~waiting) | opened;
  const found = proof == PROOF_CLEAR ? recoveryCodes<L>(plan, request, record) & open & mask(active) : 0;
  const generation: u32 = load<u8>(record, RECORD_RECOVERY);
  const stored = load16(state + STATE_RECOVERED);
  const used = stored & USED & ~mask((stored >>> RECOVERY_CODES) ^ (generation & 63));
  const unused = found & ~used;
  const recovered = mask(unused) & ~accepted;
  const wrong = open & ~(right | waiting | mask(found) | repeated);

  // Again the last line that applies counts.
  let verdict = either(repeated | wrong, VERDICT_WRONG, either(coded, VERDICT_SPENT, VERDICT_CONTINUE));
  verdict = either(mask(found & used), VERDICT_SPENT, verdict);
  verdict = either(waiting, VERDICT_WAIT, verdict);
  verdict = either(accepted, VERDICT_ACCEPT, verdict);
  verdict = either(recovered, VERDICT_RECOVERED, verdict);
  verdict = either(open, verdict, bar);

  const offset = (step - clock) as i32;
  const bound: i32 = load16(record + RECORD_DRIFT_BOUND);
  const wide = accepted as i32 as i64;
  store<u8>(state, active | (accepted & 1), STATE_ACTIVE);
  store64(state + STATE_NEXT, next ^ (wide & (next ^ (step + 1))));
  store16(state + STATE_DRIFT, either(accepted, clamp(offset, bound), load16(state + STATE_DRIFT)));
  learnSource(state, source, accepted & mask(source) & (count - 1));
  store16(state + STATE_RECOVERED, either(recovered, used | (unused & recovered) | (generation << RECOVERY_CODES), stored));
  storeWord(state + STATE_WRONG, either(wrong, digest, remembered & ~accepted));

  const touched = accepted | wrong | looked;
  for (let i: u32 = 0; i < 2; i++) {
    const at = state + STATE_ELAPSED + i * 4;
    const before = loadWord(at);
    storeWord(at, either(touched, addTime(before, passed) & ~(wrong & ~mask(i ^ count)), before));
  }
  store<u8>(state + count, either(wrong, min<u32>(failures + 1, MOST_FAILURES), counted), STATE_FAILURES);
  storeWord(state + STATE_SEEN, now - (since & ~touched));
  store16(state + STATE_DOOR_STEP, either(hit, step as u32, load16(state + STATE_DOOR_STEP)));
  store<u8>(state, either(touched, age & ~hit, load<u8>(state, STATE_DOOR_AGE)), STATE_DOOR_AGE);
  // A device's steps begin at other moments than the clock's: one step more than have begun here keeps the count.
  const timed = (load<u8>(record, RECORD_FACTOR) != FACTOR_HOTP) as i32;
  const kept = hits & (((ahead - begun - 1 - timed) >> 31) as u32);
  const codes = either(hit, max<u32>(kept + (follows & 1), 1), hits) & ~accepted;
  const turned = codes | ((looks + (looked & 1)) << 4);
  store<u8>(state, either(touched, turned, door), STATE_DOOR);

  storeWord(result + RESULT_OFFSET, (offset as u32) & right & coded & (accepted | ~waiting));
  storeWord(result + RESULT_WAIT, either(wrong, waitSeconds(failures + 1, 0, longest), wait & ~mask(verdict ^ VERDICT_WAIT)));
  if (proof == PROOF_MSCHAPV2) {
    if (verdict <= VERDICT_CONTINUE) deriveKeys<L>(request, result);
    else zero(result + RESULT_MASTER_KEY, 16); // confirming leaves the NT hash here
  }
  return verdict;
}

/** The sum of two times. */
function addTime(elapsed: u32, passed: u32): u32 {
  return min<u32>(elapsed + passed, LONGEST);
}

/** How many steps have begun in the last `age` seconds. HOTP's begin when the button is pressed: one. */
function stepsBegun(record: u32, clock: i64, now: u32, age: u32): i32 {
  if (load<u8>(record, RECORD_FACTOR) == FACTOR_HOTP) return 1;
  const period = loadWord(record + RECORD_PERIOD);
  const phase = now - loadWord(record + RECORD_T0) - (clock as u32) * period; // seconds of the present step
  return (max<i32>((age - phase) as i32, 0) + period - 1) / period;
}

/** x, or the nearest number from -bound to bound, without a branch; both are less than 2^30 in size. */
function clamp(x: i32, bound: i32): i32 {
  return least(bound, -least(bound, -x));
}

/** The smaller one, without a branch. */
function least(a: i32, b: i32): i32 {
  return b + ((a - b) & ((a - b) >> 31));
}

/** All ones if the whole response of a match of MS-CHAPv2 is right, else 0; the NT hash is left at RESULT_MASTER_KEY. */
function confirmed<L>(plan: Plan, step: i64, request: u32, result: u32): u32 {
  placeStep(0, plan, step);
  codeLanes<L>(plan.algorithm, 1);
  respond<L>(PROOF_MSCHAPV2, 1, false);
  writeHash(result + RESULT_MASTER_KEY);
  return 0 - (confirm<L>(request, result + RESULT_MASTER_KEY) as u32);
}

/**
 * The proof as a number that tells nothing without the record's key: it stands in the state, and people mistype what is
 * nearly right. The text or the response is hashed, and behind it what was asked for. Never 0.
 */
function hashProof(plan: Plan, request: u32, record: u32): u32 {
  const proof: u32 = plan.proof;
  // A response of CHAP has two words of 64 bits, one of MS-CHAPv2 has three.
  const length: u32 = proof == PROOF_CLEAR ? load<u8>(request, REQUEST_LENGTH) : proof * 8;
  // What lies behind the text or response has been read.
  store<u8>(request + REQUEST_TEXT + length, (proof << 2) | (plan.parts as u32));
  const key = record + RECORD_KEY;
  const hash = sipHash(load64(key), load64(key + 8), request + REQUEST_TEXT, length + 1);
  return (hash as u32) | 1;
}

/** Bit i is set if the text is recovery code i, behind the password where there is one. The text's form alone says whether any is computed. */
function recoveryCodes<L>(plan: Plan, request: u32, record: u32): u32 {
  const text = request + REQUEST_TEXT;
  const at = findRecovery(text, load<u8>(request, REQUEST_LENGTH));
  if (at == NOWHERE) return 0;
  const length: u32 = plan.parts & PART_PASSWORD ? load<u8>(record, RECORD_PASSWORD_LENGTH) : 0;
  const before = (equal(text, record + RECORD_PASSWORD, min<u32>(at, RECORD_STATE - RECORD_PASSWORD)) as u32) & ((at == length) as u32);
  const all = matchRecovery<L>(plan, readRecovery(text + at));
  return all & mask(load<u8>(record, RECORD_RECOVERY)) & (0 - before);
}
