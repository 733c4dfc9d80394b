// SHA-1 over a single group of lanes: the strict file's form. FIPS 180-4 section 6.1.2.
//
// The rounds of a login are written out, with the schedule's words in locals: in scalars that is faster than any loop
// over words in memory. An HMAC's blocks have nine zero words, which sha1Short leaves out. Other blocks are rare: they
// take a loop for the first 32 rounds. Both share the rest.

import { add, choose, majority, parity, rotate, splat, xor } from "./lane";
import { addToDigest, blockWord, digestWord, wordAt } from "./scratch";
import { mix, round, ROUNDS_0, ROUNDS_20, ROUNDS_40, ROUNDS_60 } from "./sha1-round";

/**
 * Takes the state at DIGEST_AT through a short block, in place: seven words, for each lane, with zeros in words 6 to 14.
 * That is what an HMAC's messages are: a counter or a digest, the end mark, and the length.
 */
export function sha1Short<L>(w0: L, w1: L, w2: L, w3: L, w4: L, w5: L, w15: L): void {
  let a = digestWord<L>(0);
  let b = digestWord<L>(1);
  let c = digestWord<L>(2);
  let d = digestWord<L>(3);
  let e = digestWord<L>(4);
  let k = splat<L>(ROUNDS_0);
  // Printed by print/rounds.mjs: SHA-1, rounds 0 to 31 of a short block.
  e = round<L>(a, choose<L>(b, c, d), e, add<L>(w0, k)); b = rotate<L>(b, 30);
  d = round<L>(e, choose<L>(a, b, c), d, add<L>(w1, k)); a = rotate<L>(a, 30);
  c = round<L>(d, choose<L>(e, a, b), c, add<L>(w2, k)); e = rotate<L>(e, 30);
  b = round<L>(c, choose<L>(d, e, a), b, add<L>(w3, k)); d = rotate<L>(d, 30);
  a = round<L>(b, choose<L>(c, d, e), a, add<L>(w4, k)); c = rotate<L>(c, 30);
  e = round<L>(a, choose<L>(b, c, d), e, add<L>(w5, k)); b = rotate<L>(b, 30);
  d = round<L>(e, choose<L>(a, b, c), d, k); a = rotate<L>(a, 30);
  c = round<L>(d, choose<L>(e, a, b), c, k); e = rotate<L>(e, 30);
  b = round<L>(c, choose<L>(d, e, a), b, k); d = rotate<L>(d, 30);
  a = round<L>(b, choose<L>(c, d, e), a, k); c = rotate<L>(c, 30);
  e = round<L>(a, choose<L>(b, c, d), e, k); b = rotate<L>(b, 30);
  d = round<L>(e, choose<L>(a, b, c), d, k); a = rotate<L>(a, 30);
  c = round<L>(d, choose<L>(e, a, b), c, k); e = rotate<L>(e, 30);
  b = round<L>(c, choose<L>(d, e, a), b, k); d = rotate<L>(d, 30);
  a = round<L>(b, choose<L>(c, d, e), a, k); c = rotate<L>(c, 30);
  e = round<L>(a, choose<L>(b, c, d), e, add<L>(w15, k)); b = rotate<L>(b, 30);
  w0 = rotate<L>(xor<L>(w2, w0), 1); d = round<L>(e, choose<L>(a, b, c), d, add<L>(w0, k)); a = rotate<L>(a, 30);
  w1 = rotate<L>(xor<L>(w3, w1), 1); c = round<L>(d, choose<L>(e, a, b), c, add<L>(w1, k)); e = rotate<L>(e, 30);
  w2 = rotate<L>(xor<L>(xor<L>(w15, w4), w2), 1); b = round<L>(c, choose<L>(d, e, a), b, add<L>(w2, k)); d = rotate<L>(d, 30);
  w3 = rotate<L>(xor<L>(xor<L>(w0, w5), w3), 1); a = round<L>(b, choose<L>(c, d, e), a, add<L>(w3, k)); c = rotate<L>(c, 30);
  k = splat<L>(ROUNDS_20);
  w4 = rotate<L>(xor<L>(w1, w4), 1); e = round<L>(a, parity<L>(b, c, d), e, add<L>(w4, k)); b = rotate<L>(b, 30);
  w5 = rotate<L>(xor<L>(w2, w5), 1); d = round<L>(e, parity<L>(a, b, c), d, add<L>(w5, k)); a = rotate<L>(a, 30);
  let w6 = rotate<L>(w3, 1); c = round<L>(d, parity<L>(e, a, b), c, add<L>(w6, k)); e = rotate<L>(e, 30);
  let w7 = rotate<L>(xor<L>(w4, w15), 1); b = round<L>(c, parity<L>(d, e, a), b, add<L>(w7, k)); d = rotate<L>(d, 30);
  let w8 = rotate<L>(xor<L>(w5, w0), 1); a = round<L>(b, parity<L>(c, d, e), a, add<L>(w8, k)); c = rotate<L>(c, 30);
  let w9 = rotate<L>(xor<L>(w6, w1), 1); e = round<L>(a, parity<L>(b, c, d), e, add<L>(w9, k)); b = rotate<L>(b, 30);
  let w10 = rotate<L>(xor<L>(w7, w2), 1); d = round<L>(e, parity<L>(a, b, c), d, add<L>(w10, k)); a = rotate<L>(a, 30);
  let w11 = rotate<L>(xor<L>(w8, w3), 1); c = round<L>(d, parity<L>(e, a, b), c, add<L>(w11, k)); e = rotate<L>(e, 30);
  let w12 = rotate<L>(xor<L>(w9, w4), 1); b = round<L>(c, parity<L>(d, e, a), b, add<L>(w12, k)); d = rotate<L>(d, 30);
  let w13 = rotate<L>(xor<L>(xor<L>(w10, w5), w15), 1); a = round<L>(b, parity<L>(c, d, e), a, add<L>(w13, k)); c = rotate<L>(c, 30);
  let w14 = rotate<L>(xor<L>(xor<L>(w11, w6), w0), 1); e = round<L>(a, parity<L>(b, c, d), e, add<L>(w14, k)); b = rotate<L>(b, 30);
  w15 = mix<L>(w12, w7, w1, w15); d = round<L>(e, parity<L>(a, b, c), d, add<L>(w15, k)); a = rotate<L>(a, 30);
  // End of what is printed.
  finish<L>(d, e, a, b, c, w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15);
}

/** Takes the state at DIGEST_AT through the block at LANES_AT (sixteen words a lane), in place; it is overwritten. */
export function sha1Single<L>(): void {
  let a = digestWord<L>(0);
  let b = digestWord<L>(1);
  let c = digestWord<L>(2);
  let d = digestWord<L>(3);
  let e = digestWord<L>(4);
  for (let t: u32 = 0; t < 32; t++) {
    if (t >= 16) store<L>(wordAt(t), mix<L>(scheduled<L>(t - 3), scheduled<L>(t - 8), scheduled<L>(t - 14), scheduled<L>(t)));
    const k = splat<L>(t < 20 ? ROUNDS_0 : ROUNDS_20);
    const f = t < 20 ? choose<L>(b, c, d) : parity<L>(b, c, d);
    const next = round<L>(a, f, e, add<L>(scheduled<L>(t), k));
    e = d;
    d = c;
    c = rotate<L>(b, 30);
    b = a;
    a = next;
  }
  finish<L>(
    a, b, c, d, e,
    blockWord<L>(0, 0), blockWord<L>(0, 1), blockWord<L>(0, 2), blockWord<L>(0, 3), blockWord<L>(0, 4), blockWord<L>(0, 5), blockWord<L>(0, 6), blockWord<L>(0, 7),
    blockWord<L>(0, 8), blockWord<L>(0, 9), blockWord<L>(0, 10), blockWord<L>(0, 11), blockWord<L>(0, 12), blockWord<L>(0, 13), blockWord<L>(0, 14), blockWord<L>(0, 15),
  );
}

@inline
function scheduled<L>(t: u32): L {
  return load<L>(wordAt(t));
}

/** Rounds 32 to 79, from words 16 to 31 of the schedule; adds the state at DIGEST_AT. */
function finish<L>(
  a: L, b: L, c: L, d: L, e: L,
  w0: L, w1: L, w2: L, w3: L, w4: L, w5: L, w6: L, w7: L,
  w8: L, w9: L, w10: L, w11: L, w12: L, w13: L, w14: L, w15: L,
): void {
  let k = splat<L>(ROUNDS_20);
  // Printed by print/rounds.mjs: SHA-1, rounds 32 to 79.
  w0 = mix<L>(w13, w8, w2, w0); e = round<L>(a, parity<L>(b, c, d), e, add<L>(w0, k)); b = rotate<L>(b, 30);
  w1 = mix<L>(w14, w9, w3, w1); d = round<L>(e, parity<L>(a, b, c), d, add<L>(w1, k)); a = rotate<L>(a, 30);
  w2 = mix<L>(w15, w10, w4, w2); c = round<L>(d, parity<L>(e, a, b), c, add<L>(w2, k)); e = rotate<L>(e, 30);
  w3 = mix<L>(w0, w11, w5, w3); b = round<L>(c, parity<L>(d, e, a), b, add<L>(w3, k)); d = rotate<L>(d, 30);
  w4 = mix<L>(w1, w12, w6, w4); a = round<L>(b, parity<L>(c, d, e), a, add<L>(w4, k)); c = rotate<L>(c, 30);
  w5 = mix<L>(w2, w13, w7, w5); e = round<L>(a, parity<L>(b, c, d), e, add<L>(w5, k)); b = rotate<L>(b, 30);
  w6 = mix<L>(w3, w14, w8, w6); d = round<L>(e, parity<L>(a, b, c), d, add<L>(w6, k)); a = rotate<L>(a, 30);
  w7 = mix<L>(w4, w15, w9, w7); c = round<L>(d, parity<L>(e, a, b), c, add<L>(w7, k)); e = rotate<L>(e, 30);
  k = splat<L>(ROUNDS_40);
  w8 = mix<L>(w5, w0, w10, w8); b = round<L>(c, majority<L>(d, e, a), b, add<L>(w8, k)); d = rotate<L>(d, 30);
  w9 = mix<L>(w6, w1, w11, w9); a = round<L>(b, majority<L>(c, d, e), a, add<L>(w9, k)); c = rotate<L>(c, 30);
  w10 = mix<L>(w7, w2, w12, w10); e = round<L>(a, majority<L>(b, c, d), e, add<L>(w10, k)); b = rotate<L>(b, 30);
  w11 = mix<L>(w8, w3, w13, w11); d = round<L>(e, majority<L>(a, b, c), d, add<L>(w11, k)); a = rotate<L>(a, 30);
  w12 = mix<L>(w9, w4, w14, w12); c = round<L>(d, majority<L>(e, a, b), c, add<L>(w12, k)); e = rotate<L>(e, 30);
  w13 = mix<L>(w10, w5, w15, w13); b = round<L>(c, majority<L>(d, e, a), b, add<L>(w13, k)); d = rotate<L>(d, 30);
  w14 = mix<L>(w11, w6, w0, w14); a = round<L>(b, majority<L>(c, d, e), a, add<L>(w14, k)); c = rotate<L>(c, 30);
  w15 = mix<L>(w12, w7, w1, w15); e = round<L>(a, majority<L>(b, c, d), e, add<L>(w15, k)); b = rotate<L>(b, 30);
  w0 = mix<L>(w13, w8, w2, w0); d = round<L>(e, majority<L>(a, b, c), d, add<L>(w0, k)); a = rotate<L>(a, 30);
  w1 = mix<L>(w14, w9, w3, w1); c = round<L>(d, majority<L>(e, a, b), c, add<L>(w1, k)); e = rotate<L>(e, 30);
  w2 = mix<L>(w15, w10, w4, w2); b = round<L>(c, majority<L>(d, e, a), b, add<L>(w2, k)); d = rotate<L>(d, 30);
  w3 = mix<L>(w0, w11, w5, w3); a = round<L>(b, majority<L>(c, d, e), a, add<L>(w3, k)); c = rotate<L>(c, 30);
  w4 = mix<L>(w1, w12, w6, w4); e = round<L>(a, majority<L>(b, c, d), e, add<L>(w4, k)); b = rotate<L>(b, 30);
  w5 = mix<L>(w2, w13, w7, w5); d = round<L>(e, majority<L>(a, b, c), d, add<L>(w5, k)); a = rotate<L>(a, 30);
  w6 = mix<L>(w3, w14, w8, w6); c = round<L>(d, majority<L>(e, a, b), c, add<L>(w6, k)); e = rotate<L>(e, 30);
  w7 = mix<L>(w4, w15, w9, w7); b = round<L>(c, majority<L>(d, e, a), b, add<L>(w7, k)); d = rotate<L>(d, 30);
  w8 = mix<L>(w5, w0, w10, w8); a = round<L>(b, majority<L>(c, d, e), a, add<L>(w8, k)); c = rotate<L>(c, 30);
  w9 = mix<L>(w6, w1, w11, w9); e = round<L>(a, majority<L>(b, c, d), e, add<L>(w9, k)); b = rotate<L>(b, 30);
  w10 = mix<L>(w7, w2, w12, w10); d = round<L>(e, majority<L>(a, b, c), d, add<L>(w10, k)); a = rotate<L>(a, 30);
  w11 = mix<L>(w8, w3, w13, w11); c = round<L>(d, majority<L>(e, a, b), c, add<L>(w11, k)); e = rotate<L>(e, 30);
  k = splat<L>(ROUNDS_60);
  w12 = mix<L>(w9, w4, w14, w12); b = round<L>(c, parity<L>(d, e, a), b, add<L>(w12, k)); d = rotate<L>(d, 30);
  w13 = mix<L>(w10, w5, w15, w13); a = round<L>(b, parity<L>(c, d, e), a, add<L>(w13, k)); c = rotate<L>(c, 30);
  w14 = mix<L>(w11, w6, w0, w14); e = round<L>(a, parity<L>(b, c, d), e, add<L>(w14, k)); b = rotate<L>(b, 30);
  w15 = mix<L>(w12, w7, w1, w15); d = round<L>(e, parity<L>(a, b, c), d, add<L>(w15, k)); a = rotate<L>(a, 30);
  w0 = mix<L>(w13, w8, w2, w0); c = round<L>(d, parity<L>(e, a, b), c, add<L>(w0, k)); e = rotate<L>(e, 30);
  w1 = mix<L>(w14, w9, w3, w1); b = round<L>(c, parity<L>(d, e, a), b, add<L>(w1, k)); d = rotate<L>(d, 30);
  w2 = mix<L>(w15, w10, w4, w2); a = round<L>(b, parity<L>(c, d, e), a, add<L>(w2, k)); c = rotate<L>(c, 30);
  w3 = mix<L>(w0, w11, w5, w3); e = round<L>(a, parity<L>(b, c, d), e, add<L>(w3, k)); b = rotate<L>(b, 30);
  w4 = mix<L>(w1, w12, w6, w4); d = round<L>(e, parity<L>(a, b, c), d, add<L>(w4, k)); a = rotate<L>(a, 30);
  w5 = mix<L>(w2, w13, w7, w5); c = round<L>(d, parity<L>(e, a, b), c, add<L>(w5, k)); e = rotate<L>(e, 30);
  w6 = mix<L>(w3, w14, w8, w6); b = round<L>(c, parity<L>(d, e, a), b, add<L>(w6, k)); d = rotate<L>(d, 30);
  w7 = mix<L>(w4, w15, w9, w7); a = round<L>(b, parity<L>(c, d, e), a, add<L>(w7, k)); c = rotate<L>(c, 30);
  w8 = mix<L>(w5, w0, w10, w8); e = round<L>(a, parity<L>(b, c, d), e, add<L>(w8, k)); b = rotate<L>(b, 30);
  w9 = mix<L>(w6, w1, w11, w9); d = round<L>(e, parity<L>(a, b, c), d, add<L>(w9, k)); a = rotate<L>(a, 30);
  w10 = mix<L>(w7, w2, w12, w10); c = round<L>(d, parity<L>(e, a, b), c, add<L>(w10, k)); e = rotate<L>(e, 30);
  w11 = mix<L>(w8, w3, w13, w11); b = round<L>(c, parity<L>(d, e, a), b, add<L>(w11, k)); d = rotate<L>(d, 30);
  w12 = mix<L>(w9, w4, w14, w12); a = round<L>(b, parity<L>(c, d, e), a, add<L>(w12, k)); c = rotate<L>(c, 30);
  w13 = mix<L>(w10, w5, w15, w13); e = round<L>(a, parity<L>(b, c, d), e, add<L>(w13, k)); b = rotate<L>(b, 30);
  w14 = mix<L>(w11, w6, w0, w14); d = round<L>(e, parity<L>(a, b, c), d, add<L>(w14, k)); a = rotate<L>(a, 30);
  w15 = mix<L>(w12, w7, w1, w15); c = round<L>(d, parity<L>(e, a, b), c, add<L>(w15, k)); e = rotate<L>(e, 30);
  // End of what is printed.
  addToDigest<L>(0, c);
  addToDigest<L>(1, d);
  addToDigest<L>(2, e);
  addToDigest<L>(3, a);
  addToDigest<L>(4, b);
}
