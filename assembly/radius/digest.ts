// MD5 and HMAC-MD5 of messages in memory, by the core's compression function. RFC 1321 section 3, RFC 2104.

import { laneBlock, storeWord, zero } from "../bytes";
import { loadWordInline } from "../lane";
import { md5Block, md5Start } from "../md5";
import { DIGEST_AT, LANES_AT } from "../scratch";
import { CLIENT_INNER, CLIENT_OUTER, DIGEST_BYTES_AT, BLOCK_AT } from "./layout";

/** Digests `length` bytes at `from`, an address that four divides, into DIGEST_BYTES_AT. */
export function md5(from: u32, length: u32): void {
  md5Start<u32>();
  finish(from, length, 0);
}

/** HMAC-MD5 of `length` bytes at `from` under the midstates of `keys`, into DIGEST_BYTES_AT. */
export function hmac(keys: u32, from: u32, length: u32): void {
  resume(keys + CLIENT_INNER);
  finish(from, length, 64);
  resume(keys + CLIENT_OUTER);
  finish(DIGEST_BYTES_AT, 16, 64);
}

/** Condenses the key of `length` bytes at `from`, an address that four divides, into both midstates of `keys`. */
export function keyHmac(keys: u32, from: u32, length: u32): void {
  let key = from;
  if (length > 64) {
    md5(from, length);
    key = DIGEST_BYTES_AT;
    length = 16;
  }
  keep(keys + CLIENT_INNER, key, length, 0x36);
  keep(keys + CLIENT_OUTER, key, length, 0x5c);
}

/** Zeroes what digests leave behind: it may tell of secrets. Each verb that digests ends with it. */
export function forgetDigests(): void {
  zero(LANES_AT, 64);
  zero(DIGEST_AT, 16);
  zero(BLOCK_AT, 64);
}

function keep(to: u32, key: u32, length: u32, filling: u32): void {
  for (let i: u32 = 0; i < 64; i++) store<u8>(BLOCK_AT + i, filling ^ (i < length ? load<u8>(key + i) : 0));
  md5Start<u32>();
  laneBlock(0, BLOCK_AT, false);
  md5Block<u32>(true);
  for (let w: u32 = 0; w < 16; w += 4) store<u32>(to + w, load<u32>(DIGEST_AT + w));
}

@inline
function resume(from: u32): void {
  for (let w: u32 = 0; w < 16; w += 4) store<u32>(DIGEST_AT + w, load<u32>(from + w));
}

/** Digests what is left of a message, `before` bytes of which are done, and writes the digest in bytes. */
function finish(from: u32, length: u32, before: u32): void {
  const end = from + (length & ~63);
  for (; from < end; from += 64) {
    for (let w: u32 = 0; w < 64; w += 4) store<u32>(LANES_AT + w, loadWordInline(from + w));
    md5Block<u32>(true);
  }
  const rest = length & 63;
  let w: u32 = 0;
  for (; w + 4 <= rest; w += 4) store<u32>(LANES_AT + w, loadWordInline(from + w));
  // The message's last bytes, and the mark behind them.
  const bits = (rest & 3) << 3;
  const last = bits == 0 ? 0 : loadWordInline(from + w) & ((1 << bits) - 1);
  store<u32>(LANES_AT + w, last | ((0x80 as u32) << bits));
  w += 4;
  if (rest >= 56) {
    for (; w < 64; w += 4) store<u32>(LANES_AT + w, 0);
    md5Block<u32>(true);
    w = 0;
  }
  for (; w < 60; w += 4) store<u32>(LANES_AT + w, 0);
  store<u32>(LANES_AT + 56, (before + length) << 3);
  store<u32>(LANES_AT + 60, 0);
  md5Block<u32>(true);
  for (w = 0; w < 16; w += 4) storeWord(DIGEST_BYTES_AT + w, load<u32>(DIGEST_AT + w));
}
