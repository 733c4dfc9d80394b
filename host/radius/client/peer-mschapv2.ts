// The peer's side of MS-CHAPv2, for `dialward dial` and the tests: response, authenticator response, MPPE keys.
// Sources: RFC 2759 section 8, RFC 3079 sections 3.3 and 3.4, RFC 1320 (MD4). The verifying side is in the core.

import { createCipheriv, hash } from "node:crypto";

/** What both sides of a dial-in know. */
export interface MsChapV2Exchange {
  /** 16 bytes each. */
  authenticatorChallenge: Uint8Array;
  peerChallenge: Uint8Array;
  /** Without a domain. */
  name: Uint8Array;
  password: string;
}

/** What the peer sends and what it expects back. Keys have 16 bytes; send and receive are the server's. */
export interface MsChapV2Result {
  /** 24 bytes. */
  response: Buffer;
  /** 20 bytes. */
  authenticatorResponse: Buffer;
  masterKey: Buffer;
  sendKey: Buffer;
  receiveKey: Buffer;
}

/** Computes all of it (RFC 2759 sections 8.1 and 8.7, RFC 3079 section 3.4). */
export function respondMsChapV2(exchange: MsChapV2Exchange): MsChapV2Result {
  const { authenticatorChallenge, peerChallenge, name, password } = exchange;
  const passwordHash = md4(Buffer.from(password, "utf16le"));
  const hashHash = md4(passwordHash);
  const challenge = sha1(peerChallenge, authenticatorChallenge, name).subarray(0, 8);
  const keys = Buffer.concat([passwordHash, Buffer.alloc(5)]);
  const response = Buffer.concat([0, 7, 14].map((at) => des(challenge, keys.subarray(at, at + 7))));
  const masterKey = sha1(hashHash, response, MASTER).subarray(0, 16);
  return {
    response,
    authenticatorResponse: sha1(sha1(hashHash, response, SIGNING), challenge, PADDING),
    masterKey,
    sendKey: sha1(masterKey, ZEROS, CLIENT_RECEIVES, TWOS).subarray(0, 16),
    receiveKey: sha1(masterKey, ZEROS, CLIENT_SENDS, TWOS).subarray(0, 16),
  };
}

const SIGNING = "Magic server to client signing constant";
const PADDING = "Pad to make it do more than one iteration";
const MASTER = "This is the MPPE Master Key";
const CLIENT_SENDS = "On the client side, this is the send key; on the server side, it is the receive key.";
const CLIENT_RECEIVES =
  "On the client side, this is the receive key; on the server side, it is the send key.";
const ZEROS = Buffer.alloc(40);
const TWOS = Buffer.alloc(40, 0xf2);

function sha1(...parts: (Uint8Array | string)[]): Buffer {
  return hash("sha1", Buffer.concat(parts.map((part) => Buffer.from(part as string))), "buffer");
}

/** One DES block under a key of 56 bits: three times the same key, because OpenSSL 3 has no single DES. */
function des(block: Uint8Array, key: Uint8Array): Buffer {
  const bits = key.reduce((all, byte) => (all << 8n) | BigInt(byte), 0n);
  const single = Buffer.from(
    Array.from({ length: 8 }, (_, i) => Number((bits >> BigInt(49 - 7 * i)) & 127n) << 1),
  );
  const cipher = createCipheriv("des-ede3-cbc", Buffer.concat([single, single, single]), Buffer.alloc(8));
  return cipher.update(block);
}

/** MD4 (RFC 1320), which OpenSSL 3 offers only in its legacy provider. */
export function md4(message: Uint8Array): Buffer {
  const padded = Buffer.alloc((((message.length + 8) >> 6) + 1) << 6);
  padded.set(message);
  padded[message.length] = 0x80;
  padded.writeUInt32LE((message.length << 3) >>> 0, padded.length - 8);
  const ROUNDS = [
    { add: 0, shifts: [3, 7, 11, 19], order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] },
    { add: 0x5a827999, shifts: [3, 5, 9, 13], order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15] },
    {
      add: 0x6ed9eba1,
      shifts: [3, 9, 11, 15],
      order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    },
  ];
  const mix = [
    (x: number, y: number, z: number) => (x & y) | (~x & z),
    (x: number, y: number, z: number) => (x & y) | (x & z) | (y & z),
    (x: number, y: number, z: number) => x ^ y ^ z,
  ];
  let state: [number, number, number, number] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < padded.length; at += 64) {
    let [a, b, c, d] = state;
    ROUNDS.forEach(({ add, shifts, order }, round) =>
      order.forEach((word, i) => {
        const sum = (a + mix[round]!(b, c, d) + padded.readUInt32LE(at + 4 * word) + add) | 0;
        const shift = shifts[i & 3]!;
        [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
      }),
    );
    state = [(state[0] + a) | 0, (state[1] + b) | 0, (state[2] + c) | 0, (state[3] + d) | 0];
  }
  const out = Buffer.alloc(16);
  state.forEach((word, i) => out.writeInt32LE(word | 0, 4 * i));
  return out;
}
