// MD4's compression function over L: one block for each lane, in two groups as MD5's. RFC 1320 section 3.4.

import { add, choose, LANES, majority, PAIRED, parity, rotate, splat } from "./lane";
import { DIGEST_AT, LANES_AT } from "./scratch";

const ROUNDS_16: u32 = 0x5a827999;
const ROUNDS_32: u32 = 0x6ed9eba1;

@inline
function word<L>(w: u32): L {
  return load<L>(LANES_AT + w * 4 * LANES);
}

/** The same word of the second group of lanes. */
@inline
function twin<L>(w: u32): L {
  return load<L>(LANES_AT + (w + 16) * 4 * LANES);
}

@inline
function round<L>(a: L, f: L, word: L, turn: i32): L {
  return rotate<L>(add<L>(add<L>(a, word), f), turn);
}

/** Takes the state at DIGEST_AT (its start is md5Start) through the block at LANES_AT, in place. */
export function md4Block<L>(): void {
  let a = load<L>(DIGEST_AT);
  let b = load<L>(DIGEST_AT, 4 * LANES);
  let c = load<L>(DIGEST_AT, 8 * LANES);
  let d = load<L>(DIGEST_AT, 12 * LANES);
  let e = PAIRED ? load<L>(DIGEST_AT, 16 * LANES) : a;
  let f = PAIRED ? load<L>(DIGEST_AT, 20 * LANES) : b;
  let g = PAIRED ? load<L>(DIGEST_AT, 24 * LANES) : c;
  let h = PAIRED ? load<L>(DIGEST_AT, 28 * LANES) : d;
  for (let i: u32 = 0; i < 4; i++) {
    a = round<L>(a, choose<L>(b, c, d), word<L>(i * 4), 3);
    if (PAIRED) e = round<L>(e, choose<L>(f, g, h), twin<L>(i * 4), 3);
    d = round<L>(d, choose<L>(a, b, c), word<L>(i * 4 + 1), 7);
    if (PAIRED) h = round<L>(h, choose<L>(e, f, g), twin<L>(i * 4 + 1), 7);
    c = round<L>(c, choose<L>(d, a, b), word<L>(i * 4 + 2), 11);
    if (PAIRED) g = round<L>(g, choose<L>(h, e, f), twin<L>(i * 4 + 2), 11);
    b = round<L>(b, choose<L>(c, d, a), word<L>(i * 4 + 3), 19);
    if (PAIRED) f = round<L>(f, choose<L>(g, h, e), twin<L>(i * 4 + 3), 19);
  }
  let k = splat<L>(ROUNDS_16);
  for (let i: u32 = 0; i < 4; i++) {
    a = round<L>(a, majority<L>(b, c, d), add<L>(word<L>(i), k), 3);
    if (PAIRED) e = round<L>(e, majority<L>(f, g, h), add<L>(twin<L>(i), k), 3);
    d = round<L>(d, majority<L>(a, b, c), add<L>(word<L>(i + 4), k), 5);
    if (PAIRED) h = round<L>(h, majority<L>(e, f, g), add<L>(twin<L>(i + 4), k), 5);
    c = round<L>(c, majority<L>(d, a, b), add<L>(word<L>(i + 8), k), 9);
    if (PAIRED) g = round<L>(g, majority<L>(h, e, f), add<L>(twin<L>(i + 8), k), 9);
    b = round<L>(b, majority<L>(c, d, a), add<L>(word<L>(i + 12), k), 13);
    if (PAIRED) f = round<L>(f, majority<L>(g, h, e), add<L>(twin<L>(i + 12), k), 13);
  }
  k = splat<L>(ROUNDS_32);
  for (let n: u32 = 0; n < 4; n++) {
    const i = ((n & 1) << 1) | (n >>> 1); // 0, 2, 1, 3
    a = round<L>(a, parity<L>(b, c, d), add<L>(word<L>(i), k), 3);
    if (PAIRED) e = round<L>(e, parity<L>(f, g, h), add<L>(twin<L>(i), k), 3);
    d = round<L>(d, parity<L>(a, b, c), add<L>(word<L>(i + 8), k), 9);
    if (PAIRED) h = round<L>(h, parity<L>(e, f, g), add<L>(twin<L>(i + 8), k), 9);
    c = round<L>(c, parity<L>(d, a, b), add<L>(word<L>(i + 4), k), 11);
    if (PAIRED) g = round<L>(g, parity<L>(h, e, f), add<L>(twin<L>(i + 4), k), 11);
    b = round<L>(b, parity<L>(c, d, a), add<L>(word<L>(i + 12), k), 15);
    if (PAIRED) f = round<L>(f, parity<L>(g, h, e), add<L>(twin<L>(i + 12), k), 15);
  }
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
