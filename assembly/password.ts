// The candidate password: the code, the password and the code, or the password alone, as the mode has it.

import { FACTOR_MOTP } from "./abi";
import { copy } from "./bytes";
import { candidateIn } from "./candidate";
import { writeDecimal } from "./hotp";
import { writeHexadecimal } from "./motp";
import { PART_CODE, PART_PASSWORD } from "./plan";

/** Writes the lane's candidate password in UTF-8; returns its bytes, at most 40. */
export function writePassword(at: u32, lane: u32): u32 {
  const candidate = candidateIn(lane);
  const parts = candidate.plan.parts;
  const record = candidate.plan.record;
  let length: u32 = 0;
  if (parts & PART_PASSWORD) {
    length = record.passwordLength;
    copy(at, record.password, length);
  }
  if (!(parts & PART_CODE)) return length;
  const digits: u32 = record.digits;
  if (record.factor == FACTOR_MOTP) writeHexadecimal(at + length, candidate.code);
  else writeDecimal(at + length, candidate.code, digits);
  return length + digits;
}
