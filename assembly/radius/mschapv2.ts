// What a peer is told after MS-CHAPv2: the authenticator response with keys for MPPE, or the error. RFC 2759 sections 5
// and 6, RFC 2548 sections 2.1.5, 2.3.3 and 2.4, RFC 3079.

import { copy } from "../bytes";
import { RESULT_AUTHENTICATOR_RESPONSE, RESULT_RECEIVE_KEY, RESULT_SEND_KEY } from "../abi";
import { SLOT_PACKET, SLOT_RESULT } from "./abi";
import { store16BigEndian } from "./attributes";
import {
  AUTHENTICATOR_AT,
  MS_CHAP2_SUCCESS,
  MS_CHAP_ERROR,
  MS_MPPE_ENCRYPTION_POLICY,
  MS_MPPE_ENCRYPTION_TYPES,
  MS_MPPE_RECV_KEY,
  MS_MPPE_SEND_KEY,
  OP_FAILURE,
  OP_SUCCESS,
} from "./dictionary";
import { openMsChapV2 } from "./eap";
import { takeByte, takeBytes } from "./entropy";
import { HIDDEN_KEY_BYTES, hideKey } from "./hidden";
import { at, MESSAGE_AT, SAVED_AT, Slot } from "./layout";
import { openMicrosoft } from "./reply";
import { printHexadecimal } from "./waiting";
import { DENIED, DENIED_BYTES, ERROR_HEAD, ERROR_HEAD_BYTES, ERROR_TAIL, ERROR_TAIL_BYTES } from "./words";

const RESPONSE: u32 = 20;
const CHALLENGE: u32 = 16;
/** "S=" and 40 digits. */
const SUCCESS_BYTES: u32 = 2 + 2 * RESPONSE;
/** " M=OK" */
const OK_BYTES: u32 = 5;
const ERROR_BYTES: u32 = ERROR_HEAD_BYTES + 2 * CHALLENGE + ERROR_TAIL_BYTES + DENIED_BYTES;

/** What an Access-Accept holds after MS-CHAPv2: encryption is allowed, not required, by 128-bit RC4 only. */
export function putSuccess(slot: u32, client: u32): void {
  const success = openMicrosoft(slot, MS_CHAP2_SUCCESS, 1 + SUCCESS_BYTES);
  store<u8>(success, at<Slot>(slot).msIdentifier);
  printSuccess(success + 1, slot);
  putKeys(slot, client);
  putMicrosoftNumber(slot, MS_MPPE_ENCRYPTION_POLICY, 1);
  putMicrosoftNumber(slot, MS_MPPE_ENCRYPTION_TYPES, 4);
}

/** Both keys, hidden; after EAP-MSCHAPv2 they are the MSK's two halves (RFC 3579 section 3.16 has them so). */
export function putKeys(slot: u32, client: u32): void {
  const first = takeByte() | 0x80;
  const second = takeByte();
  putKey(slot, client, MS_MPPE_SEND_KEY, RESULT_SEND_KEY, first, second);
  putKey(slot, client, MS_MPPE_RECV_KEY, RESULT_RECEIVE_KEY, first, second ^ 1);
}

/** What an Access-Reject holds after MS-CHAPv2. */
export function putError(slot: u32): void {
  const error = openMicrosoft(slot, MS_CHAP_ERROR, 1 + ERROR_BYTES);
  store<u8>(error, at<Slot>(slot).msIdentifier);
  printError(error + 1);
}

/** EAP-MSCHAPv2's Success Request. */
export function putEapSuccess(slot: u32, identifier: u32): void {
  const text = openMsChapV2(slot, identifier, OP_SUCCESS, at<Slot>(slot).msIdentifier, SUCCESS_BYTES + OK_BYTES);
  printSuccess(text, slot);
  // " M=OK"
  store<u8>(text, 0x20, SUCCESS_BYTES);
  store<u8>(text, 0x4d, SUCCESS_BYTES + 1);
  store<u8>(text, 0x3d, SUCCESS_BYTES + 2);
  store<u8>(text, 0x4f, SUCCESS_BYTES + 3);
  store<u8>(text, 0x4b, SUCCESS_BYTES + 4);
}

/** EAP-MSCHAPv2's Failure Request. */
export function putEapFailure(slot: u32, identifier: u32): void {
  printError(openMsChapV2(slot, identifier, OP_FAILURE, at<Slot>(slot).msIdentifier, ERROR_BYTES));
}

function putKey(slot: u32, client: u32, type: u32, key: u32, first: u32, second: u32): void {
  const value = openMicrosoft(slot, type, HIDDEN_KEY_BYTES);
  store<u8>(value, first);
  store<u8>(value, second, 1);
  hideKey(client, slot + SLOT_PACKET + AUTHENTICATOR_AT, slot + SLOT_RESULT + key, value, MESSAGE_AT);
}

function putMicrosoftNumber(slot: u32, type: u32, number: u32): void {
  const value = openMicrosoft(slot, type, 4);
  store16BigEndian(value, 0);
  store16BigEndian(value + 2, number);
}

/** "S=" and the authenticator response of the result of `slot`, SUCCESS_BYTES. */
export function printSuccess(to: u32, slot: u32): void {
  store<u8>(to, 0x53);
  store<u8>(to, 0x3d, 1);
  printHexadecimal(to + 2, slot + SLOT_RESULT + RESULT_AUTHENTICATOR_RESPONSE, RESPONSE, 0x41);
}

function printError(to: u32): void {
  copy(to, ERROR_HEAD, ERROR_HEAD_BYTES);
  takeBytes(SAVED_AT, CHALLENGE);
  printHexadecimal(to + ERROR_HEAD_BYTES, SAVED_AT, CHALLENGE, 0x41);
  to += ERROR_HEAD_BYTES + 2 * CHALLENGE;
  copy(to, ERROR_TAIL, ERROR_TAIL_BYTES);
  copy(to + ERROR_TAIL_BYTES, DENIED, DENIED_BYTES);
}
