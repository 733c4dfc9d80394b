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
import { countFailure, countOf, countSuccess, waitSeconds } from "./backoff";
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

/** Judges a scanned plan, changes the record's state and fills the result but for its verdict, which it answers. */
export function judge<L>(plan: u32, result: u32): u32 {
  const record = load<u32>(plan, PLAN_RECORD);
  const request = load<u32>(plan, PLAN_REQUEST);
  const state = record + RECORD_STATE;
  const standing = load<u8>(record, RECORD_STANDING);
  const activate = load<u8>(request, REQUEST_FLAGS) & FLAG_ACTIVATE;
  const type = load<u8>(request, REQUEST_TYPE);
  if (standing == STANDING_DECOY) return VERDICT_UNKNOWN;
  if (standing == STANDING_DISABLED) return VERDICT_DISABLED;
  if (!load<u8>(state, STATE_ACTIVE) && !activate) return VERDICT_PENDING;
  if (type & ~load<u8>(record, RECORD_TYPES)) return VERDICT_TYPE;

  const now = load64(request + REQUEST_TIME);
  const source = loadWord(request + REQUEST_SOURCE);
  const count = countOf(state, source);
  const wait = waitSeconds(state, count, now);
  storeWord(result + RESULT_WAIT, wait);
  if (wait > 0) return VERDICT_WAIT;

  const matches = confirmed<L>(plan, request, result);
  if (matches == 0) {
    zero(result + RESULT_MASTER_KEY, 16); // a first block that was right has left the NT hash here
    countFailure(state, count, now);
    storeWord(result + RESULT_WAIT, waitSeconds(state, count, now));
    return VERDICT_WRONG;
  }
  if (!(load<u8>(plan, PLAN_PARTS) & PART_CODE)) {
    if (load<u8>(plan, PLAN_PROOF) == PROOF_MSCHAPV2) deriveKeys<L>(request, result);
    return VERDICT_CONTINUE;
  }
  const first = load<i64>(plan, PLAN_FIRST);
  const next = load64(state + STATE_NEXT) as i64;
  const fresh = matches & notSpent(first, next);
  const current = stepOf(record, now);
  const step = first + (ctz<u64>(fresh == 0 ? matches : fresh) as i64);
  storeWord(result + RESULT_OFFSET, (step - current) as u32);
  if (fresh == 0) {
    zero(result + RESULT_MASTER_KEY, 16);
    return VERDICT_SPENT;
  }

  store64(state + STATE_NEXT, step + 1);
  const bound = load16(record + RECORD_DRIFT_BOUND) as i64;
  storeWord(state + STATE_DRIFT, max<i64>(-bound, min<i64>(bound, step - current)) as u32);
  store<u8>(state, 1, STATE_ACTIVE);
  countSuccess(state, count, source);
  if (load<u8>(plan, PLAN_PROOF) == PROOF_MSCHAPV2) deriveKeys<L>(request, result);
  return VERDICT_ACCEPT;
}

/** The bits of the window's candidates that are not earlier than `next`. */
function notSpent(first: i64, next: i64): u64 {
  const spent = next - first;
  if (spent <= 0) return ~(0 as u64);
  return spent > 63 ? 0 : ~(0 as u64) << (spent as u64);
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
