// Mobile-OTP: the first six hexadecimal digits of MD5(step in decimal, secret in hexadecimal, PIN), in lower case.
//
// The three fit one block. It is built once for each user that a lane comes to; from step to step only the words
// that hold the step's digits change.

import { RECORD_KEY, RECORD_KEY_LENGTH } from "./abi";
import { copy, storeWord, zero } from "./bytes";
import { BLOCK_PLANS_AT, LOWS_AT, planIn, setCode } from "./candidate";
import { LANES, loadWord } from "./lane";
import { md5Block, md5Start } from "./md5";
import { PLAN_RECORD } from "./plan";
import { DIGEST_AT, LANES_AT, TEXT_AT } from "./scratch";

/** Words that can hold a digit of the step: it has at most ten. */
const STEP_WORDS: u32 = 3;

/** Computes the codes of the candidates in the first `lanes` lanes. */
export function motpCodes<L>(lanes: u32): void {
  for (let lane: u32 = 0; lane < lanes; lane++) prepare(lane);
  md5Start<L>();
  md5Block<L>();
  for (let lane: u32 = 0; lane < lanes; lane++) setCode(lane, bswap<u32>(load<u32>(DIGEST_AT + lane * 4)) >>> 8);
}

/** Forgets the blocks in the lanes, after another hash has used them. */
export function forgetBlocks(): void {
  for (let lane: u32 = 0; lane < LANES; lane++) store<u32>(BLOCK_PLANS_AT + lane * 4, 0);
}

function prepare(lane: u32): void {
  const plan = planIn(lane);
  const step = load<u32>(LOWS_AT + lane * 4);
  const digits = decimalLength(step);
  let words: u32 = STEP_WORDS;
  // A step of 10^n has a digit more than the one before it: then all moves.
  const owner = plan + digits;
  if (load<u32>(BLOCK_PLANS_AT + lane * 4) != owner) {
    store<u32>(BLOCK_PLANS_AT + lane * 4, owner);
    words = 16;
  }
  const record = load<u32>(plan, PLAN_RECORD);
  const length = digits + load<u8>(record, RECORD_KEY_LENGTH);
  if (words == 16) {
    zero(TEXT_AT, 64);
    store<u8>(TEXT_AT + length, 0x80);
    storeWord(TEXT_AT + 56, length * 8);
  }
  copy(TEXT_AT + digits, record + RECORD_KEY, words == 16 ? length - digits : 4 * STEP_WORDS - digits);
  writeStep(step, digits);
  for (let w: u32 = 0; w < words; w++) store<u32>(LANES_AT + (w * LANES + lane) * 4, loadWord(TEXT_AT + w * 4));
}

function decimalLength(step: u32): u32 {
  let length: u32 = 10;
  for (let least: u32 = 1000000000; step < least && length > 1; least /= 10) length--;
  return length;
}

/** The step is public: plain division will do. */
function writeStep(step: u32, digits: u32): void {
  for (let i = digits; i > 0; i--) {
    store<u8>(TEXT_AT + i - 1, 48 + (step % 10));
    step /= 10;
  }
}

/** Writes the six hexadecimal digits of a code in ASCII, without a branch or a table on their value. */
export function writeHexadecimal(at: u32, code: u32): void {
  for (let i: u32 = 0; i < 6; i++) {
    const nibble = (code >>> (20 - i * 4)) & 15;
    store<u8>(at + i, 48 + nibble + (((9 - nibble) >>> 31) * 39));
  }
}
