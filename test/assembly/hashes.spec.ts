// The compression functions alone, with messages of several blocks, in each lane type and each lane.
// Sources stand beside the values.
import { laneBlock, pad } from "../../assembly/bytes";
import { CANDIDATES, LANES } from "../../assembly/lane";
import { md4Block } from "../../assembly/md4";
import { md5Block, md5Start } from "../../assembly/md5";
import { DIGEST_AT, LANES_AT, TEXT_AT } from "../../assembly/scratch";
import { sha1Block, sha1Start } from "../../assembly/sha1";
import { sha256Block, sha256Start } from "../../assembly/sha256";
import { sha512Block, sha512Start } from "../../assembly/sha512";

const MD4: u32 = 0;
const MD5: u32 = 1;
const SHA1: u32 = 2;
const SHA256: u32 = 3;

function start<L>(hash: u32): void {
  if (hash <= MD5) md5Start<L>();
  else if (hash == SHA1) sha1Start<L>();
  else sha256Start<L>();
}

function compress<L>(hash: u32): void {
  if (hash == MD4) md4Block<L>();
  else if (hash == MD5) md5Block<L>(true);
  else if (hash == SHA1) sha1Block<L>();
  else sha256Block<L>();
}

function digestOf(hash: u32, lane: u32): string {
  let text = "";
  const words: u32 = hash == SHA256 ? 8 : hash == SHA1 ? 5 : 4;
  for (let w: u32 = 0; w < words; w++) {
    const word = load<u32>(DIGEST_AT + ((lane / LANES) * words + w) * 4 * LANES + (lane % LANES) * 4);
    text += (hash <= MD5 ? bswap<u32>(word) : word).toString(16).padStart(8, "0");
  }
  return text;
}

/** The hash of `message` in one lane; the other lanes hash garbage. */
function hashText<L>(hash: u32, message: string, lane: u32): string {
  memory.fill(LANES_AT, 0xa5, 64 * CANDIDATES);
  start<L>(hash);
  for (let i = 0; i < message.length; i++) store<u8>(TEXT_AT + i, message.charCodeAt(i) as u8);
  const blocks = pad(message.length, hash >= SHA1);
  for (let block: u32 = 0; block < blocks; block++) {
    laneBlock(lane, TEXT_AT + block * 64, hash >= SHA1);
    compress<L>(hash);
  }
  return digestOf(hash, lane);
}

function check(hash: u32, message: string, digest: string): void {
  expect<string>(hashText<u32>(hash, message, 0)).toBe(digest, "u32: " + message);
  const lanes = hash <= MD5 ? CANDIDATES : LANES;
  for (let lane: u32 = 0; lane < lanes; lane++) {
    expect<string>(hashText<v128>(hash, message, lane)).toBe(digest, "v128: " + message);
  }
}

/** `blocks` blocks of "a" and an end that says so. */
function hashMillion<L>(hash: u32): string {
  start<L>(hash);
  for (let i = 0; i < 15625; i++) {
    memory.fill(TEXT_AT, 0x61, 64);
    laneBlock(0, TEXT_AT, hash >= SHA1);
    compress<L>(hash);
  }
  memory.fill(TEXT_AT, 0, 64);
  store<u8>(TEXT_AT, 0x80);
  if (hash >= SHA1) store<u32>(TEXT_AT, bswap<u32>(8000000), 60);
  else store<u32>(TEXT_AT, 8000000, 56);
  laneBlock(0, TEXT_AT, hash >= SHA1);
  compress<L>(hash);
  return digestOf(hash, 0);
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const LONG = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const DIGITS = "12345678901234567890123456789012345678901234567890123456789012345678901234567890";
const TWO_BLOCKS = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

describe("compression", () => {
  // RFC 1320 appendix A.5.
  it("MD4", () => {
    check(MD4, "", "31d6cfe0d16ae931b73c59d7e0c089c0");
    check(MD4, "a", "bde52cb31de33e46245e05fbdbd6fb24");
    check(MD4, "abc", "a448017aaf21d8525fc10ae87aa6729d");
    check(MD4, "message digest", "d9130a8164549fe818874806e1c7014b");
    check(MD4, LETTERS, "d79e1c308aa5bbcdeea8ed63df412da9");
    check(MD4, LONG, "043f8582f241db351ce627e153e7f0e4");
    check(MD4, DIGITS, "e33b4ddc9c38f2199c3e7b164fcc0536");
  });

  // RFC 1321 appendix A.5; the million by OpenSSL.
  it("MD5", () => {
    check(MD5, "", "d41d8cd98f00b204e9800998ecf8427e");
    check(MD5, "a", "0cc175b9c0f1b6a831c399e269772661");
    check(MD5, "abc", "900150983cd24fb0d6963f7d28e17f72");
    check(MD5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0");
    check(MD5, LETTERS, "c3fcd3d76192e4007dfb496cca67e13b");
    check(MD5, LONG, "d174ab98d277d9f5a5611c2c9f419d9f");
    check(MD5, DIGITS, "57edf4a22be3c955ac49da2e2107b67a");
    expect<string>(hashMillion<u32>(MD5)).toBe("7707d6ae4e027c70eea2a935c2296f21");
  });

  // RFC 3174 section 7.3 (TEST1, TEST2, TEST3).
  it("SHA-1", () => {
    check(SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    check(SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
    check(SHA1, TWO_BLOCKS, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    expect<string>(hashMillion<u32>(SHA1)).toBe("34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    expect<string>(hashMillion<v128>(SHA1)).toBe("34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  });

  // FIPS 180-2 appendix B.
  it("SHA-256", () => {
    check(SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check(SHA256, TWO_BLOCKS, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    expect<string>(hashMillion<u32>(SHA256)).toBe(
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    );
  });

  // FIPS 180-2 appendix C.
  it("SHA-512", () => {
    expect<string>(sha512("abc")).toBe(
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    );
    expect<string>(
      sha512(
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn" +
          "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      ),
    ).toBe(
      "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018" +
        "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
    );
  });
});

function sha512(message: string): string {
  const length: u32 = message.length;
  const blocks = (length + 17 + 127) / 128;
  sha512Start();
  for (let block: u32 = 0; block < blocks; block++) {
    for (let w: u32 = 0; w < 16; w++) {
      let word: u64 = 0;
      for (let i: u32 = 0; i < 8; i++) {
        const at = block * 128 + w * 8 + i;
        const byte: u64 = at < length ? message.charCodeAt(at) : at == length ? 0x80 : 0;
        word = (word << 8) | byte;
      }
      if (block == blocks - 1 && w == 15) word = length * 8;
      store<u64>(LANES_AT + w * 8, word);
    }
    sha512Block();
  }
  let text = "";
  for (let w: u32 = 0; w < 8; w++)
    text += load<u64>(DIGEST_AT + w * 8)
      .toString(16)
      .padStart(16, "0");
  return text;
}
