// Recovery codes, for the day on which the device is lost: derived from the user's own key, so that nothing is stored of them
// but which generation is good, and which of it are used.
//
// Code i of generation g is 60 bits. TOTP, HOTP: the first of the HMAC (RFC 2104) of the counter 2^63 + 16 g + i, which no
// device comes to. mOTP: the first of MD5 over the letter r, the bytes g and i, secret and PIN; its codes begin with a digit.
// Shown are twelve letters of Crockford's base 32 (crockford.com/base32.html) in three groups.

import { ALGORITHM_MD5, ALGORITHM_SHA1, ALGORITHM_SHA256, PASSWORD_BYTES, RECOVERY_CODES } from "./abi";
import { copy, equal, laneBlock, pad } from "./bytes";
import { placeStep } from "./candidate";
import { hmacSha1, hmacSha256, hmacSha512 } from "./hmac";
import { LANES } from "./lane";
import { mask } from "./masks";
import { md5Block, md5Start } from "./md5";
import { forgetBlocks } from "./motp";
import { isSeparator } from "./pap";
import { PART_PASSWORD, Plan } from "./plan";
import { Request } from "./rows";
import { DIGEST_AT, TEXT_AT } from "./scratch";

const LETTERS: u32 = 12;
const GROUP: u32 = 4;
/** ASCII bytes of a code as it is shown. */
export const RECOVERY_BYTES: u32 = LETTERS + LETTERS / GROUP - 1;
const NO_SYMBOL: u32 = 32;

/**
 * Bit i is set if the text ends in recovery code i, with or without its dashes, behind nothing but the password where there
 * is one. The text's form alone, which is public, says whether any is computed.
 */
export function typedRecovery<L>(plan: Plan, request: Request): u32 {
  const record = plan.record;
  const text = request.text;
  let length: u32 = request.length;
  if (length < LETTERS) return 0; // as any code alone is
  let code: u64 = 0;
  let letters: u32 = 0;
  while (letters < LETTERS) {
    if (length == 0) return 0;
    const c: u32 = load<u8>(text + --length);
    const symbol = symbolOf(c);
    if (symbol != NO_SYMBOL) code |= (symbol as u64) << (5 * letters++);
    else if (letters == 0 ? c != 0 : !isSeparator(c)) return 0;
  }
  const before = plan.parts & PART_PASSWORD ? record.passwordLength : 0;
  const right = equal(text, record.password, min<u32>(length, PASSWORD_BYTES)) & ((length == before) as u32);
  return matchRecovery<L>(plan, code) & mask(record.recovery) & (0 - right);
}

/** Writes a code as it is shown, RECOVERY_BYTES of ASCII, without a branch on it. */
export function writeRecovery(at: u32, code: u64): void {
  for (let i: u32 = 0; i < LETTERS; i++) {
    store<u8>(at++, letterOf(((code >>> (5 * (LETTERS - 1 - i))) as u32) & 31));
    if (i % GROUP == GROUP - 1 && i < LETTERS - 1) store<u8>(at++, 45);
  }
}

/** 1 if x is above `limit`, else 0, without a branch; both are small. */
@inline
function above(x: u32, limit: u32): u32 {
  return (limit - x) >>> 31;
}

/** The value of a letter or digit, in either case; i and l are read as 1, o as 0; NO_SYMBOL for u and all else. */
function symbolOf(c: u32): u32 {
  if (c > 64) c |= 32;
  if (c == 105 || c == 108) return 1;
  if (c == 111) return 0;
  let symbol: u32 = 0;
  while (symbol < NO_SYMBOL && letterOf(symbol) != c) symbol++;
  return symbol;
}

/** The letter or digit of a value, in ASCII, without a branch. */
function letterOf(symbol: u32): u32 {
  // Letters begin with 10; i, l, o and u are left out.
  const skipped = above(symbol, 17) + above(symbol, 19) + above(symbol, 21) + above(symbol, 26);
  return 48 + symbol + above(symbol, 9) * 39 + skipped;
}

/** Bit i is set if `typed` is code i of the record's generation. All are computed. */
function matchRecovery<L>(plan: Plan, typed: u64): u32 {
  let matches: u32 = 0;
  for (let i: u32 = 0; i < RECOVERY_CODES; i++) {
    matches |= ((recoveryCode<L>(plan, i) == typed) as u32) << i;
  }
  return matches;
}

/** Recovery code i of a plan's record; works in lane 0. */
export function recoveryCode<L>(plan: Plan, i: u32): u64 {
  const record = plan.record;
  const generation: u32 = record.recovery;
  const algorithm: u32 = plan.algorithm;
  placeStep(0, plan, i64.MIN_VALUE + ((generation * 16 + i) as i64));
  if (algorithm == ALGORITHM_MD5) {
    const length: u32 = record.keyLength;
    store<u8>(TEXT_AT, 114); // r
    store<u8>(TEXT_AT, generation, 1);
    store<u8>(TEXT_AT, i, 2);
    copy(TEXT_AT + 3, record.key, length);
    pad(3 + length, false);
    laneBlock(0, TEXT_AT, false);
    forgetBlocks();
    md5Start<L>();
    md5Block<L>(true);
    return first60(bswap<u32>(load<u32>(DIGEST_AT)), bswap<u32>(load<u32>(DIGEST_AT, 4 * LANES)));
  }
  if (algorithm == ALGORITHM_SHA1) hmacSha1<L>();
  else if (algorithm == ALGORITHM_SHA256) hmacSha256<L>(0);
  else {
    hmacSha512(0);
    return load<u64>(DIGEST_AT) >>> 4;
  }
  return first60(load<u32>(DIGEST_AT), load<u32>(DIGEST_AT, 4 * LANES));
}

@inline
function first60(high: u32, low: u32): u64 {
  return (((high as u64) << 32) | (low as u64)) >>> 4;
}
