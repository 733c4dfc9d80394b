// The value of an attribute by its type: a text becomes bytes, bytes become text. Sources: RFC 2865 section 5, RFC 3162
// section 2, RFC 6911 section 3.
import { isIPv4, isIPv6 } from "node:net";
import { addressBytes, addressText } from "./address.ts";
import { AttributeError, type Definition } from "./dictionary.ts";
import { parseLocal } from "./validity.ts";

const MOST_BYTES = 253;

/**
 * A value as it is sent: of a text by the attribute's type, of bytes (written 0x…) as they are.
 * Throws DialwardError("usage") that says what is wanted.
 */
export function encodeValue(definition: Definition, given: string | Buffer): Buffer {
  const { name, data, values, tag } = definition;
  if (data === "text" || data === "bytes") return Buffer.from(given);
  if (typeof given !== "string") {
    checkLength(definition, given.length);
    // The first byte of a tagged number is the tag's place.
    if (tag && data === "number" && given[0] !== 0)
      throw new AttributeError("tagged-number", name, `${name}: a tagged number has three bytes, behind 00`);
    return given;
  }
  if (data === "address" && isIPv4(given)) return addressBytes(given);
  if (data === "address6" && isIPv6(given)) return addressBytes(given);
  if (data === "prefix6") {
    const [address = "", length = ""] = given.split("/");
    const bits = Number(length);
    if (isIPv6(address) && /^\d{1,3}$/.test(length) && bits <= 128) return prefixBytes(name, address, bits);
  }
  if (data === "interface" && /^([0-9a-f]{1,4}:){3}[0-9a-f]{1,4}$/i.test(given))
    return Buffer.from(
      given.split(":").flatMap((part) => [parseInt(part, 16) >> 8, parseInt(part, 16) & 255]),
    );
  const time = data === "time" ? parseLocal(given) : undefined;
  if (time !== undefined && time >= 0 && time < 2 ** 32) return word(Math.floor(time));
  if (data === "number" || data === "number64" || data === "time") {
    const [, named] =
      Object.entries(values ?? {}).find(([key]) => key.toLowerCase() === given.toLowerCase()) ?? [];
    const number = named ?? (/^\d{1,20}$/.test(given) ? BigInt(given) : undefined);
    const most = data === "number64" ? 2n ** 64n : tag ? 2n ** 24n : 2n ** 32n;
    if (number !== undefined && BigInt(number) < most) {
      if (data !== "number64") return word(Number(number));
      const wide = Buffer.alloc(8);
      wide.writeBigUInt64BE(BigInt(number));
      return wide;
    }
  }
  throw wanted(definition);
}

/** What a value must be, and how one looks. */
const WANTED: Record<Definition["data"], readonly [what: string, example: string]> = {
  text: ["a text", ""],
  bytes: ["0x and hexadecimal digits, or a text", "0x6162"],
  number: ["a whole number", "600"],
  number64: ["a whole number", "600"],
  address: ["an IPv4 address", "10.0.0.7"],
  address6: ["an IPv6 address", "2001:db8::7"],
  prefix6: ["an IPv6 prefix", "2001:db8:7::/48"],
  interface: ["four groups of hexadecimal digits", "0:0:0:7"],
  time: ["a time", "2026-12-31T18:00Z"],
};

function wanted({ name, data, values = {} }: Definition): AttributeError {
  const words = Object.keys(values).join(", ");
  const [what, like] = WANTED[data];
  const example = [like, words].filter(Boolean).join(", ");
  const text = `${name}: wants ${what}${like && `, as ${like}`}${words && `, or one of ${words}`}`;
  return new AttributeError("value", name, text, { data, example });
}

const BYTES: Partial<Record<Definition["data"], readonly [number, number]>> = {
  number: [4, 4],
  number64: [8, 8],
  address: [4, 4],
  address6: [16, 16],
  prefix6: [2, 18],
  interface: [8, 8],
  time: [4, 4],
};

function checkLength(definition: Definition, length: number): void {
  const { data } = definition;
  const [least, most] = BYTES[data] ?? [1, MOST_BYTES];
  if (length < least || length > most) throw wanted(definition);
}

/** A value as parseAttribute reads it: in hexadecimal where it is not of its type's form. */
export function printValue({ data, values }: Definition, value: Buffer): string {
  const [least, most] = BYTES[data] ?? [0, MOST_BYTES];
  if (value.length < least || value.length > most || data === "bytes") return hexadecimal(value);
  if (data === "address" || data === "address6") return addressText(value);
  if (data === "prefix6") {
    const address = Buffer.alloc(16);
    value.copy(address, 0, 2);
    const text = `${addressText(address)}/${value[1]}`;
    return isSame(text, value) ? text : hexadecimal(value);
  }
  if (data === "interface") return [0, 2, 4, 6].map((at) => value.readUInt16BE(at).toString(16)).join(":");
  if (data === "number64") return value.readBigUInt64BE().toString();
  if (data === "time") return `${new Date(value.readUInt32BE() * 1000).toISOString().slice(0, 19)}Z`;
  if (data === "number") {
    const number = value.readUInt32BE();
    return Object.entries(values ?? {}).find(([, known]) => known === number)?.[0] ?? String(number);
  }
  const text = value.toString();
  if (!Buffer.from(text).equals(value) || /\p{C}/u.test(text)) return hexadecimal(value);
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** Reserved byte, length in bits, and as many bytes of the prefix as it needs; bits beyond it must be 0 (RFC 3162 2.3). */
function prefixBytes(name: string, address: string, bits: number): Buffer {
  const bytes = addressBytes(address);
  const beyond = bytes.some((byte, i) => (byte & (0xff >> Math.min(8, Math.max(0, bits - i * 8)))) !== 0);
  if (beyond)
    throw new AttributeError("beyond-prefix", name, `${name}: ${address} has bits set beyond /${bits}`);
  return Buffer.concat([Buffer.of(0, bits), bytes.subarray(0, Math.ceil(bits / 8))]);
}

function word(x: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(x);
  return bytes;
}

function hexadecimal(bytes: Buffer): string {
  return `0x${bytes.toString("hex")}`;
}

/** Whether a prefix in text gives these bytes: neither a bit beyond its length nor a byte too many. */
function isSame(text: string, value: Buffer): boolean {
  try {
    const [address = "", bits] = text.split("/");
    return prefixBytes("", address, Number(bits)).equals(value);
  } catch {
    return false;
  }
}
