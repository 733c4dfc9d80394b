// Codes and candidate passwords below the verbs: what enrol refuses, and what no verb shows.
import {
  ALGORITHM_SHA1,
  FACTOR_MOTP,
  RECORD_BYTES,
  RECORD_DIGITS,
  RECORD_FACTOR,
  RECORD_KEY,
  RECORD_KEY_LENGTH,
  RECORD_PASSWORD,
  RECORD_PASSWORD_LENGTH,
  RECORDS_AT,
  SCRATCH_AT,
  SCRATCH_BYTES,
} from "../../assembly/abi";
import { laneBlock, loadBigEndian, pad } from "../../assembly/bytes";
import { candidateIn, place } from "../../assembly/candidate";
import { condense } from "../../assembly/hmac";
import { writeDecimal } from "../../assembly/hotp";
import { LANES } from "../../assembly/lane";
import { forgetBlocks, motpCodes, writeHexadecimal } from "../../assembly/motp";
import { ntText } from "../../assembly/mschapv2";
import { NONE, PART_CODE, PART_PASSWORD, Plan, planAt, stepAt } from "../../assembly/plan";
import { DES_ROWS_AT, DIGEST_AT, TEXT_AT } from "../../assembly/scratch";
import { sha1Block } from "../../assembly/sha1";
import { sipHash } from "../../assembly/siphash";

function write(at: u32, text: string): u32 {
  return String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, at) as u32;
}

function hex(at: u32, length: u32): string {
  let text = "";
  for (let i: u32 = 0; i < length; i++)
    text += load<u8>(at + i)
      .toString(16)
      .padStart(2, "0");
  return text;
}

/** Plan r with a record of its own, whose key is `key`. */
function planFor(r: u32, key: string, step: i64): Plan {
  const plan = planAt(r);
  const record = RECORDS_AT + r * RECORD_BYTES;
  memory.fill(record, 0, RECORD_BYTES);
  store<u8>(record, FACTOR_MOTP, RECORD_FACTOR);
  store<u8>(record, 6, RECORD_DIGITS);
  store<u8>(record, write(record + RECORD_KEY, key), RECORD_KEY_LENGTH);
  plan.owner = record as u16;
  plan.first = step;
  plan.low = NONE;
  plan.extra = NONE;
  plan.parts = PART_CODE as u8;
  return plan;
}

/** Puts candidate `index` of a plan into a lane. */
function enter(lane: u32, plan: Plan, index: u32): void {
  place(lane, plan, index, stepAt(plan, index));
}

function motp(key: string, step: i64): string {
  memory.fill(SCRATCH_AT, 0, SCRATCH_BYTES);
  forgetBlocks();
  enter(0, planFor(0, key, step), 0);
  motpCodes<u32>(1);
  writeHexadecimal(TEXT_AT, candidateIn(0).code);
  return String.UTF8.decodeUnsafe(TEXT_AT, 6);
}

// Test data of other servers, as in test/vectors/motp.json: PINs that enrol refuses.
describe("mOTP", () => {
  it("PINs of one and of eight digits, steps of one and of nine", () => {
    expect<string>(motp("0123456789abcdef" + "1", 0)).toBe("bd94a4");
    expect<string>(motp("0123456789abcdef" + "1", 4)).toBe("fb596e");
    expect<string>(motp("0123456789abcdef" + "77777777", 129612244)).toBe("7abf75");
    expect<string>(motp("0123456789abcdef" + "77777777", 129612253)).toBe("4d4ac4");
    expect<string>(motp("0123456789abcdef" + "6666", 129612120)).toBe("6ed4e4");
  });

  // MD5 by node:crypto.
  it("the kept block follows the step over a power of ten", () => {
    memory.fill(SCRATCH_AT, 0, SCRATCH_BYTES);
    forgetBlocks();
    const codes: StaticArray<string> = ["a8eae4", "d919b1", "7301b0", "c0ccc4"];
    const plan = planFor(0, "0123456789abcdef1234", 98);
    for (let i: u32 = 0; i < 4; i++) {
      enter(0, plan, i);
      motpCodes<u32>(1);
      writeHexadecimal(DES_ROWS_AT, candidateIn(0).code); // the text is motpCodes' own
      expect<string>(String.UTF8.decodeUnsafe(DES_ROWS_AT, 6)).toBe(codes[i]);
    }
  });

  it("each lane has its own user", () => {
    memory.fill(SCRATCH_AT, 0, SCRATCH_BYTES);
    forgetBlocks();
    enter(0, planFor(0, "0123456789abcdef" + "1", 4), 0);
    enter(1, planFor(1, "0123456789abcdef" + "77777777", 129612244), 0);
    enter(2, planFor(2, "0123456789abcdef" + "6666", 129612120), 0);
    enter(3, planFor(3, "0123456789abcdef" + "1", 0), 0);
    motpCodes<v128>(LANES);
    expect<u32>(candidateIn(0).code).toBe(0xfb596e);
    expect<u32>(candidateIn(1).code).toBe(0x7abf75);
    expect<u32>(candidateIn(2).code).toBe(0x6ed4e4);
    expect<u32>(candidateIn(3).code).toBe(0xbd94a4);
  });
});

describe("writing a code", () => {
  it("decimal keeps leading zeros", () => {
    const codes: StaticArray<u32> = [0, 9, 10, 99999, 100000, 999999, 1234567, 9999999, 10000000, 99999999];
    for (let i = 0; i < codes.length; i++) {
      for (let digits: u32 = 6; digits <= 8; digits++) {
        const text = codes[i].toString().padStart(8, "0");
        writeDecimal(TEXT_AT, codes[i], digits);
        expect<string>(String.UTF8.decodeUnsafe(TEXT_AT, digits)).toBe(text.substring(8 - digits));
      }
    }
  });

  it("hexadecimal is in lower case", () => {
    const codes: StaticArray<u32> = [0, 0xf, 0x00a0b9, 0x012345, 0x6789ab, 0xcdef09, 0xffffff];
    for (let i = 0; i < codes.length; i++) {
      writeHexadecimal(TEXT_AT, codes[i]);
      expect<string>(String.UTF8.decodeUnsafe(TEXT_AT, 6)).toBe(codes[i].toString(16).padStart(6, "0"));
    }
  });
});

/** The UTF-16 that ntText makes of a password, in hexadecimal. */
function utf16(password: string): string {
  memory.fill(SCRATCH_AT, 0xff, SCRATCH_BYTES);
  const plan = planFor(0, "", 0);
  const record = plan.record.at;
  store<u8>(record, write(record + RECORD_PASSWORD, password), RECORD_PASSWORD_LENGTH);
  plan.parts = PART_PASSWORD as u8;
  enter(0, plan, 0);
  return hex(TEXT_AT, ntText(0));
}

// AssemblyScript's own strings are UTF-16.
function check(password: string): void {
  expect<string>(utf16(password)).toBe(hex(changetype<u32>(password), password.length * 2), password);
}

describe("UTF-8 to UTF-16", () => {
  it("one to four bytes, and the edges between them", () => {
    check("");
    check("clientPass");
    check("\u007f\u0080\u07ff\u0800\uffff");
    check("\ud7ff\ue000");
    check("Grüße, Ωμέγα");
    check("日本語のパスワード");
    check("\u{10000}\u{10ffff}\u{1f600}x");
    check("\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}");
    check("0123456789abcdef0123456789abcdef");
  });

  it("the code follows the password", () => {
    const plan = planFor(0, "0123456789abcdef" + "1", 4);
    const record = plan.record.at;
    store<u8>(record, write(record + RECORD_PASSWORD, "ü"), RECORD_PASSWORD_LENGTH);
    plan.parts = (PART_PASSWORD | PART_CODE) as u8;
    enter(0, plan, 0);
    motpCodes<u32>(1);
    expect<string>(hex(TEXT_AT, ntText(0))).toBe("fc00660062003500390036006500");
  });
});

/** HMAC-SHA1 of up to 55 bytes of data under a key of up to 64, from the midstates that enrol keeps. */
function hmac(key: string, data: string): string {
  const at = RECORDS_AT + RECORD_KEY;
  memory.fill(at, 0, 64);
  unhex(at, key);
  condense<u32>(ALGORITHM_SHA1, at);
  const length: u32 = unhex(TEXT_AT, data);
  useState(at);
  finish(length);
  for (let w: u32 = 0; w < 5; w++)
    store<u32>(TEXT_AT + w * 4, bswap<u32>(load<u32>(DIGEST_AT + w * 4 * LANES)));
  useState(at + 20);
  finish(20);
  for (let w: u32 = 0; w < 5; w++)
    store<u32>(TEXT_AT + w * 4, bswap<u32>(load<u32>(DIGEST_AT + w * 4 * LANES)));
  return hex(TEXT_AT, 20);
}

function unhex(at: u32, text: string): u32 {
  for (let i = 0; i < text.length; i += 2) store<u8>(at + i / 2, parseInt(text.substr(i, 2), 16) as u8);
  return text.length / 2;
}

function useState(at: u32): void {
  for (let w: u32 = 0; w < 5; w++)
    store<u32>(DIGEST_AT + w * 4 * LANES, bswap<u32>(loadBigEndian(at + w * 4)));
}

/** The last block of a message that follows one block. */
function finish(length: u32): void {
  pad(length, true);
  store<u32>(TEXT_AT, bswap<u32>((64 + length) * 8), 60);
  laneBlock(0, TEXT_AT, true);
  sha1Block<u32>();
}

// RFC 2202 section 3, cases 1 to 5: keys of up to a block.
describe("HMAC-SHA1 from kept midstates", () => {
  it("RFC 2202", () => {
    expect<string>(hmac("0b".repeat(20), "4869205468657265")).toBe(
      "b617318655057264e28bc0b6fb378c8ef146be00",
    );
    expect<string>(hmac("4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f")).toBe(
      "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    );
    expect<string>(hmac("aa".repeat(20), "dd".repeat(50))).toBe("125d7342b9ac11cd91a39af48aa17b4f63f175d3");
    expect<string>(hmac("0102030405060708090a0b0c0d0e0f10111213141516171819", "cd".repeat(50))).toBe(
      "4c9007f4026250c6bc8414f9bf50c86c2d7235da",
    );
    expect<string>(hmac("0c".repeat(20), "546573742057697468205472756e636174696f6e")).toBe(
      "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04",
    );
  });
});

// The paper's appendix A: key 00 01 … 0f, text 00 01 … 0e; and the authors' vectors for texts of 0, 7 and 8 bytes.
describe("SipHash-2-4", () => {
  it("the authors' vectors", () => {
    for (let i: u32 = 0; i < 16; i++) store<u8>(TEXT_AT + i, i);
    const k0: u64 = 0x0706050403020100;
    const k1: u64 = 0x0f0e0d0c0b0a0908;
    expect<u64>(sipHash(k0, k1, TEXT_AT, 15)).toBe(0xa129ca6149be45e5);
    expect<u64>(sipHash(k0, k1, TEXT_AT, 0)).toBe(0x726fdb47dd0e0e31);
    expect<u64>(sipHash(k0, k1, TEXT_AT, 7)).toBe(0xab0200f58b01d137);
    expect<u64>(sipHash(k0, k1, TEXT_AT, 8)).toBe(0x93f5f5799a932462);
  });
});
