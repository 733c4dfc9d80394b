// Known answers of the RFCs, run through the verbs by the module itself before a host trusts it on its engine.
// Each test enrols record 0 and verifies one request: a wrong hash, window, proof or key derivation shows.

import {
  ALGORITHM_MD5,
  ALGORITHM_SHA1,
  ALGORITHM_SHA512,
  ENROLMENT_AT,
  FACTOR_MOTP,
  FACTOR_TOTP,
  MODE_CODE,
  MODE_PASSWORD_THEN_CODE,
  PROOF_CHAP,
  PROOF_CLEAR,
  PROOF_MSCHAPV2,
  RECORD_ALGORITHM,
  RECORD_DIGITS,
  RECORD_FACTOR,
  RECORD_KEY,
  RECORD_KEY_LENGTH,
  RECORD_MODE,
  RECORD_PASSWORD,
  RECORD_PASSWORD_LENGTH,
  RECORD_PERIOD,
  RECORD_STANDING,
  RECORD_STATE,
  REQUEST_CHAP_ID,
  REQUEST_LENGTH,
  REQUEST_NAME_LENGTH,
  REQUEST_PROOF,
  REQUEST_RESPONSE,
  REQUEST_TEXT,
  REQUEST_TIME,
  REQUESTS_AT,
  RESULT_AUTHENTICATOR_RESPONSE,
  RESULT_RECEIVE_KEY,
  RESULT_SEND_KEY,
  RESULT_VERDICT,
  RESULTS_AT,
  STANDING_ENABLED,
  STATE_ACTIVE,
  STATUS_OK,
  STATUS_SELF_TEST,
  VERDICT_ACCEPT,
  VERDICT_CONTINUE,
  VERDICT_SPENT,
} from "./abi";
import { copy, loadBigEndian, store64, storeWord } from "./bytes";
import { writeDecimal } from "./hotp";
import { writeHexadecimal } from "./motp";
import { enrolForm, verifyRequests } from "./verbs";

/** RFC 2865 section 7.2, CHAP: the password, the response, then the challenge at its place in a request. */
const CHAP = memory.data<u8>([
  0x61, 0x72, 0x63, 0x74, 0x61, 0x6e, 0x67, 0x65, 0x6e, 0x74, 0xe9, 0x75, 0x57, 0xc3, 0x16, 0x18, 0x58, 0x95, 0xf2,
  0x93, 0xff, 0x63, 0x44, 0x07, 0x72, 0x75, 0x2a, 0xee, 0x86, 0xf0, 0x8d, 0x0d, 0x55, 0x96,
  0x9c, 0xa5, 0x97, 0x8e, 0x0d, 0x33, 0x67, 0xa2,
]);
const CHAP_ID: u32 = 22;

/** RFC 2759 section 9.2: the password, the NT-Response, the authenticator's and the peer's challenge, the name. */
const MSCHAPV2 = memory.data<u8>([
  0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x50, 0x61, 0x73, 0x73, 0x82, 0x30, 0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e, 0xa0,
  0x8f, 0xaa, 0x39, 0x81, 0xcd, 0x83, 0x54, 0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf, 0x5b, 0x5d, 0x7c, 0x7d,
  0x7b, 0x3f, 0x2f, 0x3e, 0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28, 0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26,
  0x2a, 0x28, 0x29, 0x5f, 0x2b, 0x3a, 0x33, 0x7c, 0x7e, 0x55, 0x73, 0x65, 0x72,
]);
const PASSWORD_LENGTH: u32 = 10;

/** STATUS_OK, or STATUS_SELF_TEST at the first answer that is not the known one. Leaves its traces in the page. */
export function testKnownAnswers<L>(): u32 {
  // RFC 6238 appendix B, 59 seconds.
  let right = code<L>(ALGORITHM_SHA1, 20, 59, 94287082);
  right &= code<L>(ALGORITHM_SHA1 + 1, 32, 59, 46119246);
  right &= code<L>(ALGORITHM_SHA512, 64, 59, 90693936);
  // mOTP: secret 1234567890123456, PIN 1234 (test data of other servers).
  right &= code<L>(ALGORITHM_MD5, 20, 1267533700, 0x7215e7);
  right &= password<L>(CHAP as u32, PROOF_CHAP, 32);
  right &= password<L>(MSCHAPV2 as u32, PROOF_MSCHAPV2, 60);
  right &= (loadBigEndian(RESULTS_AT + RESULT_AUTHENTICATOR_RESPONSE) == 0x407a5589) as u32;
  right &= (loadBigEndian(RESULTS_AT + RESULT_SEND_KEY) == 0x8b7cdc14) as u32;
  right &= (loadBigEndian(RESULTS_AT + RESULT_RECEIVE_KEY) == 0xd5f0e952) as u32;
  return right ? STATUS_OK : STATUS_SELF_TEST;
}

/** 1 if a code is accepted at its time, once. The key is the digits 1 to 9 and 0, over and over. */
function code<L>(algorithm: u32, keyLength: u32, time: u64, code: u32): u32 {
  const motp = algorithm == ALGORITHM_MD5;
  for (let i: u32 = 0; i < keyLength; i++) {
    store<u8>(ENROLMENT_AT + RECORD_KEY + i, 48 + ((motp && i >= 16 ? i - 15 : i + 1) % 10));
  }
  enrolTest<L>(algorithm, MODE_CODE, keyLength);
  let right: u32 = 1;
  for (let verdict = VERDICT_ACCEPT; verdict <= VERDICT_SPENT; verdict += VERDICT_SPENT - VERDICT_ACCEPT) {
    if (motp) writeHexadecimal(REQUESTS_AT + REQUEST_TEXT, code);
    else writeDecimal(REQUESTS_AT + REQUEST_TEXT, code, 8);
    store<u8>(REQUESTS_AT, motp ? 6 : 8, REQUEST_LENGTH);
    right &= verifyTest<L>(PROOF_CLEAR, time, verdict);
  }
  return right;
}

/** 1 if the first step of `password, then code` is right. `vector` begins with the password; the request's data follow. */
function password<L>(vector: u32, proof: u32, length: u32): u32 {
  copy(ENROLMENT_AT + RECORD_PASSWORD, vector, PASSWORD_LENGTH);
  store<u8>(ENROLMENT_AT, PASSWORD_LENGTH, RECORD_PASSWORD_LENGTH);
  enrolTest<L>(ALGORITHM_SHA1, MODE_PASSWORD_THEN_CODE, 20);
  copy(REQUESTS_AT + REQUEST_RESPONSE, vector + PASSWORD_LENGTH, length);
  store<u8>(REQUESTS_AT, 16, REQUEST_LENGTH);
  store<u8>(REQUESTS_AT, CHAP_ID, REQUEST_CHAP_ID);
  store<u8>(REQUESTS_AT, 4, REQUEST_NAME_LENGTH);
  return verifyTest<L>(proof, 0, VERDICT_CONTINUE);
}

function enrolTest<L>(algorithm: u32, mode: u32, keyLength: u32): void {
  const motp = algorithm == ALGORITHM_MD5;
  store<u8>(ENROLMENT_AT, motp ? FACTOR_MOTP : FACTOR_TOTP, RECORD_FACTOR);
  store<u8>(ENROLMENT_AT, algorithm, RECORD_ALGORITHM);
  store<u8>(ENROLMENT_AT, motp ? 6 : 8, RECORD_DIGITS);
  store<u8>(ENROLMENT_AT, mode, RECORD_MODE);
  store<u8>(ENROLMENT_AT, STANDING_ENABLED, RECORD_STANDING);
  store<u8>(ENROLMENT_AT, keyLength, RECORD_KEY_LENGTH);
  storeWord(ENROLMENT_AT + RECORD_PERIOD, motp ? 10 : 30);
  store<u8>(ENROLMENT_AT, 1, RECORD_STATE + STATE_ACTIVE);
  enrolForm<L>(0, 0);
}

function verifyTest<L>(proof: u32, time: u64, verdict: u32): u32 {
  store<u8>(REQUESTS_AT, proof, REQUEST_PROOF);
  store64(REQUESTS_AT + REQUEST_TIME, time);
  verifyRequests<L>(1);
  return (load<u8>(RESULTS_AT, RESULT_VERDICT) == verdict) as u32;
}
