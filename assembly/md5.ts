// MD5's compression function over L: one block for each lane, and for each of the second group of lanes where there is
// one; a to d are the first group's, e to h the second's. RFC 1321 section 3.4.

import { add, choose, LANES, not, or, PAIRED, parity, rotate, splat, xor } from "./lane";
import { DIGEST_AT, LANES_AT } from "./scratch";

@inline
function around<L>(x: L, y: L, z: L): L {
  return xor<L>(y, or<L>(x, not<L>(z)));
}

@inline
function round<L>(a: L, b: L, f: L, word: L, constant: u32, turn: i32): L {
  // f comes last: it needs b, which is only just known.
  return add<L>(b, rotate<L>(add<L>(add<L>(add<L>(word, splat<L>(constant)), a), f), turn));
}

/** Writes the first state, four words for each lane, to DIGEST_AT; MD4 has the same. */
export function md5Start<L>(): void {
  store<L>(DIGEST_AT, splat<L>(0x67452301));
  store<L>(DIGEST_AT, splat<L>(0xefcdab89), 4 * LANES);
  store<L>(DIGEST_AT, splat<L>(0x98badcfe), 8 * LANES);
  store<L>(DIGEST_AT, splat<L>(0x10325476), 12 * LANES);
  if (PAIRED) {
    store<L>(DIGEST_AT, splat<L>(0x67452301), 16 * LANES);
    store<L>(DIGEST_AT, splat<L>(0xefcdab89), 20 * LANES);
    store<L>(DIGEST_AT, splat<L>(0x98badcfe), 24 * LANES);
    store<L>(DIGEST_AT, splat<L>(0x10325476), 28 * LANES);
  }
}

/** Takes the state at DIGEST_AT through the block at LANES_AT (sixteen words for each lane), in place. */
export function md5Block<L>(): void {
  let a = load<L>(DIGEST_AT);
  let b = load<L>(DIGEST_AT, 4 * LANES);
  let c = load<L>(DIGEST_AT, 8 * LANES);
  let d = load<L>(DIGEST_AT, 12 * LANES);
  let e = PAIRED ? load<L>(DIGEST_AT, 16 * LANES) : a;
  let f = PAIRED ? load<L>(DIGEST_AT, 20 * LANES) : b;
  let g = PAIRED ? load<L>(DIGEST_AT, 24 * LANES) : c;
  let h = PAIRED ? load<L>(DIGEST_AT, 28 * LANES) : d;
  const w0 = load<L>(LANES_AT);
  const w1 = load<L>(LANES_AT, 4 * LANES);
  const w2 = load<L>(LANES_AT, 8 * LANES);
  const w3 = load<L>(LANES_AT, 12 * LANES);
  const w4 = load<L>(LANES_AT, 16 * LANES);
  const w5 = load<L>(LANES_AT, 20 * LANES);
  const w6 = load<L>(LANES_AT, 24 * LANES);
  const w7 = load<L>(LANES_AT, 28 * LANES);
  const w8 = load<L>(LANES_AT, 32 * LANES);
  const w9 = load<L>(LANES_AT, 36 * LANES);
  const w10 = load<L>(LANES_AT, 40 * LANES);
  const w11 = load<L>(LANES_AT, 44 * LANES);
  const w12 = load<L>(LANES_AT, 48 * LANES);
  const w13 = load<L>(LANES_AT, 52 * LANES);
  const w14 = load<L>(LANES_AT, 56 * LANES);
  const w15 = load<L>(LANES_AT, 60 * LANES);
  const x0 = PAIRED ? load<L>(LANES_AT, 64 * LANES) : w0;
  const x1 = PAIRED ? load<L>(LANES_AT, 68 * LANES) : w1;
  const x2 = PAIRED ? load<L>(LANES_AT, 72 * LANES) : w2;
  const x3 = PAIRED ? load<L>(LANES_AT, 76 * LANES) : w3;
  const x4 = PAIRED ? load<L>(LANES_AT, 80 * LANES) : w4;
  const x5 = PAIRED ? load<L>(LANES_AT, 84 * LANES) : w5;
  const x6 = PAIRED ? load<L>(LANES_AT, 88 * LANES) : w6;
  const x7 = PAIRED ? load<L>(LANES_AT, 92 * LANES) : w7;
  const x8 = PAIRED ? load<L>(LANES_AT, 96 * LANES) : w8;
  const x9 = PAIRED ? load<L>(LANES_AT, 100 * LANES) : w9;
  const x10 = PAIRED ? load<L>(LANES_AT, 104 * LANES) : w10;
  const x11 = PAIRED ? load<L>(LANES_AT, 108 * LANES) : w11;
  const x12 = PAIRED ? load<L>(LANES_AT, 112 * LANES) : w12;
  const x13 = PAIRED ? load<L>(LANES_AT, 116 * LANES) : w13;
  const x14 = PAIRED ? load<L>(LANES_AT, 120 * LANES) : w14;
  const x15 = PAIRED ? load<L>(LANES_AT, 124 * LANES) : w15;
  a = round<L>(a, b, choose<L>(b, c, d), w0, 0xd76aa478, 7);
  if (PAIRED) e = round<L>(e, f, choose<L>(f, g, h), x0, 0xd76aa478, 7);
  d = round<L>(d, a, choose<L>(a, b, c), w1, 0xe8c7b756, 12);
  if (PAIRED) h = round<L>(h, e, choose<L>(e, f, g), x1, 0xe8c7b756, 12);
  c = round<L>(c, d, choose<L>(d, a, b), w2, 0x242070db, 17);
  if (PAIRED) g = round<L>(g, h, choose<L>(h, e, f), x2, 0x242070db, 17);
  b = round<L>(b, c, choose<L>(c, d, a), w3, 0xc1bdceee, 22);
  if (PAIRED) f = round<L>(f, g, choose<L>(g, h, e), x3, 0xc1bdceee, 22);
  a = round<L>(a, b, choose<L>(b, c, d), w4, 0xf57c0faf, 7);
  if (PAIRED) e = round<L>(e, f, choose<L>(f, g, h), x4, 0xf57c0faf, 7);
  d = round<L>(d, a, choose<L>(a, b, c), w5, 0x4787c62a, 12);
  if (PAIRED) h = round<L>(h, e, choose<L>(e, f, g), x5, 0x4787c62a, 12);
  c = round<L>(c, d, choose<L>(d, a, b), w6, 0xa8304613, 17);
  if (PAIRED) g = round<L>(g, h, choose<L>(h, e, f), x6, 0xa8304613, 17);
  b = round<L>(b, c, choose<L>(c, d, a), w7, 0xfd469501, 22);
  if (PAIRED) f = round<L>(f, g, choose<L>(g, h, e), x7, 0xfd469501, 22);
  a = round<L>(a, b, choose<L>(b, c, d), w8, 0x698098d8, 7);
  if (PAIRED) e = round<L>(e, f, choose<L>(f, g, h), x8, 0x698098d8, 7);
  d = round<L>(d, a, choose<L>(a, b, c), w9, 0x8b44f7af, 12);
  if (PAIRED) h = round<L>(h, e, choose<L>(e, f, g), x9, 0x8b44f7af, 12);
  c = round<L>(c, d, choose<L>(d, a, b), w10, 0xffff5bb1, 17);
  if (PAIRED) g = round<L>(g, h, choose<L>(h, e, f), x10, 0xffff5bb1, 17);
  b = round<L>(b, c, choose<L>(c, d, a), w11, 0x895cd7be, 22);
  if (PAIRED) f = round<L>(f, g, choose<L>(g, h, e), x11, 0x895cd7be, 22);
  a = round<L>(a, b, choose<L>(b, c, d), w12, 0x6b901122, 7);
  if (PAIRED) e = round<L>(e, f, choose<L>(f, g, h), x12, 0x6b901122, 7);
  d = round<L>(d, a, choose<L>(a, b, c), w13, 0xfd987193, 12);
  if (PAIRED) h = round<L>(h, e, choose<L>(e, f, g), x13, 0xfd987193, 12);
  c = round<L>(c, d, choose<L>(d, a, b), w14, 0xa679438e, 17);
  if (PAIRED) g = round<L>(g, h, choose<L>(h, e, f), x14, 0xa679438e, 17);
  b = round<L>(b, c, choose<L>(c, d, a), w15, 0x49b40821, 22);
  if (PAIRED) f = round<L>(f, g, choose<L>(g, h, e), x15, 0x49b40821, 22);
  a = round<L>(a, b, choose<L>(d, b, c), w1, 0xf61e2562, 5);
  if (PAIRED) e = round<L>(e, f, choose<L>(h, f, g), x1, 0xf61e2562, 5);
  d = round<L>(d, a, choose<L>(c, a, b), w6, 0xc040b340, 9);
  if (PAIRED) h = round<L>(h, e, choose<L>(g, e, f), x6, 0xc040b340, 9);
  c = round<L>(c, d, choose<L>(b, d, a), w11, 0x265e5a51, 14);
  if (PAIRED) g = round<L>(g, h, choose<L>(f, h, e), x11, 0x265e5a51, 14);
  b = round<L>(b, c, choose<L>(a, c, d), w0, 0xe9b6c7aa, 20);
  if (PAIRED) f = round<L>(f, g, choose<L>(e, g, h), x0, 0xe9b6c7aa, 20);
  a = round<L>(a, b, choose<L>(d, b, c), w5, 0xd62f105d, 5);
  if (PAIRED) e = round<L>(e, f, choose<L>(h, f, g), x5, 0xd62f105d, 5);
  d = round<L>(d, a, choose<L>(c, a, b), w10, 0x02441453, 9);
  if (PAIRED) h = round<L>(h, e, choose<L>(g, e, f), x10, 0x02441453, 9);
  c = round<L>(c, d, choose<L>(b, d, a), w15, 0xd8a1e681, 14);
  if (PAIRED) g = round<L>(g, h, choose<L>(f, h, e), x15, 0xd8a1e681, 14);
  b = round<L>(b, c, choose<L>(a, c, d), w4, 0xe7d3fbc8, 20);
  if (PAIRED) f = round<L>(f, g, choose<L>(e, g, h), x4, 0xe7d3fbc8, 20);
  a = round<L>(a, b, choose<L>(d, b, c), w9, 0x21e1cde6, 5);
  if (PAIRED) e = round<L>(e, f, choose<L>(h, f, g), x9, 0x21e1cde6, 5);
  d = round<L>(d, a, choose<L>(c, a, b), w14, 0xc33707d6, 9);
  if (PAIRED) h = round<L>(h, e, choose<L>(g, e, f), x14, 0xc33707d6, 9);
  c = round<L>(c, d, choose<L>(b, d, a), w3, 0xf4d50d87, 14);
  if (PAIRED) g = round<L>(g, h, choose<L>(f, h, e), x3, 0xf4d50d87, 14);
  b = round<L>(b, c, choose<L>(a, c, d), w8, 0x455a14ed, 20);
  if (PAIRED) f = round<L>(f, g, choose<L>(e, g, h), x8, 0x455a14ed, 20);
  a = round<L>(a, b, choose<L>(d, b, c), w13, 0xa9e3e905, 5);
  if (PAIRED) e = round<L>(e, f, choose<L>(h, f, g), x13, 0xa9e3e905, 5);
  d = round<L>(d, a, choose<L>(c, a, b), w2, 0xfcefa3f8, 9);
  if (PAIRED) h = round<L>(h, e, choose<L>(g, e, f), x2, 0xfcefa3f8, 9);
  c = round<L>(c, d, choose<L>(b, d, a), w7, 0x676f02d9, 14);
  if (PAIRED) g = round<L>(g, h, choose<L>(f, h, e), x7, 0x676f02d9, 14);
  b = round<L>(b, c, choose<L>(a, c, d), w12, 0x8d2a4c8a, 20);
  if (PAIRED) f = round<L>(f, g, choose<L>(e, g, h), x12, 0x8d2a4c8a, 20);
  a = round<L>(a, b, parity<L>(b, c, d), w5, 0xfffa3942, 4);
  if (PAIRED) e = round<L>(e, f, parity<L>(f, g, h), x5, 0xfffa3942, 4);
  d = round<L>(d, a, parity<L>(a, b, c), w8, 0x8771f681, 11);
  if (PAIRED) h = round<L>(h, e, parity<L>(e, f, g), x8, 0x8771f681, 11);
  c = round<L>(c, d, parity<L>(d, a, b), w11, 0x6d9d6122, 16);
  if (PAIRED) g = round<L>(g, h, parity<L>(h, e, f), x11, 0x6d9d6122, 16);
  b = round<L>(b, c, parity<L>(c, d, a), w14, 0xfde5380c, 23);
  if (PAIRED) f = round<L>(f, g, parity<L>(g, h, e), x14, 0xfde5380c, 23);
  a = round<L>(a, b, parity<L>(b, c, d), w1, 0xa4beea44, 4);
  if (PAIRED) e = round<L>(e, f, parity<L>(f, g, h), x1, 0xa4beea44, 4);
  d = round<L>(d, a, parity<L>(a, b, c), w4, 0x4bdecfa9, 11);
  if (PAIRED) h = round<L>(h, e, parity<L>(e, f, g), x4, 0x4bdecfa9, 11);
  c = round<L>(c, d, parity<L>(d, a, b), w7, 0xf6bb4b60, 16);
  if (PAIRED) g = round<L>(g, h, parity<L>(h, e, f), x7, 0xf6bb4b60, 16);
  b = round<L>(b, c, parity<L>(c, d, a), w10, 0xbebfbc70, 23);
  if (PAIRED) f = round<L>(f, g, parity<L>(g, h, e), x10, 0xbebfbc70, 23);
  a = round<L>(a, b, parity<L>(b, c, d), w13, 0x289b7ec6, 4);
  if (PAIRED) e = round<L>(e, f, parity<L>(f, g, h), x13, 0x289b7ec6, 4);
  d = round<L>(d, a, parity<L>(a, b, c), w0, 0xeaa127fa, 11);
  if (PAIRED) h = round<L>(h, e, parity<L>(e, f, g), x0, 0xeaa127fa, 11);
  c = round<L>(c, d, parity<L>(d, a, b), w3, 0xd4ef3085, 16);
  if (PAIRED) g = round<L>(g, h, parity<L>(h, e, f), x3, 0xd4ef3085, 16);
  b = round<L>(b, c, parity<L>(c, d, a), w6, 0x04881d05, 23);
  if (PAIRED) f = round<L>(f, g, parity<L>(g, h, e), x6, 0x04881d05, 23);
  a = round<L>(a, b, parity<L>(b, c, d), w9, 0xd9d4d039, 4);
  if (PAIRED) e = round<L>(e, f, parity<L>(f, g, h), x9, 0xd9d4d039, 4);
  d = round<L>(d, a, parity<L>(a, b, c), w12, 0xe6db99e5, 11);
  if (PAIRED) h = round<L>(h, e, parity<L>(e, f, g), x12, 0xe6db99e5, 11);
  c = round<L>(c, d, parity<L>(d, a, b), w15, 0x1fa27cf8, 16);
  if (PAIRED) g = round<L>(g, h, parity<L>(h, e, f), x15, 0x1fa27cf8, 16);
  b = round<L>(b, c, parity<L>(c, d, a), w2, 0xc4ac5665, 23);
  if (PAIRED) f = round<L>(f, g, parity<L>(g, h, e), x2, 0xc4ac5665, 23);
  a = round<L>(a, b, around<L>(b, c, d), w0, 0xf4292244, 6);
  if (PAIRED) e = round<L>(e, f, around<L>(f, g, h), x0, 0xf4292244, 6);
  d = round<L>(d, a, around<L>(a, b, c), w7, 0x432aff97, 10);
  if (PAIRED) h = round<L>(h, e, around<L>(e, f, g), x7, 0x432aff97, 10);
  c = round<L>(c, d, around<L>(d, a, b), w14, 0xab9423a7, 15);
  if (PAIRED) g = round<L>(g, h, around<L>(h, e, f), x14, 0xab9423a7, 15);
  b = round<L>(b, c, around<L>(c, d, a), w5, 0xfc93a039, 21);
  if (PAIRED) f = round<L>(f, g, around<L>(g, h, e), x5, 0xfc93a039, 21);
  a = round<L>(a, b, around<L>(b, c, d), w12, 0x655b59c3, 6);
  if (PAIRED) e = round<L>(e, f, around<L>(f, g, h), x12, 0x655b59c3, 6);
  d = round<L>(d, a, around<L>(a, b, c), w3, 0x8f0ccc92, 10);
  if (PAIRED) h = round<L>(h, e, around<L>(e, f, g), x3, 0x8f0ccc92, 10);
  c = round<L>(c, d, around<L>(d, a, b), w10, 0xffeff47d, 15);
  if (PAIRED) g = round<L>(g, h, around<L>(h, e, f), x10, 0xffeff47d, 15);
  b = round<L>(b, c, around<L>(c, d, a), w1, 0x85845dd1, 21);
  if (PAIRED) f = round<L>(f, g, around<L>(g, h, e), x1, 0x85845dd1, 21);
  a = round<L>(a, b, around<L>(b, c, d), w8, 0x6fa87e4f, 6);
  if (PAIRED) e = round<L>(e, f, around<L>(f, g, h), x8, 0x6fa87e4f, 6);
  d = round<L>(d, a, around<L>(a, b, c), w15, 0xfe2ce6e0, 10);
  if (PAIRED) h = round<L>(h, e, around<L>(e, f, g), x15, 0xfe2ce6e0, 10);
  c = round<L>(c, d, around<L>(d, a, b), w6, 0xa3014314, 15);
  if (PAIRED) g = round<L>(g, h, around<L>(h, e, f), x6, 0xa3014314, 15);
  b = round<L>(b, c, around<L>(c, d, a), w13, 0x4e0811a1, 21);
  if (PAIRED) f = round<L>(f, g, around<L>(g, h, e), x13, 0x4e0811a1, 21);
  a = round<L>(a, b, around<L>(b, c, d), w4, 0xf7537e82, 6);
  if (PAIRED) e = round<L>(e, f, around<L>(f, g, h), x4, 0xf7537e82, 6);
  d = round<L>(d, a, around<L>(a, b, c), w11, 0xbd3af235, 10);
  if (PAIRED) h = round<L>(h, e, around<L>(e, f, g), x11, 0xbd3af235, 10);
  c = round<L>(c, d, around<L>(d, a, b), w2, 0x2ad7d2bb, 15);
  if (PAIRED) g = round<L>(g, h, around<L>(h, e, f), x2, 0x2ad7d2bb, 15);
  b = round<L>(b, c, around<L>(c, d, a), w9, 0xeb86d391, 21);
  if (PAIRED) f = round<L>(f, g, around<L>(g, h, e), x9, 0xeb86d391, 21);
  store<L>(DIGEST_AT, add<L>(load<L>(DIGEST_AT), a));
  store<L>(DIGEST_AT, add<L>(load<L>(DIGEST_AT, 4 * LANES), b), 4 * LANES);
  store<L>(DIGEST_AT, add<L>(load<L>(DIGEST_AT, 8 * LANES), c), 8 * LANES);
  store<L>(DIGEST_AT, add<L>(load<L>(DIGEST_AT, 12 * LANES), d), 12 * LANES);
  if (PAIRED) {
    store<L>(DIGEST_AT, add<L>(load<L>(DIGEST_AT, 16 * LANES), e), 16 * LANES);
    store<L>(DIGEST_AT, add<L>(load<L>(DIGEST_AT, 20 * LANES), f), 20 * LANES);
    store<L>(DIGEST_AT, add<L>(load<L>(DIGEST_AT, 24 * LANES), g), 24 * LANES);
    store<L>(DIGEST_AT, add<L>(load<L>(DIGEST_AT, 28 * LANES), h), 28 * LANES);
  }
}
