// Numbers and blocks in memory. The regions that a host sees are little-endian, also on engines that do not swap bytes;
// the scratch's words are always written and read at one width. Every address is a multiple of its number's size.

import { isLittleEndian, LANES, loadWord } from "./lane";
import { blockOf, TEXT_AT } from "./scratch";

export function load16(at: u32): u32 {
  return load<u8>(at) | (load<u8>(at, 1) << 8);
}

export function store16(at: u32, x: u32): void {
  store<u8>(at, x);
  store<u8>(at, x >>> 8, 1);
}

export function load64(at: u32): u64 {
  if (isLittleEndian()) return load<u64>(at);
  return (loadWord(at) as u64) | ((loadWord(at + 4) as u64) << 32);
}

/** Four bytes, most significant first. */
export function loadBigEndian(at: u32): u32 {
  return bswap<u32>(loadWord(at));
}

export function load64BigEndian(at: u32): u64 {
  return ((loadBigEndian(at) as u64) << 32) | (loadBigEndian(at + 4) as u64);
}

/** Writes a word, least significant byte first; `at` is a multiple of four. */
export function storeWord(at: u32, x: u32): void {
  store<u32>(at, isLittleEndian() ? x : bswap<u32>(x));
}

export function store64(at: u32, x: u64): void {
  if (isLittleEndian()) return store<u64>(at, x);
  storeWord(at, x as u32);
  storeWord(at + 4, (x >>> 32) as u32);
}

export function storeBigEndian(at: u32, x: u32): void {
  storeWord(at, bswap<u32>(x));
}

export function copy(to: u32, from: u32, length: u32): void {
  for (let i: u32 = 0; i < length; i++) store<u8>(to + i, load<u8>(from + i));
}

/** Writes zeros; a multiple of eight bytes. Sixteen at a time where the engine can, else four times eight. */
export function zero(at: u32, length: u32): void {
  if (length & 8) {
    length -= 8;
    store<u64>(at + length, 0);
  }
  while (length) {
    length -= 16;
    if (ASC_FEATURE_SIMD) v128.store(at + length, i32x4.splat(0));
    else {
      store<u64>(at + length, 0);
      store<u64>(at + length, 0, 8);
    }
  }
}

/** 1 if `length` bytes at a and b are equal, else 0; the time depends on the length only. */
export function equal(a: u32, b: u32, length: u32): u32 {
  let difference: u32 = 0;
  for (let i: u32 = 0; i < length; i++) difference |= load<u8>(a + i) ^ load<u8>(b + i);
  return (difference == 0) as u32;
}

/**
 * Ends the message of `length` bytes at TEXT_AT as MD4, MD5 and SHA-1 want it: end mark, zeros, length in bits.
 * Returns its blocks, at most three.
 */
export function pad(length: u32, bigEndian: bool): u32 {
  const blocks = (length + 72) >>> 6;
  const end = TEXT_AT + blocks * 64;
  for (let at = TEXT_AT + length + 1; at < end; at++) store<u8>(at, 0);
  store<u8>(TEXT_AT + length, 0x80);
  if (bigEndian) storeBigEndian(end - 4, length * 8);
  else storeWord(end - 8, length * 8);
  return blocks;
}

/** Puts the 64 bytes at `from` into the words of one lane, most or least significant byte first. */
export function laneBlock(lane: u32, from: u32, bigEndian: bool): void {
  for (let w: u32 = 0; w < 16; w++) {
    const word = loadWord(from + w * 4);
    store<u32>(blockOf(lane) + w * 4 * LANES, bigEndian ? bswap<u32>(word) : word);
  }
}
