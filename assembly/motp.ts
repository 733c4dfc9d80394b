// Mobile-OTP: the first six hexadecimal digits of MD5(step in decimal, secret in hexadecimal, PIN), in lower case.
//
// The three fit one block. A lane builds it once for each user that it comes to: from step to step it counts up the digits
// in the block, which stands in the lane until another hash needs the place.

import { RECORD_KEY, RECORD_KEY_LENGTH } from "./abi";
import { copy, laneBlock, pad } from "./bytes";
import { BLOCK_STEPS_AT, BLOCKS_AT, planIn, setCode, stepIn } from "./candidate";
import { CANDIDATES, GROUPED, LANES } from "./lane";
import { md5Block, md5Start } from "./md5";
import { Plan } from "./plan";
import { blockOf, digestOf, TEXT_AT } from "./scratch";

/** A step is less than 2^32. */
const MOST_DIGITS: u32 = 10;

/** Computes the codes of the candidates in the first `lanes` lanes. */
export function motpCodes<L>(lanes: u32): void {
  let lane: u32 = 0;
  do prepare(lane);
  while (GROUPED && ++lane < lanes);
  md5Start<L>();
  md5Block<L>();
  lane = 0;
  do setCode(lane, bswap<u32>(load<u32>(digestOf(lane))) >>> 8);
  while (GROUPED && ++lane < lanes);
}

/** Forgets the blocks in the lanes, after another hash has used them. */
export function forgetBlocks(): void {
  for (let lane: u32 = 0; lane < CANDIDATES; lane++) store<u16>(BLOCKS_AT + lane * 2, 0);
}

/** Sees to it that the lane's block is its candidate's. A block is named by its plan's address plus its step's digits. */
function prepare(lane: u32): void {
  const plan = planIn(lane);
  const digits = (load<u16>(BLOCKS_AT + lane * 2) as u32) - (changetype<usize>(plan) as u32);
  const step = stepIn(lane) as u32;
  const follows = digits - 1 < MOST_DIGITS && step == load<u32>(BLOCK_STEPS_AT + lane * 4) + 1;
  store<u32>(BLOCK_STEPS_AT + lane * 4, step);
  // Step 0 follows no step: the one before it wraps around.
  if (!follows || step == 0 || !countUp(blockOf(lane), digits)) writeBlock(lane, plan, step);
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
function writeBlock(lane: u32, plan: Plan, step: u32): void {
  const record: u32 = plan.record;
  let digits: u32 = 1;
  for (let rest = step; rest > 9; rest /= 10) digits++;
  copy(TEXT_AT + digits, record + RECORD_KEY, load<u8>(record, RECORD_KEY_LENGTH));
  pad(digits + load<u8>(record, RECORD_KEY_LENGTH), false);
  for (let at = TEXT_AT + digits; at > TEXT_AT; step /= 10) store<u8>(--at, 48 + (step % 10));
  laneBlock(lane, TEXT_AT, false);
  store<u16>(BLOCKS_AT + lane * 2, changetype<usize>(plan) + digits);
}

/** Writes the six hexadecimal digits of a code in ASCII, without a branch or a table on their value. */
export function writeHexadecimal(at: u32, code: u32): void {
  for (let i: u32 = 0; i < 6; i++) {
    const nibble = (code >>> (20 - i * 4)) & 15;
    store<u8>(at + i, 48 + nibble + (((9 - nibble) >>> 31) * 39));
  }
}
