// SHA-1 over L: one block for each lane, and for each of a second group of lanes where there are groups. FIPS 180-4
// section 6.1.2, RFC 3174.

import { laneBlock, pad, storeBigEndian } from "./bytes";
import { GROUPED, LANES, splat } from "./lane";
import { md5Start } from "./md5";
import { DIGEST_AT, TEXT_AT } from "./scratch";
import { sha1Pair } from "./sha1-pair";
import { sha1Single } from "./sha1-single";

/** Writes the first state (FIPS 180-4 section 5.3.1), five words for each lane, to DIGEST_AT. Four of them are MD5's. */
export function sha1Start<L>(): void {
  md5Start<L>();
  store<L>(DIGEST_AT, splat<L>(0xc3d2e1f0), 16 * LANES);
}

/**
 * Takes the state at DIGEST_AT (five words a lane, those of a second group behind them) through the block at LANES_AT
 * (sixteen words a lane, likewise), in place; the block is overwritten.
 */
export function sha1Block<L>(): void {
  if (GROUPED) sha1Pair<L>();
  else sha1Single<L>();
}

/** SHA-1 of `length` bytes at TEXT_AT, up to 183, in lane 0. */
export function sha1Text<L>(length: u32): void {
  const blocks = pad(length, true);
  sha1Start<L>();
  for (let block: u32 = 0; block < blocks; block++) {
    laneBlock(0, TEXT_AT + block * 64, true);
    sha1Block<L>();
  }
}

/** Writes the first `words` words of lane 0's digest. */
export function writeSha1(at: u32, words: u32): void {
  for (let w: u32 = 0; w < words; w++) storeBigEndian(at + w * 4, load<u32>(DIGEST_AT + w * 4 * LANES));
}
