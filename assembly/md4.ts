// MD4's compression function over L: one block for each lane, in groups and with names as MD5's. RFC 1320 section 3.4.

import { add, choose, GROUPED, majority, parity, rotate, splat } from "./lane";
import { addToDigest, blockWord, digestWord } from "./scratch";

const ROUNDS_16: u32 = 0x5a827999;
const ROUNDS_32: u32 = 0x6ed9eba1;

@inline
function round<L>(a: L, f: L, word: L, turn: i32): L {
  return rotate<L>(add<L>(add<L>(a, word), f), turn);
}

/** Takes the state at DIGEST_AT (its start is md5Start) through the block at LANES_AT, in place. */
export function md4Block<L>(): void {
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
  for (let t: u32 = 0; t < 16; t += 4) {
    // Printed by print/rounds.mjs: MD4, a quarter of round 1.
    a = round<L>(a, choose<L>(b, c, d), blockWord<L>(0, t), 3);
    if (GROUPED) { e = round<L>(e, choose<L>(f, g, h), blockWord<L>(1, t), 3); i = round<L>(i, choose<L>(j, k, l), blockWord<L>(2, t), 3); }
    d = round<L>(d, choose<L>(a, b, c), blockWord<L>(0, t + 1), 7);
    if (GROUPED) { h = round<L>(h, choose<L>(e, f, g), blockWord<L>(1, t + 1), 7); l = round<L>(l, choose<L>(i, j, k), blockWord<L>(2, t + 1), 7); }
    c = round<L>(c, choose<L>(d, a, b), blockWord<L>(0, t + 2), 11);
    if (GROUPED) { g = round<L>(g, choose<L>(h, e, f), blockWord<L>(1, t + 2), 11); k = round<L>(k, choose<L>(l, i, j), blockWord<L>(2, t + 2), 11); }
    b = round<L>(b, choose<L>(c, d, a), blockWord<L>(0, t + 3), 19);
    if (GROUPED) { f = round<L>(f, choose<L>(g, h, e), blockWord<L>(1, t + 3), 19); j = round<L>(j, choose<L>(k, l, i), blockWord<L>(2, t + 3), 19); }
    // End of what is printed.
  }
  let key = splat<L>(ROUNDS_16);
  for (let t: u32 = 0; t < 4; t++) {
    // Printed by print/rounds.mjs: MD4, a quarter of round 2.
    a = round<L>(a, majority<L>(b, c, d), add<L>(blockWord<L>(0, t), key), 3);
    if (GROUPED) { e = round<L>(e, majority<L>(f, g, h), add<L>(blockWord<L>(1, t), key), 3); i = round<L>(i, majority<L>(j, k, l), add<L>(blockWord<L>(2, t), key), 3); }
    d = round<L>(d, majority<L>(a, b, c), add<L>(blockWord<L>(0, t + 4), key), 5);
    if (GROUPED) { h = round<L>(h, majority<L>(e, f, g), add<L>(blockWord<L>(1, t + 4), key), 5); l = round<L>(l, majority<L>(i, j, k), add<L>(blockWord<L>(2, t + 4), key), 5); }
    c = round<L>(c, majority<L>(d, a, b), add<L>(blockWord<L>(0, t + 8), key), 9);
    if (GROUPED) { g = round<L>(g, majority<L>(h, e, f), add<L>(blockWord<L>(1, t + 8), key), 9); k = round<L>(k, majority<L>(l, i, j), add<L>(blockWord<L>(2, t + 8), key), 9); }
    b = round<L>(b, majority<L>(c, d, a), add<L>(blockWord<L>(0, t + 12), key), 13);
    if (GROUPED) { f = round<L>(f, majority<L>(g, h, e), add<L>(blockWord<L>(1, t + 12), key), 13); j = round<L>(j, majority<L>(k, l, i), add<L>(blockWord<L>(2, t + 12), key), 13); }
    // End of what is printed.
  }
  key = splat<L>(ROUNDS_32);
  for (let count: u32 = 0; count < 4; count++) {
    const t = ((count & 1) << 1) | (count >>> 1); // 0, 2, 1, 3
    // Printed by print/rounds.mjs: MD4, a quarter of round 3.
    a = round<L>(a, parity<L>(b, c, d), add<L>(blockWord<L>(0, t), key), 3);
    if (GROUPED) { e = round<L>(e, parity<L>(f, g, h), add<L>(blockWord<L>(1, t), key), 3); i = round<L>(i, parity<L>(j, k, l), add<L>(blockWord<L>(2, t), key), 3); }
    d = round<L>(d, parity<L>(a, b, c), add<L>(blockWord<L>(0, t + 8), key), 9);
    if (GROUPED) { h = round<L>(h, parity<L>(e, f, g), add<L>(blockWord<L>(1, t + 8), key), 9); l = round<L>(l, parity<L>(i, j, k), add<L>(blockWord<L>(2, t + 8), key), 9); }
    c = round<L>(c, parity<L>(d, a, b), add<L>(blockWord<L>(0, t + 4), key), 11);
    if (GROUPED) { g = round<L>(g, parity<L>(h, e, f), add<L>(blockWord<L>(1, t + 4), key), 11); k = round<L>(k, parity<L>(l, i, j), add<L>(blockWord<L>(2, t + 4), key), 11); }
    b = round<L>(b, parity<L>(c, d, a), add<L>(blockWord<L>(0, t + 12), key), 15);
    if (GROUPED) { f = round<L>(f, parity<L>(g, h, e), add<L>(blockWord<L>(1, t + 12), key), 15); j = round<L>(j, parity<L>(k, l, i), add<L>(blockWord<L>(2, t + 12), key), 15); }
    // End of what is printed.
  }
  addToDigest<L>(0, a);
  addToDigest<L>(1, b);
  addToDigest<L>(2, c);
  addToDigest<L>(3, d);
  if (GROUPED) {
    addToDigest<L>(4, e);
    addToDigest<L>(5, f);
    addToDigest<L>(6, g);
    addToDigest<L>(7, h);
    addToDigest<L>(8, i);
    addToDigest<L>(9, j);
    addToDigest<L>(10, k);
    addToDigest<L>(11, l);
  }
}
