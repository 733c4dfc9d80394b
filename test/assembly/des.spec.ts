// DES of a whole group at once: every row and lane, weak keys, and one wrong bit anywhere.
import { desMatches } from "../../assembly/des";
import { DES_ROWS_AT } from "../../assembly/scratch";

// Key without parity bits, from the top; block; result. The first 19 are NBS Special Publication 500-20's S-box test;
// then weak and semi-weak keys with results by OpenSSL; the last two are older textbooks'.
const VECTORS: StaticArray<u64> = [
  0x7d404224a35bab00, 0x01a1d6d039776742, 0x690f5b0d9a26939b, 0x00636309d80db700, 0x5cd54ca83def57da,
  0x7a389d10354bd271, 0x074049f4a149c300, 0x0248d43806f67172, 0x868ebb51cab4599a, 0x38919a62604c4f00,
  0x51454b582ddf440a, 0x7178876e01f19b2a, 0x057055d43fed5b00, 0x42fd443059577fa2, 0xaf37fb421f8c4095,
  0x0026e38fc6bce700, 0x059b5e0851cf143a, 0x86a560f10ec6d85b, 0x00e3c3a471ed7300, 0x0756d8e0774761d2,
  0x0cd3da020021dc09, 0x4251fd639c5cff00, 0x762514b829bf486a, 0xea676b2cb7db2b7a, 0x074c4b845b4a8b00,
  0x3bdd119049372802, 0xdfd64a815caf1a0f, 0x04d2402c3f8e9700, 0x26955f6835af609a, 0x5c513c9c4886c088,
  0x37a1ada1795d2300, 0x164d5e404f275232, 0x0a2aeeae3ff4ab77, 0x1e109861b851af00, 0x6b056e18759f5cca,
  0xef1bf03e5dfa575a, 0x58808b21b7583b00, 0x004bd6ef09176062, 0x88bf0db6d70dee56, 0x02b058b4652c0300,
  0x480d39006ee762f2, 0xa1f9915541020b56, 0x48f0fde796494700, 0x437540c8698f3cfa, 0x6fbf1cafcffd0556,
  0x4f6178a1555cd300, 0x072d43a077075292, 0x2f22e49bab7ca1ac, 0x49d17364d44a5f00, 0x02fe55778117f12a,
  0x5a6b612cc26cce4a, 0x010446e41349eb00, 0x1d9d5c5018f728c2, 0x5f4c038ed12b2e41, 0x1cb1f8e13253f700,
  0x305532286d6f295a, 0x63fac0d034d9f793, 0x0000000000000000, 0x0123456789abcdef, 0x617b3a0ce8f07100,
  0xffffffffffffff00, 0x0123456789abcdef, 0x6dce0dc9006556a3, 0xe1c3870f1e3c7800, 0x0123456789abcdef,
  0xee600bc06fc9ef23, 0x1e3c78f0e1c38700, 0x0123456789abcdef, 0xdb958605f8c8c606, 0x01fc07f01fc07f00,
  0x0123456789abcdef, 0x8a76c7a4f16d47ed, 0xfe03f80fe03f8000, 0x0123456789abcdef, 0xfe44e3310fd98327,
  0x1fc07f00fe03f800, 0x0123456789abcdef, 0x7ccf66359f9dfc11, 0xe03f80ff01fc0700, 0x0123456789abcdef,
  0xf4c408edbafaf7ae, 0x01c007001e007800, 0x0123456789abcdef, 0x35c368269fefe0df, 0x0000000000000000,
  0x0000000000000000, 0x8ca64de9c1b123a7, 0xffffffffffffff00, 0xffffffffffffffff, 0x7359b2163e4edc58,
  0x12695bc9b7b7f800, 0x0123456789abcdef, 0x85e813540f0ab405, 0x0e66499ead833900, 0x8787878787878787,
  0x0000000000000000,
];

/** Row c of a group of `rows` holds vector (c + turn) % 32; `flip` bits of its word w are turned over. */
function fill(rows: u32, turn: u32): void {
  for (let c: u32 = 0; c < rows; c++) {
    const v = ((c + turn) % 32) * 3;
    for (let w: u32 = 0; w < 6; w++) {
      const pair = VECTORS[v + (w >>> 1)];
      store<u32>(rowWord(rows, c, w), (w & 1 ? pair : pair >>> 32) as u32);
    }
  }
}

function rowWord(rows: u32, c: u32, w: u32): u32 {
  return DES_ROWS_AT + (w * rows + c) * 4;
}

/** Runs the group; the answer's bit of every row, as text from row 0. */
function matches<L>(rows: u32): string {
  const lanes: u32 = rows / 32;
  store<L>(DES_ROWS_AT + 3072, desMatches<L>());
  let text = "";
  for (let c: u32 = 0; c < rows; c++) {
    text += ((load<u32>(DES_ROWS_AT + 3072 + (c % lanes) * 4) >>> (c / lanes)) & 1).toString();
  }
  return text;
}

function group<L>(rows: u32): void {
  const right = "1".repeat(rows);
  for (let turn: u32 = 0; turn < 32; turn += 5) {
    fill(rows, turn);
    expect<string>(matches<L>(rows)).toBe(right);
  }
  // One wrong bit of the key, the block or the expected result is told, and told of that row only.
  for (let i: u32 = 0; i < 184; i++) {
    const w: u32 = i < 56 ? i / 32 : 2 + (i - 56) / 32;
    const bit: u32 = i < 32 ? i : i < 56 ? 8 + (i - 32) : (i - 56) % 32;
    const c = (i * 37) % rows;
    fill(rows, i);
    store<u32>(rowWord(rows, c, w), load<u32>(rowWord(rows, c, w)) ^ (1 << bit));
    expect<string>(matches<L>(rows)).toBe("1".repeat(c) + "0" + "1".repeat(rows - c - 1), i.toString());
  }
}

describe("DES", () => {
  it("32 candidates in u32", () => group<u32>(32));
  it("128 candidates in v128", () => group<v128>(128));
  it("does not look at the eight bits behind the key", () => {
    fill(32, 0);
    for (let c: u32 = 0; c < 32; c++) store<u8>(rowWord(32, c, 1), 0xff);
    expect<string>(matches<u32>(32)).toBe("1".repeat(32));
  });
});
