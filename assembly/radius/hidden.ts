// What a shared secret hides: User-Password and MPPE keys. RFC 2865 section 5.2, RFC 2548 section 2.4.2.

import { copy } from "../bytes";
import { md5 } from "./digest";
import { at, Client, CLIENT_SECRET, DIGEST_BYTES_AT, TEXT } from "./layout";

const BLOCK: u32 = 16;

/**
 * Covers or uncovers one block of 16 bytes at `from`, to `to`: with MD5 of the secret and the `length` bytes at `before`,
 * at most 18.
 */
function cover(client: u32, before: u32, length: u32, from: u32, to: u32): void {
  const secret: u32 = at<Client>(client).secretLength;
  copy(TEXT, client + CLIENT_SECRET, secret);
  copy(TEXT + secret, before, length);
  md5(TEXT, secret + length);
  for (let i: u32 = 0; i < BLOCK; i++) store<u8>(to + i, load<u8>(from + i) ^ load<u8>(DIGEST_BYTES_AT + i));
}

/**
 * The `length` bytes of a User-Password at `hidden`, a multiple of 16 up to 128, as typed, at `to`; returns how many they
 * are without the zeros at their end.
 */
export function revealPassword(client: u32, authenticator: u32, hidden: u32, length: u32, to: u32): u32 {
  let before = authenticator;
  for (let i: u32 = 0; i < length; i += BLOCK) {
    cover(client, before, BLOCK, hidden + i, to + i);
    before = hidden + i;
  }
  while (length > 0 && load<u8>(to + length - 1) == 0) length--;
  return length;
}

/** Bytes of a hidden key of 16: salt, and two blocks. */
export const HIDDEN_KEY_BYTES: u32 = 34;

/**
 * Hides the 16 bytes at `key` as MS-MPPE-Send-Key and -Recv-Key have them, at `to`, where the salt of two bytes stands
 * already. `before` has room for 18 bytes.
 */
export function hideKey(client: u32, authenticator: u32, key: u32, to: u32, before: u32): void {
  const out = to + 2;
  store<u8>(out, BLOCK);
  copy(out + 1, key, BLOCK);
  for (let i: u32 = 1 + BLOCK; i < 2 * BLOCK; i++) store<u8>(out + i, 0);
  copy(before, authenticator, BLOCK);
  copy(before + BLOCK, to, 2);
  cover(client, before, BLOCK + 2, out, out);
  cover(client, out, BLOCK, out + BLOCK, out + BLOCK);
}
