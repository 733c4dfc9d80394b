// Reply attributes: what administrators write, the bytes on the wire as the RFCs draw them, and what is refused.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DialwardError } from "../../host/errors.ts";
import {
  describeAttribute,
  encodeAttribute,
  parseAttribute,
  printAttribute,
} from "../../host/groups/attribute.ts";
import { attributeNames } from "../../host/groups/dictionary.ts";
import { addressBytes, addressText } from "../../host/groups/address.ts";
import { anyCharacter, runs } from "../runs.ts";

// Drawn by hand from the RFCs' layouts.
test.each([
  ["Framed-IP-Address = 10.0.0.7", "08060a000007"], // RFC 2865 section 5.8
  ['Filter-Id = "sales"', "0b0773616c6573"], // 5.11
  ["Filter-Id = sales", "0b0773616c6573"],
  ["Session-Timeout = 3600", "1b0600000e10"], // 5.27
  ["class = 0x0102", "19040102"], // 5.25
  ["Acct-Interim-Interval = 60", "55060000003c"], // RFC 2869 section 5.16
  ["Framed-Pool = 'a b'", "5805612062"], // 5.18
  ["Tunnel-Type:1 = VLAN", "40060100000d"], // RFC 2868 section 3.1, RFC 3580 section 3.31
  ["Tunnel-Medium-Type:1 = IEEE-802", "410601000006"], // 3.2
  ['Tunnel-Private-Group-Id:1 = "7"', "51040137"], // 3.6
  ['Tunnel-Private-Group-Id = "7"', "51040037"],
  ["Framed-IPv6-Prefix = 2001:db8:7::/48", "610a003020010db80007"], // RFC 3162 section 2.3
  ["Framed-Interface-Id = 0:0:0:7", "600a0000000000000007"], // 2.2
  ["Delegated-IPv6-Prefix = 2001:db8::/32", "7b08002020010db8"], // RFC 4818 section 3
  ["Framed-IPv6-Address = 2001:db8::7", "a81220010db8000000000000000000000007"], // RFC 6911 section 3.1
  ['Cisco-AVPair = "ip:x=1"', "1a0e00000009" + "010869703a783d31"], // RFC 2865 section 5.26
  ["Attr-26.9.1 = 0x6162", "1a0a00000009" + "01046162"],
  ['Mikrotik-Group = "full"', "1a0c00003a8c" + "030666756c6c"],
  ['Fortinet-Group-Name = "vpn"', "1a0b00003044" + "010576706e"],
  ["WISPr-Bandwidth-Max-Down = 1000000", "1a0c0000372a" + "0806000f4240"],
  ["MS-Primary-DNS-Server = 10.0.0.1", "1a0c00000137" + "1c060a000001"],
  ["Attr-97 = 0x0000", "61040000"],
])("%s", (line, hex) => {
  expect(encodeAttribute(parseAttribute(line)).toString("hex")).toBe(hex);
});

test.each([
  ["", "is no attribute"],
  ["Framed-IP-Address", "is no attribute"],
  ["Framed-IP-Address = ", "wants an IPv4 address"],
  ["Framed-IP-Address = 10.0.0", "wants an IPv4 address"],
  ["Framed-IP-Address = 10.0.0.7.8", "wants an IPv4 address"],
  ["Session-Timeout = -1", "wants a whole number"],
  ["Session-Timeout = 4294967296", "wants a whole number"],
  ["Tunnel-Preference:1 = 16777216", "wants a whole number"],
  ["Fortinet-WirelessController-Assoc-Time = 1969-12-31", "wants a time"],
  ["Fortinet-WirelessController-Assoc-Time = 2027-02-30", "wants a time"],
  ["Tunnel-Type:32 = VLAN", "a tag is a number"],
  ["Filter-Id:1 = x", "takes no tag"],
  ['Filter-Id = "x', "closing quote"],
  ['Filter-Id = ""', "nothing behind"],
  [`Filter-Id = ${"x".repeat(254)}`, "at most 253 bytes"],
  [`Cisco-AVPair = ${"x".repeat(248)}`, "at most 247 bytes"],
  [`Tunnel-Private-Group-Id = ${"x".repeat(253)}`, "at most 253 bytes"],
  ["Framed-IPv6-Prefix = 2001:db8::1/32", "bits set beyond"],
  ["Framed-IPv6-Prefix = 2001:db8::/129", "wants an IPv6 prefix"],
  ["Service-Type = Nobody", "one of Login-User"],
  ["Reply-Mesage = hello", "not in the dictionary"],
  ["State = 0x01", "not in the dictionary"],
  ["Attr-24 = 0x01", "protocol's own"],
  ["Attr-80 = 0x00", "protocol's own"],
  ["Attr-26 = 0x00", "protocol's own"],
  ["Attr-26.311.16 = 0x00", "protocol's own"],
  ["Attr-0 = 0x00", "no such attribute"],
  ["Attr-256 = 0x00", "no such attribute"],
  ["Filter-Id = 0x0", "pairs of hexadecimal"],
])("refused: %s", (line, why) => {
  expect(() => parseAttribute(line)).toThrow(why);
});

test("a time reads as it is printed, whatever it is", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), (time) => {
      const attribute = parseAttribute(`Fortinet-WirelessController-Assoc-Time = ${time}`);
      expect(parseAttribute(printAttribute(attribute))).toEqual(attribute);
    }),
  );
});

test("whatever is read is printed so that it reads the same, and fits its packet", () => {
  const name = fc.constantFrom(
    ...attributeNames(),
    "Attr-97",
    "Attr-200",
    "Attr-26.1.1",
    "Attr-26.4294967295.255",
  );
  const value = fc.oneof(
    fc.nat().map(String),
    fc.ipV4(),
    fc.ipV6(),
    fc.tuple(fc.ipV6(), fc.nat(128)).map(([address, bits]) => `${address}/${bits}`),
    fc.string({ unit: anyCharacter }).map((text) => `"${text.replace(/["\\]/g, "\\$&")}"`),
    fc.uint8Array({ maxLength: 260 }).map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`),
    fc.string(),
  );
  const line = fc.tuple(name, fc.option(fc.nat(40)), fc.constantFrom("=", "+=", ":="), value);
  let taken = 0;
  fc.assert(
    fc.property(line, ([word, tag, operator, text]) => {
      let attribute;
      try {
        attribute = parseAttribute(`${word}${tag === null ? "" : `:${tag}`} ${operator} ${text}`);
      } catch (error) {
        expect(error).toBeInstanceOf(DialwardError);
        return;
      }
      taken++;
      expect(parseAttribute(printAttribute(attribute))).toEqual(attribute);
      const bytes = encodeAttribute(attribute);
      expect(bytes.length).toBeLessThanOrEqual(255);
      expect(bytes[1]).toBe(bytes.length);
      const [shown] = describeAttribute(bytes[0]!, bytes.subarray(2));
      expect(encodeAttribute(parseAttribute(shown!)).equals(bytes)).toBe(true);
    }),
    runs(2000),
  );
  expect(taken).toBeGreaterThan(100);
});

test("any bytes of a reply can be shown, and nothing that is shown can steer a terminal", () => {
  fc.assert(
    fc.property(fc.nat(255), fc.uint8Array({ maxLength: 253 }), (type, bytes) => {
      for (const line of describeAttribute(type, bytes)) expect(line).not.toMatch(/\p{C}/u);
    }),
  );
});

test("addresses are bytes and text, as Node's own parser has them", () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const bytes = addressBytes(text);
      const url = new URL(`http://[${text}]/`).hostname.slice(1, -1);
      expect(addressText(bytes)).toBe(url);
    }),
  );
});
