// SHA-1 over two groups of lanes in turns: one works while the other waits for its own last step. FIPS 180-4 section 6.1.2.
// The SIMD file alone has two groups: a to e are the state of the first, f to j that of the second.
//
// Loops over five rounds, after which every word of the state is back in its place: eighty rounds of two groups written
// out do not fit a processor's first cache, and take a third longer.

import { add, choose, LANES, loadSplat, majority, parity, rotate, splat } from "./lane";
import { mix, round, ROUNDS_0, ROUNDS_20, ROUNDS_40, ROUNDS_60 } from "./sha1-round";
import { addToDigest, digestWord, LANES_AT, SCHEDULE_AT } from "./scratch";

/** From a word of a block to the next one, and from a group's block to the other's. */
const WORD: u32 = 4 * LANES;
const GROUP: u32 = 16 * WORD;

/** A block is a ring of sixteen words: a mask for the bytes in it. */
const RING: u32 = GROUP - 1;

/** The first group's word of the schedule at byte `at`; the one sixteen later takes its place. */
@inline
function first<L>(at: u32): L {
  const word = load<L>(at & RING, LANES_AT);
  const before3 = load<L>((at + 13 * WORD) & RING, LANES_AT);
  const before8 = load<L>((at + 8 * WORD) & RING, LANES_AT);
  const before14 = load<L>((at + 2 * WORD) & RING, LANES_AT);
  store<L>(at & RING, mix<L>(before3, before8, before14, word), LANES_AT);
  return word;
}

/** The same of the second group: what is added to an address must be a literal. */
@inline
function second<L>(at: u32): L {
  const word = load<L>(at & RING, LANES_AT + GROUP);
  const before3 = load<L>((at + 13 * WORD) & RING, LANES_AT + GROUP);
  const before8 = load<L>((at + 8 * WORD) & RING, LANES_AT + GROUP);
  const before14 = load<L>((at + 2 * WORD) & RING, LANES_AT + GROUP);
  store<L>(at & RING, mix<L>(before3, before8, before14, word), LANES_AT + GROUP);
  return word;
}

/** The word of a group's schedule at byte `at`, where nothing will need the one sixteen later. */
@inline
function last<L>(group: u32, at: u32): L {
  return load<L>(group + (at & RING), LANES_AT);
}

/** Takes both groups' states at DIGEST_AT (five words each) through their blocks at LANES_AT, which are overwritten. */
export function sha1Pair<L>(): void {
  let a = digestWord<L>(0);
  let b = digestWord<L>(1);
  let c = digestWord<L>(2);
  let d = digestWord<L>(3);
  let e = digestWord<L>(4);
  let f = digestWord<L>(5);
  let g = digestWord<L>(6);
  let h = digestWord<L>(7);
  let i = digestWord<L>(8);
  let j = digestWord<L>(9);
  let at: u32 = 0;
  // Printed by print/rounds.mjs: SHA-1 of two groups.
  let k = splat<L>(ROUNDS_0);
  for (; at < 20 * WORD; at += 5 * WORD) {
    e = round<L>(a, choose<L>(b, c, d), e, add<L>(first<L>(at), k)); b = rotate<L>(b, 30);
    j = round<L>(f, choose<L>(g, h, i), j, add<L>(second<L>(at), k)); g = rotate<L>(g, 30);
    d = round<L>(e, choose<L>(a, b, c), d, add<L>(first<L>(at + 1 * WORD), k)); a = rotate<L>(a, 30);
    i = round<L>(j, choose<L>(f, g, h), i, add<L>(second<L>(at + 1 * WORD), k)); f = rotate<L>(f, 30);
    c = round<L>(d, choose<L>(e, a, b), c, add<L>(first<L>(at + 2 * WORD), k)); e = rotate<L>(e, 30);
    h = round<L>(i, choose<L>(j, f, g), h, add<L>(second<L>(at + 2 * WORD), k)); j = rotate<L>(j, 30);
    b = round<L>(c, choose<L>(d, e, a), b, add<L>(first<L>(at + 3 * WORD), k)); d = rotate<L>(d, 30);
    g = round<L>(h, choose<L>(i, j, f), g, add<L>(second<L>(at + 3 * WORD), k)); i = rotate<L>(i, 30);
    a = round<L>(b, choose<L>(c, d, e), a, add<L>(first<L>(at + 4 * WORD), k)); c = rotate<L>(c, 30);
    f = round<L>(g, choose<L>(h, i, j), f, add<L>(second<L>(at + 4 * WORD), k)); h = rotate<L>(h, 30);
  }
  k = splat<L>(ROUNDS_20);
  for (; at < 40 * WORD; at += 5 * WORD) {
    e = round<L>(a, parity<L>(b, c, d), e, add<L>(first<L>(at), k)); b = rotate<L>(b, 30);
    j = round<L>(f, parity<L>(g, h, i), j, add<L>(second<L>(at), k)); g = rotate<L>(g, 30);
    d = round<L>(e, parity<L>(a, b, c), d, add<L>(first<L>(at + 1 * WORD), k)); a = rotate<L>(a, 30);
    i = round<L>(j, parity<L>(f, g, h), i, add<L>(second<L>(at + 1 * WORD), k)); f = rotate<L>(f, 30);
    c = round<L>(d, parity<L>(e, a, b), c, add<L>(first<L>(at + 2 * WORD), k)); e = rotate<L>(e, 30);
    h = round<L>(i, parity<L>(j, f, g), h, add<L>(second<L>(at + 2 * WORD), k)); j = rotate<L>(j, 30);
    b = round<L>(c, parity<L>(d, e, a), b, add<L>(first<L>(at + 3 * WORD), k)); d = rotate<L>(d, 30);
    g = round<L>(h, parity<L>(i, j, f), g, add<L>(second<L>(at + 3 * WORD), k)); i = rotate<L>(i, 30);
    a = round<L>(b, parity<L>(c, d, e), a, add<L>(first<L>(at + 4 * WORD), k)); c = rotate<L>(c, 30);
    f = round<L>(g, parity<L>(h, i, j), f, add<L>(second<L>(at + 4 * WORD), k)); h = rotate<L>(h, 30);
  }
  k = splat<L>(ROUNDS_40);
  for (; at < 60 * WORD; at += 5 * WORD) {
    e = round<L>(a, majority<L>(b, c, d), e, add<L>(first<L>(at), k)); b = rotate<L>(b, 30);
    j = round<L>(f, majority<L>(g, h, i), j, add<L>(second<L>(at), k)); g = rotate<L>(g, 30);
    d = round<L>(e, majority<L>(a, b, c), d, add<L>(first<L>(at + 1 * WORD), k)); a = rotate<L>(a, 30);
    i = round<L>(j, majority<L>(f, g, h), i, add<L>(second<L>(at + 1 * WORD), k)); f = rotate<L>(f, 30);
    c = round<L>(d, majority<L>(e, a, b), c, add<L>(first<L>(at + 2 * WORD), k)); e = rotate<L>(e, 30);
    h = round<L>(i, majority<L>(j, f, g), h, add<L>(second<L>(at + 2 * WORD), k)); j = rotate<L>(j, 30);
    b = round<L>(c, majority<L>(d, e, a), b, add<L>(first<L>(at + 3 * WORD), k)); d = rotate<L>(d, 30);
    g = round<L>(h, majority<L>(i, j, f), g, add<L>(second<L>(at + 3 * WORD), k)); i = rotate<L>(i, 30);
    a = round<L>(b, majority<L>(c, d, e), a, add<L>(first<L>(at + 4 * WORD), k)); c = rotate<L>(c, 30);
    f = round<L>(g, majority<L>(h, i, j), f, add<L>(second<L>(at + 4 * WORD), k)); h = rotate<L>(h, 30);
  }
  k = splat<L>(ROUNDS_60);
  for (; at < 65 * WORD; at += 5 * WORD) {
    e = round<L>(a, parity<L>(b, c, d), e, add<L>(first<L>(at), k)); b = rotate<L>(b, 30);
    j = round<L>(f, parity<L>(g, h, i), j, add<L>(second<L>(at), k)); g = rotate<L>(g, 30);
    d = round<L>(e, parity<L>(a, b, c), d, add<L>(first<L>(at + 1 * WORD), k)); a = rotate<L>(a, 30);
    i = round<L>(j, parity<L>(f, g, h), i, add<L>(second<L>(at + 1 * WORD), k)); f = rotate<L>(f, 30);
    c = round<L>(d, parity<L>(e, a, b), c, add<L>(first<L>(at + 2 * WORD), k)); e = rotate<L>(e, 30);
    h = round<L>(i, parity<L>(j, f, g), h, add<L>(second<L>(at + 2 * WORD), k)); j = rotate<L>(j, 30);
    b = round<L>(c, parity<L>(d, e, a), b, add<L>(first<L>(at + 3 * WORD), k)); d = rotate<L>(d, 30);
    g = round<L>(h, parity<L>(i, j, f), g, add<L>(second<L>(at + 3 * WORD), k)); i = rotate<L>(i, 30);
    a = round<L>(b, parity<L>(c, d, e), a, add<L>(first<L>(at + 4 * WORD), k)); c = rotate<L>(c, 30);
    f = round<L>(g, parity<L>(h, i, j), f, add<L>(second<L>(at + 4 * WORD), k)); h = rotate<L>(h, 30);
  }
  for (; at < 80 * WORD; at += 5 * WORD) {
    e = round<L>(a, parity<L>(b, c, d), e, add<L>(last<L>(0, at), k)); b = rotate<L>(b, 30);
    j = round<L>(f, parity<L>(g, h, i), j, add<L>(last<L>(GROUP, at), k)); g = rotate<L>(g, 30);
    d = round<L>(e, parity<L>(a, b, c), d, add<L>(last<L>(0, at + 1 * WORD), k)); a = rotate<L>(a, 30);
    i = round<L>(j, parity<L>(f, g, h), i, add<L>(last<L>(GROUP, at + 1 * WORD), k)); f = rotate<L>(f, 30);
    c = round<L>(d, parity<L>(e, a, b), c, add<L>(last<L>(0, at + 2 * WORD), k)); e = rotate<L>(e, 30);
    h = round<L>(i, parity<L>(j, f, g), h, add<L>(last<L>(GROUP, at + 2 * WORD), k)); j = rotate<L>(j, 30);
    b = round<L>(c, parity<L>(d, e, a), b, add<L>(last<L>(0, at + 3 * WORD), k)); d = rotate<L>(d, 30);
    g = round<L>(h, parity<L>(i, j, f), g, add<L>(last<L>(GROUP, at + 3 * WORD), k)); i = rotate<L>(i, 30);
    a = round<L>(b, parity<L>(c, d, e), a, add<L>(last<L>(0, at + 4 * WORD), k)); c = rotate<L>(c, 30);
    f = round<L>(g, parity<L>(h, i, j), f, add<L>(last<L>(GROUP, at + 4 * WORD), k)); h = rotate<L>(h, 30);
  }
  // End of what is printed.
  addToDigest<L>(0, a);
  addToDigest<L>(1, b);
  addToDigest<L>(2, c);
  addToDigest<L>(3, d);
  addToDigest<L>(4, e);
  addToDigest<L>(5, f);
  addToDigest<L>(6, g);
  addToDigest<L>(7, h);
  addToDigest<L>(8, i);
  addToDigest<L>(9, j);
}

/** Writes the schedule of the message `high`, `low` after a block to SCHEDULE_AT, each word with its round's constant. */
export function writeSchedule(high: u32, low: u32): void {
  for (let t: u32 = 0; t < 16; t++) store<u32>(SCHEDULE_AT + t * 4, 0);
  store<u32>(SCHEDULE_AT, high);
  store<u32>(SCHEDULE_AT, low, 4);
  store<u32>(SCHEDULE_AT, 0x80000000, 8);
  store<u32>(SCHEDULE_AT, (64 + 8) * 8, 60);
  for (let at = SCHEDULE_AT; at < SCHEDULE_AT + 256; at += 4) {
    store<u32>(at, mix<u32>(load<u32>(at, 52), load<u32>(at, 32), load<u32>(at, 8), load<u32>(at)), 64);
  }
  for (let t: u32 = 0; t < 80; t++) {
    const constant = t < 20 ? ROUNDS_0 : t < 40 ? ROUNDS_20 : t < 60 ? ROUNDS_40 : ROUNDS_60;
    store<u32>(SCHEDULE_AT + t * 4, load<u32>(SCHEDULE_AT + t * 4) + constant);
  }
}

/** The same as sha1Pair with the schedule at SCHEDULE_AT for every lane. */
export function sha1Scheduled<L>(): void {
  let a = digestWord<L>(0);
  let b = digestWord<L>(1);
  let c = digestWord<L>(2);
  let d = digestWord<L>(3);
  let e = digestWord<L>(4);
  let f = digestWord<L>(5);
  let g = digestWord<L>(6);
  let h = digestWord<L>(7);
  let i = digestWord<L>(8);
  let j = digestWord<L>(9);
  let at = SCHEDULE_AT;
  // Printed by print/rounds.mjs: SHA-1 of two groups, with one schedule.
  for (; at < SCHEDULE_AT + 80; at += 20) {
    let word = loadSplat<L>(at);
    e = round<L>(a, choose<L>(b, c, d), e, word); b = rotate<L>(b, 30);
    j = round<L>(f, choose<L>(g, h, i), j, word); g = rotate<L>(g, 30);
    word = loadSplat<L>(at + 4);
    d = round<L>(e, choose<L>(a, b, c), d, word); a = rotate<L>(a, 30);
    i = round<L>(j, choose<L>(f, g, h), i, word); f = rotate<L>(f, 30);
    word = loadSplat<L>(at + 8);
    c = round<L>(d, choose<L>(e, a, b), c, word); e = rotate<L>(e, 30);
    h = round<L>(i, choose<L>(j, f, g), h, word); j = rotate<L>(j, 30);
    word = loadSplat<L>(at + 12);
    b = round<L>(c, choose<L>(d, e, a), b, word); d = rotate<L>(d, 30);
    g = round<L>(h, choose<L>(i, j, f), g, word); i = rotate<L>(i, 30);
    word = loadSplat<L>(at + 16);
    a = round<L>(b, choose<L>(c, d, e), a, word); c = rotate<L>(c, 30);
    f = round<L>(g, choose<L>(h, i, j), f, word); h = rotate<L>(h, 30);
  }
  for (; at < SCHEDULE_AT + 160; at += 20) {
    let word = loadSplat<L>(at);
    e = round<L>(a, parity<L>(b, c, d), e, word); b = rotate<L>(b, 30);
    j = round<L>(f, parity<L>(g, h, i), j, word); g = rotate<L>(g, 30);
    word = loadSplat<L>(at + 4);
    d = round<L>(e, parity<L>(a, b, c), d, word); a = rotate<L>(a, 30);
    i = round<L>(j, parity<L>(f, g, h), i, word); f = rotate<L>(f, 30);
    word = loadSplat<L>(at + 8);
    c = round<L>(d, parity<L>(e, a, b), c, word); e = rotate<L>(e, 30);
    h = round<L>(i, parity<L>(j, f, g), h, word); j = rotate<L>(j, 30);
    word = loadSplat<L>(at + 12);
    b = round<L>(c, parity<L>(d, e, a), b, word); d = rotate<L>(d, 30);
    g = round<L>(h, parity<L>(i, j, f), g, word); i = rotate<L>(i, 30);
    word = loadSplat<L>(at + 16);
    a = round<L>(b, parity<L>(c, d, e), a, word); c = rotate<L>(c, 30);
    f = round<L>(g, parity<L>(h, i, j), f, word); h = rotate<L>(h, 30);
  }
  for (; at < SCHEDULE_AT + 240; at += 20) {
    let word = loadSplat<L>(at);
    e = round<L>(a, majority<L>(b, c, d), e, word); b = rotate<L>(b, 30);
    j = round<L>(f, majority<L>(g, h, i), j, word); g = rotate<L>(g, 30);
    word = loadSplat<L>(at + 4);
    d = round<L>(e, majority<L>(a, b, c), d, word); a = rotate<L>(a, 30);
    i = round<L>(j, majority<L>(f, g, h), i, word); f = rotate<L>(f, 30);
    word = loadSplat<L>(at + 8);
    c = round<L>(d, majority<L>(e, a, b), c, word); e = rotate<L>(e, 30);
    h = round<L>(i, majority<L>(j, f, g), h, word); j = rotate<L>(j, 30);
    word = loadSplat<L>(at + 12);
    b = round<L>(c, majority<L>(d, e, a), b, word); d = rotate<L>(d, 30);
    g = round<L>(h, majority<L>(i, j, f), g, word); i = rotate<L>(i, 30);
    word = loadSplat<L>(at + 16);
    a = round<L>(b, majority<L>(c, d, e), a, word); c = rotate<L>(c, 30);
    f = round<L>(g, majority<L>(h, i, j), f, word); h = rotate<L>(h, 30);
  }
  for (; at < SCHEDULE_AT + 320; at += 20) {
    let word = loadSplat<L>(at);
    e = round<L>(a, parity<L>(b, c, d), e, word); b = rotate<L>(b, 30);
    j = round<L>(f, parity<L>(g, h, i), j, word); g = rotate<L>(g, 30);
    word = loadSplat<L>(at + 4);
    d = round<L>(e, parity<L>(a, b, c), d, word); a = rotate<L>(a, 30);
    i = round<L>(j, parity<L>(f, g, h), i, word); f = rotate<L>(f, 30);
    word = loadSplat<L>(at + 8);
    c = round<L>(d, parity<L>(e, a, b), c, word); e = rotate<L>(e, 30);
    h = round<L>(i, parity<L>(j, f, g), h, word); j = rotate<L>(j, 30);
    word = loadSplat<L>(at + 12);
    b = round<L>(c, parity<L>(d, e, a), b, word); d = rotate<L>(d, 30);
    g = round<L>(h, parity<L>(i, j, f), g, word); i = rotate<L>(i, 30);
    word = loadSplat<L>(at + 16);
    a = round<L>(b, parity<L>(c, d, e), a, word); c = rotate<L>(c, 30);
    f = round<L>(g, parity<L>(h, i, j), f, word); h = rotate<L>(h, 30);
  }
  // End of what is printed.
  addToDigest<L>(0, a);
  addToDigest<L>(1, b);
  addToDigest<L>(2, c);
  addToDigest<L>(3, d);
  addToDigest<L>(4, e);
  addToDigest<L>(5, f);
  addToDigest<L>(6, g);
  addToDigest<L>(7, h);
  addToDigest<L>(8, i);
  addToDigest<L>(9, j);
}
