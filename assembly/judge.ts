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
  RECOVERY_CODES,
  RESULT_MASTER_KEY,
  STANDING_DECOY,
  STANDING_DISABLED,
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
import { zero } from "./bytes";
import { placeStep } from "./candidate";
import { failuresLeft, isKnown, learnSource, longestWait, waitSeconds } from "./guessing";
import { below, clamp, either, eitherWide, isZero, mask, negative } from "./masks";
import { deriveKeys, writeHash } from "./mppe";
import { confirm } from "./mschapv2";
import { clockStep, isMatched, matchedStep, PART_CODE, Plan, requestOf } from "./plan";
import { hashProof } from "./proof-hash";
import { Record } from "./record";
import { typedRecovery } from "./recovery";
import { respond } from "./response";
import { Request, Result } from "./rows";
import { codeLanes } from "./window";

/** The bits of State.recovered that say which codes are used. */
const USED: u32 = (1 << RECOVERY_CODES) - 1;
/** No time is counted as longer, in seconds. */
const LONGEST: u32 = 0x3fffffff;

/**
 * Judges a scanned plan, changes the record's state and fills the result but for its verdict, which it returns. Every
 * outcome takes the same way: values are chosen by masks. Only MS-CHAPv2 does more where a candidate matches.
 */
export function judge<L>(plan: Plan, result: Result): u32 {
  const record = plan.record;
  const request = requestOf(plan);
  const state = record.state;
  const now = request.time as u32;
  const source = request.source;
  const flags: u32 = request.flags;
  const active: u32 = state.active;
  const standing: u32 = record.standing;

  const proof = plan.proof;
  const digest = hashProof(plan, request, record);
  const codes = proof == PROOF_CLEAR ? typedRecovery<L>(plan, request) : 0;

  // Time that has passed. None has where the clock was set back: no wait grows by that.
  const since = now - state.seen;
  const passed = since & ~(((since as i32) >> 31) as u32);
  const strangers = addTime(state.elapsed, passed);
  const knownOnes = addTime(state.elapsedKnown, passed);
  const known = isKnown(state, source);
  const elapsed = either(known, knownOnes, strangers);
  const longest = longestWait(record);
  const counted = either(known, state.failuresKnown, state.failures);
  const failures = failuresLeft(counted, elapsed, longest);
  const wait = waitSeconds(failures, elapsed, longest);

  // What bars the user whatever the proof says; the last line that applies counts.
  let bar = isZero(standing ^ STANDING_DECOY) & VERDICT_UNKNOWN;
  bar = either(mask(request.type & ~record.types), VERDICT_TYPE, bar);
  bar = either(mask(active | (flags & FLAG_ACTIVATE)), bar, VERDICT_PENDING);
  bar = either(mask(flags & FLAG_NOT_VALID), VERDICT_NOT_VALID, bar);
  bar = either(mask(standing ^ STANDING_DISABLED), bar, VERDICT_DISABLED);
  const open = isZero(bar);
  const waiting = mask(wait | (flags & FLAG_CALLER_WAITS)) & open;

  // During a wait a few proofs are looked at.
  const door: u32 = state.door;
  const looks = (door >>> 4) & isZero((now ^ (now - since)) >>> 1);
  const coded = mask(plan.parts & PART_CODE);
  const looked = waiting & below(looks, DOOR_LOOKS);
  const considered = open & (looked | ~waiting);

  // The same wrong proof again is no guess: it is refused unread, and costs nothing.
  const remembered = state.wrong;
  const repeated = isZero(digest ^ remembered);

  // A request that is refused must not be confirmed: its time would tell whether the code was right. During a wait each
  // one that is looked at is.
  const step = matchedStep(plan);
  let right = isMatched(plan) & considered & ~repeated;
  if (proof == PROOF_MSCHAPV2 && (right | looked)) right &= confirmed<L>(plan, step, request, result);

  const next = state.next;
  const fresh = right & ~negative(step - next);
  const age = min<u32>(state.doorAge + min<u32>(passed, 255), 255);
  const hits = door & 15 & below(age, DOOR_SECONDS + 1);
  // A code follows the one before if no more steps lie between them than have begun since: nobody can guess ahead.
  const clock = clockStep(plan);
  const ahead = (((step as u32) - state.doorStep) << 16) as i32 >> 16;
  const begun = secondsBegun(record, clock, now, age);
  // Sooner than a device shows the next one nobody types it but who guesses beside its owner: that counts for nothing.
  const later = (below(0, ahead) & ~below(age * 3, record.period * 2)) | isZero(hits);
  const follows = later & hasBegun(ahead, begun, record) & mask(hits);
  const hit = fresh & coded & looked & later;
  const opened = hit & follows & below(DOOR_CODES - 2, hits);

  const accepted = (fresh & coded & ~waiting) | opened;
  const found = codes & open & mask(active);
  const generation: u32 = record.recovery;
  const stored: u32 = state.recovered;
  const used = stored & USED & isZero((stored >>> RECOVERY_CODES) ^ (generation & 63));
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
  state.active = (active | (accepted & 1)) as u8;
  state.next = eitherWide(accepted, step + 1, next);
  state.drift = either(accepted, clamp(offset, record.driftBound), state.drift) as i16;
  learnSource(state, source, accepted & mask(source) & ~known);
  state.recovered = either(recovered, used | unused | (generation << RECOVERY_CODES), stored) as u16;
  state.wrong = either(wrong, digest, remembered & ~accepted);

  const touched = accepted | wrong | looked;
  state.elapsed = either(touched, strangers & ~(wrong & ~known), state.elapsed);
  state.elapsedKnown = either(touched, knownOnes & ~(wrong & known), state.elapsedKnown);
  state.setFailures(known & 1, either(wrong, min<u32>(failures + 1, MOST_FAILURES), counted));
  state.seen = now - (since & ~touched);
  state.doorStep = either(hit, step as u32, state.doorStep) as u16;
  state.doorAge = either(touched, age & ~hit, state.doorAge) as u8;
  // A device's steps begin at other moments than the clock's: one step more than have begun here keeps the count.
  const timed = (record.factor != FACTOR_HOTP) as i32;
  const kept = hits & hasBegun(ahead - timed, begun, record);
  const rightOnes = either(hit, max<u32>(kept + (follows & 1), 1), hits) & ~accepted;
  const turned = rightOnes | ((looks + (looked & 1)) << 4);
  state.door = either(touched, turned, door) as u8;

  result.offset = offset & right & coded & (accepted | ~waiting);
  result.wait = either(wrong, waitSeconds(failures + 1, 0, longest), wait & isZero(verdict ^ VERDICT_WAIT));
  if (proof == PROOF_MSCHAPV2) {
    if (verdict <= VERDICT_CONTINUE) deriveKeys<L>(request, result);
    else zero(result.at + RESULT_MASTER_KEY, 16); // confirming leaves the NT hash here
  }
  return verdict;
}

/** The sum of two times. */
@inline
function addTime(elapsed: u32, passed: u32): u32 {
  return min<u32>(elapsed + passed, LONGEST);
}

/** Of the last `age` seconds those before the present step began. HOTP's begin when the button is pressed: one has. */
function secondsBegun(record: Record, clock: i64, now: u32, age: u32): u32 {
  if (record.factor == FACTOR_HOTP) return record.period;
  const phase = now - record.t0 - (clock as u32) * record.period; // seconds of the present step
  return max<i32>(age - phase, 0);
}

/** All ones if in so many seconds before the present step no less than `steps` steps have begun, the present one too; else 0. */
@inline
function hasBegun(steps: i32, seconds: u32, record: Record): u32 {
  return negative(((steps - 1) as i64) * (record.period as i64) - (seconds as i64));
}

/** All ones if the whole response of a match of MS-CHAPv2 is right, else 0; the NT hash is left at RESULT_MASTER_KEY. */
function confirmed<L>(plan: Plan, step: i64, request: Request, result: Result): u32 {
  placeStep(0, plan, step);
  codeLanes<L>(plan.algorithm, 1);
  respond<L>(PROOF_MSCHAPV2, 1, false);
  const hash = result.at + RESULT_MASTER_KEY;
  writeHash(hash);
  return 0 - (confirm<L>(request, hash) as u32);
}
