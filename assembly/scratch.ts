// Where the core's own working memory lies, part after part, between the constants and the requests; the digests lie before
// the constants, since small addresses make a small file.
//
// | bytes: strict | SIMD | what                                                              | used by        |
// |---------------|------|-------------------------------------------------------------------|----------------|
// | 64            | 192  | digest: up to eight words, likewise                               | hashes         |
// | 128           | 768  | lanes: the sixteen words of a block, word by word, lane by lane   | hashes         |
// | 192           | 192  | text: a message in bytes, up to three blocks                      | proofs, mOTP   |
// | 320           | 320  | the schedule of a step that all lanes share, a word a round       | sha1-pair      |
// | 16            | 16   | registers: the step of that schedule, the DES blocks that wait    | hmac, mschapv2 |
// | 32            | 384  | the candidates in the lanes                                       | candidate      |
// | 128           | 512  | whose the waiting DES blocks are                                  | mschapv2       |
// | 768           | 3072 | six words of each candidate whose DES block waits                 | mschapv2, des  |
//
// In the SIMD file MD5 and MD4 have three groups of lanes, SHA-1 has two: their blocks and digests follow each other.
// SHA-512 works on one lane in words twice as wide. DES wipes its rows; the verbs wipe the rest.

import { CONSTANTS_AT, SCRATCH_AT, SCRATCH_BYTES } from "./abi";
import { add, CANDIDATES, LANES } from "./lane";

export const DIGEST_AT: u32 = 0;
const DIGEST_END: u32 = DIGEST_AT + (ASC_FEATURE_SIMD ? 16 * CANDIDATES : 64);
export const LANES_AT: u32 = SCRATCH_AT;
export const TEXT_AT: u32 = LANES_AT + (ASC_FEATURE_SIMD ? 64 * CANDIDATES : 128);
export const SCHEDULE_AT: u32 = TEXT_AT + 192;
/** i64: the step whose schedule stands at SCHEDULE_AT, plus one; 0 is none. */
export const SCHEDULED_AT: u32 = SCHEDULE_AT + 320;
/** u32: how many DES blocks wait. */
export const QUEUED_AT: u32 = SCHEDULED_AT + 8;
export const CANDIDATES_AT: u32 = QUEUED_AT + 8;
/** What a lane holds of its candidate (candidate.ts). */
export const CANDIDATE_BYTES: u32 = 32;
export const DES_OWNERS_AT: u32 = CANDIDATES_AT + CANDIDATE_BYTES * CANDIDATES;
export const DES_ROWS_AT: u32 = DES_OWNERS_AT + 128 * LANES;
const END: u32 = DES_ROWS_AT + 768 * LANES;

if (DIGEST_END > CONSTANTS_AT) ERROR("The digests do not fit before the constants");
if (END > SCRATCH_AT + SCRATCH_BYTES) ERROR("The scratch does not fit its region");
if ((SCHEDULED_AT | DES_OWNERS_AT | DES_ROWS_AT) % 8 != 0) ERROR("A part of the scratch is not aligned");

/** Address of word t of a schedule that is kept in its block's sixteen words. */
export function wordAt(t: u32): u32 {
  return LANES_AT + (t & 15) * 4 * LANES;
}

/** Word w of the digests, for each lane; a second group's follow those of the first. */
@inline
export function digestWord<L>(w: u32): L {
  return load<L>(DIGEST_AT + w * 4 * LANES);
}

/** Adds x to word w of the digests. */
@inline
export function addToDigest<L>(w: u32, x: L): void {
  store<L>(DIGEST_AT + w * 4 * LANES, add<L>(digestWord<L>(w), x));
}

/** Word w of a group's block: the word of each of its lanes. */
@inline
export function blockWord<L>(group: u32, w: u32): L {
  return load<L>(LANES_AT + (group * 16 + w) * 4 * LANES);
}

/** Address of a candidate's word 0 in the blocks at LANES_AT; word w lies w * 4 * LANES bytes further. */
export function blockOf(lane: u32): u32 {
  return LANES_AT + (lane / LANES) * (64 * LANES) + (lane % LANES) * 4;
}

/** The same in the digests of four words at DIGEST_AT, MD5's and MD4's. */
export function digestOf(lane: u32): u32 {
  return DIGEST_AT + (lane / LANES) * (16 * LANES) + (lane % LANES) * 4;
}
