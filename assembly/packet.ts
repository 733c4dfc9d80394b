// A module of its own, dist/md5.wasm: MD5 of a whole message, for the host's RADIUS packets. It is not a verb of the
// core, whose strict file has no room for it; the compression function is the same. RFC 1321 section 3.

import { REQUESTS_AT } from "./abi";
import { md5Block, md5Start } from "./md5";
import { DIGEST_AT, LANES_AT } from "./scratch";

/**
 * Digests the message at REQUESTS_AT, `length` bytes; answers the address of the 16 bytes, always the same. The 72 bytes
 * behind the message are overwritten. For hosts with a little-endian memory.
 */
export function md5(length: u32): u32 {
  const end = REQUESTS_AT + (((length + 72) >>> 6) << 6);
  for (let at = REQUESTS_AT + length + 1; at < end; at++) store<u8>(at, 0);
  store<u8>(REQUESTS_AT + length, 0x80);
  store<u32>(end - 8, length << 3);
  md5Start<u32>();
  for (let at = REQUESTS_AT; at < end; at += 64) {
    for (let w: u32 = 0; w < 64; w += 4) store<u32>(LANES_AT + w, load<u32>(at + w));
    md5Block<u32>();
  }
  return DIGEST_AT;
}
