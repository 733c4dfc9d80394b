// Random bytes, taken from what the host has laid down; each is used once and wiped.

import { ENTROPY_AT, ENTROPY_BYTES, ENTROPY_LEFT, ENTROPY_MOST } from "./abi";
import { storeWord } from "../bytes";
import { forgetDigests, keyHmac } from "./digest";
import { KEY, own } from "./layout";

const KEY_LENGTH: u32 = 64;

/** Whether a verb finds what it may need. */
export function hasEntropy(): bool {
  return own().left >= ENTROPY_MOST;
}

/** Takes the area for filled. The first time the module makes its own key of it. */
export function stirEntropy(): void {
  const mine = own();
  mine.left = ENTROPY_BYTES;
  if (mine.keyed == 0) makeKey();
  tellEntropy();
}

function makeKey(): void {
  own().keyed = 1;
  keyHmac(KEY, ENTROPY_AT + ENTROPY_BYTES - KEY_LENGTH, KEY_LENGTH);
  forgetDigests();
  for (let i: u32 = 0; i < KEY_LENGTH; i++) takeByte();
}

/** Tells the host how many bytes are left. */
export function tellEntropy(): void {
  storeWord(ENTROPY_LEFT, own().left);
}

/** The next random byte. */
export function takeByte(): u32 {
  const left = own().left - 1;
  own().left = left;
  const byte: u32 = load<u8>(ENTROPY_AT + left);
  store<u8>(ENTROPY_AT + left, 0);
  return byte;
}

/** Writes `length` random bytes. */
export function takeBytes(to: u32, length: u32): void {
  for (let i: u32 = 0; i < length; i++) store<u8>(to + i, takeByte());
}
