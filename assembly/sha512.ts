// SHA-512's compression function, one block at a time in 64-bit words: no lanes. FIPS 180-4 section 6.4.2.

import { DIGEST_AT, LANES_AT } from "./scratch";
import { roundConstant, startWord } from "./sha2";

/** Writes the first state, eight 64-bit words, to DIGEST_AT. */
export function sha512Start(): void {
  for (let i: u32 = 0; i < 8; i++) store<u64>(DIGEST_AT + i * 8, startWord(i));
}

/** Takes the state at DIGEST_AT through the sixteen 64-bit words at LANES_AT, in place; they are overwritten. */
export function sha512Block(): void {
  let a = load<u64>(DIGEST_AT);
  let b = load<u64>(DIGEST_AT, 8);
  let c = load<u64>(DIGEST_AT, 16);
  let d = load<u64>(DIGEST_AT, 24);
  let e = load<u64>(DIGEST_AT, 32);
  let f = load<u64>(DIGEST_AT, 40);
  let g = load<u64>(DIGEST_AT, 48);
  let h = load<u64>(DIGEST_AT, 56);
  for (let t: u32 = 0; t < 80; t++) {
    const word = t < 16 ? load<u64>(wordAt(t)) : nextWord(t);
    const big = rotr<u64>(e, 14) ^ rotr<u64>(e, 18) ^ rotr<u64>(e, 41);
    const first = h + big + (g ^ (e & (f ^ g))) + roundConstant(t) + word;
    const small = rotr<u64>(a, 28) ^ rotr<u64>(a, 34) ^ rotr<u64>(a, 39);
    const majority = (a & b) | (c & (a | b));
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + small + majority;
  }
  addWord(0, a);
  addWord(1, b);
  addWord(2, c);
  addWord(3, d);
  addWord(4, e);
  addWord(5, f);
  addWord(6, g);
  addWord(7, h);
}

function wordAt(t: u32): u32 {
  return LANES_AT + (t & 15) * 8;
}

/** Word t of the schedule, in the place of word t - 16. */
function nextWord(t: u32): u64 {
  const early = load<u64>(wordAt(t - 15));
  const late = load<u64>(wordAt(t - 2));
  const s0 = rotr<u64>(early, 1) ^ rotr<u64>(early, 8) ^ (early >>> 7);
  const s1 = rotr<u64>(late, 19) ^ rotr<u64>(late, 61) ^ (late >>> 6);
  const word = load<u64>(wordAt(t)) + s0 + load<u64>(wordAt(t - 7)) + s1;
  store<u64>(wordAt(t), word);
  return word;
}

function addWord(i: u32, x: u64): void {
  const at = DIGEST_AT + i * 8;
  store<u64>(at, load<u64>(at) + x);
}
