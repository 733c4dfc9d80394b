// DES of many candidates at once, to reject MS-CHAPv2 keys: a slice is one bit of every candidate's block.
// Source: FIPS 46-3 (tables; numbers from 1); E. Biham, "A fast new DES implementation in software", 1997.

import { zero } from "./bytes";
import { and, not, or, shl, shr, splat, xor } from "./lane";
import { sbox1, sbox2, sbox3, sbox4, sbox5, sbox6, sbox7, sbox8 } from "./sbox";
import { DES_ROWS_AT } from "./scratch";

/** Slices of a word, before the transposition rows; slices of a key. */
const WORD_SLICES: u32 = 32;
const KEY_SLICES: u32 = 56;

/** Rounds before which the key halves turn by one place instead of two: bit 0 is round 1. */
const SINGLE_STEPS: u32 = 0x8103;

/** PC-1 in place: slice i changes places with slice PC1_SWAPS[i], for i from 0. */
const PC1_SWAPS = memory.data<u8>([
  46, 40, 53, 47, 60, 54, 47, 61, 10, 60, 17, 11, 24, 18,
  31, 25, 45, 41, 52, 48, 59, 55, 53, 62, 60, 54, 45, 60,
  62, 48, 30, 45, 44, 42, 51, 49, 58, 56, 40, 63, 41, 47,
  54, 52, 53, 59, 48, 60, 52, 61, 50, 59, 57, 55, 57, 62,
]);

/** Bits of b and, n places higher, of a that are to change places. */
function differ<L>(a: L, b: L, n: u32, low: L): L {
  return and<L>(xor<L>(shr<L>(a, n), b), low);
}

/** Two steps of a transposition in one pass, as memory is slower than shifting: blocks of 2n, then of n. */
function swapBlocks<L>(at: u32, n: u32, wideMask: u32, narrowMask: u32): void {
  const wide = splat<L>(wideMask), narrow = splat<L>(narrowMask), step: u32 = n * sizeof<L>();
  for (let i: u32 = 0; i < WORD_SLICES; i = ((i | (3 * n)) + 1) & ~(3 * n)) {
    const p: u32 = at + i * sizeof<L>();
    let a = load<L>(p), b = load<L>(p + step), c = load<L>(p + 2 * step), d = load<L>(p + 3 * step);
    const ac = differ<L>(a, c, 2 * n, wide), bd = differ<L>(b, d, 2 * n, wide);
    a = xor<L>(a, shl<L>(ac, 2 * n));
    b = xor<L>(b, shl<L>(bd, 2 * n));
    c = xor<L>(c, ac);
    d = xor<L>(d, bd);
    const ab = differ<L>(a, b, n, narrow), cd = differ<L>(c, d, n, narrow);
    store<L>(p, xor<L>(a, shl<L>(ab, n)));
    store<L>(p + step, xor<L>(b, ab));
    store<L>(p + 2 * step, xor<L>(c, shl<L>(cd, n)));
    store<L>(p + 3 * step, xor<L>(d, cd));
  }
}

/**
 * Transposes 32 rows of L at address at, in place, each lane for itself: afterwards slice i holds bit i
 * of every row, and its bit r comes from row r. Bits count from the least significant.
 */
function transpose<L>(at: u32): void {
  swapBlocks<L>(at, 8, 0x0000ffff, 0x00ff00ff);
  swapBlocks<L>(at, 2, 0x0f0f0f0f, 0x33333333);
  const low = splat<L>(0x55555555);
  for (let p: u32 = at; p < at + WORD_SLICES * sizeof<L>(); p += 2 * sizeof<L>()) {
    const a = load<L>(p), b = load<L>(p + sizeof<L>()), ab = differ<L>(a, b, 1, low);
    store<L>(p, xor<L>(a, shl<L>(ab, 1)));
    store<L>(p + sizeof<L>(), xor<L>(b, ab));
  }
}

/** Copies an even number of slices upwards in order, so that a window may move down over itself. */
function copySlices<L>(to: u32, from: u32, slices: u32): void {
  for (let end: u32 = from + slices * sizeof<L>(); from < end; from += 2 * sizeof<L>(), to += 2 * sizeof<L>()) {
    store<L>(to, load<L>(from));
    store<L>(to + sizeof<L>(), load<L>(from + sizeof<L>()));
  }
}

/**
 * Bytes from a half's address to its bit n. IP costs nothing: it puts the block's even bits into the left half
 * and the odd ones into the right, in one order, so a half is every second slice of the block.
 */
@inline
function bitOf<L>(n: u32): u32 {
  return ((38 - 2 * ((n - 1) >> 3) + 8 * ((n - 1) & 7)) & 63) * sizeof<L>();
}

/** Input of a box: bit n of the right half with the key bit that PC-2 calls k. C and D alternate from key on. */
@inline
function mix<L>(right: u32, n: u32, key: u32, k: u32): L {
  const slot = k <= 28 ? 2 * (k - 1) : 2 * (k - 29) + 1;
  return xor<L>(load<L>(right + bitOf<L>(n)), load<L>(key + slot * sizeof<L>()));
}

/** One round: left ^= f(right, key). The numbers are E, PC-2 and, for the outputs, P reversed. */
function round<L>(left: u32, right: u32, key: u32): void {
  sbox1<L>(
    mix<L>(right, 32, key, 14), mix<L>(right, 1, key, 17), mix<L>(right, 2, key, 11),
    mix<L>(right, 3, key, 24), mix<L>(right, 4, key, 1), mix<L>(right, 5, key, 5),
    left, bitOf<L>(9), bitOf<L>(17), bitOf<L>(23), bitOf<L>(31)
  );
  sbox2<L>(
    mix<L>(right, 4, key, 3), mix<L>(right, 5, key, 28), mix<L>(right, 6, key, 15),
    mix<L>(right, 7, key, 6), mix<L>(right, 8, key, 21), mix<L>(right, 9, key, 10),
    left, bitOf<L>(13), bitOf<L>(28), bitOf<L>(2), bitOf<L>(18)
  );
  sbox3<L>(
    mix<L>(right, 8, key, 23), mix<L>(right, 9, key, 19), mix<L>(right, 10, key, 12),
    mix<L>(right, 11, key, 4), mix<L>(right, 12, key, 26), mix<L>(right, 13, key, 8),
    left, bitOf<L>(24), bitOf<L>(16), bitOf<L>(30), bitOf<L>(6)
  );
  sbox4<L>(
    mix<L>(right, 12, key, 16), mix<L>(right, 13, key, 7), mix<L>(right, 14, key, 27),
    mix<L>(right, 15, key, 20), mix<L>(right, 16, key, 13), mix<L>(right, 17, key, 2),
    left, bitOf<L>(26), bitOf<L>(20), bitOf<L>(10), bitOf<L>(1)
  );
  sbox5<L>(
    mix<L>(right, 16, key, 41), mix<L>(right, 17, key, 52), mix<L>(right, 18, key, 31),
    mix<L>(right, 19, key, 37), mix<L>(right, 20, key, 47), mix<L>(right, 21, key, 55),
    left, bitOf<L>(8), bitOf<L>(14), bitOf<L>(25), bitOf<L>(3)
  );
  sbox6<L>(
    mix<L>(right, 20, key, 30), mix<L>(right, 21, key, 40), mix<L>(right, 22, key, 51),
    mix<L>(right, 23, key, 45), mix<L>(right, 24, key, 33), mix<L>(right, 25, key, 48),
    left, bitOf<L>(4), bitOf<L>(29), bitOf<L>(11), bitOf<L>(19)
  );
  sbox7<L>(
    mix<L>(right, 24, key, 44), mix<L>(right, 25, key, 49), mix<L>(right, 26, key, 39),
    mix<L>(right, 27, key, 56), mix<L>(right, 28, key, 34), mix<L>(right, 29, key, 53),
    left, bitOf<L>(32), bitOf<L>(12), bitOf<L>(22), bitOf<L>(7)
  );
  sbox8<L>(
    mix<L>(right, 28, key, 46), mix<L>(right, 29, key, 42), mix<L>(right, 30, key, 50),
    mix<L>(right, 31, key, 36), mix<L>(right, 32, key, 29), mix<L>(right, 1, key, 32),
    left, bitOf<L>(5), bitOf<L>(27), bitOf<L>(15), bitOf<L>(21)
  );
}

/** PC-1: key slices, as transposed, to the alternating bits C1 D1 C2 D2 ... */
function orderKey<L>(): void {
  for (let i: u32 = 0; i < KEY_SLICES; i++) {
    const p = DES_ROWS_AT + i * sizeof<L>(), q = DES_ROWS_AT + <u32>load<u8>(PC1_SWAPS + i) * sizeof<L>();
    const kept = load<L>(p);
    store<L>(p, load<L>(q));
    store<L>(q, kept);
  }
}

/** Bytes by which the key's window moves before round i, from 0. */
function stepBytes<L>(i: u32): u32 {
  return (4 - 2 * ((SINGLE_STEPS >> i) & 1)) * sizeof<L>();
}

/**
 * Encrypts a group of 32 * LANES candidates and compares. Bit r of lane l of the result is 1 if candidate
 * r * LANES + l fits. Word w of candidate c is the u32 at DES_ROWS_AT + (w * 32 * LANES + c) * 4: 0 and 1 the
 * 56 key bits without parity, from the top, the last 8 bits unused; 2 and 3 the block, 4 and 5 the expected
 * result, big-endian. The rows are wiped. No branch or address depends on their contents.
 */
export function desMatches<L>(): L {
  const wordBytes: u32 = WORD_SLICES * sizeof<L>();
  const even: u32 = DES_ROWS_AT + 2 * wordBytes, odd: u32 = even + sizeof<L>();
  for (let w: u32 = 0; w < 6; w++) transpose<L>(DES_ROWS_AT + w * wordBytes);
  orderKey<L>();
  // Two rounds turn C and D by at most four places. The first four, repeated in the eight slices that 56 bits leave
  // free in two words, make a turn a step of the window's base; after two rounds the window moves back.
  for (let i: u32 = 0; i < 16; i += 2) {
    copySlices<L>(DES_ROWS_AT + KEY_SLICES * sizeof<L>(), DES_ROWS_AT, 8);
    const first = DES_ROWS_AT + stepBytes<L>(i), second = first + stepBytes<L>(i + 1);
    round<L>(even, odd, first);
    round<L>(odd, even, second);
    copySlices<L>(DES_ROWS_AT, second, KEY_SLICES);
  }
  // The halves end unswapped, so each output bit lies where its neighbour's input bit lay: slices 2i and 2i + 1.
  let wrong = splat<L>(0);
  for (let at: u32 = even; at < even + 2 * wordBytes; at += 2 * sizeof<L>()) {
    const p = at + 2 * wordBytes;
    wrong = or<L>(wrong, xor<L>(load<L>(at), load<L>(p + sizeof<L>())));
    wrong = or<L>(wrong, xor<L>(load<L>(at + sizeof<L>()), load<L>(p)));
  }
  zero(DES_ROWS_AT, 6 * wordBytes);
  return not<L>(wrong);
}
