// A datagram is read: may it speak, has it come before, what does it ask; and what the host has found becomes a reply.
// RFC 2865 section 4, RFC 2866 section 4, RFC 3579 section 3.2, RFC 5080 section 2.2, RFC 5176 section 3.5, RFC 5997.

import { storeWord, zero } from "../bytes";
import { RESULT_BYTES } from "../abi";
import { EXTRA_BYTES, OUTCOME_ACCEPT, OUTCOME_CONTINUE, RADIUS_INDEX, RADIUS_OK, READ_ACCOUNTING, READ_AUTHENTICATOR, READ_DUPLICATE, READ_ENTROPY, READ_LOGIN, READ_MALFORMED, READ_NOT_OFFERED, READ_REFUSED, READ_REPEATED, READ_SLOT, READ_STATUS, READ_UNSIGNED, REASON_NO_NAME, ROW_CAN_CHALLENGE, ROW_SIGNED, SIGNED_AUTO, SIGNED_MUST, SLOTS_AT, SLOT_BYTES, SLOT_CLIENT, SLOT_COPY, SLOT_LENGTH, SLOT_NAME, SLOT_NOTE, SLOT_PACKET, SLOT_PACKET_LENGTH, SLOT_REPLY_LENGTH, SLOT_RESULT, SLOT_STATION } from "./abi";
import { find, valueAt, walk } from "./attributes";
import { clientAt } from "./clients";
import { describe } from "./dial-in";
import { ACCESS_ACCEPT, ACCESS_CHALLENGE, ACCESS_REJECT, ACCESS_REQUEST, ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE, COA_NAK, COA_REQUEST, DISCONNECT_NAK, DISCONNECT_REQUEST, EAP_FAILURE, EAP_GTC, EAP_MESSAGE, EAP_MSCHAPV2, EAP_SUCCESS, ERROR_CAUSE, MESSAGE_AUTHENTICATOR, REPLY_MESSAGE, STATE, STATUS_SERVER, UNSUPPORTED_EXTENSION } from "./dictionary";
import { forgetDigests } from "./digest";
import { findCopy, forgetPacket, keepPacket, takeReply } from "./duplicates";
import { askCode, nextIdentifier, putEnd, putFailed, readEap } from "./eap";
import { hasEntropy, tellEntropy } from "./entropy";
import {
  at,
  Client,
  host16,
  MESSAGE_AT,
  MESSAGE_ROOM,
  SAVED_AT,
  Slot,
  tell16,
  TEXT,
  TEXT_ROOM,
} from "./layout";
import { putEapFailure, putEapSuccess, putError, putKeys, putSuccess } from "./mschapv2";
import {
  PHASE_ACCOUNTING,
  PHASE_ACKNOWLEDGED,
  PHASE_EAP,
  PHASE_MSCHAPV2,
  PHASE_NONE,
  PHASE_PAP,
  readProof,
} from "./proofs";
import { promptBytes, promptText } from "./prompt";
import { begin, finish, open, put, putExtra, putNumber } from "./reply";
import { checkMessage, checkRequest } from "./signatures";
import { CLIENTS, SLOTS } from "./sizes";
import { putWaiting, STATE_LETTERS, WAITING_CHALLENGE, WAITING_SUCCESS } from "./waiting";
import { DENIED, DENIED_BYTES } from "./words";

/** The address of a slot. */
@inline
export function slotAt(index: u32): u32 {
  return SLOTS_AT + index * SLOT_BYTES;
}

/** Reads the datagram in slot `index`; returns READ_*, which the slot keeps. */
export function readSlot(index: u32, now: u32): u32 {
  if (index >= SLOTS) return READ_SLOT;
  const slot = slotAt(index);
  const head = at<Slot>(slot);
  head.client = host16(slot + SLOT_CLIENT) as u16;
  head.length = host16(slot + SLOT_LENGTH) as u16;
  if (head.client >= CLIENTS || at<Client>(clientAt(head.client)).id == 0) return READ_SLOT;
  if (!hasEntropy()) return READ_ENTROPY;
  head.reason = 0;
  head.flags = 0;
  head.name = 0;
  head.nameLength = 0;
  head.type = 0;
  head.station = 0;
  head.stationLength = 0;
  head.phase = PHASE_NONE as u8;
  head.replyLength = 0;
  head.method = 0;
  head.identifier = 0;
  head.msIdentifier = 0;
  head.copy = 0;
  zero(slot + SLOT_NOTE, SLOT_RESULT + RESULT_BYTES - SLOT_NOTE);
  const read = take(slot, clientAt(head.client), now);
  head.read = read as u8;
  tell16(slot + SLOT_NAME, head.name);
  tell16(slot + SLOT_STATION, head.station);
  tell16(slot + SLOT_PACKET_LENGTH, head.packetLength);
  tell16(slot + SLOT_REPLY_LENGTH, head.replyLength);
  storeWord(slot + SLOT_COPY, read == READ_REPEATED ? head.copy : 0);
  tellEntropy();
  wipeTexts(MESSAGE_ROOM);
  return read;
}

function take(slot: u32, client: u32, now: u32): u32 {
  if (!walk(slot)) return READ_MALFORMED;
  const head = at<Slot>(slot);
  const code: u32 = load<u8>(slot + SLOT_PACKET);
  const isRequest = code == DISCONNECT_REQUEST || code == COA_REQUEST;
  if (!isRequest && code != STATUS_SERVER && code != (head.accounting ? ACCOUNTING_REQUEST : ACCESS_REQUEST))
    return READ_MALFORMED;
  const known = findCopy(slot, client, now);
  if (known != 0) return takeReply(slot, known) ? READ_DUPLICATE : READ_REPEATED;

  const wrong = checkSignature(slot, client, isRequest || code == ACCOUNTING_REQUEST);
  if (wrong != 0) return wrong;
  keepPacket(slot, client, now);
  if (isRequest) {
    begin(slot, code == COA_REQUEST ? COA_NAK : DISCONNECT_NAK);
    putNumber(slot, ERROR_CAUSE, UNSUPPORTED_EXTENSION);
    finish(slot, client);
    return READ_NOT_OFFERED;
  }
  if (code == STATUS_SERVER) {
    begin(slot, head.accounting ? ACCOUNTING_RESPONSE : ACCESS_ACCEPT);
    finish(slot, client);
    return READ_STATUS;
  }
  describe(slot, client);
  if (code == ACCOUNTING_REQUEST) {
    head.phase = PHASE_ACCOUNTING as u8;
    return READ_ACCOUNTING;
  }
  const eap = find(slot, EAP_MESSAGE) != 0;
  let reason: u32 = REASON_NO_NAME;
  if (head.nameLength != 0) {
    if (eap) return readEap(slot, client, now);
    reason = readProof(slot, client, now);
    if (reason == 0) return READ_LOGIN;
  }
  head.reason = reason as u8;
  begin(slot, ACCESS_REJECT);
  if (eap) putEnd(slot, EAP_FAILURE);
  else put(slot, REPLY_MESSAGE, DENIED, DENIED_BYTES);
  finish(slot, client);
  return READ_REFUSED;
}

/** What is wrong with its signature, as READ_*; 0 where it may pass. */
function checkSignature(slot: u32, client: u32, isSigned: bool): u32 {
  if (isSigned) return checkRequest(slot, client) ? 0 : READ_AUTHENTICATOR;
  const settings = at<Client>(client);
  const here = find(slot, MESSAGE_AUTHENTICATOR);
  if (here != 0) {
    if (!checkMessage(slot, client, valueAt(slot, here))) return READ_AUTHENTICATOR;
    settings.seen = 1;
    at<Slot>(slot).flags |= ROW_SIGNED as u8;
    return 0;
  }
  const must =
    settings.signed == SIGNED_MUST ||
    (settings.signed == SIGNED_AUTO && settings.seen != 0) ||
    load<u8>(slot + SLOT_PACKET) == STATUS_SERVER ||
    find(slot, EAP_MESSAGE) != 0;
  return must ? READ_UNSIGNED : 0;
}

/**
 * Writes the reply to what read() returned as READ_LOGIN, READ_ACKNOWLEDGED or READ_ACCOUNTING, with the first `extra`
 * bytes of the host's attributes where it is an Access-Accept, or in place of our own words a refusal without EAP; returns its length. 0 where nothing can be sent.
 */
export function answerSlot(index: u32, outcome: u32, extra: u32, now: u32): u32 {
  if (index >= SLOTS || extra > EXTRA_BYTES) return 0;
  const slot = slotAt(index);
  const head = at<Slot>(slot);
  const client = clientAt(head.client);
  const phase: u32 = head.phase;
  if (phase == PHASE_NONE || head.client >= CLIENTS || at<Client>(client).id == 0 || !hasEntropy()) return 0;
  head.phase = PHASE_NONE as u8;
  if (phase == PHASE_ACCOUNTING) begin(slot, ACCOUNTING_RESPONSE);
  else if (phase == PHASE_EAP) answerEap(slot, client, outcome, extra, now);
  else if (outcome == OUTCOME_ACCEPT) {
    begin(slot, ACCESS_ACCEPT);
    if (phase == PHASE_ACKNOWLEDGED) {
      putEnd(slot, EAP_SUCCESS);
      putKeys(slot, client);
    } else if (phase == PHASE_MSCHAPV2) putSuccess(slot, client);
    putExtra(slot, extra);
  } else if (outcome == OUTCOME_CONTINUE && phase == PHASE_PAP && (head.flags & ROW_CAN_CHALLENGE) != 0) {
    begin(slot, ACCESS_CHALLENGE);
    put(slot, REPLY_MESSAGE, promptText(), promptBytes());
    putWaiting(slot, at<Client>(client).id, WAITING_CHALLENGE, now, open(slot, STATE, STATE_LETTERS));
  } else {
    begin(slot, ACCESS_REJECT);
    if (phase == PHASE_ACKNOWLEDGED) putEnd(slot, EAP_FAILURE);
    else if (extra != 0) putExtra(slot, extra);
    else put(slot, REPLY_MESSAGE, DENIED, DENIED_BYTES);
    if (phase == PHASE_MSCHAPV2) putError(slot);
  }
  const length = finish(slot, client);
  tell16(slot + SLOT_REPLY_LENGTH, length);
  tellEntropy();
  zero(slot + SLOT_NOTE, SLOT_RESULT + RESULT_BYTES - SLOT_NOTE);
  wipeTexts(24); // an MPPE key was hidden there
  return length;
}

/** EAP-MSCHAPv2 tells the outcome inside the method first, and the peer acknowledges it. */
function answerEap(slot: u32, client: u32, outcome: u32, extra: u32, now: u32): void {
  const head = at<Slot>(slot);
  if (head.method == EAP_MSCHAPV2) {
    const next = nextIdentifier(slot);
    begin(slot, ACCESS_CHALLENGE);
    if (outcome == OUTCOME_ACCEPT) {
      putEapSuccess(slot, next);
      putWaiting(slot, at<Client>(client).id, WAITING_SUCCESS, now, open(slot, STATE, STATE_LETTERS));
    } else {
      putEapFailure(slot, next);
      putFailed(slot, client, next, now);
    }
  } else if (outcome == OUTCOME_CONTINUE && head.method == EAP_GTC) askCode(slot, client, now);
  else {
    begin(slot, outcome == OUTCOME_ACCEPT ? ACCESS_ACCEPT : ACCESS_REJECT);
    putEnd(slot, outcome == OUTCOME_ACCEPT ? EAP_SUCCESS : EAP_FAILURE);
    if (outcome == OUTCOME_ACCEPT) putExtra(slot, extra);
  }
}

/** Forgets the packet in slot `index`, which gets no answer: when it comes again it is judged anew. */
export function dropSlot(index: u32): u32 {
  if (index >= SLOTS) return RADIUS_INDEX;
  const slot = slotAt(index);
  const head = at<Slot>(slot);
  if (head.client < CLIENTS) forgetPacket(slot, clientAt(head.client));
  head.phase = PHASE_NONE as u8;
  zero(slot + SLOT_NOTE, SLOT_RESULT + RESULT_BYTES - SLOT_NOTE);
  return RADIUS_OK;
}

/** Wipes what is left of texts, and the first bytes of the message's room. */
function wipeTexts(message: u32): void {
  forgetDigests();
  zero(SAVED_AT, 16);
  zero(TEXT, TEXT_ROOM);
  zero(MESSAGE_AT, message);
}
