// CHAP: MD5 over identifier, candidate password and challenge. RFC 1994 section 4.1; EAP-MD5 is the same (RFC 3748 5.4).

import { REQUEST_CHAP_CHALLENGE, REQUEST_RESPONSE } from "./abi";
import { copy } from "./bytes";
import { candidateIn } from "./candidate";
import { LANES, loadWord } from "./lane";
import { requestOf } from "./plan";
import { writePassword } from "./password";
import { digestOf, TEXT_AT } from "./scratch";

/** Writes the message of the lane's candidate to TEXT_AT; returns its bytes, at most 105. */
export function chapText(lane: u32): u32 {
  const request = requestOf(candidateIn(lane).plan);
  store<u8>(TEXT_AT, request.chapId);
  const length = 1 + writePassword(TEXT_AT + 1, lane);
  const challenge: u32 = request.length;
  copy(TEXT_AT + length, request.at + REQUEST_CHAP_CHALLENGE, challenge);
  return length + challenge;
}

/** 1 if the lane's digest is the response, else 0, in constant time. */
export function chapMatches(lane: u32): u32 {
  const response = requestOf(candidateIn(lane).plan).at + REQUEST_RESPONSE;
  let difference: u32 = 0;
  for (let w: u32 = 0; w < 4; w++) {
    difference |= load<u32>(digestOf(lane) + w * 4 * LANES) ^ loadWord(response + w * 4);
  }
  return (difference == 0) as u32;
}
