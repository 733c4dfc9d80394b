// The attributes of a packet: walked once, remembered by where the first of each type lies. RFC 2865 sections 3 and 5.

import { SLOT_FIRST, SLOT_PACKET } from "./abi";
import { zero } from "../bytes";
import { AUTHENTICATOR_BYTES, EAP_MESSAGE, HEADER_BYTES, MESSAGE_AUTHENTICATOR, PACKET_BYTES, PROXY_STATE, VENDOR_SPECIFIC } from "./dictionary";
import { at, host16, Slot, tell16 } from "./layout";

/**
 * Checks every length of the datagram in `slot`, cuts padding off, and fills SLOT_FIRST. False where a length does not
 * fit, or Message-Authenticator has another length than 16 or occurs twice.
 */
export function walk(slot: u32): bool {
  const head = at<Slot>(slot);
  const packet = slot + SLOT_PACKET;
  const first = slot + SLOT_FIRST;
  zero(first, 512);
  head.packetLength = 0;
  const datagram: u32 = head.length;
  if (datagram < HEADER_BYTES || datagram > PACKET_BYTES) return false;
  const length = load16BigEndian(packet + 2);
  if (length < HEADER_BYTES || length > datagram) return false;
  for (let here = HEADER_BYTES; here < length;) {
    if (here + 2 > length) return false;
    const type: u32 = load<u8>(packet + here);
    const size: u32 = load<u8>(packet + here, 1);
    if (size < 2 || here + size > length) return false;
    const known = host16(first + type * 2) != 0;
    if (type == MESSAGE_AUTHENTICATOR && (known || size != 2 + AUTHENTICATOR_BYTES)) return false;
    const counts = size > 2 || type == EAP_MESSAGE || type == PROXY_STATE;
    if (!known && counts) tell16(first + type * 2, here);
    here += size;
  }
  head.packetLength = length as u16;
  return true;
}

/** Where the first attribute of `type` begins in the packet; 0 where there is none, or an empty one that says nothing. */
@inline
export function find(slot: u32, type: u32): u32 {
  return host16(slot + SLOT_FIRST + type * 2);
}

/** Where the next attribute of `type` begins, behind the one at `here`; 0 where there is none. */
export function findNext(slot: u32, type: u32, here: u32): u32 {
  const packet = slot + SLOT_PACKET;
  const length: u32 = at<Slot>(slot).packetLength;
  for (here += load<u8>(packet + here, 1); here < length; here += load<u8>(packet + here, 1))
    if (load<u8>(packet + here) == type) return here;
  return 0;
}

/** The address of the value of the attribute at `here`. */
@inline
export function valueAt(slot: u32, here: u32): u32 {
  return slot + SLOT_PACKET + here + 2;
}

/** How long it is. */
@inline
export function valueLength(slot: u32, here: u32): u32 {
  return load<u8>(slot + SLOT_PACKET + here, 1) - 2;
}

/** The number of 32 bits in the first attribute of `type`; `otherwise` where there is none. */
export function integer(slot: u32, type: u32, otherwise: u32): u32 {
  const here = find(slot, type);
  if (here == 0 || valueLength(slot, here) != 4) return otherwise;
  const value = valueAt(slot, here);
  return (load16BigEndian(value) << 16) | load16BigEndian(value + 2);
}

/**
 * The address of a vendor's attribute (RFC 2865 section 5.26) whose value has `length` bytes, or any length where that
 * is 0; 0 where there is none.
 */
export function findVendor(slot: u32, vendor: u32, type: u32, length: u32): u32 {
  for (let here = find(slot, VENDOR_SPECIFIC); here != 0; here = findNext(slot, VENDOR_SPECIFIC, here)) {
    const value = valueAt(slot, here);
    const end = value + valueLength(slot, here);
    if (end - value < 6) continue;
    if (((load16BigEndian(value) << 16) | load16BigEndian(value + 2)) != vendor) continue;
    for (let inner = value + 4; inner + 2 <= end;) {
      const size: u32 = load<u8>(inner, 1);
      if (size < 2 || inner + size > end) break;
      if (load<u8>(inner) == type && (length == 0 || size == length + 2)) return inner + 2;
      inner += size;
    }
  }
  return 0;
}

export function load16BigEndian(here: u32): u32 {
  return ((load<u8>(here) as u32) << 8) | load<u8>(here, 1);
}

export function store16BigEndian(here: u32, x: u32): void {
  store<u8>(here, x >>> 8);
  store<u8>(here, x, 1);
}
