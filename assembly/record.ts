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
  RECORD_ALGORITHM,
  RECORD_BACK,
  RECORD_DIGITS,
  RECORD_DRIFT_BOUND,
  RECORD_FACTOR,
  RECORD_FORWARD,
  RECORD_KEY,
  RECORD_KEY_LENGTH,
  RECORD_MODE,
  RECORD_PASSWORD_LENGTH,
  RECORD_PERIOD,
  RECORD_STANDING,
  RECORD_STATE,
  RECORD_TYPES,
  STANDING_DECOY,
  STANDING_ENABLED,
  STATE_ACTIVE,
  STATE_NEXT,
  STATE_SOURCE_NEXT,
  STATUS_ALGORITHM,
  STATUS_DIGITS,
  STATUS_FACTOR,
  STATUS_KEY,
  STATUS_MODE,
  STATUS_OK,
  STATUS_PASSWORD,
  STATUS_PERIOD,
  STATUS_STANDING,
  STATUS_STATE,
  STATUS_TYPES,
  STATUS_WINDOW,
  TYPE_ANY,
  WINDOW_STEPS,
} from "./abi";
import { load16, load64 } from "./bytes";
import { loadWord } from "./lane";

/** STATUS_OK, or the first field of the record (or form) at `record` that is out of range. */
export function checkRecord(record: u32): u32 {
  const factor = load<u8>(record, RECORD_FACTOR);
  if (outside(factor, FACTOR_TOTP, FACTOR_MOTP)) return STATUS_FACTOR;
  const algorithm = load<u8>(record, RECORD_ALGORITHM);
  if (outside(algorithm, ALGORITHM_SHA1, ALGORITHM_MD5)) return STATUS_ALGORITHM;
  if ((algorithm == ALGORITHM_MD5) != (factor == FACTOR_MOTP)) return STATUS_ALGORITHM;
  const digits = load<u8>(record, RECORD_DIGITS);
  if (outside(digits, 6, factor == FACTOR_MOTP ? DEFAULT_DIGITS : 8)) return STATUS_DIGITS;
  const mode = load<u8>(record, RECORD_MODE);
  if (outside(mode, MODE_CODE, MODE_PASSWORD_THEN_CODE)) return STATUS_MODE;
  if (load<u8>(record, RECORD_TYPES) > TYPE_ANY) return STATUS_TYPES;
  if (outside(load<u8>(record, RECORD_STANDING), STANDING_ENABLED, STANDING_DECOY)) return STATUS_STANDING;
  if (outside(load<u8>(record, RECORD_KEY_LENGTH), 1, KEY_BYTES)) return STATUS_KEY;
  const password = load<u8>(record, RECORD_PASSWORD_LENGTH);
  if (password > PASSWORD_BYTES || (mode != MODE_CODE && password == 0)) return STATUS_PASSWORD;
  const period = loadWord(record + RECORD_PERIOD);
  if (period == 0 || (factor == FACTOR_MOTP && period != MOTP_PERIOD_SECONDS)) return STATUS_PERIOD;
  const back = load16(record + RECORD_BACK);
  const drift = load16(record + RECORD_DRIFT_BOUND);
  if (back + 1 + load16(record + RECORD_FORWARD) > WINDOW_STEPS || drift > 0x7fff) return STATUS_WINDOW;
  if (factor == FACTOR_HOTP && (back | drift) != 0) return STATUS_WINDOW;
  if (load<u8>(record, RECORD_STATE + STATE_ACTIVE) > 1) return STATUS_STATE;
  if (load<u8>(record, RECORD_STATE + STATE_SOURCE_NEXT) > 2) return STATUS_STATE;
  // Counters from 2^63 on are the recovery codes'.
  if (load64(record + RECORD_STATE + STATE_NEXT) >>> 62) return STATUS_STATE;
  return STATUS_OK;
}

/** STATUS_OK, or STATUS_KEY if an mOTP form's key is not 16 or 32 lower-case hexadecimal digits and 4 to 7 decimal ones. */
export function checkMotpKey(record: u32): u32 {
  const length: u32 = load<u8>(record, RECORD_KEY_LENGTH);
  const secret: u32 = length > 32 ? 32 : 16;
  if (outside(length - secret, 4, 7)) return STATUS_KEY;
  for (let i: u32 = 0; i < length; i++) {
    const c: u32 = load<u8>(record + RECORD_KEY + i);
    if (c - 48 > 9 && (i >= secret || c - 97 > 5)) return STATUS_KEY;
  }
  return STATUS_OK;
}

function outside(x: u32, least: u32, most: u32): bool {
  return x - least > most - least;
}
