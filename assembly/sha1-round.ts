// What SHA-1's forms share: a round, the schedule's recurrence, the constants. FIPS 180-4 sections 4.1.1, 4.2.1 and 6.1.2.

import { add, rotate, xor } from "./lane";

/** The constants of the rounds from 0, 20, 40 and 60 on. */
export const ROUNDS_0: u32 = 0x5a827999;
export const ROUNDS_20: u32 = 0x6ed9eba1;
export const ROUNDS_40: u32 = 0x8f1bbcdc;
export const ROUNDS_60: u32 = 0xca62c1d6;

/** A round's new word; `keyed` is the schedule's word plus the round's constant. What is known last, a, is added last. */
@inline
export function round<L>(a: L, f: L, e: L, keyed: L): L {
  return add<L>(rotate<L>(a, 5), add<L>(f, add<L>(e, keyed)));
}

/** The schedule's next word, of those 3, 8, 14 and 16 before it. */
@inline
export function mix<L>(a: L, b: L, c: L, d: L): L {
  return rotate<L>(xor<L>(xor<L>(a, b), xor<L>(c, d)), 1);
}
