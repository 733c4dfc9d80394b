// SHA-256's compression function over L: one block for each lane. FIPS 180-4 section 6.2.2.
//
// A loop: SHA-256 is rare among tokens, and written out it would be a third of the module.

import { add, choose, LANES, majority, rotate, shr, splat, xor } from "./lane";
import { DIGEST_AT, wordAt } from "./scratch";
import { roundConstant, startWord } from "./sha2";

/** Writes the first state, eight words for each lane, to DIGEST_AT. */
export function sha256Start<L>(): void {
  for (let i: u32 = 0; i < 8; i++) store<L>(DIGEST_AT + i * 4 * LANES, splat<L>((startWord(i) >>> 32) as u32));
}

/** Takes the state at DIGEST_AT through the block at LANES_AT, in place; the block is overwritten. */
export function sha256Block<L>(): void {
  let a = load<L>(DIGEST_AT);
  let b = load<L>(DIGEST_AT, 4 * LANES);
  let c = load<L>(DIGEST_AT, 8 * LANES);
  let d = load<L>(DIGEST_AT, 12 * LANES);
  let e = load<L>(DIGEST_AT, 16 * LANES);
  let f = load<L>(DIGEST_AT, 20 * LANES);
  let g = load<L>(DIGEST_AT, 24 * LANES);
  let h = load<L>(DIGEST_AT, 28 * LANES);
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
  addWord<L>(0, a);
  addWord<L>(1, b);
  addWord<L>(2, c);
  addWord<L>(3, d);
  addWord<L>(4, e);
  addWord<L>(5, f);
  addWord<L>(6, g);
  addWord<L>(7, h);
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

function addWord<L>(i: u32, x: L): void {
  const at = DIGEST_AT + i * 4 * LANES;
  store<L>(at, add<L>(load<L>(at), x));
}
