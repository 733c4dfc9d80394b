// An EAP conversation before its proof: nothing of it is kept, so that any number of strangers costs no memory. State
// holds it, under a MAC that binds it to user and NAS. RFC 3579 section 2.1.

import { copy, equal, storeWord } from "../bytes";
import { WAITING_SECONDS } from "./abi";
import { find, valueAt, valueLength } from "./attributes";
import { USER_NAME } from "./dictionary";
import { hmac } from "./digest";
import { at, Client, DIGEST_BYTES_AT, KEY, TEXT } from "./layout";

// A State: method, EAP identifier, flags, zero; when; the method's challenge; the MAC.
const SEALED_METHOD: u32 = 0;
const SEALED_IDENTIFIER: u32 = 1;
const SEALED_FLAGS: u32 = 2;
const SEALED_TIME: u32 = 4;
export const SEALED_CHALLENGE: u32 = 8;
const SEALED_MAC: u32 = 24;
export const SEALED_BYTES: u32 = 40;

/** A Nak has been followed already. */
export const FLAG_NAKED: u32 = 1;
/** The failure has been told; whatever comes is refused. */
export const FLAG_FAILED: u32 = 2;

/** Seals a conversation at `state`, where its challenge stands already. */
export function seal(slot: u32, client: u32, state: u32, method: u32, identifier: u32, flags: u32, now: u32): void {
  store<u8>(state, method, SEALED_METHOD);
  store<u8>(state, identifier, SEALED_IDENTIFIER);
  store<u8>(state, flags, SEALED_FLAGS);
  store<u8>(state, 0, SEALED_FLAGS + 1);
  for (let i: u32 = 0; i < 4; i++) store<u8>(state + SEALED_TIME + i, now >>> (8 * i));
  digest(slot, client, state);
  copy(state + SEALED_MAC, DIGEST_BYTES_AT, 16);
}

/** Whether the State of `length` bytes at `state` is one of ours, of this user and NAS, and young enough. */
export function isSealed(slot: u32, client: u32, state: u32, length: u32, now: u32): bool {
  if (length != SEALED_BYTES) return false;
  digest(slot, client, state);
  if (!equal(state + SEALED_MAC, DIGEST_BYTES_AT, 16)) return false;
  let then: u32 = 0;
  for (let i: u32 = 0; i < 4; i++) then |= (load<u8>(state + SEALED_TIME + i) as u32) << (8 * i);
  return now - then < WAITING_SECONDS;
}

export function sealedMethod(state: u32): u32 {
  return load<u8>(state, SEALED_METHOD);
}

export function sealedIdentifier(state: u32): u32 {
  return load<u8>(state, SEALED_IDENTIFIER);
}

export function sealedFlags(state: u32): u32 {
  return load<u8>(state, SEALED_FLAGS);
}

function digest(slot: u32, client: u32, state: u32): void {
  const name = find(slot, USER_NAME);
  const length = valueLength(slot, name);
  copy(TEXT, state, SEALED_MAC);
  storeWord(TEXT + SEALED_MAC, at<Client>(client).id);
  copy(TEXT + SEALED_MAC + 4, valueAt(slot, name), length);
  hmac(KEY, TEXT, SEALED_MAC + 4 + length);
}
