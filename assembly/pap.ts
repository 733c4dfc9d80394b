// The clear proof: the user typed the code, or password and code (PAP, EAP-GTC, XAuth, OpenVPN, web).

import {
  FACTOR_MOTP,
  RECORD_DIGITS,
  RECORD_FACTOR,
  RECORD_PASSWORD,
  RECORD_PASSWORD_LENGTH,
  REQUEST_LENGTH,
  REQUEST_TEXT,
} from "./abi";
import { equal } from "./bytes";
import { codeIn, indexIn, planIn } from "./candidate";
import { mark, PART_CODE, PART_PASSWORD, PLAN_PARTS, PLAN_TYPED } from "./plan";

/** Stands for a text that cannot be right; no code is this number. */
const NO_CODE: u32 = 0xffffffff;

/**
 * The code in what the user typed, as a number to compare candidates with; 0 for the fixed password alone, where it is
 * right. NO_CODE where the password is wrong or the text is not of the exact form: mOTP in lower case, all digits there.
 */
export function typedCode(request: u32, record: u32, parts: u32): u32 {
  const text = request + REQUEST_TEXT;
  const length = load<u8>(request, REQUEST_LENGTH) as u32;
  const password: u32 = parts & PART_PASSWORD ? load<u8>(record, RECORD_PASSWORD_LENGTH) : 0;
  const digits: u32 = parts & PART_CODE ? load<u8>(record, RECORD_DIGITS) : 0;
  if (length != password + digits) return NO_CODE;
  const right = equal(text, record + RECORD_PASSWORD, password);
  const base: u32 = load<u8>(record, RECORD_FACTOR) == FACTOR_MOTP ? 16 : 10;
  const code = parseCode(text + password, digits, base);
  return code | (right - 1);
}

/** Marks the lane's candidate as matching if its code is the one typed, without a branch. */
export function compareTyped(lane: u32): void {
  const plan = planIn(lane);
  const code = load<u8>(plan, PLAN_PARTS) & PART_CODE ? codeIn(lane) : 0;
  mark(plan, indexIn(lane), (code == load<u32>(plan, PLAN_TYPED)) as u32);
}

/** The digits at `at`, decimal or hexadecimal in lower case, as a number; NO_CODE if one is not a digit. */
function parseCode(at: u32, digits: u32, base: u32): u32 {
  let code: u32 = 0;
  for (let i: u32 = 0; i < digits; i++) {
    const c = load<u8>(at + i) as u32;
    const digit = c - 48 <= 9 ? c - 48 : c - 97 <= 5 ? c - 87 : base;
    if (digit >= base) return NO_CODE;
    code = code * base + digit;
  }
  return code;
}
