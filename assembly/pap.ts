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
import { codeIn, planIn, stepIn } from "./candidate";
import { mark, PART_CODE, PART_PASSWORD } from "./plan";

/** Stands for a text that cannot be right; no code is this number. */
const NO_CODE: u32 = 0xffffffff;

/**
 * The code in what the user typed, as a number to compare candidates with; 0 for the fixed password alone, where it is
 * right. NO_CODE where the password is wrong or the text is not of the form: mOTP in lower case, all digits there. Where
 * the whole text is a code, spaces and dashes between its digits do not count, nor does a zero byte and what follows it.
 */
export function typedCode(request: u32, record: u32, parts: u32): u32 {
  const text = request + REQUEST_TEXT;
  const length = load<u8>(request, REQUEST_LENGTH) as u32;
  const digits: u32 = parts & PART_CODE ? load<u8>(record, RECORD_DIGITS) : 0;
  const base: u32 = load<u8>(record, RECORD_FACTOR) == FACTOR_MOTP ? 16 : 10;
  if (parts == PART_CODE) return parseCode(text, endOf(text, length), digits, base, true);
  const password: u32 = load<u8>(record, RECORD_PASSWORD_LENGTH);
  if (length != password + digits) return NO_CODE;
  const right = equal(text, record + RECORD_PASSWORD, password);
  return parseCode(text + password, text + length, digits, base, false) | (right - 1);
}

/** Where a text of `length` bytes ends: at its first zero byte, which some NAS put there with garbage behind it. */
function endOf(text: u32, length: u32): u32 {
  const most = text + length;
  let end = text;
  while (end < most && load<u8>(end) != 0) end++;
  return end;
}

/** Whether a byte is a space or a dash: people type codes in groups. */
export function isSeparator(c: u32): bool {
  return c == 32 || c == 45;
}

/** Marks the lane's candidate as matching if its code is the one typed, without a branch. */
export function compareTyped(lane: u32): void {
  const plan = planIn(lane);
  const code = plan.parts & PART_CODE ? codeIn(lane) : 0;
  mark(plan, stepIn(lane), (code == plan.typed) as u32);
}

/** The digits from `at` to `end`, decimal or hexadecimal in lower case, as a number; NO_CODE if they are not just `digits`. */
function parseCode(at: u32, end: u32, digits: u32, base: u32, spaced: bool): u32 {
  let code: u32 = 0;
  let left = digits;
  for (; at < end; at++) {
    const c = load<u8>(at) as u32;
    if (spaced && isSeparator(c) && left < digits && left > 0) continue;
    const digit = c - 48 <= 9 ? c - 48 : c - 97 <= 5 ? c - 87 : base;
    if (digit >= base || left-- == 0) return NO_CODE;
    code = code * base + digit;
  }
  return left == 0 ? code : NO_CODE;
}
