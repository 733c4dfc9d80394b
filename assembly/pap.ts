// The clear proof: the user typed the code, or password and code (PAP, EAP-GTC, XAuth, OpenVPN, web).

import { FACTOR_MOTP } from "./abi";
import { equal } from "./bytes";
import { candidateIn } from "./candidate";
import { mark, PART_CODE, PART_PASSWORD } from "./plan";
import { Record } from "./record";
import { Request } from "./rows";

/** Stands for a text that cannot be right; no code is this number. */
const NO_CODE: u32 = 0xffffffff;

/**
 * The code in what the user typed, as a number to compare candidates with; 0 for the fixed password alone, where it is
 * right. NO_CODE where the password is wrong or the text is not of the form: mOTP in lower case, all digits there. Where
 * the whole text is a code, spaces and dashes between its digits do not count, nor does a zero byte and what follows it.
 */
export function typedCode(request: Request, record: Record, parts: u32): u32 {
  const text = request.text;
  const length: u32 = request.length;
  const digits: u32 = parts & PART_CODE ? record.digits : 0;
  const base: u32 = record.factor == FACTOR_MOTP ? 16 : 10;
  const spaced = parts == PART_CODE;
  const password: u32 = spaced ? 0 : record.passwordLength;
  if (!spaced && length != password + digits) return NO_CODE;
  const right = equal(text, record.password, password);
  return parseCode(text + password, text + length, digits, base, spaced) | (right - 1);
}

/** Whether a byte is a space or a dash: people type codes in groups. */
export function isSeparator(c: u32): bool {
  return c == 32 || c == 45;
}

/** Marks the lane's candidate as matching if its code is the one typed, without a branch. */
export function compareTyped(lane: u32): void {
  const candidate = candidateIn(lane);
  const plan = candidate.plan;
  const code = plan.parts & PART_CODE ? candidate.code : 0;
  mark(plan, candidate.step, (code == plan.typed) as u32);
}

/**
 * The digits from `at` to `end`, decimal or hexadecimal in lower case, as a number; NO_CODE if they are not just `digits`.
 * With `spaced` between them may be separators, and after them a zero byte, behind which some NAS put garbage.
 */
@inline
function parseCode(at: u32, end: u32, digits: u32, base: u32, spaced: bool): u32 {
  let code: u32 = 0;
  let left = digits;
  for (; at < end; at++) {
    const c: u32 = load<u8>(at);
    const digit = c - 48 <= 9 ? c - 48 : c - 97 <= 5 ? c - 87 : base;
    if (digit < base) {
      if (left-- == 0) return NO_CODE;
      code = code * base + digit;
    } else {
      if (spaced && c == 0) break;
      if (!spaced || !isSeparator(c) || left == digits || left == 0) return NO_CODE;
    }
  }
  return left == 0 ? code : NO_CODE;
}
