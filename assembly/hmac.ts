// HMAC over an eight-byte counter, one for each lane. RFC 2104; the counter is RFC 4226's.
//
// enrol keeps the two midstates of a key (the states after its padded block) in place of the key, so that a candidate
// costs two compressions. SHA-512's midstates would double every record; its record keeps the key.

import { ALGORITHM_SHA1, ALGORITHM_SHA256, KEY_BYTES } from "./abi";
import { copy, laneBlock, load64BigEndian, storeWord, zero } from "./bytes";
import { candidateIn } from "./candidate";
import { gather, GROUPED, HMAC_CANDIDATES, LANES, loadWordInline, splat } from "./lane";
import { blockOf, DIGEST_AT, digestWord, LANES_AT, SCHEDULED_AT, TEXT_AT } from "./scratch";
import { sha1Block, sha1Start } from "./sha1";
import { sha1Pair, sha1Scheduled, writeSchedule } from "./sha1-pair";
import { sha1Short } from "./sha1-single";
import { sha256Block, sha256Start } from "./sha256";
import { sha512Block, sha512Start } from "./sha512";

const BLOCK_BYTES: u32 = 64;
const INNER: u32 = 0x36;
const OUTER: u32 = 0x5c;
const INNER_512: u64 = 0x3636363636363636;
const OUTER_512: u64 = 0x5c5c5c5c5c5c5c5c;
const END: u32 = 0x80000000;

/** Replaces the key at `key` (KEY_BYTES, zero-padded) by its inner and outer midstate, words least significant byte first. */
export function condense<L>(algorithm: u32, key: u32): void {
  if (algorithm > ALGORITHM_SHA256) return;
  const words: u32 = algorithm == ALGORITHM_SHA1 ? 5 : 8;
  const midstates = TEXT_AT + BLOCK_BYTES;
  midstate<L>(algorithm, key, INNER, midstates, words);
  midstate<L>(algorithm, key, OUTER, midstates + words * 4, words);
  zero(key, KEY_BYTES);
  copy(key, midstates, words * 8);
}

function midstate<L>(algorithm: u32, key: u32, mask: u32, to: u32, words: u32): void {
  for (let i: u32 = 0; i < BLOCK_BYTES; i++) store<u8>(TEXT_AT + i, load<u8>(key + i) ^ mask);
  laneBlock(0, TEXT_AT, true);
  if (algorithm == ALGORITHM_SHA1) {
    sha1Start<L>();
    sha1Block<L>();
  } else {
    sha256Start<L>();
    sha256Block<L>();
  }
  for (let w: u32 = 0; w < words; w++) storeWord(to + w * 4, load<u32>(DIGEST_AT + w * 4 * LANES));
}

/** HMAC-SHA1 of the counters in HMAC_CANDIDATES lanes, to DIGEST_AT, five words for each; a second group's behind them. */
export function hmacSha1<L>(): void {
  gatherState<L>(DIGEST_AT, 0, 0, 5);
  if (GROUPED) {
    gatherState<L>(DIGEST_AT + 20 * LANES, LANES, 0, 5);
    if (isShared()) sha1Scheduled<L>();
    else {
      writeCounters<L>(LANES_AT, 0);
      writeCounters<L>(blockOf(LANES), LANES);
      sha1Pair<L>();
    }
    writeDigest<L>(LANES_AT, DIGEST_AT, 5);
    writeDigest<L>(blockOf(LANES), DIGEST_AT + 20 * LANES, 5);
    gatherState<L>(DIGEST_AT, 0, 20, 5);
    gatherState<L>(DIGEST_AT + 20 * LANES, LANES, 20, 5);
    sha1Pair<L>();
  } else {
    const end = splat<L>(END);
    const zero = splat<L>(0);
    const step = candidateIn(0).step;
    const high = splat<L>((step >>> 32) as u32);
    sha1Short<L>(high, splat<L>(step as u32), end, zero, zero, zero, splat<L>((BLOCK_BYTES + 8) * 8));
    const d0 = digestWord<L>(0);
    const d1 = digestWord<L>(1);
    const d2 = digestWord<L>(2);
    const d3 = digestWord<L>(3);
    const d4 = digestWord<L>(4);
    gatherState<L>(DIGEST_AT, 0, 20, 5);
    sha1Short<L>(d0, d1, d2, d3, d4, end, splat<L>((BLOCK_BYTES + 20) * 8));
  }
}

/** Loads a group's midstates, from lane `first` on, `offset` bytes into their records' keys, to `to`. */
function gatherState<L>(to: u32, first: u32, offset: u32, words: u32): void {
  const a = candidateIn(first).key + offset;
  const b = GROUPED ? candidateIn(first + 1).key + offset : a;
  const c = GROUPED ? candidateIn(first + 2).key + offset : a;
  const d = GROUPED ? candidateIn(first + 3).key + offset : a;
  const end = words * 4;
  for (let w: u32 = 0; w < end; w += 4) {
    if (GROUPED) store<L>(to + w * LANES, gather<L>(a + w, b + w, c + w, d + w));
    else store<u32>(to + w, loadWordInline(a + w));
  }
}

/** Whether all lanes hold the same step; then its schedule stands at SCHEDULE_AT. */
function isShared(): bool {
  const step = candidateIn(0).step;
  let difference: i64 = 0;
  for (let lane: u32 = 1; lane < HMAC_CANDIDATES; lane++) difference |= candidateIn(lane).step ^ step;
  if (difference != 0) return false;
  // The registers are zero when a verb begins: a step is kept there plus one.
  if (load<i64>(SCHEDULED_AT) != step + 1) writeSchedule((step >>> 32) as u32, step as u32);
  store<i64>(SCHEDULED_AT, step + 1);
  return true;
}

/** Makes the counters of a group, from lane `first` on, its block. */
function writeCounters<L>(block: u32, first: u32): void {
  for (let lane: u32 = 0; lane < LANES; lane++) {
    const step = candidateIn(first + lane).step;
    store<u32>(block + lane * 4, (step >>> 32) as u32);
    store<u32>(block + lane * 4, step as u32, 4 * LANES);
  }
  endBlock<L>(block, 2);
}

/** Makes the `words` words at `digest` a group's block. */
function writeDigest<L>(block: u32, digest: u32, words: u32): void {
  for (let w: u32 = 0; w < words * 4; w += 4) store<L>(block + w * LANES, load<L>(digest + w * LANES));
  endBlock<L>(block, words);
}

/** HMAC-SHA256 of the counters in the lanes from `first` on, to DIGEST_AT, eight words for each lane. */
export function hmacSha256<L>(first: u32): void {
  gatherState<L>(DIGEST_AT, first, 0, 8);
  writeCounters<L>(LANES_AT, first);
  sha256Block<L>();
  writeDigest<L>(LANES_AT, DIGEST_AT, 8);
  gatherState<L>(DIGEST_AT, first, 32, 8);
  sha256Block<L>();
}

/** Ends a message of `words` words at `block`, which follows the key block: end mark, zeros, length in bits. */
function endBlock<L>(block: u32, words: u32): void {
  store<L>(block + words * 4 * LANES, splat<L>(END));
  for (let w = words + 1; w < 15; w++) store<L>(block + w * 4 * LANES, splat<L>(0));
  store<L>(block, splat<L>((BLOCK_BYTES + words * 4) * 8), 60 * LANES);
}

/** HMAC-SHA512 of one lane's counter, to DIGEST_AT, eight 64-bit words. The key has at most half a block of 128 bytes. */
export function hmacSha512(lane: u32): void {
  const key = candidateIn(lane).key;
  store<i64>(DIGEST_AT, candidateIn(lane).step);
  let words: u32 = 1;
  let mask: u64 = INNER_512;
  do {
    // The message stands at DIGEST_AT: the counter, then the inner digest.
    for (let w: u32 = 0; w < words * 8; w += 8) store<u64>(TEXT_AT + w, load<u64>(DIGEST_AT + w));
    for (let w: u32 = 0; w < 128; w += 8) {
      store<u64>(LANES_AT + w, (w < KEY_BYTES ? load64BigEndian(key + w) : 0) ^ mask);
    }
    sha512Start();
    sha512Block();
    for (let w: u32 = 0; w < 128; w += 8) store<u64>(LANES_AT + w, w < words * 8 ? load<u64>(TEXT_AT + w) : 0);
    store<u64>(LANES_AT + words * 8, (END as u64) << 32);
    store<u64>(LANES_AT, (128 + words * 8) * 8, 120);
    sha512Block();
    mask ^= INNER_512 ^ OUTER_512;
    words += 7;
  } while (words == 8);
}
