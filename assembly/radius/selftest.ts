// Known answers: what the module must get right on this very engine before it may be used.
// RFC 2865 sections 7.1 and 7.2, RFC 5997 section 6.1, RFC 2202 section 2 (test case 6), RFC 2759 section 9.2.

import { copy, equal, zero } from "../bytes";
import {
  PROOF_CHAP,
  PROOF_CLEAR,
  REQUEST_CHAP_ID,
  REQUEST_LENGTH,
  REQUEST_PROOF,
  REQUEST_RESPONSE,
  REQUEST_TEXT,
  RESULT_AUTHENTICATOR_RESPONSE,
} from "../abi";
import { EXTRA_AT, FORM_AT, FORM_CHAP, FORM_SECRET, FORM_SECRET_LENGTH, OUTCOME_ACCEPT, RADIUS_OK, RADIUS_SELF_TEST, READ_DUPLICATE, READ_LOGIN, READ_STATUS, SLOT_CLIENT, SLOT_LENGTH, SLOT_PACKET, SLOT_REPLY, SLOT_REPLY_LENGTH, SLOT_REQUEST, SLOT_RESULT } from "./abi";
import { clientAt, enrolClient } from "./clients";
import { AUTHENTICATOR_AT } from "./dictionary";
import { hmac, keyHmac } from "./digest";
import { stirEntropy } from "./entropy";
import { DIGEST_BYTES_AT, host16, tell16 } from "./layout";
import { printSuccess } from "./mschapv2";
import { answerSlot, readSlot, slotAt } from "./requests";
import { signReply } from "./signatures";
import { PAGES } from "./sizes";

/** "xyzzy5461", the secret of both RFCs. */
const SECRET = memory.data<u8>([0x78, 0x79, 0x7a, 0x7a, 0x79, 0x35, 0x34, 0x36, 0x31]);
const SECRET_LENGTH: u32 = 9;

/** RFC 2865 section 7.1: "arctangent" by PAP, and its Access-Accept. */
const PAP = memory.data<u8>([
  0x01, 0x00, 0x00, 0x38, 0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80, 0x57, 0xbd, 0x83, 0xd5, 0xcb,
  0x98, 0xf4, 0x22, 0x7a, 0x01, 0x06, 0x6e, 0x65, 0x6d, 0x6f, 0x02, 0x12, 0x0d, 0xbe, 0x70, 0x8d,
  0x93, 0xd4, 0x13, 0xce, 0x31, 0x96, 0xe4, 0x3f, 0x78, 0x2a, 0x0a, 0xee, 0x04, 0x06, 0xc0, 0xa8,
  0x01, 0x10, 0x05, 0x06, 0x00, 0x00, 0x00, 0x03,
]); // prettier-ignore
const PAP_LENGTH: u32 = 56;
const PAP_ACCEPT = memory.data<u8>([
  0x02, 0x00, 0x00, 0x26, 0x86, 0xfe, 0x22, 0x0e, 0x76, 0x24, 0xba, 0x2a, 0x10, 0x05, 0xf6, 0xbf,
  0x9b, 0x55, 0xe0, 0xb2, 0x06, 0x06, 0x00, 0x00, 0x00, 0x01, 0x0f, 0x06, 0x00, 0x00, 0x00, 0x00,
  0x0e, 0x06, 0xc0, 0xa8, 0x01, 0x03,
]); // prettier-ignore
const PAP_ACCEPT_LENGTH: u32 = 38;
const ARCTANGENT = memory.data<u8>([0x61, 0x72, 0x63, 0x74, 0x61, 0x6e, 0x67, 0x65, 0x6e, 0x74]);
const ARCTANGENT_LENGTH: u32 = 10;

/** RFC 2865 section 7.2: CHAP without CHAP-Challenge. */
const CHAP = memory.data<u8>([
  0x01, 0x01, 0x00, 0x47, 0x2a, 0xee, 0x86, 0xf0, 0x8d, 0x0d, 0x55, 0x96, 0x9c, 0xa5, 0x97, 0x8e,
  0x0d, 0x33, 0x67, 0xa2, 0x01, 0x08, 0x66, 0x6c, 0x6f, 0x70, 0x73, 0x79, 0x03, 0x13, 0x16, 0xe9,
  0x75, 0x57, 0xc3, 0x16, 0x18, 0x58, 0x95, 0xf2, 0x93, 0xff, 0x63, 0x44, 0x07, 0x72, 0x75, 0x04,
  0x06, 0xc0, 0xa8, 0x01, 0x10, 0x05, 0x06, 0x00, 0x00, 0x00, 0x14, 0x06, 0x06, 0x00, 0x00, 0x00,
  0x02, 0x07, 0x06, 0x00, 0x00, 0x00, 0x01,
]); // prettier-ignore
const CHAP_LENGTH: u32 = 71;
/** Where CHAP's identifier and response lie in it. */
const CHAP_VALUE: u32 = 30;

/** RFC 5997 section 6.1: Status-Server, and its Access-Accept without Message-Authenticator. */
const STATUS = memory.data<u8>([
  0x0c, 0xda, 0x00, 0x26, 0x8a, 0x54, 0xf4, 0x68, 0x6f, 0xb3, 0x94, 0xc5, 0x28, 0x66, 0xe3, 0x02,
  0x18, 0x5d, 0x06, 0x23, 0x50, 0x12, 0x5a, 0x66, 0x5e, 0x2e, 0x1e, 0x84, 0x11, 0xf3, 0xe2, 0x43,
  0x82, 0x20, 0x97, 0xc8, 0x4f, 0xa3,
]); // prettier-ignore
const STATUS_LENGTH: u32 = 38;
const STATUS_ACCEPT = memory.data<u8>([
  0x02, 0xda, 0x00, 0x14, 0xef, 0x0d, 0x55, 0x2a, 0x4b, 0xf2, 0xd6, 0x93, 0xec, 0x2b, 0x6f, 0xe8,
  0xb5, 0x41, 0x1d, 0x66,
]); // prettier-ignore
const STATUS_ACCEPT_LENGTH: u32 = 20;

/** RFC 2202: HMAC-MD5 under a key of 80 bytes 0xaa, of "Test Using Larger Than Block-Size Key - Hash Key First". */
const LONG = memory.data<u8>([
  0x54, 0x65, 0x73, 0x74, 0x20, 0x55, 0x73, 0x69, 0x6e, 0x67, 0x20, 0x4c, 0x61, 0x72, 0x67, 0x65,
  0x72, 0x20, 0x54, 0x68, 0x61, 0x6e, 0x20, 0x42, 0x6c, 0x6f, 0x63, 0x6b, 0x2d, 0x53, 0x69, 0x7a,
  0x65, 0x20, 0x4b, 0x65, 0x79, 0x20, 0x2d, 0x20, 0x48, 0x61, 0x73, 0x68, 0x20, 0x4b, 0x65, 0x79,
  0x20, 0x46, 0x69, 0x72, 0x73, 0x74,
]); // prettier-ignore
const LONG_LENGTH: u32 = 54;
const LONG_MAC = memory.data<u8>([
  0x6b, 0x1a, 0xb7, 0xfe, 0x4b, 0xd7, 0xbf, 0x8f, 0x0b, 0x62, 0xe6, 0xce, 0x61, 0xb9, 0xd0, 0xcd,
]); // prettier-ignore

/** RFC 2759 section 9.2: the authenticator response, in bytes and as it is told. */
const RESPONSE = memory.data<u8>([
  0x40, 0x7a, 0x55, 0x89, 0x11, 0x5f, 0xd0, 0xd6, 0x20, 0x9f, 0x51, 0x0f, 0xe9, 0xc0, 0x45, 0x66,
  0x93, 0x2c, 0xda, 0x56,
]); // prettier-ignore
const TOLD = memory.data<u8>([
  0x53, 0x3d, 0x34, 0x30, 0x37, 0x41, 0x35, 0x35, 0x38, 0x39, 0x31, 0x31, 0x35, 0x46, 0x44, 0x30,
  0x44, 0x36, 0x32, 0x30, 0x39, 0x46, 0x35, 0x31, 0x30, 0x46, 0x45, 0x39, 0x43, 0x30, 0x34, 0x35,
  0x36, 0x36, 0x39, 0x33, 0x32, 0x43, 0x44, 0x41, 0x35, 0x36,
]); // prettier-ignore
const TOLD_LENGTH: u32 = 42;

/** Runs them in slot 0 as client 0; RADIUS_SELF_TEST where one is wrong. Leaves its traces behind. */
export function testKnownAnswers(): u32 {
  if ((memory.size() as u32) != PAGES) return RADIUS_SELF_TEST;
  stirEntropy();
  enrol();
  const passes = testPap() & testChap() & testStatus() & testLongKey() & testResponse();
  return passes ? RADIUS_OK : RADIUS_SELF_TEST;
}

function enrol(): void {
  copy(FORM_AT + FORM_SECRET, SECRET as u32, SECRET_LENGTH);
  store<u8>(FORM_AT, SECRET_LENGTH, FORM_SECRET_LENGTH);
  store<u8>(FORM_AT, 1, FORM_CHAP);
  enrolClient(0, 0);
}

function readPacket(packet: usize, length: u32): u32 {
  const slot = slotAt(0);
  copy(slot + SLOT_PACKET, packet as u32, length);
  tell16(slot + SLOT_LENGTH, length);
  tell16(slot + SLOT_CLIENT, 0);
  return readSlot(0, 0);
}

/** PAP, its reply, and the same reply for a copy of the packet. */
function testPap(): u32 {
  const request = slotAt(0) + SLOT_REQUEST;
  const reply = slotAt(0) + SLOT_REPLY;
  let passes = (readPacket(PAP, PAP_LENGTH) == READ_LOGIN) as u32;
  passes &= (load<u8>(request, REQUEST_PROOF) == PROOF_CLEAR) as u32;
  passes &= (load<u8>(request, REQUEST_LENGTH) == ARCTANGENT_LENGTH) as u32;
  passes &= equal(request + REQUEST_TEXT, ARCTANGENT as u32, ARCTANGENT_LENGTH);
  const length = answerSlot(0, OUTCOME_ACCEPT, 0, 0);
  copy(EXTRA_AT, reply, length);
  zero(reply, 64);
  passes &= (readPacket(PAP, PAP_LENGTH) == READ_DUPLICATE) as u32;
  passes &= (length == host16(slotAt(0) + SLOT_REPLY_LENGTH)) as u32 & equal(EXTRA_AT, reply, length);
  return passes & testReply(PAP, PAP_ACCEPT, PAP_ACCEPT_LENGTH);
}

function testChap(): u32 {
  const request = slotAt(0) + SLOT_REQUEST;
  let passes = (readPacket(CHAP, CHAP_LENGTH) == READ_LOGIN) as u32;
  passes &= (load<u8>(request, REQUEST_PROOF) == PROOF_CHAP) as u32;
  passes &= (load<u8>(request, REQUEST_CHAP_ID) == load<u8>(CHAP + CHAP_VALUE)) as u32;
  return passes & equal(request + REQUEST_RESPONSE, (CHAP as u32) + CHAP_VALUE + 1, 16);
}

/** Status-Server, whose Message-Authenticator must be right, and wrong after one bit has changed. */
function testStatus(): u32 {
  let passes = (readPacket(STATUS, STATUS_LENGTH) == READ_STATUS) as u32;
  const packet = slotAt(0) + SLOT_PACKET;
  store<u8>(packet, load<u8>(packet, 1) ^ 1, 1);
  passes &= (readSlot(0, 0) != READ_STATUS) as u32;
  return passes & testReply(STATUS, STATUS_ACCEPT, STATUS_ACCEPT_LENGTH);
}

/** Signs a reply of the RFC's anew. */
function testReply(request: usize, expected: usize, length: u32): u32 {
  const reply = slotAt(0) + SLOT_REPLY;
  copy(reply, expected as u32, length);
  copy(reply + AUTHENTICATOR_AT, (request as u32) + AUTHENTICATOR_AT, 16);
  signReply(clientAt(0), reply, length);
  return equal(reply, expected as u32, length);
}

function testLongKey(): u32 {
  const slot = slotAt(0);
  for (let i: u32 = 0; i < 80; i++) store<u8>(slot + SLOT_PACKET + i, 0xaa);
  keyHmac(clientAt(0), slot + SLOT_PACKET, 80);
  copy(slot + SLOT_PACKET, LONG as u32, LONG_LENGTH);
  hmac(clientAt(0), slot + SLOT_PACKET, LONG_LENGTH);
  return equal(DIGEST_BYTES_AT, LONG_MAC as u32, 16);
}

function testResponse(): u32 {
  const slot = slotAt(0);
  copy(slot + SLOT_RESULT + RESULT_AUTHENTICATOR_RESPONSE, RESPONSE as u32, 20);
  printSuccess(slot + SLOT_REPLY, slot);
  return equal(slot + SLOT_REPLY, TOLD as u32, TOLD_LENGTH);
}
