// What a shared secret proves: Message-Authenticator, Request and Response Authenticator. RFC 2865 section 3, RFC 2866
// section 3, RFC 3579 section 3.2, RFC 5176 section 2.3.

import { copy, equal } from "../bytes";
import { SLOT_PACKET } from "./abi";
import { AUTHENTICATOR_AT, AUTHENTICATOR_BYTES } from "./dictionary";
import { hmac, md5 } from "./digest";
import { at, Client, CLIENT_SECRET, DIGEST_BYTES_AT, SAVED_AT, Slot } from "./layout";

/** 1 if the Message-Authenticator whose value is at `value` in the packet of `slot` is right, else 0. */
export function checkMessage(slot: u32, client: u32, value: u32): u32 {
  copy(SAVED_AT, value, AUTHENTICATOR_BYTES);
  clear(value);
  hmac(client, slot + SLOT_PACKET, at<Slot>(slot).packetLength);
  copy(value, SAVED_AT, AUTHENTICATOR_BYTES);
  return equal(DIGEST_BYTES_AT, SAVED_AT, AUTHENTICATOR_BYTES);
}

/** 1 if the authenticator of an Accounting-, Disconnect- or CoA-Request is right, else 0. */
export function checkRequest(slot: u32, client: u32): u32 {
  const packet = slot + SLOT_PACKET;
  copy(SAVED_AT, packet + AUTHENTICATOR_AT, AUTHENTICATOR_BYTES);
  clear(packet + AUTHENTICATOR_AT);
  digestWithSecret(client, packet, at<Slot>(slot).packetLength);
  copy(packet + AUTHENTICATOR_AT, SAVED_AT, AUTHENTICATOR_BYTES);
  return equal(DIGEST_BYTES_AT, SAVED_AT, AUTHENTICATOR_BYTES);
}

/** Writes the Message-Authenticator of a reply; zeros stand at `value`, the request's authenticator in its place. */
export function signMessage(client: u32, reply: u32, length: u32, value: u32): void {
  hmac(client, reply, length);
  copy(value, DIGEST_BYTES_AT, AUTHENTICATOR_BYTES);
}

/** Puts the Response Authenticator into the place of the request's. */
export function signReply(client: u32, reply: u32, length: u32): void {
  digestWithSecret(client, reply, length);
  copy(reply + AUTHENTICATOR_AT, DIGEST_BYTES_AT, AUTHENTICATOR_BYTES);
}

/** MD5 of a packet and the secret, which there is room for behind it. */
function digestWithSecret(client: u32, packet: u32, length: u32): void {
  const secret: u32 = at<Client>(client).secretLength;
  copy(packet + length, client + CLIENT_SECRET, secret);
  md5(packet, length + secret);
  for (let i: u32 = 0; i < secret; i++) store<u8>(packet + length + i, 0);
}

function clear(value: u32): void {
  for (let i: u32 = 0; i < AUTHENTICATOR_BYTES; i++) store<u8>(value + i, 0);
}
