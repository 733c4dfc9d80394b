// SipHash-2-4: a keyed hash of short texts. J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF", 2012.

import { load64 } from "./bytes";

/** The hash of the `length` bytes at `at` under the key k0, k1. The time depends on the length only; `at` is a multiple of eight. */
export function sipHash(k0: u64, k1: u64, at: u32, length: u32): u64 {
  let v0: u64 = k0 ^ 0x736f6d6570736575;
  let v1: u64 = k1 ^ 0x646f72616e646f6d;
  let v2: u64 = k0 ^ 0x6c7967656e657261;
  let v3: u64 = k1 ^ 0x7465646279746573;
  const end = at + (length & ~7);
  // Each block takes two rounds; what comes behind the last one, four.
  for (; at <= end + 8; at += 8) {
    let block: u64 = 0;
    let rounds: u32 = 4;
    if (at <= end) {
      block = load64(at);
      if (at == end) block = (block & (((1 as u64) << ((length & 7) << 3)) - 1)) | ((length as u64) << 56);
      v3 ^= block;
      rounds = 2;
    } else v2 ^= 0xff;
    for (; rounds > 0; rounds--) {
      v0 += v1;
      v2 += v3;
      v1 = rotl<u64>(v1, 13) ^ v0;
      v3 = rotl<u64>(v3, 16) ^ v2;
      v0 = rotl<u64>(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = rotl<u64>(v1, 17) ^ v2;
      v3 = rotl<u64>(v3, 21) ^ v0;
      v2 = rotl<u64>(v2, 32);
    }
    v0 ^= block;
  }
  return v0 ^ v1 ^ v2 ^ v3;
}
