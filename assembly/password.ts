// The candidate password: the code, the password and the code, or the password alone, as the mode has it.

import { FACTOR_MOTP, RECORD_DIGITS, RECORD_FACTOR, RECORD_PASSWORD, RECORD_PASSWORD_LENGTH } from "./abi";
import { copy } from "./bytes";
import { codeIn, planIn } from "./candidate";
import { writeDecimal } from "./hotp";
import { writeHexadecimal } from "./motp";
import { PART_CODE, PART_PASSWORD } from "./plan";

/** Writes the lane's candidate password in UTF-8; returns its bytes, at most 40. */
export function writePassword(at: u32, lane: u32): u32 {
  const plan = planIn(lane);
  const record: u32 = plan.record;
  const parts = plan.parts;
  let length: u32 = 0;
  if (parts & PART_PASSWORD) {
    length = load<u8>(record, RECORD_PASSWORD_LENGTH);
    copy(at, record + RECORD_PASSWORD, length);
  }
  if (!(parts & PART_CODE)) return length;
  const digits: u32 = load<u8>(record, RECORD_DIGITS);
  if (load<u8>(record, RECORD_FACTOR) == FACTOR_MOTP) writeHexadecimal(at + length, codeIn(lane));
  else writeDecimal(at + length, codeIn(lane), digits);
  return length + digits;
}
