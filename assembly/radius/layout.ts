// What lies where in the module's rows, as classes over memory. A class is never made: at<T>(address) looks at one.

import { ENTROPY_LEFT, OWN_AT, OWN_BYTES, PROMPT_BYTES, SLOT_CLIENT, SLOT_COPY, SLOT_NAME, SLOT_NOTE, SLOT_OWN, SLOT_PACKET_LENGTH, SLOT_REPLY_LENGTH, SLOT_STATION } from "./abi";

/**
 * The head of a slot, as abi.ts tells it. What a host writes or reads there in more than one byte is little-endian, and is
 * taken and told by host16() and tell16(); the module's own numbers are in the engine's order.
 */
@unmanaged
export class Slot {
  hostLength: u16;
  hostClient: u16;
  accounting: u8;
  read: u8;
  reason: u8;
  flags: u8;
  hostName: u16;
  nameLength: u8;
  type: u8;
  hostStation: u16;
  stationLength: u8;
  phase: u8;
  hostReplyLength: u16;
  hostPacketLength: u16;
  method: u8;
  identifier: u8;
  msIdentifier: u8;
  overflow: u8;
  hostCopy: u32;
  /** Where the packet's bytes lie in the ring. */
  copyPacket: u32;
  length: u16;
  client: u16;
  packetLength: u16;
  replyLength: u16;
  name: u16;
  station: u16;
  /** Where the packet is remembered; with READ_REPEATED the index of the slot that answers it. */
  copy: u32;
}
if (offsetof<Slot>("hostClient") != SLOT_CLIENT) ERROR("Slot.hostClient moved");
if (offsetof<Slot>("hostName") != SLOT_NAME) ERROR("Slot.hostName moved");
if (offsetof<Slot>("hostStation") != SLOT_STATION) ERROR("Slot.hostStation moved");
if (offsetof<Slot>("hostReplyLength") != SLOT_REPLY_LENGTH) ERROR("Slot.hostReplyLength moved");
if (offsetof<Slot>("hostPacketLength") != SLOT_PACKET_LENGTH) ERROR("Slot.hostPacketLength moved");
if (offsetof<Slot>("hostCopy") != SLOT_COPY) ERROR("Slot.hostCopy moved");
if (offsetof<Slot>("length") != SLOT_OWN) ERROR("Slot.length moved");
if (offsetof<Slot>() != SLOT_NOTE) ERROR("Slot is too long");

/** Two bytes that a host has written or reads. */
export function host16(at: u32): u32 {
  return (load<u8>(at) as u32) | ((load<u8>(at, 1) as u32) << 8);
}

export function tell16(at: u32, x: u32): void {
  store<u8>(at, x);
  store<u8>(at, x >>> 8, 1);
}

/** A NAS: settings, then the midstates of HMAC-MD5's blocks (4 words each), then the secret. */
@unmanaged
export class Client {
  /** Never used for two clients: a copy or a conversation of one is not another's. 0 is no client. */
  id: u32;
  secretLength: u16;
  signed: u8;
  type: u8;
  challenge: u8;
  names: u8;
  chap: u8;
  /** A request with a right Message-Authenticator has come. */
  seen: u8;
  reserved: u32;
}
export const CLIENT_INNER: u32 = 16;
export const CLIENT_OUTER: u32 = 32;
export const CLIENT_SECRET: u32 = 48;
export const CLIENT_BYTES: u32 = 304;
if (offsetof<Client>() != CLIENT_INNER) ERROR("Client is too long");

/** What waits for a user's next word: a second step, or EAP-MSCHAPv2's acknowledgement. */
@unmanaged
export class Waiting {
  kind: u8;
  identifier: u8;
  reserved: u16;
  until: u32;
  client: u32;
  reserved2: u32;
}
export const WAITING_STATE: u32 = 16;
export const WAITING_USER: u32 = 32;
export const WAITING_NOTE: u32 = 48;
export const WAITING_KEYS: u32 = 64; // send, receive
export const WAITING_BYTES: u32 = 96;
if (offsetof<Waiting>() != WAITING_STATE) ERROR("Waiting is too long");

/** A packet that was taken, and its reply, both in the ring. */
@unmanaged
export class Copy {
  /** The client's id, twice, and 1 more where it came to the accounting port. 0 is none. */
  scope: u32;
  /** The first bytes of its authenticator. */
  check: u32;
  taken: u32;
  packet: u32;
  reply: u32;
  packetLength: u16;
  /** 0 while there is none. */
  replyLength: u16;
  /** Index of the slot that answers it. */
  slot: u32;
  reserved: u32;
}
export const COPY_BYTES: u32 = 32;
if (offsetof<Copy>() != COPY_BYTES) ERROR("Copy has another length");

/** The module's own numbers. */
@unmanaged
export class Own {
  /** As the host reads it: ENTROPY_LEFT. */
  hostLeft: u32;
  /** Bytes of the entropy that are left. */
  left: u32;
  /** Whether the module has its key. */
  keyed: u32;
  /** The last client's id. */
  lastClient: u32;
  /** Bytes that were ever put into the ring, modulo 2^32. */
  head: u32;
  /** Bytes of the prompt; 0 where the host has given none. */
  promptLength: u32;
}
export const OWN: u32 = OWN_AT;
if (offsetof<Own>("hostLeft") != ENTROPY_LEFT - OWN_AT) ERROR("Own.hostLeft moved");
/** The midstates of the module's own key, where a client has its own. */
export const KEY: u32 = OWN_AT + 24;
if (OWN_AT + offsetof<Own>() != KEY) ERROR("Own has another length");
/** A digest in bytes, and one to compare it with. */
export const DIGEST_BYTES_AT: u32 = KEY + 48;
export const SAVED_AT: u32 = DIGEST_BYTES_AT + 16;
/** A block of a key. */
export const BLOCK_AT: u32 = SAVED_AT + 16;
/** A text that is put together. */
export const TEXT: u32 = BLOCK_AT + 64;
export const TEXT_ROOM: u32 = 304;
/** An EAP message, joined. */
export const MESSAGE_AT: u32 = TEXT + TEXT_ROOM;
export const MESSAGE_ROOM: u32 = OWN_AT + OWN_BYTES - PROMPT_BYTES - MESSAGE_AT;
/** What users are asked, where the host has said so. */
export const PROMPT: u32 = MESSAGE_AT + MESSAGE_ROOM;
if (MESSAGE_ROOM < 320) ERROR("an EAP message with the longest name does not fit");

@inline
export function at<T>(address: u32): T {
  return changetype<T>(address as usize);
}

@inline
export function own(): Own {
  return changetype<Own>(OWN as usize);
}
