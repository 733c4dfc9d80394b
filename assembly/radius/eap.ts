// EAP over RADIUS: Identity, MSCHAPv2 offered first, a Nak followed, the proof read, the outcome told. RFC 3579 sections 2
// and 3, RFC 3748 sections 4 and 5, draft-kamath-pppext-eap-mschapv2-02 section 2.

import { copy } from "../bytes";
import { READ_ACKNOWLEDGED, READ_LOGIN, READ_REFUSED, READ_STEP, REASON_BAD_EAP, REASON_DISTRUST, REASON_EXPIRED, REASON_NO_METHOD, REASON_TOLD, ROW_SECOND } from "./abi";
import { find, findNext, load16BigEndian, store16BigEndian, valueAt, valueLength } from "./attributes";
import {
  FLAG_FAILED,
  FLAG_NAKED,
  isSealed,
  seal,
  SEALED_BYTES,
  SEALED_CHALLENGE,
  sealedFlags,
  sealedIdentifier,
  sealedMethod,
} from "./conversation";
import { ACCESS_CHALLENGE, ACCESS_REJECT, EAP_FAILURE, EAP_GTC, EAP_IDENTITY, EAP_MD5, EAP_MESSAGE, EAP_MSCHAPV2, EAP_NAK, EAP_REQUEST, EAP_RESPONSE, OP_CHALLENGE, OP_RESPONSE, OP_SUCCESS, STATE } from "./dictionary";
import { takeByte, takeBytes } from "./entropy";
import { at, Client, MESSAGE_AT, MESSAGE_ROOM, Slot } from "./layout";
import { promptBytes, promptText } from "./prompt";
import { PHASE_ACKNOWLEDGED, PHASE_EAP, putChap, putClear, putMsChapV2 } from "./proofs";
import { begin, finish, open, put } from "./reply";
import { putWaiting, STATE_LETTERS, takeWaiting, WAITING_CODE, WAITING_SUCCESS } from "./waiting";
import { SERVER_NAME, SERVER_NAME_BYTES } from "./words";

const CHALLENGE: u32 = 16;

/** Reads an Access-Request with EAP-Message; returns READ_*. */
export function readEap(slot: u32, client: u32, now: u32): u32 {
  const length = joinMessage(slot);
  const head = at<Slot>(slot);
  // An empty message starts a conversation (RFC 3579 section 2.1).
  if (length == 0) return askIdentity(slot, client);
  head.identifier = load<u8>(MESSAGE_AT, 1);
  const size: u32 = length < 5 ? 0 : load16BigEndian(MESSAGE_AT + 2);
  if (size < 5 || size > length || load<u8>(MESSAGE_AT) != EAP_RESPONSE) return refuse(slot, client, REASON_BAD_EAP);
  const type: u32 = load<u8>(MESSAGE_AT, 4);
  const identifier: u32 = head.identifier;
  const next = (identifier + 1) & 255;
  if (type == EAP_IDENTITY) return offer(slot, client, EAP_MSCHAPV2, next, 0, now);

  const stateIs = find(slot, STATE);
  if (stateIs == 0) return refuse(slot, client, REASON_EXPIRED);
  const state = valueAt(slot, stateIs);
  const stateLength = valueLength(slot, stateIs);
  if (stateLength == STATE_LETTERS) {
    const waiting = takeWaiting(slot, at<Client>(client).id, state, stateLength, now);
    const expected: u32 = head.identifier;
    head.identifier = identifier as u8;
    if (waiting == 0) return refuse(slot, client, REASON_EXPIRED);
    if (identifier != expected) return refuse(slot, client, REASON_BAD_EAP);
    head.method = type as u8;
    if (waiting == WAITING_CODE && type == EAP_GTC) {
      head.flags |= ROW_SECOND as u8;
      head.phase = PHASE_EAP as u8;
      putClear(slot, MESSAGE_AT + 5, size - 5);
      return READ_LOGIN;
    }
    if (waiting != WAITING_SUCCESS || type != EAP_MSCHAPV2) return refuse(slot, client, REASON_BAD_EAP);
    if (size < 6 || load<u8>(MESSAGE_AT, 5) != OP_SUCCESS) return refuse(slot, client, REASON_DISTRUST);
    head.phase = PHASE_ACKNOWLEDGED as u8;
    return READ_ACKNOWLEDGED;
  }
  if (!isSealed(slot, client, state, stateLength, now)) return refuse(slot, client, REASON_EXPIRED);
  if (sealedIdentifier(state) != identifier) return refuse(slot, client, REASON_BAD_EAP);
  if (sealedFlags(state) & FLAG_FAILED) return refuse(slot, client, REASON_TOLD);
  const method = sealedMethod(state);
  if (type == EAP_NAK) {
    const wanted = (sealedFlags(state) & FLAG_NAKED) != 0 ? 0 : wantedMethod(size, method);
    if (wanted == 0) return refuse(slot, client, REASON_NO_METHOD);
    return offer(slot, client, wanted, next, FLAG_NAKED, now);
  }
  head.method = method as u8;
  if (type != method || !readProof(slot, state + SEALED_CHALLENGE, size)) return refuse(slot, client, REASON_BAD_EAP);
  head.phase = PHASE_EAP as u8;
  return READ_LOGIN;
}

/** Ends a conversation: Access-Reject with EAP Failure. */
export function refuse(slot: u32, client: u32, reason: u32): u32 {
  at<Slot>(slot).reason = reason as u8;
  begin(slot, ACCESS_REJECT);
  putEnd(slot, EAP_FAILURE);
  finish(slot, client);
  return READ_REFUSED;
}

/** EAP Success or Failure, which has no data. */
export function putEnd(slot: u32, code: u32): void {
  const message = open(slot, EAP_MESSAGE, 4);
  store<u8>(message, code);
  store<u8>(message, at<Slot>(slot).identifier, 1);
  store16BigEndian(message + 2, 4);
}

/** Opens an EAP Request with `length` bytes of data behind its type; returns where they go. */
export function openRequest(slot: u32, identifier: u32, type: u32, length: u32): u32 {
  const message = open(slot, EAP_MESSAGE, 5 + length);
  store<u8>(message, EAP_REQUEST);
  store<u8>(message, identifier, 1);
  store16BigEndian(message + 2, 5 + length);
  store<u8>(message, type, 4);
  return message + 5;
}

/** Opens EAP-MSCHAPv2's Request with `length` bytes behind its head. */
export function openMsChapV2(slot: u32, identifier: u32, opcode: u32, msIdentifier: u32, length: u32): u32 {
  const data = openRequest(slot, identifier, EAP_MSCHAPV2, 4 + length);
  store<u8>(data, opcode);
  store<u8>(data, msIdentifier, 1);
  store16BigEndian(data + 2, 4 + length);
  return data + 4;
}

/** Asks for the code, by GTC, after a right password. */
export function askCode(slot: u32, client: u32, now: u32): void {
  const next = nextIdentifier(slot);
  begin(slot, ACCESS_CHALLENGE);
  copy(openRequest(slot, next, EAP_GTC, promptBytes()), promptText(), promptBytes());
  putWaiting(slot, at<Client>(client).id, WAITING_CODE, now, open(slot, STATE, STATE_LETTERS));
}

/** EAP's identifier of the next request. */
export function nextIdentifier(slot: u32): u32 {
  const head = at<Slot>(slot);
  head.identifier = (head.identifier + 1) as u8;
  return head.identifier;
}

/** Seals a State whose conversation is over, for the acknowledgement of a failure. */
export function putFailed(slot: u32, client: u32, identifier: u32, now: u32): void {
  putSealed(slot, client, EAP_MSCHAPV2, identifier, FLAG_FAILED, now);
}

function askIdentity(slot: u32, client: u32): u32 {
  begin(slot, ACCESS_CHALLENGE);
  openRequest(slot, takeByte(), EAP_IDENTITY, 0);
  finish(slot, client);
  return READ_STEP;
}

/** The first request of a method, with a State that holds its challenge. */
function offer(slot: u32, client: u32, method: u32, identifier: u32, flags: u32, now: u32): u32 {
  begin(slot, ACCESS_CHALLENGE);
  let challenge: u32 = 0;
  if (method == EAP_GTC) {
    copy(openRequest(slot, identifier, EAP_GTC, promptBytes()), promptText(), promptBytes());
  } else {
    const length = 1 + CHALLENGE + SERVER_NAME_BYTES;
    const data =
      method == EAP_MSCHAPV2
        ? openMsChapV2(slot, identifier, OP_CHALLENGE, identifier, length)
        : openRequest(slot, identifier, EAP_MD5, length);
    store<u8>(data, CHALLENGE);
    challenge = data + 1;
    copy(challenge + CHALLENGE, SERVER_NAME, SERVER_NAME_BYTES);
  }
  const sealed = putSealed(slot, client, method, identifier, flags, now);
  if (challenge != 0) copy(challenge, sealed + SEALED_CHALLENGE, CHALLENGE);
  finish(slot, client);
  return READ_STEP;
}

function putSealed(slot: u32, client: u32, method: u32, identifier: u32, flags: u32, now: u32): u32 {
  const state = open(slot, STATE, SEALED_BYTES);
  takeBytes(state + SEALED_CHALLENGE, CHALLENGE);
  seal(slot, client, state, method, identifier, flags, now);
  return state;
}

/** Joins the EAP-Message attributes (RFC 3579 section 3.1) at MESSAGE_AT; what is longer than there is room for is cut. */
function joinMessage(slot: u32): u32 {
  let length: u32 = 0;
  for (let here = find(slot, EAP_MESSAGE); here != 0; here = findNext(slot, EAP_MESSAGE, here)) {
    const more = min<u32>(valueLength(slot, here), MESSAGE_ROOM - length);
    copy(MESSAGE_AT + length, valueAt(slot, here), more);
    length += more;
  }
  return length;
}

/** The method that a Nak asks for: the first of its list that is offered here and was not refused; 0 where there is none. */
function wantedMethod(size: u32, refused: u32): u32 {
  for (let i: u32 = 5; i < size; i++) {
    const type: u32 = load<u8>(MESSAGE_AT + i);
    if (type != refused && (type == EAP_MSCHAPV2 || type == EAP_GTC || type == EAP_MD5)) return type;
  }
  return 0;
}

/** Reads the proof in the message of `size` bytes; false where it is not well formed. */
function readProof(slot: u32, challenge: u32, size: u32): bool {
  const head = at<Slot>(slot);
  const data = MESSAGE_AT + 5;
  const length = size - 5;
  if (head.method == EAP_GTC) {
    putClear(slot, data, length);
    return true;
  }
  if (head.method == EAP_MD5) {
    if (length < 17 || load<u8>(data) != 16) return false;
    putChap(slot, head.identifier, challenge, CHALLENGE, data + 1);
    return true;
  }
  // OpCode, MS-CHAPv2-ID, MS-Length, Value-Size 49, Peer-Challenge, 8 reserved, NT-Response, Flags, Name.
  if (length < 54 || load<u8>(data) != OP_RESPONSE || load<u8>(data, 4) != 49) return false;
  const end = load16BigEndian(data + 2);
  if (end < 54 || end > length) return false;
  head.msIdentifier = load<u8>(data, 1);
  putMsChapV2(slot, challenge, data + 5, data + 29, data + 54, end - 54);
  return true;
}
