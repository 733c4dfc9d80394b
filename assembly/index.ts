// The verbs. Arguments are indexes and counts; everything else passes through the page as abi.ts lays it out.
// A verb returns STATUS_OK or what is wrong, and never traps. Between calls the scratch is zero.

import {
  ABI_VERSION,
  FEATURE_CHAP,
  FEATURE_CLEAR,
  FEATURE_MSCHAPV2,
  FEATURE_SIMD,
  PAGE_BYTES,
  SCRATCH_AT,
  STATUS_OK,
} from "./abi";
import { zero } from "./bytes";
import { testKnownAnswers } from "./selftest";
import { enrolForm, generateCodes, unlockRecord, verifyRequests, wipeScratch } from "./verbs";

/** ABI_VERSION of the module. */
export function version(): u32 {
  return ABI_VERSION;
}

/** Bit set of FEATURE_*. */
export function features(): u32 {
  return FEATURE_CLEAR | FEATURE_CHAP | FEATURE_MSCHAPV2 | (ASC_FEATURE_SIMD ? FEATURE_SIMD : 0);
}

/** Runs the RFCs' known answers through the other verbs; wipes everything, before and after. STATUS_SELF_TEST: do not use. */
export function selfTest(): u32 {
  wipe();
  const status = ASC_FEATURE_SIMD ? testKnownAnswers<v128>() : testKnownAnswers<u32>();
  wipe();
  return status;
}

/**
 * Makes record `index` of the form at ENROLMENT_AT and wipes the form. keep = 1: the record's state stays (a change of
 * policy or key); keep = 0: a new state, of which the form says STATE_ACTIVE and STATE_NEXT. On an error nothing changes.
 */
export function enrol(index: u32, keep: u32): u32 {
  if (ASC_FEATURE_SIMD) return enrolForm<v128>(index, keep);
  return enrolForm<u32>(index, keep);
}

/** Verifies the first `count` requests in order, fills as many results, changes the states of their records. */
export function verify(count: u32): u32 {
  if (ASC_FEATURE_SIMD) return verifyRequests<v128>(count);
  return verifyRequests<u32>(count);
}

/** Codes for the first `count` requests, of which REQUEST_RECORD and REQUEST_TIME count (HOTP: codes ahead). */
export function generate(count: u32): u32 {
  if (ASC_FEATURE_SIMD) return generateCodes<v128>(count);
  return generateCodes<u32>(count);
}

/** Ends the waiting time of record `index`. */
export function unlock(index: u32): u32 {
  return unlockRecord(index);
}

/** Zeroes everything but the constants. */
export function wipe(): u32 {
  wipeScratch();
  zero(SCRATCH_AT, PAGE_BYTES - SCRATCH_AT);
  return STATUS_OK;
}
