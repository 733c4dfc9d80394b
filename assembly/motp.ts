// Mobile-OTP: the first six hexadecimal digits of MD5(step in decimal, secret in hexadecimal, PIN), in lower case.
//
// The three fit one block. A lane builds it once for each user that it comes to: from step to step it counts up the digits
// in the block, which stands in the lane until another hash needs the place.

import { copy, laneBlock, pad } from "./bytes";
import { Candidate, candidateIn } from "./candidate";
import { CANDIDATES, GROUPED, LANES } from "./lane";
import { md5Block, md5Start } from "./md5";
import { blockOf, digestOf, TEXT_AT } from "./scratch";

/** A step is less than 2^32. */
const MOST_DIGITS: u32 = 10;

/** Computes the codes of the candidates in the first `lanes` lanes. */
export function motpCodes<L>(lanes: u32): void {
  let lane: u32 = 0;
  do prepare(lane);
  while (GROUPED && ++lane < lanes);
  md5Start<L>();
  md5Block<L>(false);
  lane = 0;
  do candidateIn(lane).code = bswap<u32>(load<u32>(digestOf(lane))) >>> 8;
  while (GROUPED && ++lane < lanes);
}

/** Forgets the blocks in the lanes, after another hash has used them. */
export function forgetBlocks(): void {
  let lane: u32 = 0;
  do candidateIn(lane).block = 0;
  while (GROUPED && ++lane < CANDIDATES);
}

/** Sees to it that the lane's block is its candidate's. A block is named by its plan's address plus its step's digits. */
function prepare(lane: u32): void {
  const candidate = candidateIn(lane);
  const digits = candidate.block - candidate.plan.at;
  const step = candidate.step as u32;
  const follows = digits - 1 < MOST_DIGITS && step == candidate.blockStep + 1;
  candidate.blockStep = step;
  // Step 0 follows no step: the one before it wraps around.
  if (!follows || step == 0 || !countUp(blockOf(lane), digits)) writeBlock(lane, candidate, step);
}

/** Adds one to the decimal number that a block begins with; false if it has no room for another digit. */
function countUp(block: u32, digits: u32): bool {
  for (let place = digits; place > 0; ) {
    const at = block + (--place >>> 2) * 4 * LANES;
    const shift = (place & 3) * 8;
    const word = load<u32>(at);
    if (((word >>> shift) & 0xff) != 57) {
      store<u32>(at, word + (1 << shift));
      return true;
    }
    store<u32>(at, word - (9 << shift));
  }
  return false;
}

/** Writes the block of a plan and step. The step is public: plain division will do. */
function writeBlock(lane: u32, candidate: Candidate, step: u32): void {
  const record = candidate.plan.record;
  let digits: u32 = 1;
  for (let rest = step; rest > 9; rest /= 10) digits++;
  copy(TEXT_AT + digits, record.key, record.keyLength);
  pad(digits + record.keyLength, false);
  for (let at = TEXT_AT + digits; at > TEXT_AT; step /= 10) store<u8>(--at, 48 + (step % 10));
  laneBlock(lane, TEXT_AT, false);
  candidate.block = candidate.plan.at + digits;
}

/** Writes the six hexadecimal digits of a code in ASCII, without a branch or a table on their value. */
export function writeHexadecimal(at: u32, code: u32): void {
  for (let i: u32 = 0; i < 6; i++) {
    const nibble = (code >>> (20 - i * 4)) & 15;
    store<u8>(at + i, 48 + nibble + (((9 - nibble) >>> 31) * 39));
  }
}
