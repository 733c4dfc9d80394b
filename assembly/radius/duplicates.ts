// The same packet: the same NAS and all its bytes, within COPY_SECONDS, whatever port it comes from. It gets the same
// reply, byte for byte. Bounded: a full set gives up its oldest packet, the ring what is oldest. RFC 5080 section 2.2.2.

import { equal } from "../bytes";
import { loadWord } from "../lane";
import { COPY_SECONDS, SLOT_BYTES, SLOT_PACKET, SLOT_REPLY, SLOTS_AT } from "./abi";
import { AUTHENTICATOR_AT } from "./dictionary";
import { at, Client, Copy, COPY_BYTES, own, Slot } from "./layout";
import { COPIES_AT, COPY_SETS, RING_AT, RING_BYTES, WAYS } from "./sizes";

/** The copy that equals the packet in `slot`; 0 where there is none. */
export function findCopy(slot: u32, client: u32, now: u32): u32 {
  const scope = scopeOf(slot, client);
  const length: u32 = at<Slot>(slot).packetLength;
  const packet = slot + SLOT_PACKET;
  const check = loadWord(packet + AUTHENTICATOR_AT);
  let here = setOf(packet, scope, check);
  for (let way: u32 = 0; way < WAYS; way++, here += COPY_BYTES) {
    const one = at<Copy>(here);
    if (one.scope != scope || one.check != check || (one.packetLength as u32) != length) continue;
    if (now - one.taken >= COPY_SECONDS || !isKept(one.packet)) continue;
    if (equal(packet, ringAt(one.packet), length)) return here;
  }
  return 0;
}

/** Remembers the packet in `slot`, which has no reply yet. */
export function keepPacket(slot: u32, client: u32, now: u32): void {
  const scope = scopeOf(slot, client);
  const packet = slot + SLOT_PACKET;
  const check = loadWord(packet + AUTHENTICATOR_AT);
  let here = setOf(packet, scope, check);
  let oldest = here;
  let age: u32 = 0;
  for (let way: u32 = 0; way < WAYS; way++, here += COPY_BYTES) {
    const one = at<Copy>(here);
    const its = one.scope == 0 || !isKept(one.packet) ? u32.MAX_VALUE : now - one.taken;
    if (its < age || (its == age && way != 0)) continue;
    age = its;
    oldest = here;
  }
  const one = at<Copy>(oldest);
  one.scope = scope;
  one.check = check;
  one.taken = now;
  one.packet = keepBytes(packet, at<Slot>(slot).packetLength);
  one.packetLength = at<Slot>(slot).packetLength;
  one.replyLength = 0;
  one.slot = (slot - SLOTS_AT) / SLOT_BYTES;
  at<Slot>(slot).copy = oldest;
  at<Slot>(slot).copyPacket = one.packet;
}

/** Remembers the reply in `slot`, beside its packet, unless another packet has taken that place. */
export function keepReply(slot: u32, client: u32): void {
  const here = at<Slot>(slot).copy;
  at<Slot>(slot).copy = 0;
  if (here == 0 || !isMine(slot, client, here)) return;
  const one = at<Copy>(here);
  one.reply = keepBytes(slot + SLOT_REPLY, at<Slot>(slot).replyLength);
  one.replyLength = at<Slot>(slot).replyLength;
}

/** Forgets the packet in `slot`: when it comes again it is judged anew. */
export function forgetPacket(slot: u32, client: u32): void {
  const here = at<Slot>(slot).copy;
  at<Slot>(slot).copy = 0;
  if (here != 0 && isMine(slot, client, here)) at<Copy>(here).scope = 0;
}

/** Puts the reply that a copy has into `slot`; false where there is none yet: then it tells which slot will have it. */
export function takeReply(slot: u32, here: u32): bool {
  const one = at<Copy>(here);
  if (one.replyLength == 0 || !isKept(one.reply)) {
    at<Slot>(slot).copy = one.slot;
    return false;
  }
  copyWords(slot + SLOT_REPLY, ringAt(one.reply), one.replyLength);
  at<Slot>(slot).replyLength = one.replyLength;
  return true;
}

/** Whether the place still holds the packet in `slot`. */
function isMine(slot: u32, client: u32, here: u32): bool {
  const one = at<Copy>(here);
  return one.scope == scopeOf(slot, client) && one.packet == at<Slot>(slot).copyPacket;
}

function scopeOf(slot: u32, client: u32): u32 {
  return (at<Client>(client).id << 1) | ((at<Slot>(slot).accounting != 0) as u32);
}

function setOf(packet: u32, scope: u32, check: u32): u32 {
  const mixed = (check ^ (scope * 0x9e3779b1) ^ ((load<u8>(packet, 1) as u32) << 24)) * 0x85ebca6b;
  return COPIES_AT + ((mixed >>> 16) % COPY_SETS) * WAYS * COPY_BYTES;
}

/** Writes bytes to the ring, in one piece; returns where they lie. */
function keepBytes(from: u32, length: u32): u32 {
  const mine = own();
  let head = mine.head;
  const room = RING_BYTES - head % RING_BYTES;
  if (length + 8 > room) head += room;
  copyWords(ringAt(head), from, length);
  mine.head = head + ((length + 7) & ~7);
  return head;
}

@inline
function ringAt(position: u32): u32 {
  return RING_AT + position % RING_BYTES;
}

/** Whether nothing newer lies there. */
@inline
function isKept(position: u32): bool {
  return own().head - position <= RING_BYTES;
}

/** Copies eight bytes at a time; what lies behind the last byte is copied too. */
function copyWords(to: u32, from: u32, length: u32): void {
  for (let i: u32 = 0; i < length; i += 8) store<u64>(to + i, load<u64>(from + i));
}
