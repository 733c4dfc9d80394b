// The lane type L: u32 holds one candidate, v128 four side by side. Everything above is written once over L.
// isVector<L>() is decided by the compiler and leaves no branch; GROUPED says where there are several groups of lanes.

/** Candidates that go through a hash at once: 1 in the strict file, 4 in the SIMD file. */
export const LANES: u32 = ASC_FEATURE_SIMD ? 4 : 1;

/**
 * mOTP's candidates that are tried at once. In MD5 and MD4 each step waits for the one before: the SIMD file takes them
 * through three groups of lanes in turns, so that one works while the others wait.
 */
export const CANDIDATES: u32 = ASC_FEATURE_SIMD ? 3 * LANES : LANES;

/** The same for HMACs: SHA-1 waits less, and two groups are as much as a processor can do at once. */
export const HMAC_CANDIDATES: u32 = ASC_FEATURE_SIMD ? 2 * LANES : LANES;

/** Whether there are several groups of lanes. The strict file never has more than one candidate. */
export const GROUPED: bool = CANDIDATES > LANES;

/** A one, least significant byte first: what an engine reads there tells its order of bytes. */
const ONE = memory.data<u8>([1, 0, 0, 0]);

/** The same word in every lane. */
@inline
export function splat<L>(x: u32): L {
  if (isVector<L>()) return i32x4.splat(x);
  return x as L;
}

/** The word at `at` in every lane. */
@inline
export function loadSplat<L>(at: u32): L {
  if (isVector<L>()) return v128.load_splat<u32>(at);
  return load<u32>(at) as L;
}

@inline
export function add<L>(a: L, b: L): L {
  if (isVector<L>()) return i32x4.add(a, b);
  return (a + b) as L;
}

@inline
export function sub<L>(a: L, b: L): L {
  if (isVector<L>()) return i32x4.sub(a, b);
  return (a - b) as L;
}

@inline
export function xor<L>(a: L, b: L): L {
  if (isVector<L>()) return v128.xor(a, b);
  return (a ^ b) as L;
}

@inline
export function and<L>(a: L, b: L): L {
  if (isVector<L>()) return v128.and(a, b);
  return (a & b) as L;
}

@inline
export function or<L>(a: L, b: L): L {
  if (isVector<L>()) return v128.or(a, b);
  return (a | b) as L;
}

@inline
export function not<L>(a: L): L {
  if (isVector<L>()) return v128.not(a);
  return (a ^ -1) as L;
}

/** Each bit of `a` where `mask` has a one, of `b` where it has a zero. */
@inline
export function choose<L>(mask: L, a: L, b: L): L {
  if (isVector<L>()) return v128.bitselect(a, b, mask);
  return (b ^ (mask & (a ^ b))) as L;
}

/** Each bit as two of the three have it. */
@inline
export function majority<L>(a: L, b: L, c: L): L {
  return or<L>(and<L>(a, b), and<L>(c, or<L>(a, b)));
}

/** The sum of the three without carries; a, which a hash knows last, goes in last. */
@inline
export function parity<L>(a: L, b: L, c: L): L {
  return xor<L>(a, xor<L>(b, c));
}

/** Shifts every lane by n bits, 0 to 31. */
@inline
export function shl<L>(a: L, n: i32): L {
  if (isVector<L>()) return i32x4.shl(a, n);
  return (a << n) as L;
}

@inline
export function shr<L>(a: L, n: i32): L {
  if (isVector<L>()) return i32x4.shr_u(a, n);
  return (a >>> n) as L;
}

/** Rotates every lane left by n bits, 1 to 31. */
@inline
export function rotate<L>(a: L, n: i32): L {
  if (isVector<L>()) return v128.or(i32x4.shl(a, n), i32x4.shr_u(a, 32 - n));
  return rotl<u32>(a as u32, n) as L;
}

/** Whether the engine keeps words least significant byte first. One with SIMD does. */
@inline
export function isLittleEndian(): bool {
  return ASC_FEATURE_SIMD || load<u32>(ONE as u32) == 1;
}

/** Four bytes as a word, least significant first; `at` is a multiple of four. */
export function loadWord(at: u32): u32 {
  return loadWordInline(at);
}

/** The same without a call. */
@inline
export function loadWordInline(at: u32): u32 {
  const x = load<u32>(at);
  return isLittleEndian() ? x : bswap<u32>(x);
}

/** The words at four addresses, each in a lane of its own, in the engine's order of bytes; with u32 the one at `a`. */
@inline
export function gather<L>(a: u32, b: u32, c: u32, d: u32): L {
  if (isVector<L>()) {
    let words = v128.load32_zero(a);
    words = v128.load_lane<u32>(b, words, 1);
    words = v128.load_lane<u32>(c, words, 2);
    return v128.load_lane<u32>(d, words, 3);
  }
  return load<u32>(a) as L;
}
