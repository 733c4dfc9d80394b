// What a match of MS-CHAPv2 yields: the authenticator's response (RFC 2759 section 8.7), and the master key and start
// keys of MPPE (RFC 3079 section 3).

import {
  REQUEST_PEER_CHALLENGE,
  REQUEST_RESPONSE,
  RESULT_AUTHENTICATOR_RESPONSE,
  RESULT_MASTER_KEY,
  RESULT_RECEIVE_KEY,
  RESULT_SEND_KEY,
} from "./abi";
import { copy, laneBlock, pad, storeWord, zero } from "./bytes";
import { LANES } from "./lane";
import { md4Block } from "./md4";
import { md5Start } from "./md5";
import { Request, Result } from "./rows";
import { DIGEST_AT, TEXT_AT } from "./scratch";
import { sha1Text, writeSha1 } from "./sha1";

// The texts of both as bytes, since the compiler would keep strings as UTF-16; before each its length.
const TEXTS = memory.data<u8>([
  // Magic server to client signing constant
  39, 77, 97, 103, 105, 99, 32, 115, 101, 114, 118, 101, 114, 32, 116, 111, 32, 99, 108, 105, 101, 110,
  116, 32, 115, 105, 103, 110, 105, 110, 103, 32, 99, 111, 110, 115, 116, 97, 110, 116,
  // Pad to make it do more than one iteration
  41, 80, 97, 100, 32, 116, 111, 32, 109, 97, 107, 101, 32, 105, 116, 32, 100, 111, 32, 109, 111, 114, 101,
  32, 116, 104, 97, 110, 32, 111, 110, 101, 32, 105, 116, 101, 114, 97, 116, 105, 111, 110,
  // This is the MPPE Master Key
  27, 84, 104, 105, 115, 32, 105, 115, 32, 116, 104, 101, 32, 77, 80, 80, 69, 32, 77, 97, 115, 116, 101,
  114, 32, 75, 101, 121,
  // On the client side, this is the
  32, 79, 110, 32, 116, 104, 101, 32, 99, 108, 105, 101, 110, 116, 32, 115, 105, 100, 101, 44, 32, 116,
  104, 105, 115, 32, 105, 115, 32, 116, 104, 101, 32,
  // key; on the server side, it is the
  36, 32, 107, 101, 121, 59, 32, 111, 110, 32, 116, 104, 101, 32, 115, 101, 114, 118, 101, 114, 32, 115,
  105, 100, 101, 44, 32, 105, 116, 32, 105, 115, 32, 116, 104, 101, 32,
  // receive
  7, 114, 101, 99, 101, 105, 118, 101,
  // send
  4, 115, 101, 110, 100,
  // key.
  5, 32, 107, 101, 121, 46,
]);
const SIGNING: u32 = 0;
const ITERATION: u32 = SIGNING + 40;
const MASTER: u32 = ITERATION + 42;
const CLIENT: u32 = MASTER + 28;
const SERVER: u32 = CLIENT + 33;
const RECEIVE: u32 = SERVER + 37;
const SEND: u32 = RECEIVE + 8;
const END: u32 = SEND + 5;

/**
 * From the NT hash at RESULT_MASTER_KEY: the authenticator response and the keys of a result.
 * RFC 2759 section 8.7, RFC 3079 sections 3.3 and 3.4.
 */
export function deriveKeys<L>(request: Request, result: Result): void {
  const hashHash = result.at + RESULT_RECEIVE_KEY; // its own place comes last
  copy(TEXT_AT, result.at + RESULT_MASTER_KEY, 16);
  pad(16, false);
  laneBlock(0, TEXT_AT, false);
  md5Start<L>();
  md4Block<L>();
  writeHash(hashHash);

  hashResponse<L>(request, hashHash, SIGNING);
  writeSha1(TEXT_AT, 5);
  copy(TEXT_AT + 20, request.at + REQUEST_PEER_CHALLENGE, 8);
  sha1Text<L>(append(28, ITERATION));
  writeSha1(result.at + RESULT_AUTHENTICATOR_RESPONSE, 5);

  hashResponse<L>(request, hashHash, MASTER);
  writeSha1(result.at + RESULT_MASTER_KEY, 4);

  startKey<L>(result, RESULT_SEND_KEY, RECEIVE, SEND);
  startKey<L>(result, RESULT_RECEIVE_KEY, SEND, RECEIVE);
}

/** SHA-1 of the hash of the NT hash, the response and a text. */
function hashResponse<L>(request: Request, hashHash: u32, text: u32): void {
  copy(TEXT_AT, hashHash, 16);
  copy(TEXT_AT + 16, request.at + REQUEST_RESPONSE, 24);
  sha1Text<L>(append(40, text));
}

/** One direction's start key of 128 bits, of the master key between pads and the words for what it is to the client and to the server. */
function startKey<L>(result: Result, field: u32, client: u32, server: u32): void {
  copy(TEXT_AT, result.at + RESULT_MASTER_KEY, 16);
  zero(TEXT_AT + 16, 40);
  let length = append(56, CLIENT);
  length = append(length, client);
  length = append(length, SERVER);
  length = append(length, server);
  length = append(length, END);
  for (let i: u32 = 0; i < 40; i++) store<u8>(TEXT_AT + length + i, 0xf2);
  sha1Text<L>(length + 40);
  writeSha1(result.at + field, 4);
}

/** Writes the lane 0 digest's first 16 bytes, words with the least significant byte first: an NT hash. */
export function writeHash(at: u32): void {
  for (let w: u32 = 0; w < 4; w++) storeWord(at + w * 4, load<u32>(DIGEST_AT + w * 4 * LANES));
}

/** Appends one of TEXTS to the `length` bytes at TEXT_AT; returns the new length. */
function append(length: u32, text: u32): u32 {
  const bytes: u32 = load<u8>((TEXTS as u32) + text);
  copy(TEXT_AT + length, (TEXTS as u32) + text + 1, bytes);
  return length + bytes;
}
