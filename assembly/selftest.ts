// Known answers of the RFCs, run through the verbs by the module itself before a host trusts it on its engine.
//
// Each is asked for in so many requests at once that it comes to every lane, of every group, in lanes of one step and of
// two: a wrong hash, counter, window, proof or key derivation shows.

import {
  ENROLMENT_AT,
  FACTOR_HOTP,
  FACTOR_MOTP,
  MODE_PASSWORD_THEN_CODE,
  PROOF_CHAP,
  PROOF_CLEAR,
  PROOF_MSCHAPV2,
  RECORD_BACK,
  RECORD_FORWARD,
  REQUEST_TIME,
  RESULT_AUTHENTICATOR_RESPONSE,
  RESULT_RECEIVE_KEY,
  RESULT_SEND_KEY,
  RESULTS_AT,
  STATUS_OK,
  STATUS_SELF_TEST,
  VERDICT_CONTINUE,
  VERDICT_SPENT,
} from "./abi";
import { copy, equal, loadBigEndian, storeWord } from "./bytes";
import { CANDIDATES, GROUPED, loadWord } from "./lane";
import { Record } from "./record";
import { requestAt, resultAt } from "./rows";
import { enrolForm, generateCodes, verifyRequests } from "./verbs";

/** A code, where it comes from and what it gets, once. */
@unmanaged
class Answer {
  /** The user: a record's first bytes. */
  factor: u8;
  algorithm: u8;
  digits: u8;
  mode: u8;
  types: u8;
  standing: u8;
  keyLength: u8;
  passwordLength: u8;
  period: u8;
  /** Of the request to generate. */
  flags: u8;
  verdict: u8;
  length: u8;
  /** Seconds; HOTP: the counter; a recovery code: its number. Least significant byte first. */
  time: u32;
  /** The first bytes of the code; it ends with zeros at a multiple of four. */
  text: u32;

  @inline
  get at(): u32 {
    return changetype<usize>(this) as u32;
  }
  @inline
  get code(): u32 {
    return this.at + offsetof<Answer>("text");
  }
}

const ANSWERS = memory.data<u8>([
  // RFC 6238 appendix B, 59 seconds: SHA-1, SHA-256, SHA-512.
  1, 1, 8, 1, 63, 1, 20, 0, 30, 0, 1, 8, 59, 0, 0, 0, 57, 52, 50, 56, 55, 48, 56, 50,
  1, 2, 8, 1, 63, 1, 32, 0, 30, 0, 1, 8, 59, 0, 0, 0, 52, 54, 49, 49, 57, 50, 52, 54,
  1, 3, 8, 1, 63, 1, 64, 0, 30, 0, 1, 8, 59, 0, 0, 0, 57, 48, 54, 57, 51, 57, 51, 54,
  // RFC 4226 appendix D, counter 1.
  2, 1, 6, 1, 63, 1, 20, 0, 1, 0, 1, 6, 1, 0, 0, 0, 50, 56, 55, 48, 56, 50, 0, 0,
  // mOTP: secret 1234567890123456, PIN 1234 (test data of other servers).
  3, 4, 6, 1, 63, 1, 20, 0, 10, 0, 1, 6, 132, 7, 141, 75, 55, 50, 49, 53, 101, 55, 0, 0,
  // Recovery codes, by node:crypto as recovery.ts describes them: code 9 of generation 1, by HMAC-SHA-1 and by MD5.
  1, 1, 6, 1, 63, 1, 20, 0, 30, 8, 12, 14, 9, 0, 0, 0, 48, 122, 50, 101, 45, 118, 116, 113, 102, 45, 113, 100, 52, 116, 0, 0,
  3, 4, 6, 1, 63, 1, 20, 0, 10, 8, 12, 14, 9, 0, 0, 0, 98, 49, 53, 97, 45, 120, 112, 97, 50, 45, 99, 118, 100, 103, 0, 0,
  // RFC 2865 section 7.2, CHAP: the password, the response, then the challenge at its place in a request.
  0x61, 0x72, 0x63, 0x74, 0x61, 0x6e, 0x67, 0x65, 0x6e, 0x74, 0xe9, 0x75, 0x57, 0xc3, 0x16, 0x18, 0x58, 0x95, 0xf2,
  0x93, 0xff, 0x63, 0x44, 0x07, 0x72, 0x75, 0x2a, 0xee, 0x86, 0xf0, 0x8d, 0x0d, 0x55, 0x96,
  0x9c, 0xa5, 0x97, 0x8e, 0x0d, 0x33, 0x67, 0xa2,
  // RFC 2759 section 9.2: the password, the NT-Response, the authenticator's and the peer's challenge, the name.
  0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x50, 0x61, 0x73, 0x73, 0x82, 0x30, 0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e, 0xa0,
  0x8f, 0xaa, 0x39, 0x81, 0xcd, 0x83, 0x54, 0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf, 0x5b, 0x5d, 0x7c, 0x7d,
  0x7b, 0x3f, 0x2f, 0x3e, 0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28, 0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26,
  0x2a, 0x28, 0x29, 0x5f, 0x2b, 0x3a, 0x33, 0x7c, 0x7e, 0x55, 0x73, 0x65, 0x72,
], 4);
const ANSWERS_BYTES: u32 = 184;
/** Behind them the other vectors. */
const CHAP: u32 = ANSWERS_BYTES;
const MSCHAPV2: u32 = CHAP + 42;
const CHAP_ID: u32 = 22;
/** Where among them mOTP's is. */
const MOTP_ANSWER: u32 = 96;

const PASSWORD_LENGTH: u32 = 10;

/** Requests that are made at once: one for each lane, and one more, whose code is spent in the strict file too. */
const ASKED: u32 = CANDIDATES + 1;
/** Candidates of one user, likewise; two of them are asked for, one after the other. */
const WINDOW: u32 = GROUPED ? 12 : 2;
/** The second pass asks for the step before, so that lanes hold two; a single lane never does. */
const PASSES: u32 = GROUPED ? 2 : 1;

/** STATUS_OK, or STATUS_SELF_TEST where an answer is not the known one. Leaves its traces in the page. */
export function testKnownAnswers<L>(): u32 {
  let right: u32 = 1;
  for (let at: u32 = 0; at < ANSWERS_BYTES * PASSES; ) {
    const answer = changetype<Answer>((ANSWERS as u32) + (at % ANSWERS_BYTES));
    const time = loadWord(answer.at + offsetof<Answer>("time"));
    enrolTest<L>(answer, 0);
    ask(0, answer, time);
    requestAt(0).flags = answer.flags;
    generateCodes<L>(1);
    right &= equal(resultAt(0).code, answer.code, answer.length);
    for (let r: u32 = 0; r < ASKED; r++) ask(r, answer, at < ANSWERS_BYTES ? time : time + answer.period);
    right &= gets<L>(answer.verdict, VERDICT_SPENT);
    at += offsetof<Answer>("text") + ((answer.length + 3) & ~3);
  }
  right &= password<L>((ANSWERS as u32) + CHAP, PROOF_CHAP, 32);
  right &= password<L>((ANSWERS as u32) + MSCHAPV2, PROOF_MSCHAPV2, 60);
  right &= (loadBigEndian(RESULTS_AT + RESULT_AUTHENTICATOR_RESPONSE) == 0x407a5589) as u32;
  right &= (loadBigEndian(RESULTS_AT + RESULT_SEND_KEY) == 0x8b7cdc14) as u32;
  right &= (loadBigEndian(RESULTS_AT + RESULT_RECEIVE_KEY) == 0xd5f0e952) as u32;
  return right ? STATUS_OK : STATUS_SELF_TEST;
}

/** Enrols the answer's user, whose key is the digits 1 to 9 and 0, over and over; mOTP's PIN begins anew. With a password it comes first. */
function enrolTest<L>(answer: Answer, password: u32): void {
  const form = changetype<Record>(ENROLMENT_AT);
  const motp = answer.factor == FACTOR_MOTP;
  for (let i: u32 = 0; i < answer.keyLength; i++) {
    store<u8>(form.key + i, 48 + ((motp && i >= 16 ? i - 15 : i + 1) % 10));
  }
  copy(form.at, answer.at, offsetof<Answer>("flags"));
  if (password) {
    form.mode = MODE_PASSWORD_THEN_CODE as u8;
    form.passwordLength = PASSWORD_LENGTH as u8;
    copy(form.password, password, PASSWORD_LENGTH);
  }
  form.recovery = 1;
  form.state.active = 1;
  // The low bytes of numbers, as a host writes them.
  const back = (answer.factor != FACTOR_HOTP) as u32;
  store<u8>(form.at, back, RECORD_BACK);
  store<u8>(form.at, WINDOW - 1 - back, RECORD_FORWARD);
  enrolForm<L>(0, 0);
}

function ask(r: u32, answer: Answer, time: u32): void {
  const request = requestAt(r);
  request.proof = PROOF_CLEAR as u8;
  request.length = answer.length;
  copy(request.text, answer.code, answer.length);
  storeWord(request.at + REQUEST_TIME, time);
}

/** 1 if the first of the requests gets a verdict, and the others another one. */
function gets<L>(first: u32, others: u32): u32 {
  verifyRequests<L>(ASKED);
  let wrong = resultAt(0).verdict ^ first;
  for (let r: u32 = 1; r < ASKED; r++) wrong |= resultAt(r).verdict ^ others;
  return (wrong == 0) as u32;
}

/** 1 if the first step of `password, then code` is right. `vector` begins with the password; the request's data follow. */
function password<L>(vector: u32, proof: u32, length: u32): u32 {
  enrolTest<L>(changetype<Answer>((ANSWERS as u32) + MOTP_ANSWER), vector);
  for (let r: u32 = 0; r < ASKED; r++) {
    const request = requestAt(r);
    request.proof = proof as u8;
    request.length = 16;
    request.chapId = CHAP_ID as u8;
    request.nameLength = 4;
    copy(request.text, vector + PASSWORD_LENGTH, length);
  }
  return gets<L>(VERDICT_CONTINUE, VERDICT_CONTINUE);
}
