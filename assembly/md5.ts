// MD5's compression function over L: one block for each lane, and for each of two more groups of lanes where there are
// groups; a to d are the first group's state, e to h the second's, i to l the third's. RFC 1321 section 3.4.

import { add, choose, GROUPED, LANES, not, or, parity, rotate, splat, xor } from "./lane";
import { addToDigest, blockWord, DIGEST_AT, digestWord } from "./scratch";

@inline
function step<L>(a: L, b: L, f: L, word: L, constant: u32, turn: i32): L {
  // f comes last: it needs b, which is only just known.
  return add<L>(b, rotate<L>(add<L>(add<L>(add<L>(word, splat<L>(constant)), a), f), turn));
}

// The steps of the four rounds have RFC 1321's names; each returns the new a.

@inline
function ff<L>(a: L, b: L, c: L, d: L, word: L, constant: u32, turn: i32): L {
  return step<L>(a, b, choose<L>(b, c, d), word, constant, turn);
}

@inline
function gg<L>(a: L, b: L, c: L, d: L, word: L, constant: u32, turn: i32): L {
  return step<L>(a, b, choose<L>(d, b, c), word, constant, turn);
}

@inline
function hh<L>(a: L, b: L, c: L, d: L, word: L, constant: u32, turn: i32): L {
  return step<L>(a, b, parity<L>(b, c, d), word, constant, turn);
}

@inline
function ii<L>(a: L, b: L, c: L, d: L, word: L, constant: u32, turn: i32): L {
  return step<L>(a, b, xor<L>(c, or<L>(b, not<L>(d))), word, constant, turn);
}

/** Writes the first state, four words for each lane, to DIGEST_AT; MD4 has the same. */
export function md5Start<L>(): void {
  startGroup<L>(DIGEST_AT);
  if (!GROUPED) return;
  startGroup<L>(DIGEST_AT + 16 * LANES);
  startGroup<L>(DIGEST_AT + 32 * LANES);
}

@inline
function startGroup<L>(at: u32): void {
  store<L>(at, splat<L>(0x67452301));
  store<L>(at, splat<L>(0xefcdab89), 4 * LANES);
  store<L>(at, splat<L>(0x98badcfe), 8 * LANES);
  store<L>(at, splat<L>(0x10325476), 12 * LANES);
}

/**
 * Takes the state at DIGEST_AT through the block at LANES_AT (sixteen words for each lane), in place; where there are groups, of
 * the digests only the first words, if no more is wanted: they are known three steps earlier.
 */
export function md5Block<L>(whole: bool): void {
  let a = digestWord<L>(0);
  let b = digestWord<L>(1);
  let c = digestWord<L>(2);
  let d = digestWord<L>(3);
  let e = GROUPED ? digestWord<L>(4) : a;
  let f = GROUPED ? digestWord<L>(5) : b;
  let g = GROUPED ? digestWord<L>(6) : c;
  let h = GROUPED ? digestWord<L>(7) : d;
  let i = GROUPED ? digestWord<L>(8) : a;
  let j = GROUPED ? digestWord<L>(9) : b;
  let k = GROUPED ? digestWord<L>(10) : c;
  let l = GROUPED ? digestWord<L>(11) : d;
  const w0 = blockWord<L>(0, 0);
  const w1 = blockWord<L>(0, 1);
  const w2 = blockWord<L>(0, 2);
  const w3 = blockWord<L>(0, 3);
  const w4 = blockWord<L>(0, 4);
  const w5 = blockWord<L>(0, 5);
  const w6 = blockWord<L>(0, 6);
  const w7 = blockWord<L>(0, 7);
  const w8 = blockWord<L>(0, 8);
  const w9 = blockWord<L>(0, 9);
  const w10 = blockWord<L>(0, 10);
  const w11 = blockWord<L>(0, 11);
  const w12 = blockWord<L>(0, 12);
  const w13 = blockWord<L>(0, 13);
  const w14 = blockWord<L>(0, 14);
  const w15 = blockWord<L>(0, 15);
  // Printed by print/rounds.mjs: MD5, steps 0 to 60.
  a = ff<L>(a, b, c, d, w0, 0xd76aa478, 7);
  if (GROUPED) { e = ff<L>(e, f, g, h, blockWord<L>(1, 0), 0xd76aa478, 7); i = ff<L>(i, j, k, l, blockWord<L>(2, 0), 0xd76aa478, 7); }
  d = ff<L>(d, a, b, c, w1, 0xe8c7b756, 12);
  if (GROUPED) { h = ff<L>(h, e, f, g, blockWord<L>(1, 1), 0xe8c7b756, 12); l = ff<L>(l, i, j, k, blockWord<L>(2, 1), 0xe8c7b756, 12); }
  c = ff<L>(c, d, a, b, w2, 0x242070db, 17);
  if (GROUPED) { g = ff<L>(g, h, e, f, blockWord<L>(1, 2), 0x242070db, 17); k = ff<L>(k, l, i, j, blockWord<L>(2, 2), 0x242070db, 17); }
  b = ff<L>(b, c, d, a, w3, 0xc1bdceee, 22);
  if (GROUPED) { f = ff<L>(f, g, h, e, blockWord<L>(1, 3), 0xc1bdceee, 22); j = ff<L>(j, k, l, i, blockWord<L>(2, 3), 0xc1bdceee, 22); }
  a = ff<L>(a, b, c, d, w4, 0xf57c0faf, 7);
  if (GROUPED) { e = ff<L>(e, f, g, h, blockWord<L>(1, 4), 0xf57c0faf, 7); i = ff<L>(i, j, k, l, blockWord<L>(2, 4), 0xf57c0faf, 7); }
  d = ff<L>(d, a, b, c, w5, 0x4787c62a, 12);
  if (GROUPED) { h = ff<L>(h, e, f, g, blockWord<L>(1, 5), 0x4787c62a, 12); l = ff<L>(l, i, j, k, blockWord<L>(2, 5), 0x4787c62a, 12); }
  c = ff<L>(c, d, a, b, w6, 0xa8304613, 17);
  if (GROUPED) { g = ff<L>(g, h, e, f, blockWord<L>(1, 6), 0xa8304613, 17); k = ff<L>(k, l, i, j, blockWord<L>(2, 6), 0xa8304613, 17); }
  b = ff<L>(b, c, d, a, w7, 0xfd469501, 22);
  if (GROUPED) { f = ff<L>(f, g, h, e, blockWord<L>(1, 7), 0xfd469501, 22); j = ff<L>(j, k, l, i, blockWord<L>(2, 7), 0xfd469501, 22); }
  a = ff<L>(a, b, c, d, w8, 0x698098d8, 7);
  if (GROUPED) { e = ff<L>(e, f, g, h, blockWord<L>(1, 8), 0x698098d8, 7); i = ff<L>(i, j, k, l, blockWord<L>(2, 8), 0x698098d8, 7); }
  d = ff<L>(d, a, b, c, w9, 0x8b44f7af, 12);
  if (GROUPED) { h = ff<L>(h, e, f, g, blockWord<L>(1, 9), 0x8b44f7af, 12); l = ff<L>(l, i, j, k, blockWord<L>(2, 9), 0x8b44f7af, 12); }
  c = ff<L>(c, d, a, b, w10, 0xffff5bb1, 17);
  if (GROUPED) { g = ff<L>(g, h, e, f, blockWord<L>(1, 10), 0xffff5bb1, 17); k = ff<L>(k, l, i, j, blockWord<L>(2, 10), 0xffff5bb1, 17); }
  b = ff<L>(b, c, d, a, w11, 0x895cd7be, 22);
  if (GROUPED) { f = ff<L>(f, g, h, e, blockWord<L>(1, 11), 0x895cd7be, 22); j = ff<L>(j, k, l, i, blockWord<L>(2, 11), 0x895cd7be, 22); }
  a = ff<L>(a, b, c, d, w12, 0x6b901122, 7);
  if (GROUPED) { e = ff<L>(e, f, g, h, blockWord<L>(1, 12), 0x6b901122, 7); i = ff<L>(i, j, k, l, blockWord<L>(2, 12), 0x6b901122, 7); }
  d = ff<L>(d, a, b, c, w13, 0xfd987193, 12);
  if (GROUPED) { h = ff<L>(h, e, f, g, blockWord<L>(1, 13), 0xfd987193, 12); l = ff<L>(l, i, j, k, blockWord<L>(2, 13), 0xfd987193, 12); }
  c = ff<L>(c, d, a, b, w14, 0xa679438e, 17);
  if (GROUPED) { g = ff<L>(g, h, e, f, blockWord<L>(1, 14), 0xa679438e, 17); k = ff<L>(k, l, i, j, blockWord<L>(2, 14), 0xa679438e, 17); }
  b = ff<L>(b, c, d, a, w15, 0x49b40821, 22);
  if (GROUPED) { f = ff<L>(f, g, h, e, blockWord<L>(1, 15), 0x49b40821, 22); j = ff<L>(j, k, l, i, blockWord<L>(2, 15), 0x49b40821, 22); }
  a = gg<L>(a, b, c, d, w1, 0xf61e2562, 5);
  if (GROUPED) { e = gg<L>(e, f, g, h, blockWord<L>(1, 1), 0xf61e2562, 5); i = gg<L>(i, j, k, l, blockWord<L>(2, 1), 0xf61e2562, 5); }
  d = gg<L>(d, a, b, c, w6, 0xc040b340, 9);
  if (GROUPED) { h = gg<L>(h, e, f, g, blockWord<L>(1, 6), 0xc040b340, 9); l = gg<L>(l, i, j, k, blockWord<L>(2, 6), 0xc040b340, 9); }
  c = gg<L>(c, d, a, b, w11, 0x265e5a51, 14);
  if (GROUPED) { g = gg<L>(g, h, e, f, blockWord<L>(1, 11), 0x265e5a51, 14); k = gg<L>(k, l, i, j, blockWord<L>(2, 11), 0x265e5a51, 14); }
  b = gg<L>(b, c, d, a, w0, 0xe9b6c7aa, 20);
  if (GROUPED) { f = gg<L>(f, g, h, e, blockWord<L>(1, 0), 0xe9b6c7aa, 20); j = gg<L>(j, k, l, i, blockWord<L>(2, 0), 0xe9b6c7aa, 20); }
  a = gg<L>(a, b, c, d, w5, 0xd62f105d, 5);
  if (GROUPED) { e = gg<L>(e, f, g, h, blockWord<L>(1, 5), 0xd62f105d, 5); i = gg<L>(i, j, k, l, blockWord<L>(2, 5), 0xd62f105d, 5); }
  d = gg<L>(d, a, b, c, w10, 0x02441453, 9);
  if (GROUPED) { h = gg<L>(h, e, f, g, blockWord<L>(1, 10), 0x02441453, 9); l = gg<L>(l, i, j, k, blockWord<L>(2, 10), 0x02441453, 9); }
  c = gg<L>(c, d, a, b, w15, 0xd8a1e681, 14);
  if (GROUPED) { g = gg<L>(g, h, e, f, blockWord<L>(1, 15), 0xd8a1e681, 14); k = gg<L>(k, l, i, j, blockWord<L>(2, 15), 0xd8a1e681, 14); }
  b = gg<L>(b, c, d, a, w4, 0xe7d3fbc8, 20);
  if (GROUPED) { f = gg<L>(f, g, h, e, blockWord<L>(1, 4), 0xe7d3fbc8, 20); j = gg<L>(j, k, l, i, blockWord<L>(2, 4), 0xe7d3fbc8, 20); }
  a = gg<L>(a, b, c, d, w9, 0x21e1cde6, 5);
  if (GROUPED) { e = gg<L>(e, f, g, h, blockWord<L>(1, 9), 0x21e1cde6, 5); i = gg<L>(i, j, k, l, blockWord<L>(2, 9), 0x21e1cde6, 5); }
  d = gg<L>(d, a, b, c, w14, 0xc33707d6, 9);
  if (GROUPED) { h = gg<L>(h, e, f, g, blockWord<L>(1, 14), 0xc33707d6, 9); l = gg<L>(l, i, j, k, blockWord<L>(2, 14), 0xc33707d6, 9); }
  c = gg<L>(c, d, a, b, w3, 0xf4d50d87, 14);
  if (GROUPED) { g = gg<L>(g, h, e, f, blockWord<L>(1, 3), 0xf4d50d87, 14); k = gg<L>(k, l, i, j, blockWord<L>(2, 3), 0xf4d50d87, 14); }
  b = gg<L>(b, c, d, a, w8, 0x455a14ed, 20);
  if (GROUPED) { f = gg<L>(f, g, h, e, blockWord<L>(1, 8), 0x455a14ed, 20); j = gg<L>(j, k, l, i, blockWord<L>(2, 8), 0x455a14ed, 20); }
  a = gg<L>(a, b, c, d, w13, 0xa9e3e905, 5);
  if (GROUPED) { e = gg<L>(e, f, g, h, blockWord<L>(1, 13), 0xa9e3e905, 5); i = gg<L>(i, j, k, l, blockWord<L>(2, 13), 0xa9e3e905, 5); }
  d = gg<L>(d, a, b, c, w2, 0xfcefa3f8, 9);
  if (GROUPED) { h = gg<L>(h, e, f, g, blockWord<L>(1, 2), 0xfcefa3f8, 9); l = gg<L>(l, i, j, k, blockWord<L>(2, 2), 0xfcefa3f8, 9); }
  c = gg<L>(c, d, a, b, w7, 0x676f02d9, 14);
  if (GROUPED) { g = gg<L>(g, h, e, f, blockWord<L>(1, 7), 0x676f02d9, 14); k = gg<L>(k, l, i, j, blockWord<L>(2, 7), 0x676f02d9, 14); }
  b = gg<L>(b, c, d, a, w12, 0x8d2a4c8a, 20);
  if (GROUPED) { f = gg<L>(f, g, h, e, blockWord<L>(1, 12), 0x8d2a4c8a, 20); j = gg<L>(j, k, l, i, blockWord<L>(2, 12), 0x8d2a4c8a, 20); }
  a = hh<L>(a, b, c, d, w5, 0xfffa3942, 4);
  if (GROUPED) { e = hh<L>(e, f, g, h, blockWord<L>(1, 5), 0xfffa3942, 4); i = hh<L>(i, j, k, l, blockWord<L>(2, 5), 0xfffa3942, 4); }
  d = hh<L>(d, a, b, c, w8, 0x8771f681, 11);
  if (GROUPED) { h = hh<L>(h, e, f, g, blockWord<L>(1, 8), 0x8771f681, 11); l = hh<L>(l, i, j, k, blockWord<L>(2, 8), 0x8771f681, 11); }
  c = hh<L>(c, d, a, b, w11, 0x6d9d6122, 16);
  if (GROUPED) { g = hh<L>(g, h, e, f, blockWord<L>(1, 11), 0x6d9d6122, 16); k = hh<L>(k, l, i, j, blockWord<L>(2, 11), 0x6d9d6122, 16); }
  b = hh<L>(b, c, d, a, w14, 0xfde5380c, 23);
  if (GROUPED) { f = hh<L>(f, g, h, e, blockWord<L>(1, 14), 0xfde5380c, 23); j = hh<L>(j, k, l, i, blockWord<L>(2, 14), 0xfde5380c, 23); }
  a = hh<L>(a, b, c, d, w1, 0xa4beea44, 4);
  if (GROUPED) { e = hh<L>(e, f, g, h, blockWord<L>(1, 1), 0xa4beea44, 4); i = hh<L>(i, j, k, l, blockWord<L>(2, 1), 0xa4beea44, 4); }
  d = hh<L>(d, a, b, c, w4, 0x4bdecfa9, 11);
  if (GROUPED) { h = hh<L>(h, e, f, g, blockWord<L>(1, 4), 0x4bdecfa9, 11); l = hh<L>(l, i, j, k, blockWord<L>(2, 4), 0x4bdecfa9, 11); }
  c = hh<L>(c, d, a, b, w7, 0xf6bb4b60, 16);
  if (GROUPED) { g = hh<L>(g, h, e, f, blockWord<L>(1, 7), 0xf6bb4b60, 16); k = hh<L>(k, l, i, j, blockWord<L>(2, 7), 0xf6bb4b60, 16); }
  b = hh<L>(b, c, d, a, w10, 0xbebfbc70, 23);
  if (GROUPED) { f = hh<L>(f, g, h, e, blockWord<L>(1, 10), 0xbebfbc70, 23); j = hh<L>(j, k, l, i, blockWord<L>(2, 10), 0xbebfbc70, 23); }
  a = hh<L>(a, b, c, d, w13, 0x289b7ec6, 4);
  if (GROUPED) { e = hh<L>(e, f, g, h, blockWord<L>(1, 13), 0x289b7ec6, 4); i = hh<L>(i, j, k, l, blockWord<L>(2, 13), 0x289b7ec6, 4); }
  d = hh<L>(d, a, b, c, w0, 0xeaa127fa, 11);
  if (GROUPED) { h = hh<L>(h, e, f, g, blockWord<L>(1, 0), 0xeaa127fa, 11); l = hh<L>(l, i, j, k, blockWord<L>(2, 0), 0xeaa127fa, 11); }
  c = hh<L>(c, d, a, b, w3, 0xd4ef3085, 16);
  if (GROUPED) { g = hh<L>(g, h, e, f, blockWord<L>(1, 3), 0xd4ef3085, 16); k = hh<L>(k, l, i, j, blockWord<L>(2, 3), 0xd4ef3085, 16); }
  b = hh<L>(b, c, d, a, w6, 0x04881d05, 23);
  if (GROUPED) { f = hh<L>(f, g, h, e, blockWord<L>(1, 6), 0x04881d05, 23); j = hh<L>(j, k, l, i, blockWord<L>(2, 6), 0x04881d05, 23); }
  a = hh<L>(a, b, c, d, w9, 0xd9d4d039, 4);
  if (GROUPED) { e = hh<L>(e, f, g, h, blockWord<L>(1, 9), 0xd9d4d039, 4); i = hh<L>(i, j, k, l, blockWord<L>(2, 9), 0xd9d4d039, 4); }
  d = hh<L>(d, a, b, c, w12, 0xe6db99e5, 11);
  if (GROUPED) { h = hh<L>(h, e, f, g, blockWord<L>(1, 12), 0xe6db99e5, 11); l = hh<L>(l, i, j, k, blockWord<L>(2, 12), 0xe6db99e5, 11); }
  c = hh<L>(c, d, a, b, w15, 0x1fa27cf8, 16);
  if (GROUPED) { g = hh<L>(g, h, e, f, blockWord<L>(1, 15), 0x1fa27cf8, 16); k = hh<L>(k, l, i, j, blockWord<L>(2, 15), 0x1fa27cf8, 16); }
  b = hh<L>(b, c, d, a, w2, 0xc4ac5665, 23);
  if (GROUPED) { f = hh<L>(f, g, h, e, blockWord<L>(1, 2), 0xc4ac5665, 23); j = hh<L>(j, k, l, i, blockWord<L>(2, 2), 0xc4ac5665, 23); }
  a = ii<L>(a, b, c, d, w0, 0xf4292244, 6);
  if (GROUPED) { e = ii<L>(e, f, g, h, blockWord<L>(1, 0), 0xf4292244, 6); i = ii<L>(i, j, k, l, blockWord<L>(2, 0), 0xf4292244, 6); }
  d = ii<L>(d, a, b, c, w7, 0x432aff97, 10);
  if (GROUPED) { h = ii<L>(h, e, f, g, blockWord<L>(1, 7), 0x432aff97, 10); l = ii<L>(l, i, j, k, blockWord<L>(2, 7), 0x432aff97, 10); }
  c = ii<L>(c, d, a, b, w14, 0xab9423a7, 15);
  if (GROUPED) { g = ii<L>(g, h, e, f, blockWord<L>(1, 14), 0xab9423a7, 15); k = ii<L>(k, l, i, j, blockWord<L>(2, 14), 0xab9423a7, 15); }
  b = ii<L>(b, c, d, a, w5, 0xfc93a039, 21);
  if (GROUPED) { f = ii<L>(f, g, h, e, blockWord<L>(1, 5), 0xfc93a039, 21); j = ii<L>(j, k, l, i, blockWord<L>(2, 5), 0xfc93a039, 21); }
  a = ii<L>(a, b, c, d, w12, 0x655b59c3, 6);
  if (GROUPED) { e = ii<L>(e, f, g, h, blockWord<L>(1, 12), 0x655b59c3, 6); i = ii<L>(i, j, k, l, blockWord<L>(2, 12), 0x655b59c3, 6); }
  d = ii<L>(d, a, b, c, w3, 0x8f0ccc92, 10);
  if (GROUPED) { h = ii<L>(h, e, f, g, blockWord<L>(1, 3), 0x8f0ccc92, 10); l = ii<L>(l, i, j, k, blockWord<L>(2, 3), 0x8f0ccc92, 10); }
  c = ii<L>(c, d, a, b, w10, 0xffeff47d, 15);
  if (GROUPED) { g = ii<L>(g, h, e, f, blockWord<L>(1, 10), 0xffeff47d, 15); k = ii<L>(k, l, i, j, blockWord<L>(2, 10), 0xffeff47d, 15); }
  b = ii<L>(b, c, d, a, w1, 0x85845dd1, 21);
  if (GROUPED) { f = ii<L>(f, g, h, e, blockWord<L>(1, 1), 0x85845dd1, 21); j = ii<L>(j, k, l, i, blockWord<L>(2, 1), 0x85845dd1, 21); }
  a = ii<L>(a, b, c, d, w8, 0x6fa87e4f, 6);
  if (GROUPED) { e = ii<L>(e, f, g, h, blockWord<L>(1, 8), 0x6fa87e4f, 6); i = ii<L>(i, j, k, l, blockWord<L>(2, 8), 0x6fa87e4f, 6); }
  d = ii<L>(d, a, b, c, w15, 0xfe2ce6e0, 10);
  if (GROUPED) { h = ii<L>(h, e, f, g, blockWord<L>(1, 15), 0xfe2ce6e0, 10); l = ii<L>(l, i, j, k, blockWord<L>(2, 15), 0xfe2ce6e0, 10); }
  c = ii<L>(c, d, a, b, w6, 0xa3014314, 15);
  if (GROUPED) { g = ii<L>(g, h, e, f, blockWord<L>(1, 6), 0xa3014314, 15); k = ii<L>(k, l, i, j, blockWord<L>(2, 6), 0xa3014314, 15); }
  b = ii<L>(b, c, d, a, w13, 0x4e0811a1, 21);
  if (GROUPED) { f = ii<L>(f, g, h, e, blockWord<L>(1, 13), 0x4e0811a1, 21); j = ii<L>(j, k, l, i, blockWord<L>(2, 13), 0x4e0811a1, 21); }
  a = ii<L>(a, b, c, d, w4, 0xf7537e82, 6);
  if (GROUPED) { e = ii<L>(e, f, g, h, blockWord<L>(1, 4), 0xf7537e82, 6); i = ii<L>(i, j, k, l, blockWord<L>(2, 4), 0xf7537e82, 6); }
  // End of what is printed.
  addToDigest<L>(0, a);
  if (GROUPED) { addToDigest<L>(4, e); addToDigest<L>(8, i); }
  if (GROUPED && !whole) return;
  // Printed by print/rounds.mjs: MD5, steps 61 to 63.
  d = ii<L>(d, a, b, c, w11, 0xbd3af235, 10);
  if (GROUPED) { h = ii<L>(h, e, f, g, blockWord<L>(1, 11), 0xbd3af235, 10); l = ii<L>(l, i, j, k, blockWord<L>(2, 11), 0xbd3af235, 10); }
  c = ii<L>(c, d, a, b, w2, 0x2ad7d2bb, 15);
  if (GROUPED) { g = ii<L>(g, h, e, f, blockWord<L>(1, 2), 0x2ad7d2bb, 15); k = ii<L>(k, l, i, j, blockWord<L>(2, 2), 0x2ad7d2bb, 15); }
  b = ii<L>(b, c, d, a, w9, 0xeb86d391, 21);
  if (GROUPED) { f = ii<L>(f, g, h, e, blockWord<L>(1, 9), 0xeb86d391, 21); j = ii<L>(j, k, l, i, blockWord<L>(2, 9), 0xeb86d391, 21); }
  // End of what is printed.
  addToDigest<L>(1, b);
  addToDigest<L>(2, c);
  addToDigest<L>(3, d);
  if (!GROUPED) return;
  addToDigest<L>(5, f);
  addToDigest<L>(6, g);
  addToDigest<L>(7, h);
  addToDigest<L>(9, j);
  addToDigest<L>(10, k);
  addToDigest<L>(11, l);
}
