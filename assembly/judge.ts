// The judge: what a scanned request gets, and what becomes of the state. Replay, drift, standing, types, back-off.
//
// A code is spent when a step at or after it has been accepted, whatever window or drift says (RFC 6238 section 5.2,
// RFC 4226 section 7.2).

import {
  FLAG_ACTIVATE,
  PROOF_MSCHAPV2,
  RECORD_BACK,
  RECORD_DRIFT_BOUND,
  RECORD_STANDING,
  RECORD_STATE,
  RECORD_TYPES,
  REQUEST_FLAGS,
  REQUEST_SOURCE,
  REQUEST_TIME,
  REQUEST_TYPE,
  RESULT_MASTER_KEY,
  RESULT_OFFSET,
  RESULT_WAIT,
  STANDING_DECOY,
  STANDING_DISABLED,
  STATE_ACTIVE,
  STATE_DRIFT,
  STATE_FAILURES,
  STATE_NEXT,
  STATE_SINCE,
  VERDICT_ACCEPT,
  VERDICT_CONTINUE,
  VERDICT_DISABLED,
  VERDICT_PENDING,
  VERDICT_SPENT,
  VERDICT_TYPE,
  VERDICT_UNKNOWN,
  VERDICT_WAIT,
  VERDICT_WRONG,
} from "./abi";
import { countOf, failuresLeft, learnSource, waitSeconds } from "./backoff";
import { either, load16, load64, mask, store64, storeWord, zero } from "./bytes";
import { place } from "./candidate";
import { loadWord } from "./lane";
import { deriveKeys, writeHash } from "./mppe";
import { confirm } from "./mschapv2";
import {
  PART_CODE,
  PLAN_ALGORITHM,
  PLAN_FIRST,
  PLAN_MATCHES,
  PLAN_PARTS,
  PLAN_PROOF,
  PLAN_RECORD,
  PLAN_REQUEST,
} from "./plan";
import { respond } from "./response";
import { codeLanes } from "./window";

/**
 * Judges a scanned plan, changes the record's state and fills the result but for its verdict, which it answers. Every
 * outcome takes the same way: values are chosen by masks. Only MS-CHAPv2 does more where a candidate matches.
 */
export function judge<L>(plan: u32, result: u32): u32 {
  const record = load<u32>(plan, PLAN_RECORD);
  const request = load<u16>(plan, PLAN_REQUEST);
  const state = record + RECORD_STATE;
  const now = load64(request + REQUEST_TIME);
  const source = loadWord(request + REQUEST_SOURCE);
  const count = countOf(state, source);
  const active: u32 = load<u8>(state, STATE_ACTIVE);
  const standing: u32 = load<u8>(record, RECORD_STANDING);
  const type: u32 = load<u8>(request, REQUEST_TYPE) & ~load<u8>(record, RECORD_TYPES);
  const usable: u32 = active | (load<u8>(request, REQUEST_FLAGS) & FLAG_ACTIVATE);

  const since = load64(state + STATE_SINCE + count * 8);
  const passed = now - min<u64>(since, now); // 0 if the clock was set back: a wait grows no longer than it was
  const elapsed = min<u64>(passed, u32.MAX_VALUE) as u32;
  const counted: u32 = load<u8>(state + count, STATE_FAILURES);
  const failures = failuresLeft(counted, elapsed);
  const wait = waitSeconds(failures, elapsed);

  // The last line that applies counts.
  let refusal = either(mask(standing ^ STANDING_DECOY), mask(wait) & VERDICT_WAIT, VERDICT_UNKNOWN);
  refusal = either(mask(type), VERDICT_TYPE, refusal);
  refusal = either(mask(usable), refusal, VERDICT_PENDING);
  refusal = either(mask(standing ^ STANDING_DISABLED), refusal, VERDICT_DISABLED);

  // A request that is refused must not be confirmed: its time would tell whether the code was right.
  const refused = mask(refusal);
  let matches = load<u64>(plan, PLAN_MATCHES) & ~(refused as i32 as i64);
  const proof: u32 = load<u8>(plan, PLAN_PROOF);
  if (proof == PROOF_MSCHAPV2) matches = confirmed<L>(matches, plan, request, result);

  const first = load<i64>(plan, PLAN_FIRST);
  const next = load64(state + STATE_NEXT) as i64;
  const fresh = matches & notSpent(next - first);
  const right = 0 - ((matches != 0) as u32);
  const unspent = 0 - ((fresh != 0) as u32);
  const low = fresh | (matches & ~(unspent as i32 as i64));
  const index = popcnt<u64>(~low & (low - 1)) as i32; // of the lowest bit
  const coded = mask(load<u8>(plan, PLAN_PARTS) & PART_CODE);
  const accepted = unspent & coded;
  const wrong = ~(right | refused);
  let verdict = either(coded, VERDICT_SPENT - (unspent & (VERDICT_SPENT - VERDICT_ACCEPT)), VERDICT_CONTINUE);
  verdict = either(right, verdict, either(refused, refusal, VERDICT_WRONG));

  const drift = loadWord(state + STATE_DRIFT) as i32;
  const offset = drift - (load16(record + RECORD_BACK) as i32) + index;
  const bound: i32 = load16(record + RECORD_DRIFT_BOUND);
  const spent = first + (index as i64) + 1;
  const wide = accepted as i32 as i64;
  store64(state + STATE_NEXT, next ^ (wide & (next ^ spent)));
  storeWord(state + STATE_DRIFT, either(accepted, least(bound, -least(bound, -offset)), drift));
  store<u8>(state, active | (accepted & 1), STATE_ACTIVE);
  store<u8>(state + count, either(wrong, min<u32>(failures + 1, 255), counted) & ~accepted, STATE_FAILURES);
  store64(state + STATE_SINCE + count * 8, (now - (passed & ~(wrong as i32 as i64))) & ~wide);
  learnSource(state, source, accepted & mask(source) & (count - 1));
  storeWord(result + RESULT_OFFSET, (offset as u32) & right & coded);
  storeWord(result + RESULT_WAIT, either(wrong, waitSeconds(failures + 1, 0), wait & ~mask(verdict ^ VERDICT_WAIT)));
  if (proof == PROOF_MSCHAPV2) {
    if (verdict <= VERDICT_CONTINUE) deriveKeys<L>(request, result);
    else zero(result + RESULT_MASTER_KEY, 16); // confirming leaves the NT hash here
  }
  return verdict;
}

/** The smaller one, without a branch; a and b are less than 2^30 in size. */
function least(a: i32, b: i32): i32 {
  return b + ((a - b) & ((a - b) >> 31));
}

/** The bits of a window's candidates of which the first `spent` are spent. */
function notSpent(spent: i64): u64 {
  const some = spent & ~(spent >> 63);
  return ((~(0 as u64)) << (some & 63)) & ((some - 64) >> 63);
}

/** Of MS-CHAPv2's matches those whose whole response is right; the last one's NT hash is left at RESULT_MASTER_KEY. */
function confirmed<L>(matches: u64, plan: u32, request: u32, result: u32): u64 {
  for (let rest = matches; rest != 0; rest &= rest - 1) {
    place(0, plan, ctz<u64>(rest) as u32);
    codeLanes<L>(load<u8>(plan, PLAN_ALGORITHM), 1);
    respond<L>(PROOF_MSCHAPV2, 1, false);
    writeHash(result + RESULT_MASTER_KEY);
    if (!confirm<L>(request, result + RESULT_MASTER_KEY)) matches &= ~(rest & (0 - rest));
  }
  return matches;
}
