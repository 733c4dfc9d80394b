// The codec and digests of `dial` and the tests: the RFCs' packets, lengths that lie, Message-Authenticator, hidden keys.

import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as field from "../../assembly/radius/dictionary.ts";
import { SharedSecret } from "../../host/radius/client/digest.ts";
import {
  attribute,
  encodePacket,
  parsePacket,
  splitAttribute,
  vendorAttribute,
  type Packet,
} from "../../host/radius/client/packet.ts";
import { md4, respondMsChapV2 } from "../../host/radius/client/peer-mschapv2.ts";
import { runs } from "../runs.ts";

const vectors = (name: string) =>
  JSON.parse(readFileSync(`${import.meta.dirname}/../vectors/${name}.json`, "utf8"));
const hex = (text: string) => Buffer.from(text, "hex");
const md5 = (...parts: Uint8Array[]) => createHash("md5").update(Buffer.concat(parts)).digest();
const parse = (bytes: Buffer): Packet => parsePacket(bytes) ?? expect.fail("not parsed");

describe("RFC 2865 section 7", () => {
  const { secret, cases } = vectors("radius") as { secret: string; cases: Record<string, string>[] };
  const shared = new SharedSecret(secret);

  test.each(cases)("$proof: request and reply", (one) => {
    const { proof, userName, password = "", request = "", accept = "" } = one;
    const asked = parse(hex(request));
    const reply = parse(hex(accept));
    expect(asked.text(field.USER_NAME)).toBe(userName);
    expect(shared.checkReply(reply, asked.authenticator)).toBe(true);
    expect(new SharedSecret("xyzzy5462").checkReply(reply, asked.authenticator)).toBe(false);
    const bare = Buffer.from(reply.bytes).fill(0, 4, 20);
    expect(shared.sign(bare, asked.authenticator).toString("hex")).toBe(accept);
    if (proof === "PAP") {
      const hidden = asked.value(field.USER_PASSWORD)!;
      expect(shared.hidePassword(Buffer.from(password), asked.authenticator)).toEqual(hidden);
    } else {
      const value = asked.value(field.CHAP_PASSWORD)!;
      expect(md5(value.subarray(0, 1), Buffer.from(password), asked.authenticator)).toEqual(
        value.subarray(1),
      );
    }
  });

  test("a packet that is cut off anywhere is malformed", () => {
    for (const { request = "", accept = "" } of cases)
      for (const whole of [hex(request), hex(accept)])
        for (let length = 0; length < whole.length; length++)
          expect(parsePacket(whole.subarray(0, length))).toBeUndefined();
  });

  test("a length field that is too small cuts an attribute, one that is smaller than a header is malformed", () => {
    const whole = hex(cases[0]!["request"]!);
    const boundaries = new Set([20, 26, 44, 50, 56]);
    for (let length = 0; length <= whole.length; length++) {
      whole.writeUInt16BE(length, 2);
      expect(parsePacket(whole) !== undefined, `length ${length}`).toBe(boundaries.has(length));
    }
  });

  test("padding behind the packet is cut off", () => {
    const whole = hex(cases[0]!["request"]!);
    expect(parse(Buffer.concat([whole, Buffer.alloc(9, 1)])).bytes).toEqual(whole);
  });
});

test("MD4 and MS-CHAPv2 of the peer's side give the RFCs' answers", () => {
  for (const { ascii, digest } of vectors("md4").cases)
    expect(md4(Buffer.from(ascii)).toString("hex")).toBe(digest);
  for (const one of vectors("mschapv2").cases) {
    const result = respondMsChapV2({
      authenticatorChallenge: hex(one.authenticatorChallenge),
      peerChallenge: hex(one.peerChallenge),
      name: Buffer.from(one.userName),
      password: one.password,
    });
    expect(result.response.toString("hex")).toBe(one.ntResponse);
    expect(`S=${result.authenticatorResponse.toString("hex").toUpperCase()}`).toBe(one.authenticatorResponse);
    expect(result.masterKey.toString("hex")).toBe(one.masterKey);
    expect(result.sendKey.toString("hex")).toBe(one.serverSendKey128);
    expect(result.receiveKey.toString("hex")).toBe(one.serverReceiveKey128);
  }
});

test("random bytes never throw, and what is parsed can be walked", () => {
  const header = fc.tuple(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.uint8Array({ maxLength: 300 }));
  const framed = header.map(([head, body]) => {
    const bytes = Buffer.concat([head, body]);
    bytes.writeUInt16BE(bytes.length, 2);
    return bytes;
  });
  const shared = new SharedSecret("s");
  fc.assert(
    fc.property(
      fc.oneof(
        framed,
        fc.uint8Array({ maxLength: 4200 }).map((bytes) => Buffer.from(bytes)),
      ),
      (bytes) => {
        const packet = parsePacket(bytes);
        if (packet === undefined) return;
        for (let type = 0; type < 256; type++) packet.value(type);
        packet.joined(field.EAP_MESSAGE);
        packet.vendorValue(field.MICROSOFT, field.MS_CHAP2_RESPONSE);
        shared.checkMessage(packet, packet.authenticator);
      },
    ),
    runs(200),
  );
});

describe("Message-Authenticator", () => {
  const zeros = Buffer.alloc(16);
  const request = Buffer.from("0123456789abcdef");

  test.each(["s", "testing123", "k".repeat(64), "k".repeat(100)])(
    "is HMAC-MD5 under a secret as long as %s",
    (key) => {
      const shared = new SharedSecret(key);
      const reply = encodePacket(field.ACCESS_REJECT, 9, request, [attribute(field.REPLY_MESSAGE, "no")])!;
      const expected = createHmac("md5", key).update(reply).digest();
      shared.sign(reply, request);
      expect(reply[20]).toBe(field.MESSAGE_AUTHENTICATOR);
      expect(reply.subarray(22, 38)).toEqual(expected);
      const packet = parse(reply);
      expect(shared.checkReply(packet, request)).toBe(true);
      expect(shared.checkMessage(packet, request)).toBe(true);
      expect(shared.checkMessage(packet, zeros)).toBe(false);
      expect(shared.checkMessage(parse(Buffer.from(reply).fill(1, 22, 23)), request)).toBe(false);
    },
  );

  test("twice, or of another length, is malformed", () => {
    const one = attribute(field.MESSAGE_AUTHENTICATOR, zeros);
    const short = attribute(field.MESSAGE_AUTHENTICATOR, zeros.subarray(1));
    expect(parsePacket(encodePacket(1, 1, request, [one], { bare: true })!)).toBeDefined();
    expect(parsePacket(encodePacket(1, 1, request, [one, one], { bare: true })!)).toBeUndefined();
    expect(parsePacket(encodePacket(1, 1, request, [short], { bare: true })!)).toBeUndefined();
  });
});

test("an MS-MPPE key that is hidden as RFC 2548 section 2.4.2 says is found", () => {
  const key = hex("8b7cdc149b993a1ba118cb153f56dccb");
  const request = Buffer.from("0123456789abcdef");
  const salt = hex("8123");
  const secret = Buffer.from("testing123");
  const plain = Buffer.concat([Buffer.of(16), key, Buffer.alloc(15)]);
  const first = md5(secret, request, salt).map((byte, i) => byte ^ plain[i]!);
  const second = md5(secret, first).map((byte, i) => byte ^ plain[16 + i]!);
  const shared = new SharedSecret(secret);
  expect(shared.revealKey(Buffer.concat([salt, first, second]), request)).toEqual(key);
  expect(shared.revealKey(salt, request)).toBeUndefined();
});

test("vendors' attributes are found among others, and broken ones are passed over", () => {
  const wanted = vendorAttribute(field.MICROSOFT, field.MS_CHAP_CHALLENGE, Buffer.from("c"));
  const other = vendorAttribute(9, field.MS_CHAP_CHALLENGE, Buffer.from("no"));
  const broken = attribute(field.VENDOR_SPECIFIC, hex("000001370b09"));
  const short = attribute(field.VENDOR_SPECIFIC, hex("0000"));
  const packet = parse(encodePacket(1, 1, Buffer.alloc(16), [other, broken, short, wanted])!);
  expect(packet.vendorValue(field.MICROSOFT, field.MS_CHAP_CHALLENGE)?.toString()).toBe("c");
  expect(packet.vendorValue(field.MICROSOFT, field.MS_CHAP2_RESPONSE)).toBeUndefined();
});

test("a long EAP message is split and joined", () => {
  const message = Buffer.from(Array.from({ length: 700 }, (_, i) => i & 255));
  const packet = parse(encodePacket(1, 1, Buffer.alloc(16), splitAttribute(field.EAP_MESSAGE, message))!);
  expect(packet.joined(field.EAP_MESSAGE)).toEqual(message);
});
