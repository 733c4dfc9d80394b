// A reply: attributes one after the other, Message-Authenticator first, Proxy-State last, then the signatures. What does
// not fit makes no reply. RFC 2865 sections 3, 5 and 5.33, RFC 3579 section 3.2.

import { copy } from "../bytes";
import { EXTRA_AT, SLOT_PACKET, SLOT_REPLY } from "./abi";
import { find, findNext, store16BigEndian, valueAt, valueLength } from "./attributes";
import { ACCOUNTING_REQUEST, AUTHENTICATOR_AT, AUTHENTICATOR_BYTES, HEADER_BYTES, MESSAGE_AUTHENTICATOR, MICROSOFT, PACKET_BYTES, PROXY_STATE, VENDOR_SPECIFIC } from "./dictionary";
import { keepReply } from "./duplicates";
import { at, Slot } from "./layout";
import { signMessage, signReply } from "./signatures";

/** Begins a reply with `code`: header, and Message-Authenticator but in accounting, where implementations differ (RFC 2866). */
export function begin(slot: u32, code: u32): void {
  const packet = slot + SLOT_PACKET;
  const reply = slot + SLOT_REPLY;
  store<u8>(reply, code);
  store<u8>(reply, load<u8>(packet, 1), 1);
  copy(reply + AUTHENTICATOR_AT, packet + AUTHENTICATOR_AT, AUTHENTICATOR_BYTES);
  at<Slot>(slot).replyLength = HEADER_BYTES as u16;
  at<Slot>(slot).overflow = 0;
  if (!isSigned(slot)) return;
  const value = open(slot, MESSAGE_AUTHENTICATOR, AUTHENTICATOR_BYTES);
  for (let i: u32 = 0; i < AUTHENTICATOR_BYTES; i++) store<u8>(value + i, 0);
}

/** Makes room for an attribute with a value of `length` bytes, at most 253; returns where the value goes. */
export function open(slot: u32, type: u32, length: u32): u32 {
  const head = at<Slot>(slot);
  let here: u32 = head.replyLength;
  if (here + 2 + length > PACKET_BYTES) {
    // Written over what was there; the reply will not be sent.
    head.overflow = 1;
    here = HEADER_BYTES;
  } else head.replyLength = (here + 2 + length) as u16;
  const attribute = slot + SLOT_REPLY + here;
  store<u8>(attribute, type);
  store<u8>(attribute, 2 + length, 1);
  return attribute + 2;
}

/** The same for an attribute of Microsoft's (RFC 2548), `length` at most 247. */
export function openMicrosoft(slot: u32, type: u32, length: u32): u32 {
  const value = open(slot, VENDOR_SPECIFIC, 6 + length);
  store16BigEndian(value, 0);
  store16BigEndian(value + 2, MICROSOFT);
  store<u8>(value, type, 4);
  store<u8>(value, 2 + length, 5);
  return value + 6;
}

/** An attribute with a number of 32 bits. */
export function putNumber(slot: u32, type: u32, number: u32): void {
  const value = open(slot, type, 4);
  store16BigEndian(value, number >>> 16);
  store16BigEndian(value + 2, number & 0xffff);
}

/** An attribute with the `length` bytes at `from`. */
export function put(slot: u32, type: u32, from: u32, length: u32): void {
  copy(open(slot, type, length), from, length);
}

/** The first `length` bytes of the host's extra attributes. */
export function putExtra(slot: u32, length: u32): void {
  for (let here: u32 = 0; here + 2 <= length;) {
    const size: u32 = load<u8>(EXTRA_AT + here, 1);
    if (size < 2 || here + size > length) break;
    put(slot, load<u8>(EXTRA_AT + here), EXTRA_AT + here + 2, size - 2);
    here += size;
  }
}

/** Adds the request's Proxy-State, signs, and remembers the reply; returns its length, 0 where it would be too long. */
export function finish(slot: u32, client: u32): u32 {
  for (let here = find(slot, PROXY_STATE); here != 0; here = findNext(slot, PROXY_STATE, here))
    put(slot, PROXY_STATE, valueAt(slot, here), valueLength(slot, here));
  const head = at<Slot>(slot);
  if (head.overflow != 0) {
    head.replyLength = 0;
    return 0;
  }
  const reply = slot + SLOT_REPLY;
  const length: u32 = head.replyLength;
  store16BigEndian(reply + 2, length);
  if (isSigned(slot)) signMessage(client, reply, length, reply + HEADER_BYTES + 2);
  signReply(client, reply, length);
  keepReply(slot, client);
  return length;
}

@inline
function isSigned(slot: u32): bool {
  return load<u8>(slot + SLOT_PACKET) != ACCOUNTING_REQUEST;
}
