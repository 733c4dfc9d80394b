// The judge: what a scanned request gets, and what becomes of the state. Replay, drift, standing, types, back-off.
//
// A code is spent when a step at or after it has been accepted, whatever window or drift says (RFC 6238 section 5.2,
// RFC 4226 section 7.2).

import {
  FLAG_ACTIVATE,
  PROOF_MSCHAPV2,
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
  STATE_NEXT,
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
import { countAttempt, countOf, waitSeconds } from "./backoff";
import { load16, load64, store64, storeWord, zero } from "./bytes";
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
  stepOf,
} from "./plan";
import { respond } from "./response";
import { codeLanes } from "./window";

/**
 * Judges a scanned plan, changes the record's state and fills the result but for its verdict, which it answers. What is
 * decided shows in no branch, so that all verdicts take the same work; a match of MS-CHAPv2 adds its keys.
 */
export function judge<L>(plan: u32, result: u32): u32 {
  const record = load<u32>(plan, PLAN_RECORD);
  const request = load<u32>(plan, PLAN_REQUEST);
  const state = record + RECORD_STATE;
  const now = load64(request + REQUEST_TIME);
  const source = loadWord(request + REQUEST_SOURCE);
  const count = countOf(state, source);
  const wait = waitSeconds(state, count, now);
  const matches = confirmed<L>(plan, request, result);
  const first = load<i64>(plan, PLAN_FIRST);
  const next = load64(state + STATE_NEXT) as i64;
  const fresh = matches & notSpent(next - first);
  const step = first + lowestBit(select<u64>(fresh, matches, fresh != 0));

  // From the last that counts to the first.
  const standing = load<u8>(record, RECORD_STANDING);
  const active = load<u8>(state, STATE_ACTIVE) as u32;
  let verdict = select<u32>(VERDICT_ACCEPT, VERDICT_SPENT, fresh != 0);
  verdict = select<u32>(verdict, VERDICT_CONTINUE, load<u8>(plan, PLAN_PARTS) & PART_CODE);
  verdict = select<u32>(verdict, VERDICT_WRONG, matches != 0);
  verdict = select<u32>(VERDICT_WAIT, verdict, wait);
  verdict = select<u32>(VERDICT_TYPE, verdict, load<u8>(request, REQUEST_TYPE) & ~load<u8>(record, RECORD_TYPES));
  verdict = select<u32>(verdict, VERDICT_PENDING, active | (load<u8>(request, REQUEST_FLAGS) & FLAG_ACTIVATE));
  verdict = select<u32>(VERDICT_DISABLED, verdict, standing == STANDING_DISABLED);
  verdict = select<u32>(VERDICT_UNKNOWN, verdict, standing == STANDING_DECOY);

  const accepted = (verdict == VERDICT_ACCEPT) as u32;
  const offset = (step - stepOf(record, now)) as i32;
  const bound = load16(record + RECORD_DRIFT_BOUND) as i32;
  const drift = state + STATE_DRIFT;
  storeWord(drift, select<u32>(max<i32>(-bound, min<i32>(bound, offset)) as u32, loadWord(drift), accepted));
  store64(state + STATE_NEXT, select<i64>(step + 1, next, accepted));
  store<u8>(state, active | accepted, STATE_ACTIVE);
  countAttempt(state, count, source, now, (verdict == VERDICT_WRONG) as u32, accepted);
  storeWord(result + RESULT_OFFSET, select<u32>(offset, 0, accepted | ((verdict == VERDICT_SPENT) as u32)));
  storeWord(result + RESULT_WAIT, waitSeconds(state, count, now));
  if (load<u8>(plan, PLAN_PROOF) == PROOF_MSCHAPV2) {
    if (verdict <= VERDICT_CONTINUE) deriveKeys<L>(request, result);
    else zero(result + RESULT_MASTER_KEY, 16);
  }
  return verdict;
}

/** The bits of the window's candidates that are not spent: all but the first `spent` ones. */
function notSpent(spent: i64): u64 {
  const from = max<i64>(spent, 0) as u64;
  return select<u64>(~(0 as u64) << from, 0, from < 64);
}

/** The place of the lowest bit that is set; 64 if there is none. */
function lowestBit(x: u64): i64 {
  return popcnt<u64>((x & (0 - x)) - 1) as i64;
}

/** The plan's matches; of MS-CHAPv2 those whose whole response is right, with the NT hash left at RESULT_MASTER_KEY. */
function confirmed<L>(plan: u32, request: u32, result: u32): u64 {
  let matches = load<u64>(plan, PLAN_MATCHES);
  if (load<u8>(plan, PLAN_PROOF) != PROOF_MSCHAPV2) return matches;
  for (let rest = matches; rest != 0; rest &= rest - 1) {
    place(0, plan, ctz<u64>(rest) as u32);
    codeLanes<L>(load<u8>(plan, PLAN_ALGORITHM), 1);
    respond<L>(PROOF_MSCHAPV2, 1, false);
    writeHash(result + RESULT_MASTER_KEY);
    if (!confirm<L>(request, result + RESULT_MASTER_KEY)) matches &= ~(rest & (0 - rest));
  }
  return matches;
}
