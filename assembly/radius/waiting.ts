// What waits for a user's next word, after a right password or proof: in a table, under a random State that is taken
// once, in time, by the same user and NAS. Users are spread over sets, and have half of one at most. RFC 2865 section 5.24.

import { copy, equal, zero } from "../bytes";
import { RESULT_SEND_KEY } from "../abi";
import { NOTE_BYTES, SLOT_NOTE, SLOT_RESULT, WAITING_SECONDS } from "./abi";
import { find, valueAt, valueLength } from "./attributes";
import { USER_NAME } from "./dictionary";
import { hmac } from "./digest";
import { takeBytes } from "./entropy";
import {
  at,
  DIGEST_BYTES_AT,
  KEY,
  SAVED_AT,
  Slot,
  TEXT,
  Waiting,
  WAITING_BYTES,
  WAITING_KEYS,
  WAITING_NOTE,
  WAITING_STATE,
  WAITING_USER,
} from "./layout";
import { WAITING_AT, WAITING_SETS, WAYS } from "./sizes";

/** What is awaited: PAP's code, EAP-GTC's code, EAP-MSCHAPv2's acknowledgement. 0 is nothing. */
export const WAITING_CHALLENGE: u32 = 1;
export const WAITING_CODE: u32 = 2;
export const WAITING_SUCCESS: u32 = 3;

const KEYS_BYTES: u32 = 32;
const STATE_BYTES: u32 = 16;
/** As the packets have it: hexadecimal, since ocserv keeps a State as a C string. */
export const STATE_LETTERS: u32 = 2 * STATE_BYTES;

/**
 * Lets the user of `slot` wait with the host's note and, for WAITING_SUCCESS, both keys of the result; writes the State,
 * STATE_LETTERS long, to `to`.
 */
export function putWaiting(slot: u32, client: u32, kind: u32, now: u32, to: u32): void {
  const set = userSet(slot);
  // The place of what ends first: of all, or, where the user has half of them, of the user's own.
  let mine: u32 = 0;
  for (let way: u32 = 0; way < WAYS; way++) mine += isOf(set + way * WAITING_BYTES, client);
  let oldest = set;
  let left: i32 = i32.MAX_VALUE;
  for (let way: u32 = 0; way < WAYS; way++) {
    const here = set + way * WAITING_BYTES;
    if (mine >= WAYS / 2 && !isOf(here, client)) continue;
    const its: i32 = at<Waiting>(here).kind == 0 ? -1 : ((at<Waiting>(here).until - now) as i32);
    if (its >= left) continue;
    left = its;
    oldest = here;
  }
  const one = at<Waiting>(oldest);
  zero(oldest, WAITING_BYTES);
  one.kind = kind as u8;
  one.identifier = at<Slot>(slot).identifier;
  one.until = now + WAITING_SECONDS;
  one.client = client;
  copy(oldest + WAITING_USER, SAVED_AT, 16);
  copy(oldest + WAITING_NOTE, slot + SLOT_NOTE, NOTE_BYTES);
  if (kind == WAITING_SUCCESS) copy(oldest + WAITING_KEYS, slot + SLOT_RESULT + RESULT_SEND_KEY, KEYS_BYTES);
  takeBytes(oldest + WAITING_STATE, STATE_BYTES);
  printHexadecimal(to, oldest + WAITING_STATE, STATE_BYTES, 0x61);
}

/**
 * What waits for the user of `slot` under the State of `length` bytes at `state`: WAITING_*, 0 for nothing. The host's
 * note, the keys and EAP's identifier go into the slot.
 */
export function takeWaiting(slot: u32, client: u32, state: u32, length: u32, now: u32): u32 {
  if (length != STATE_LETTERS) return 0;
  let here = userSet(slot);
  for (let way: u32 = 0; way < WAYS; way++, here += WAITING_BYTES) {
    const one = at<Waiting>(here);
    if (!isOf(here, client)) continue;
    printHexadecimal(TEXT, here + WAITING_STATE, STATE_BYTES, 0x61);
    if (!equal(TEXT, state, STATE_LETTERS)) continue;
    const kind: u32 = ((one.until - now) as i32) > 0 ? one.kind : 0;
    copy(slot + SLOT_NOTE, here + WAITING_NOTE, NOTE_BYTES);
    copy(slot + SLOT_RESULT + RESULT_SEND_KEY, here + WAITING_KEYS, KEYS_BYTES);
    at<Slot>(slot).identifier = one.identifier;
    zero(here, WAITING_BYTES);
    return kind;
  }
  return 0;
}

/** 1 if somebody waits there, the user whose name's digest is at SAVED_AT, at the same NAS; else 0. */
function isOf(here: u32, client: u32): u32 {
  const one = at<Waiting>(here);
  return (one.kind != 0 && one.client == client) as u32 & equal(here + WAITING_USER, SAVED_AT, 16);
}

/** Hexadecimal digits of `length` bytes; `ten` is the letter for 10. */
export function printHexadecimal(to: u32, from: u32, length: u32, ten: u32): void {
  for (let i: u32 = 0; i < length; i++) {
    const byte: u32 = load<u8>(from + i);
    store<u8>(to + 2 * i, digit(byte >>> 4, ten));
    store<u8>(to + 2 * i, digit(byte & 15, ten), 1);
  }
}

@inline
function digit(value: u32, ten: u32): u32 {
  return value < 10 ? 0x30 + value : ten - 10 + value;
}

/** The set of the user of `slot`, as the packet names it; a keyed digest of the name is at SAVED_AT then. */
function userSet(slot: u32): u32 {
  const name = find(slot, USER_NAME);
  const length = valueLength(slot, name);
  copy(TEXT, valueAt(slot, name), length);
  hmac(KEY, TEXT, length);
  copy(SAVED_AT, DIGEST_BYTES_AT, 16);
  const hash = (load<u8>(SAVED_AT) as u32) | ((load<u8>(SAVED_AT, 1) as u32) << 8);
  return WAITING_AT + (hash % WAITING_SETS) * WAYS * WAITING_BYTES;
}
