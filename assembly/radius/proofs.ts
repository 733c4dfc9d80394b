// A proof becomes the core's request, whole: PAP, CHAP, MS-CHAPv2. RFC 2865 sections 5.2, 5.3 and 5.40, RFC 1994,
// RFC 2548 sections 2.1.2 and 2.3.

import { copy } from "../bytes";
import {
  CHALLENGE_BYTES,
  FLAG_SECOND,
  NAME_BYTES,
  PROOF_CHAP,
  PROOF_CLEAR,
  PROOF_MSCHAPV2,
  REQUEST_CHALLENGE,
  REQUEST_CHAP_CHALLENGE,
  REQUEST_CHAP_ID,
  REQUEST_FLAGS,
  REQUEST_LENGTH,
  REQUEST_NAME,
  REQUEST_NAME_LENGTH,
  REQUEST_PEER_CHALLENGE,
  REQUEST_PROOF,
  REQUEST_RESPONSE,
  REQUEST_TEXT,
  REQUEST_TYPE,
  TEXT_BYTES,
} from "../abi";
import { REASON_BAD_PROOF, REASON_EXPIRED, REASON_MSCHAPV1, REASON_NO_PROOF, REASON_UNSIGNED_CHAP, ROW_SECOND, ROW_SIGNED, SLOT_PACKET, SLOT_REQUEST } from "./abi";
import { find, findVendor, valueAt, valueLength } from "./attributes";
import { lastOf } from "./dial-in";
import {
  AUTHENTICATOR_AT,
  AUTHENTICATOR_BYTES,
  CHAP_CHALLENGE,
  CHAP_PASSWORD,
  MICROSOFT,
  MS_CHAP2_RESPONSE,
  MS_CHAP_CHALLENGE,
  MS_CHAP_RESPONSE,
  STATE,
  USER_NAME,
  USER_PASSWORD,
} from "./dictionary";
import { revealPassword } from "./hidden";
import { at, Client, MESSAGE_AT, Slot } from "./layout";
import { takeWaiting, WAITING_CHALLENGE } from "./waiting";

/** What answer() will write, by how the proof came. */
export const PHASE_NONE: u32 = 0;
export const PHASE_PAP: u32 = 1;
export const PHASE_CHAP: u32 = 2;
export const PHASE_MSCHAPV2: u32 = 3;
export const PHASE_EAP: u32 = 4;
export const PHASE_ACKNOWLEDGED: u32 = 5;
export const PHASE_ACCOUNTING: u32 = 6;

/** Reads the proof of an Access-Request without EAP; returns 0, or the REASON_* why it cannot be judged. */
export function readProof(slot: u32, client: u32, now: u32): u32 {
  const hidden = find(slot, USER_PASSWORD);
  if (hidden != 0) return readPap(slot, client, hidden, now);
  const chap = find(slot, CHAP_PASSWORD);
  if (chap != 0) return readChap(slot, client, chap);
  const challenge = findVendor(slot, MICROSOFT, MS_CHAP_CHALLENGE, 16);
  const response = findVendor(slot, MICROSOFT, MS_CHAP2_RESPONSE, 50);
  if (challenge != 0 && response != 0) {
    const name = find(slot, USER_NAME);
    at<Slot>(slot).phase = PHASE_MSCHAPV2 as u8;
    at<Slot>(slot).msIdentifier = load<u8>(response);
    putMsChapV2(slot, challenge, response + 2, response + 26, valueAt(slot, name), valueLength(slot, name));
    return 0;
  }
  if (findVendor(slot, MICROSOFT, MS_CHAP2_RESPONSE, 0) != 0) return REASON_BAD_PROOF;
  return findVendor(slot, MICROSOFT, MS_CHAP_RESPONSE, 0) != 0 ? REASON_MSCHAPV1 : REASON_NO_PROOF;
}

function readPap(slot: u32, client: u32, hidden: u32, now: u32): u32 {
  const length = valueLength(slot, hidden);
  if (length > 128 || (length & 15) != 0) return REASON_BAD_PROOF;
  const head = at<Slot>(slot);
  head.phase = PHASE_PAP as u8;
  const state = find(slot, STATE);
  if (state != 0) {
    if (takeWaiting(slot, at<Client>(client).id, valueAt(slot, state), valueLength(slot, state), now) != WAITING_CHALLENGE)
      return REASON_EXPIRED;
    head.flags |= ROW_SECOND as u8;
  }
  const typed = revealPassword(client, slot + SLOT_PACKET + AUTHENTICATOR_AT, valueAt(slot, hidden), length, MESSAGE_AT);
  putClear(slot, MESSAGE_AT, typed);
  return 0;
}

function readChap(slot: u32, client: u32, chap: u32): u32 {
  if (valueLength(slot, chap) != 17) return REASON_BAD_PROOF;
  if (at<Client>(client).chap == 0 && (at<Slot>(slot).flags & ROW_SIGNED) == 0) return REASON_UNSIGNED_CHAP;
  at<Slot>(slot).phase = PHASE_CHAP as u8;
  const value = valueAt(slot, chap);
  const challenge = find(slot, CHAP_CHALLENGE);
  const from = challenge != 0 ? valueAt(slot, challenge) : slot + SLOT_PACKET + AUTHENTICATOR_AT;
  putChap(slot, load<u8>(value), from, challenge != 0 ? valueLength(slot, challenge) : AUTHENTICATOR_BYTES, value + 1);
  return 0;
}

/** A clear text as typed. One that is too long is clipped, and its true length tells the core. */
export function putClear(slot: u32, from: u32, length: u32): void {
  const request = begin(slot, PROOF_CLEAR);
  store<u8>(request, min<u32>(length, 255), REQUEST_LENGTH);
  copy(request + REQUEST_TEXT, from, min<u32>(length, TEXT_BYTES));
}

export function putChap(slot: u32, id: u32, challenge: u32, length: u32, response: u32): void {
  const request = begin(slot, PROOF_CHAP);
  store<u8>(request, length, REQUEST_LENGTH);
  store<u8>(request, id, REQUEST_CHAP_ID);
  copy(request + REQUEST_RESPONSE, response, 16);
  copy(request + REQUEST_CHAP_CHALLENGE, challenge, min<u32>(length, CHALLENGE_BYTES));
}

/** MS-CHAPv2, with the name as the peer hashed it: what follows the last "\" (RFC 2759 section 4; pppd, Windows). */
export function putMsChapV2(slot: u32, challenge: u32, peer: u32, response: u32, name: u32, length: u32): void {
  const request = begin(slot, PROOF_MSCHAPV2);
  const domain = (lastOf(name, length, 0x5c) + 1) as u32;
  length -= domain;
  store<u8>(request, length, REQUEST_NAME_LENGTH);
  copy(request + REQUEST_RESPONSE, response, 24);
  copy(request + REQUEST_CHALLENGE, challenge, 16);
  copy(request + REQUEST_PEER_CHALLENGE, peer, 16);
  copy(request + REQUEST_NAME, name + domain, min<u32>(length, NAME_BYTES));
}

function begin(slot: u32, proof: u32): u32 {
  const request = slot + SLOT_REQUEST;
  const head = at<Slot>(slot);
  store<u8>(request, proof, REQUEST_PROOF);
  store<u8>(request, (head.flags & ROW_SECOND) != 0 ? FLAG_SECOND : 0, REQUEST_FLAGS);
  store<u8>(request, head.type, REQUEST_TYPE);
  return request;
}
