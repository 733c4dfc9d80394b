// A code from an HMAC: dynamic truncation, and decimal digits. RFC 4226 section 5.3; the step is RFC 6238's counter.

import { ALGORITHM_SHA1, ALGORITHM_SHA256, ALGORITHM_SHA512 } from "./abi";
import { candidateIn } from "./candidate";
import { hmacSha1, hmacSha256, hmacSha512 } from "./hmac";
import { and, choose, GROUPED, LANES, or, shl, shr, splat, sub } from "./lane";
import { DIGEST_AT } from "./scratch";

/** Computes the codes of the candidates in the first `lanes` lanes. */
export function hotpCodes<L>(algorithm: u32, lanes: u32): void {
  if (algorithm == ALGORITHM_SHA1) {
    hmacSha1<L>();
    store<L>(DIGEST_AT, truncate<L>(DIGEST_AT, 4));
    if (GROUPED) store<L>(DIGEST_AT, truncate<L>(DIGEST_AT + 20 * LANES, 4), 4 * LANES);
    return setCodes(algorithm, 0, lanes);
  }
  let first: u32 = 0;
  do {
    if (algorithm == ALGORITHM_SHA256) {
      hmacSha256<L>(first);
      store<L>(DIGEST_AT, truncate<L>(DIGEST_AT, 7));
    }
    setCodes(algorithm, first, min<u32>(lanes - first, LANES));
    first += LANES;
  } while (GROUPED && first < lanes);
}

/** Sets the codes of `lanes` lanes from `first` on; their binary codes are at DIGEST_AT, but for SHA-512's. */
function setCodes(algorithm: u32, first: u32, lanes: u32): void {
  let lane: u32 = 0;
  do {
    const binary = algorithm == ALGORITHM_SHA512 ? binary512(first + lane) : load<u32>(DIGEST_AT + lane * 4);
    const candidate = candidateIn(first + lane);
    candidate.code = lastDigits(binary, candidate.plan.record.digits);
  } while (GROUPED && ++lane < lanes);
}

/** SHA-512's lanes come one after the other; its words are split in place, as truncate wants them. */
function binary512(lane: u32): u32 {
  hmacSha512(lane);
  for (let at = DIGEST_AT; at < DIGEST_AT + 24; at += 8) {
    const pair = load<u64>(at);
    store<u32>(at, (pair >>> 32) as u32);
    store<u32>(at, pair as u32, 4);
  }
  store<u32>(DIGEST_AT, load<u64>(DIGEST_AT, 56) as u32, 28);
  return truncate<u32>(DIGEST_AT, 7);
}

/**
 * The 31 bits that begin at the byte named by the last four bits of the digest at `at`, which its word `last` holds. The
 * offset is secret: the five words that it can reach are shifted by 8, 4, 2 and 1 bytes under masks made of its bits.
 */
function truncate<L>(at: u32, last: u32): L {
  const offset = word<L>(at, last);
  const by8 = maskOf<L>(offset, 3);
  const a = choose<L>(by8, word<L>(at, 2), word<L>(at, 0));
  const b = choose<L>(by8, word<L>(at, 3), word<L>(at, 1));
  const c = choose<L>(by8, word<L>(at, 4), word<L>(at, 2));
  const by4 = maskOf<L>(offset, 2);
  const d = choose<L>(by4, b, a);
  const e = choose<L>(by4, c, b);
  const by2 = maskOf<L>(offset, 1);
  const f = choose<L>(by2, or<L>(shl<L>(d, 16), shr<L>(e, 16)), d);
  const g = choose<L>(by2, shl<L>(e, 16), e);
  const h = choose<L>(maskOf<L>(offset, 0), or<L>(shl<L>(f, 8), shr<L>(g, 24)), f);
  return and<L>(h, splat<L>(0x7fffffff));
}

/** Word w of a digest; with u32 in the SIMD file, of the one that binary512 left. */
@inline
function word<L>(at: u32, w: u32): L {
  return load<L>(at + w * sizeof<L>());
}

/** All ones where the bit is set, else zero. */
@inline
function maskOf<L>(x: L, bit: i32): L {
  return sub<L>(splat<L>(0), and<L>(shr<L>(x, bit), splat<L>(1)));
}

/**
 * x modulo 10 to the power of digits (6, 7 or 8). Multiplies by reciprocals, as a division's time may depend on x, which is
 * less than 2^31: of the millions in it, those that are left out.
 */
@inline
function lastDigits(x: u32, digits: u32): u32 {
  let millions = (((x as u64) * 0x431bde83) >>> 50) as u32;
  if (digits == 7) millions = ((millions * 6554) >>> 16) * 10;
  else if (digits == 8) millions = ((millions * 5243) >>> 19) * 100;
  return x - millions * 1000000;
}

/** Writes `digits` decimal digits of a code in ASCII. */
export function writeDecimal(at: u32, code: u32, digits: u32): void {
  for (let i = digits; i > 0; i--) {
    const tenth = (((code as u64) * 0xcccccccd) >>> 35) as u32;
    store<u8>(at + i - 1, 48 + code - tenth * 10);
    code = tenth;
  }
}
