// Mobile-OTP: the first six hexadecimal digits of MD5(step in decimal, secret in hexadecimal, PIN), in lower case.
//
// The three fit one block. It is built once for each user that a lane comes to; from step to step only the words
// that hold the step's digits change.

import { RECORD_KEY, RECORD_KEY_LENGTH } from "./abi";
import { copy, pad, storeWord } from "./bytes";
import { BLOCKS_AT, planIn, setCode, stepIn } from "./candidate";
import { CANDIDATES, GROUPED, LANES, loadWord, loadWordInline } from "./lane";
import { md5Block, md5Start } from "./md5";
import { PLAN_RECORD } from "./plan";
import { blockOf, digestOf, TEXT_AT } from "./scratch";

/** What stands in the text: whose block, at which step, with how many digits. Nobody's between scans. */
let textPlan: u32 = 0;
let textStep: u32 = 0;
let textDigits: u32 = 0;

/** Words that can hold a digit of the step: it has at most ten. */
const STEP_WORDS: u32 = 3;

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

/** Forgets the blocks in the lanes and the text, after another hash has used them. */
export function forgetBlocks(): void {
  textPlan = 0;
  for (let lane: u32 = 0; lane < CANDIDATES; lane++) store<u16>(BLOCKS_AT + lane * 2, 0);
}

function prepare(lane: u32): void {
  const plan = planIn(lane);
  const step = stepIn(lane) as u32;
  // Step 0 follows no step: the one before it in the window wraps around.
  if (plan != textPlan || step == 0 || step != textStep + 1 || !countUp()) writeText(plan, step);
  textStep = step;
  // The digits are part of the name: a step of 10^n has one more than the step before, and then all words move.
  const block = plan + textDigits;
  const to = blockOf(lane);
  store<u32>(to, loadWordInline(TEXT_AT));
  store<u32>(to + 4 * LANES, loadWordInline(TEXT_AT + 4));
  store<u32>(to + 8 * LANES, loadWordInline(TEXT_AT + 8));
  if (load<u16>(BLOCKS_AT + lane * 2) == block) return;
  store<u16>(BLOCKS_AT + lane * 2, block);
  for (let w: u32 = STEP_WORDS; w < 16; w++) store<u32>(to + w * 4 * LANES, loadWord(TEXT_AT + w * 4));
}

/** Adds one to the decimal number in the text; false if it has no room for another digit. */
function countUp(): bool {
  for (let place = textDigits; place > 0; ) {
    const at = TEXT_AT + (--place & ~3);
    const shift = (place & 3) * 8;
    const word = loadWordInline(at);
    if (((word >>> shift) & 0xff) != 57) {
      storeWord(at, word + (1 << shift));
      return true;
    }
    storeWord(at, word - (9 << shift));
  }
  return false;
}

/** Writes the block of a plan and step as text. The step is public: plain division will do. */
function writeText(plan: u32, step: u32): void {
  const record = load<u32>(plan, PLAN_RECORD);
  let digits: u32 = 1;
  for (let rest = step; rest > 9; rest /= 10) digits++;
  copy(TEXT_AT + digits, record + RECORD_KEY, load<u8>(record, RECORD_KEY_LENGTH));
  pad(digits + load<u8>(record, RECORD_KEY_LENGTH), false);
  textPlan = plan;
  textDigits = digits;
  for (let at = TEXT_AT + digits; at > TEXT_AT; step /= 10) store<u8>(--at, 48 + (step % 10));
}

/** Writes the six hexadecimal digits of a code in ASCII, without a branch or a table on their value. */
export function writeHexadecimal(at: u32, code: u32): void {
  for (let i: u32 = 0; i < 6; i++) {
    const nibble = (code >>> (20 - i * 4)) & 15;
    store<u8>(at + i, 48 + nibble + (((9 - nibble) >>> 31) * 39));
  }
}
