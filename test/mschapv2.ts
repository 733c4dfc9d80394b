// MS-CHAPv2 as a peer computes it, on node:crypto, to check the core against: written from RFC 2759 and RFC 3079 alone.
import { createCipheriv, createHash } from "node:crypto";

/** MD4 (RFC 1320); OpenSSL 3 keeps it among its legacy algorithms. */
export function md4(message: Uint8Array): Buffer {
  const blocks = Math.ceil((message.length + 9) / 64);
  const padded = Buffer.alloc(blocks * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  padded.writeUInt32LE(message.length * 8, blocks * 64 - 8);
  const rotate = (x: number, n: number) => (x << n) | (x >>> (32 - n));
  const rounds = [
    {
      add: 0,
      turns: [3, 7, 11, 19],
      order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
      f: (x: number, y: number, z: number) => (x & y) | (~x & z),
    },
    {
      add: 0x5a827999,
      turns: [3, 5, 9, 13],
      order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
      f: (x: number, y: number, z: number) => (x & y) | (x & z) | (y & z),
    },
    {
      add: 0x6ed9eba1,
      turns: [3, 9, 11, 15],
      order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
      f: (x: number, y: number, z: number) => x ^ y ^ z,
    },
  ];
  let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < blocks; block++) {
    let [a, b, c, d] = state as [number, number, number, number];
    for (const { add, turns, order, f } of rounds) {
      order.forEach((w, i) => {
        const sum = (a + f(b, c, d) + padded.readUInt32LE(block * 64 + w * 4) + add) | 0;
        [a, b, c, d] = [d, rotate(sum, turns[i % 4]!), b, c];
      });
    }
    state = [a, b, c, d].map((x, i) => (x + state[i]!) | 0);
  }
  const digest = Buffer.alloc(16);
  state.forEach((word, i) => digest.writeInt32LE(word, i * 4));
  return digest;
}

/** One DES block under the 56 bits of seven bytes: triple DES with three equal keys. Parity bits are ignored. */
export function des(key: Uint8Array, block: Uint8Array): Buffer {
  const bits = [...key].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const spread = Buffer.from(bits.match(/.{7}/g)!.map((seven) => parseInt(`${seven}0`, 2)));
  const cipher = createCipheriv("des-ede3", Buffer.concat([spread, spread, spread]), null).setAutoPadding(
    false,
  );
  return cipher.update(block);
}

const sha1 = (...parts: (Uint8Array | string)[]) => {
  const hash = createHash("sha1");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export interface Exchange {
  password: string;
  authenticatorChallenge: Uint8Array;
  peerChallenge: Uint8Array;
  name: Uint8Array;
}

/** RFC 2759 sections 8.2, 8.3, 8.5 and 8.7; RFC 3079 sections 3.3 and 3.4, keys of 128 bits as the server names them. */
export function msChapV2({ password, authenticatorChallenge, peerChallenge, name }: Exchange): {
  response: Buffer;
  authenticatorResponse: Buffer;
  masterKey: Buffer;
  sendKey: Buffer;
  receiveKey: Buffer;
} {
  const challenge = sha1(peerChallenge, authenticatorChallenge, name).subarray(0, 8);
  const hash = md4(Buffer.from(password, "utf16le"));
  const keys = Buffer.concat([hash, Buffer.alloc(5)]);
  const response = Buffer.concat([0, 7, 14].map((at) => des(keys.subarray(at, at + 7), challenge)));
  const hashHash = md4(hash);
  const masterKey = sha1(hashHash, response, "This is the MPPE Master Key").subarray(0, 16);
  const startKey = (magic: string) =>
    sha1(masterKey, Buffer.alloc(40), magic, Buffer.alloc(40, 0xf2)).subarray(0, 16);
  return {
    response,
    authenticatorResponse: sha1(
      sha1(hashHash, response, "Magic server to client signing constant"),
      challenge,
      "Pad to make it do more than one iteration",
    ),
    masterKey,
    sendKey: startKey("On the client side, this is the receive key; on the server side, it is the send key."),
    receiveKey: startKey(
      "On the client side, this is the send key; on the server side, it is the receive key.",
    ),
  };
}
