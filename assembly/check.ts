// Whether a record is one that can be judged. enrol asks of the form, verify of every record that it is handed:
// it came from a store, and a damaged one must not lead to a wrong address or an endless loop.

import {
  ALGORITHM_MD5,
  ALGORITHM_SHA1,
  DEFAULT_DIGITS,
  FACTOR_HOTP,
  FACTOR_MOTP,
  FACTOR_TOTP,
  KEY_BYTES,
  MODE_CODE,
  MODE_PASSWORD_THEN_CODE,
  MOTP_PERIOD_SECONDS,
  PASSWORD_BYTES,
  STANDING_DECOY,
  STANDING_ENABLED,
  STATUS_ALGORITHM,
  STATUS_DIGITS,
  STATUS_FACTOR,
  STATUS_KEY,
  STATUS_OK,
  STATUS_PASSWORD,
  STATUS_PERIOD,
  STATUS_STATE,
  STATUS_WINDOW,
  TYPE_ANY,
  WINDOW_STEPS,
} from "./abi";
import { Record } from "./record";

/** The least and the most of each of a record's first eight bytes; their statuses follow each other in the same order. */
const BOUNDS = memory.data<u8>([
  FACTOR_TOTP as u8, FACTOR_MOTP as u8, ALGORITHM_SHA1 as u8, ALGORITHM_MD5 as u8, 6, 8,
  MODE_CODE as u8, MODE_PASSWORD_THEN_CODE as u8, 0, TYPE_ANY as u8, STANDING_ENABLED as u8, STANDING_DECOY as u8,
  1, KEY_BYTES as u8, 0, PASSWORD_BYTES as u8,
]);
const BOUNDED: u32 = 8;
if (STATUS_FACTOR + BOUNDED != STATUS_PASSWORD + 1) ERROR("A status is not in the order of the fields");

/** STATUS_OK, or the first field of the record (or form) that is out of range. */
export function checkRecord(record: Record): u32 {
  for (let i: u32 = 0; i < BOUNDED; i++) {
    const bounds = (BOUNDS as u32) + i * 2;
    if (outside(load<u8>(record.at + i), load<u8>(bounds), load<u8>(bounds, 1))) return STATUS_FACTOR + i;
  }
  const factor = record.factor;
  if ((record.algorithm == ALGORITHM_MD5) != (factor == FACTOR_MOTP)) return STATUS_ALGORITHM;
  if (factor == FACTOR_MOTP && record.digits != DEFAULT_DIGITS) return STATUS_DIGITS;
  if (record.mode != MODE_CODE && record.passwordLength == 0) return STATUS_PASSWORD;
  const period = record.period;
  if (period == 0 || (factor == FACTOR_MOTP && period != MOTP_PERIOD_SECONDS)) return STATUS_PERIOD;
  const drift = record.driftBound;
  if (record.width > WINDOW_STEPS || drift > 0x7fff) return STATUS_WINDOW;
  if (factor == FACTOR_HOTP && (record.back | drift) != 0) return STATUS_WINDOW;
  const state = record.state;
  if (state.active > 1 || state.sourceNext > 2) return STATUS_STATE;
  // Counters from 2^63 on are the recovery codes'.
  if ((state.next as u64) >>> 62) return STATUS_STATE;
  return STATUS_OK;
}

/** STATUS_OK, or STATUS_KEY if an mOTP form's key is not 16 or 32 lower-case hexadecimal digits and 4 to 7 decimal ones. */
export function checkMotpKey(form: Record): u32 {
  const length: u32 = form.keyLength;
  const secret: u32 = length > 32 ? 32 : 16;
  if (outside(length - secret, 4, 7)) return STATUS_KEY;
  for (let i: u32 = 0; i < length; i++) {
    const c: u32 = load<u8>(form.key + i);
    if (c - 48 > 9 && (i >= secret || c - 97 > 5)) return STATUS_KEY;
  }
  return STATUS_OK;
}

function outside(x: u32, least: u32, most: u32): bool {
  return x - least > most - least;
}
