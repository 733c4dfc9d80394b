// SHA-256's compression function over L: one block for each lane. FIPS 180-4 section 6.2.2.
//
// A loop: SHA-256 is rare among tokens, and written out it would be a third of the module.

import { add, choose, LANES, majority, rotate, shr, splat, xor } from "./lane";
import { addToDigest, DIGEST_AT, digestWord, wordAt } from "./scratch";
import { roundConstant, startWord } from "./sha2";

/** Writes the first state, eight words for each lane, to DIGEST_AT. */
export function sha256Start<L>(): void {
  for (let i: u32 = 0; i < 8; i++) store<L>(DIGEST_AT + i * 4 * LANES, splat<L>((startWord(i) >>> 32) as u32));
}

/** Takes the state at DIGEST_AT through the block at LANES_AT, in place; the block is overwritten. */
export function sha256Block<L>(): void {
  let a = digestWord<L>(0);
  let b = digestWord<L>(1);
  let c = digestWord<L>(2);
  let d = digestWord<L>(3);
  let e = digestWord<L>(4);
  let f = digestWord<L>(5);
  let g = digestWord<L>(6);
  let h = digestWord<L>(7);
  for (let t: u32 = 0; t < 64; t++) {
    const word = t < 16 ? load<L>(wordAt(t)) : nextWord<L>(t);
    const keyed = add<L>(word, splat<L>((roundConstant(t) >>> 32) as u32));
    const big = xor<L>(xor<L>(rotate<L>(e, 26), rotate<L>(e, 21)), rotate<L>(e, 7));
    const first = add<L>(add<L>(h, big), add<L>(choose<L>(e, f, g), keyed));
    const small = xor<L>(xor<L>(rotate<L>(a, 30), rotate<L>(a, 19)), rotate<L>(a, 10));
    const second = add<L>(small, majority<L>(a, b, c));
    h = g;
    g = f;
    f = e;
    e = add<L>(d, first);
    d = c;
    c = b;
    b = a;
    a = add<L>(first, second);
  }
  addToDigest<L>(0, a);
  addToDigest<L>(1, b);
  addToDigest<L>(2, c);
  addToDigest<L>(3, d);
  addToDigest<L>(4, e);
  addToDigest<L>(5, f);
  addToDigest<L>(6, g);
  addToDigest<L>(7, h);
}

/** Word t of the schedule, in the place of word t - 16. */
function nextWord<L>(t: u32): L {
  const early = load<L>(wordAt(t - 15));
  const late = load<L>(wordAt(t - 2));
  const s0 = xor<L>(xor<L>(rotate<L>(early, 25), rotate<L>(early, 14)), shr<L>(early, 3));
  const s1 = xor<L>(xor<L>(rotate<L>(late, 15), rotate<L>(late, 13)), shr<L>(late, 10));
  const word = add<L>(add<L>(load<L>(wordAt(t)), s0), add<L>(load<L>(wordAt(t - 7)), s1));
  store<L>(wordAt(t), word);
  return word;
}
