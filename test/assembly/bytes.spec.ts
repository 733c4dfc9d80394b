// Numbers and blocks in memory: every length of padding, byte orders, comparison.
import {
  copy,
  equal,
  load16,
  load64,
  loadBigEndian,
  pad,
  store64,
  storeBigEndian,
  storeWord,
  zero,
} from "../../assembly/bytes";
import { loadWord } from "../../assembly/lane";
import { TEXT_AT } from "../../assembly/scratch";

const AT: u32 = TEXT_AT;

function padAt(length: u32, bigEndian: bool): u32 {
  memory.fill(AT, 0x55, 192);
  return pad(length, bigEndian);
}

describe("bytes", () => {
  it("numbers are little-endian unless they say otherwise, at any address", () => {
    memory.fill(AT, 0, 16);
    storeWord(AT + 1, 0x01020304);
    expect<u32>(load<u8>(AT + 1)).toBe(4);
    expect<u32>(load<u8>(AT + 4)).toBe(1);
    expect<u32>(loadWord(AT + 1)).toBe(0x01020304);
    expect<u32>(loadBigEndian(AT + 1)).toBe(0x04030201);
    expect<u32>(load16(AT + 1)).toBe(0x0304);
    storeBigEndian(AT + 1, 0xfffefdfc);
    expect<u32>(loadBigEndian(AT + 1)).toBe(0xfffefdfc);
    store64(AT + 3, 0xfedcba9876543210);
    expect<u64>(load64(AT + 3)).toBe(0xfedcba9876543210);
    expect<u32>(loadWord(AT + 3)).toBe(0x76543210);
  });

  it("zero and copy keep to their lengths", () => {
    memory.fill(AT, 0x55, 32);
    zero(AT + 8, 16);
    expect<u64>(load<u64>(AT)).toBe(0x5555555555555555);
    expect<u64>(load<u64>(AT + 8) | load<u64>(AT + 16)).toBe(0);
    expect<u64>(load<u64>(AT + 24)).toBe(0x5555555555555555);
    copy(AT + 8, AT, 3);
    expect<u64>(load<u64>(AT + 8)).toBe(0x555555);
  });

  it("equal sees a difference in any byte, and only within the length", () => {
    for (let i: u32 = 0; i < 16; i++) {
      memory.fill(AT, 7, 64);
      expect<u32>(equal(AT, AT + 32, 16)).toBe(1);
      store<u8>(AT + 32 + i, 6);
      expect<u32>(equal(AT, AT + 32, 16)).toBe(0);
      expect<u32>(equal(AT, AT + 32, i)).toBe(1);
    }
    expect<u32>(equal(AT, AT + 32, 0)).toBe(1);
  });

  it("pads every length up to 183 bytes as RFC 1321 section 3.1 and RFC 3174 section 4 want it", () => {
    for (let length: u32 = 0; length <= 183; length++) {
      for (let order = 0; order < 2; order++) {
        const blocks = padAt(length, order == 1);
        const end = AT + blocks * 64;
        // The least number of blocks that takes the message, its end mark and eight bytes of length.
        expect<bool>(blocks * 64 >= length + 9 && blocks * 64 < length + 9 + 64).toBe(
          true,
          length.toString(),
        );
        let sum: u32 = 0;
        for (let at = AT; at < AT + length; at++) sum += load<u8>(at) == 0x55 ? 0 : 1;
        for (let at = AT + length + 1; at < end - 8; at++) sum += load<u8>(at);
        expect<u32>(sum).toBe(0, "message kept, zeros after the end mark: " + length.toString());
        expect<u32>(load<u8>(AT + length)).toBe(0x80);
        const bits = order == 1 ? bswap<u64>(load<u64>(end - 8)) : load<u64>(end - 8);
        expect<u64>(bits).toBe(length * 8);
      }
    }
    expect<u32>(padAt(55, false)).toBe(1);
    expect<u32>(padAt(56, false)).toBe(2);
    expect<u32>(padAt(63, true)).toBe(2);
    expect<u32>(padAt(64, true)).toBe(2);
    expect<u32>(padAt(119, true)).toBe(2);
    expect<u32>(padAt(120, true)).toBe(3);
  });
});
