// Which worker answers a packet: always the same one for a user, so that copies of a request, the State of a challenge
// and an EAP conversation meet the process that remembers them, and a user's record is kept in one process only.

import { HEADER_BYTES, USER_NAME } from "../../assembly/radius/dictionary.ts";

/** FNV-1a's. */
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** A number below `workers` that depends on User-Name only. Any datagram has one: what is malformed, or names nobody. */
export function ownerOf(datagram: Uint8Array, workers: number): number {
  let hash = OFFSET_BASIS;
  for (let at = HEADER_BYTES; at + 2 <= datagram.length;) {
    const size = datagram[at + 1]!;
    if (size < 2) break;
    if (datagram[at] === USER_NAME) {
      const end = Math.min(at + size, datagram.length);
      for (let i = at + 2; i < end; i++) hash = Math.imul(hash ^ datagram[i]!, PRIME);
      break;
    }
    at += size;
  }
  // The low bits of FNV-1a of short names that differ in the last letter only are not spread evenly.
  return ((hash ^ (hash >>> 15)) >>> 0) % workers;
}
