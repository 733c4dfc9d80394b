// MS-CHAPv2: MD4 of the candidate password, then DES of the challenge hash under it. RFC 2759 section 8; keys RFC 3079.
//
// One DES block rejects a candidate: wrong ones pass with a chance of 2^-56, so a match is confirmed by the other two.
// The blocks wait in rows until a group is full (32 or 128 candidates), since DES here costs the same for one as for all.

import {
  REQUEST_CHALLENGE,
  REQUEST_NAME,
  REQUEST_NAME_LENGTH,
  REQUEST_PEER_CHALLENGE,
  REQUEST_RESPONSE,
  RESULT_AUTHENTICATOR_RESPONSE,
  RESULT_MASTER_KEY,
  RESULT_RECEIVE_KEY,
  RESULT_SEND_KEY,
} from "./abi";
import { copy, laneBlock, loadBigEndian, pad, storeBigEndian, storeWord, zero } from "./bytes";
import { indexIn, planIn } from "./candidate";
import { desMatches } from "./des";
import { LANES } from "./lane";
import { md4Block } from "./md4";
import { md5Start } from "./md5";
import { indexOf, mark, PLAN_REQUEST, planAt } from "./plan";
import { writePassword } from "./password";
import { DES_OWNERS_AT, DES_ROWS_AT, DIGEST_AT, TEXT_AT } from "./scratch";
import { sha1Block, sha1Start } from "./sha1";

// The texts of RFC 2759 section 8.7 and RFC 3079 section 3.4, as bytes: the compiler would keep strings as UTF-16.
/** Magic server to client signing constant */
const SIGNING = memory.data<u8>([
  77, 97, 103, 105, 99, 32, 115, 101, 114, 118, 101, 114, 32, 116, 111, 32, 99, 108, 105, 101, 110, 116, 32,
  115, 105, 103, 110, 105, 110, 103, 32, 99, 111, 110, 115, 116, 97, 110, 116,
]);
const SIGNING_BYTES: u32 = 39;
/** Pad to make it do more than one iteration */
const ITERATION = memory.data<u8>([
  80, 97, 100, 32, 116, 111, 32, 109, 97, 107, 101, 32, 105, 116, 32, 100, 111, 32, 109, 111, 114, 101, 32,
  116, 104, 97, 110, 32, 111, 110, 101, 32, 105, 116, 101, 114, 97, 116, 105, 111, 110,
]);
const ITERATION_BYTES: u32 = 41;
/** This is the MPPE Master Key */
const MASTER = memory.data<u8>([
  84, 104, 105, 115, 32, 105, 115, 32, 116, 104, 101, 32, 77, 80, 80, 69, 32, 77, 97, 115, 116, 101, 114, 32,
  75, 101, 121,
]);
const MASTER_BYTES: u32 = 27;
/** On the client side, this is the receive key; on the server side, it is the send key. */
const RECEIVED = memory.data<u8>([
  79, 110, 32, 116, 104, 101, 32, 99, 108, 105, 101, 110, 116, 32, 115, 105, 100, 101, 44, 32, 116, 104, 105,
  115, 32, 105, 115, 32, 116, 104, 101, 32, 114, 101, 99, 101, 105, 118, 101, 32, 107, 101, 121, 59, 32, 111,
  110, 32, 116, 104, 101, 32, 115, 101, 114, 118, 101, 114, 32, 115, 105, 100, 101, 44, 32, 105, 116, 32, 105,
  115, 32, 116, 104, 101, 32, 115, 101, 110, 100, 32, 107, 101, 121, 46,
]);
/** On the client side, this is the send key; on the server side, it is the receive key. */
const SENT = memory.data<u8>([
  79, 110, 32, 116, 104, 101, 32, 99, 108, 105, 101, 110, 116, 32, 115, 105, 100, 101, 44, 32, 116, 104, 105,
  115, 32, 105, 115, 32, 116, 104, 101, 32, 115, 101, 110, 100, 32, 107, 101, 121, 59, 32, 111, 110, 32, 116,
  104, 101, 32, 115, 101, 114, 118, 101, 114, 32, 115, 105, 100, 101, 44, 32, 105, 116, 32, 105, 115, 32, 116,
  104, 101, 32, 114, 101, 99, 101, 105, 118, 101, 32, 107, 101, 121, 46,
]);
const SENT_BYTES: u32 = 84;

const GROUP: u32 = 32 * LANES;

/** Candidates whose block waits in the rows. */
let queued: u32 = 0;

/** Replaces the peer's challenge in a request by the challenge hash, 8 bytes (RFC 2759 section 8.2). */
export function challengeHash<L>(request: u32): void {
  const name: u32 = load<u8>(request, REQUEST_NAME_LENGTH);
  copy(TEXT_AT, request + REQUEST_PEER_CHALLENGE, 16);
  copy(TEXT_AT + 16, request + REQUEST_CHALLENGE, 16);
  copy(TEXT_AT + 32, request + REQUEST_NAME, name);
  sha1Text<L>(32 + name);
  writeDigest(request + REQUEST_PEER_CHALLENGE, 2);
}

/** Writes the lane's candidate password in UTF-16, least significant byte first, to TEXT_AT; answers its bytes, at most 80. */
export function ntText(lane: u32): u32 {
  const from = TEXT_AT + 128;
  const end = from + writePassword(from, lane);
  let to = TEXT_AT;
  for (let at = from; at < end; ) {
    const lead: u32 = load<u8>(at++);
    let point = lead;
    if (lead >= 0xc0) {
      const more: u32 = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
      point = lead & (0x3f >>> more);
      for (let i: u32 = 0; i < more; i++) point = (point << 6) | (load<u8>(at++) & 0x3f);
    }
    if (point >= 0x10000) {
      store<u8>(to++, (point - 0x10000) >>> 10);
      store<u8>(to++, 0xd8 | ((point - 0x10000) >>> 18));
      point = 0xdc00 | (point & 0x3ff);
    }
    store<u8>(to++, point);
    store<u8>(to++, point >>> 8);
  }
  return to - TEXT_AT;
}

/** Queues the lane's candidate, whose NT hash is in its digest; the first DES key is the hash's first seven bytes. */
export function queueRow<L>(lane: u32): void {
  const plan = planIn(lane);
  const high = bswap<u32>(load<u32>(DIGEST_AT + lane * 4));
  const low = bswap<u32>(load<u32>(DIGEST_AT + (LANES + lane) * 4));
  writeRow(queued, high, low & 0xffffff00, load<u32>(plan, PLAN_REQUEST), 0);
  store<u8>(DES_OWNERS_AT + queued * 2, indexOf(plan));
  store<u8>(DES_OWNERS_AT + queued * 2, indexIn(lane), 1);
  if (++queued == GROUP) settleRows<L>();
}

/** Runs DES over the rows that wait and marks the candidates that match. */
export function settleRows<L>(): void {
  if (queued == 0) return;
  store<L>(DIGEST_AT, desMatches<L>());
  for (let c: u32 = 0; c < queued; c++) {
    const owner = DES_OWNERS_AT + c * 2;
    mark(planAt(load<u8>(owner)), load<u8>(owner, 1), rowMatches(c));
  }
  queued = 0;
}

/**
 * Whether the NT hash at `hash` (16 bytes) also gives the second and third block of the response. Their keys are the
 * hash's bytes 7 to 13, and 14 and 15 with zeros.
 */
export function confirm<L>(request: u32, hash: u32): bool {
  writeRow(0, loadBigEndian(hash + 7), loadBigEndian(hash + 11) & 0xffffff00, request, 8);
  writeRow(1, loadBigEndian(hash + 14) & 0xffff0000, 0, request, 16);
  store<L>(DIGEST_AT, desMatches<L>());
  return (rowMatches(0) & rowMatches(1)) != 0;
}

/** Row c: key, plaintext (the challenge hash), and the block expected at `offset` of the response. */
function writeRow(c: u32, keyHigh: u32, keyLow: u32, request: u32, offset: u32): void {
  const row = DES_ROWS_AT + c * 4;
  store<u32>(row, keyHigh);
  store<u32>(row, keyLow, 4 * GROUP);
  store<u32>(row, loadBigEndian(request + REQUEST_PEER_CHALLENGE), 8 * GROUP);
  store<u32>(row, loadBigEndian(request + REQUEST_PEER_CHALLENGE + 4), 12 * GROUP);
  store<u32>(row, loadBigEndian(request + REQUEST_RESPONSE + offset), 16 * GROUP);
  store<u32>(row, loadBigEndian(request + REQUEST_RESPONSE + offset + 4), 20 * GROUP);
}

/** Row c's bit of what desMatches left at DIGEST_AT. */
function rowMatches(c: u32): u32 {
  return (load<u32>(DIGEST_AT + (c % LANES) * 4) >>> (c / LANES)) & 1;
}

/** Writes the lane 0 digest's first 16 bytes, words with the least significant byte first: an NT hash. */
export function writeHash(at: u32): void {
  for (let w: u32 = 0; w < 4; w++) storeWord(at + w * 4, load<u32>(DIGEST_AT + w * 4 * LANES));
}

/**
 * From the NT hash at RESULT_MASTER_KEY: the authenticator response and the keys of a result.
 * RFC 2759 section 8.7, RFC 3079 sections 3.3 and 3.4.
 */
export function deriveKeys<L>(request: u32, result: u32): void {
  const hashHash = result + RESULT_RECEIVE_KEY; // its own place comes last
  copy(TEXT_AT, result + RESULT_MASTER_KEY, 16);
  pad(16, false);
  laneBlock(0, TEXT_AT, false);
  md5Start<L>();
  md4Block<L>();
  writeHash(hashHash);

  copy(TEXT_AT, hashHash, 16);
  copy(TEXT_AT + 16, request + REQUEST_RESPONSE, 24);
  sha1Text<L>(append(40, SIGNING as u32, SIGNING_BYTES));
  writeDigest(TEXT_AT, 5);
  copy(TEXT_AT + 20, request + REQUEST_PEER_CHALLENGE, 8);
  sha1Text<L>(append(28, ITERATION as u32, ITERATION_BYTES));
  writeDigest(result + RESULT_AUTHENTICATOR_RESPONSE, 5);

  copy(TEXT_AT, hashHash, 16);
  copy(TEXT_AT + 16, request + REQUEST_RESPONSE, 24);
  sha1Text<L>(append(40, MASTER as u32, MASTER_BYTES));
  writeDigest(result + RESULT_MASTER_KEY, 4);

  startKey<L>(result, RESULT_SEND_KEY, RECEIVED as u32);
  startKey<L>(result, RESULT_RECEIVE_KEY, SENT as u32);
}

/** One direction's start key of 128 bits, of the master key between pads. */
function startKey<L>(result: u32, field: u32, text: u32): void {
  copy(TEXT_AT, result + RESULT_MASTER_KEY, 16);
  zero(TEXT_AT + 16, 40);
  const length = append(56, text, SENT_BYTES);
  for (let i: u32 = 0; i < 40; i++) store<u8>(TEXT_AT + length + i, 0xf2);
  sha1Text<L>(length + 40);
  writeDigest(result + field, 4);
}

/** SHA-1 of `length` bytes at TEXT_AT, up to 183, in lane 0. */
function sha1Text<L>(length: u32): void {
  const blocks = pad(length, true);
  sha1Start<L>();
  for (let block: u32 = 0; block < blocks; block++) {
    laneBlock(0, TEXT_AT + block * 64, true);
    sha1Block<L>();
  }
}

/** Writes lane 0's SHA-1 digest, or its first words. */
function writeDigest(at: u32, words: u32): void {
  for (let w: u32 = 0; w < words; w++) storeBigEndian(at + w * 4, load<u32>(DIGEST_AT + w * 4 * LANES));
}

/** Appends a text to the `length` bytes at TEXT_AT; answers the new length. */
function append(length: u32, text: u32, bytes: u32): u32 {
  copy(TEXT_AT + length, text, bytes);
  return length + bytes;
}
