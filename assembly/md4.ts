// MD4's compression function over L: one block for each lane. RFC 1320 section 3.4.

import { add, and, LANES, or, rotate, splat, xor } from "./lane";
import { DIGEST_AT, LANES_AT } from "./scratch";

const ROUNDS_16: u32 = 0x5a827999;
const ROUNDS_32: u32 = 0x6ed9eba1;

@inline
function pick<L>(x: L, y: L, z: L): L {
  return xor<L>(z, and<L>(x, xor<L>(y, z)));
}

@inline
function majority<L>(x: L, y: L, z: L): L {
  return or<L>(and<L>(x, y), and<L>(z, or<L>(x, y)));
}

@inline
function parity<L>(x: L, y: L, z: L): L {
  return xor<L>(xor<L>(x, y), z);
}

@inline
function round<L>(a: L, f: L, word: L, turn: i32): L {
  return rotate<L>(add<L>(add<L>(a, f), word), turn);
}

/** Takes the state at DIGEST_AT (its start is md5Start) through the block at LANES_AT, in place. */
export function md4Block<L>(): void {
  let a = load<L>(DIGEST_AT);
  let b = load<L>(DIGEST_AT, 4 * LANES);
  let c = load<L>(DIGEST_AT, 8 * LANES);
  let d = load<L>(DIGEST_AT, 12 * LANES);
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
  a = round<L>(a, pick<L>(b, c, d), w0, 3);
  d = round<L>(d, pick<L>(a, b, c), w1, 7);
  c = round<L>(c, pick<L>(d, a, b), w2, 11);
  b = round<L>(b, pick<L>(c, d, a), w3, 19);
  a = round<L>(a, pick<L>(b, c, d), w4, 3);
  d = round<L>(d, pick<L>(a, b, c), w5, 7);
  c = round<L>(c, pick<L>(d, a, b), w6, 11);
  b = round<L>(b, pick<L>(c, d, a), w7, 19);
  a = round<L>(a, pick<L>(b, c, d), w8, 3);
  d = round<L>(d, pick<L>(a, b, c), w9, 7);
  c = round<L>(c, pick<L>(d, a, b), w10, 11);
  b = round<L>(b, pick<L>(c, d, a), w11, 19);
  a = round<L>(a, pick<L>(b, c, d), w12, 3);
  d = round<L>(d, pick<L>(a, b, c), w13, 7);
  c = round<L>(c, pick<L>(d, a, b), w14, 11);
  b = round<L>(b, pick<L>(c, d, a), w15, 19);
  let k = splat<L>(ROUNDS_16);
  a = round<L>(a, majority<L>(b, c, d), add<L>(w0, k), 3);
  d = round<L>(d, majority<L>(a, b, c), add<L>(w4, k), 5);
  c = round<L>(c, majority<L>(d, a, b), add<L>(w8, k), 9);
  b = round<L>(b, majority<L>(c, d, a), add<L>(w12, k), 13);
  a = round<L>(a, majority<L>(b, c, d), add<L>(w1, k), 3);
  d = round<L>(d, majority<L>(a, b, c), add<L>(w5, k), 5);
  c = round<L>(c, majority<L>(d, a, b), add<L>(w9, k), 9);
  b = round<L>(b, majority<L>(c, d, a), add<L>(w13, k), 13);
  a = round<L>(a, majority<L>(b, c, d), add<L>(w2, k), 3);
  d = round<L>(d, majority<L>(a, b, c), add<L>(w6, k), 5);
  c = round<L>(c, majority<L>(d, a, b), add<L>(w10, k), 9);
  b = round<L>(b, majority<L>(c, d, a), add<L>(w14, k), 13);
  a = round<L>(a, majority<L>(b, c, d), add<L>(w3, k), 3);
  d = round<L>(d, majority<L>(a, b, c), add<L>(w7, k), 5);
  c = round<L>(c, majority<L>(d, a, b), add<L>(w11, k), 9);
  b = round<L>(b, majority<L>(c, d, a), add<L>(w15, k), 13);
  k = splat<L>(ROUNDS_32);
  a = round<L>(a, parity<L>(b, c, d), add<L>(w0, k), 3);
  d = round<L>(d, parity<L>(a, b, c), add<L>(w8, k), 9);
  c = round<L>(c, parity<L>(d, a, b), add<L>(w4, k), 11);
  b = round<L>(b, parity<L>(c, d, a), add<L>(w12, k), 15);
  a = round<L>(a, parity<L>(b, c, d), add<L>(w2, k), 3);
  d = round<L>(d, parity<L>(a, b, c), add<L>(w10, k), 9);
  c = round<L>(c, parity<L>(d, a, b), add<L>(w6, k), 11);
  b = round<L>(b, parity<L>(c, d, a), add<L>(w14, k), 15);
  a = round<L>(a, parity<L>(b, c, d), add<L>(w1, k), 3);
  d = round<L>(d, parity<L>(a, b, c), add<L>(w9, k), 9);
  c = round<L>(c, parity<L>(d, a, b), add<L>(w5, k), 11);
  b = round<L>(b, parity<L>(c, d, a), add<L>(w13, k), 15);
  a = round<L>(a, parity<L>(b, c, d), add<L>(w3, k), 3);
  d = round<L>(d, parity<L>(a, b, c), add<L>(w11, k), 9);
  c = round<L>(c, parity<L>(d, a, b), add<L>(w7, k), 11);
  b = round<L>(b, parity<L>(c, d, a), add<L>(w15, k), 15);
  store<L>(DIGEST_AT, add<L>(load<L>(DIGEST_AT), a));
  store<L>(DIGEST_AT, add<L>(load<L>(DIGEST_AT, 4 * LANES), b), 4 * LANES);
  store<L>(DIGEST_AT, add<L>(load<L>(DIGEST_AT, 8 * LANES), c), 8 * LANES);
  store<L>(DIGEST_AT, add<L>(load<L>(DIGEST_AT, 12 * LANES), d), 12 * LANES);
}
