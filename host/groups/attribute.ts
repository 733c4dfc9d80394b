// A reply attribute as RADIUS administrators write it, checked, and as bytes of a packet and back.
// Sources: RFC 2865 section 5, RFC 2868 section 3 (tags), RFC 3162, RFC 4818, RFC 6929 section 1.1 (the data types).
import { findByName, findByNumber, isOurs, AttributeError, type Definition } from "./dictionary.ts";
import { encodeValue, printValue } from "./value.ts";

/** One attribute to send. */
export interface Attribute {
  definition: Definition;
  /** 1 to 31, or 0 for none. */
  tag: number;
  /** As it is sent: 1 to 253 bytes, a vendor's 1 to 247; without the tag's byte. */
  value: Buffer;
  /** `+=`: sent beside what others have of this name, not in its place. */
  added: boolean;
}

const VENDOR_SPECIFIC = 26;
const MOST_BYTES = 253;
const MOST_VENDOR_BYTES = 247;
const MOST_TAG = 31;
/**
 * Reads `Framed-IP-Address = 10.0.0.7`, `Tunnel-Type:1 = VLAN`, `Cisco-AVPair += "ip:addr-pool=sales"`,
 * `Attr-26.9.1 = 0x6162` or `Attr-97 = "text"`. Names take any case. Throws DialwardError("usage") that says what is wrong.
 */
export function parseAttribute(line: string): Attribute {
  const [, name, tagText, operator, given] =
    /^\s*([A-Za-z][\w.-]*)(?::(\d{1,3}))?\s*(\+=|:=|=)\s*(.*?)\s*,?\s*$/s.exec(line) ?? [];
  if (name === undefined || given === undefined)
    throw new AttributeError(
      "form",
      shorten(line),
      `"${shorten(line)}" is no attribute: write it as Framed-IP-Address = 10.0.0.7`,
    );
  const definition = findByName(name);
  const tag = Number(tagText ?? 0);
  if (tagText !== undefined && !definition.tag)
    throw new AttributeError("no-tag", definition.name, `${definition.name} takes no tag`);
  if (tag > MOST_TAG)
    throw new AttributeError(
      "tag",
      definition.name,
      `${definition.name}: a tag is a number from 1 to ${MOST_TAG}`,
    );
  const value = encodeValue(definition, unquote(definition.name, given));
  const most = definition.vendor === undefined ? MOST_BYTES : MOST_VENDOR_BYTES;
  // A tagged number has its tag in place of the first of its four bytes, a tagged text before it.
  const length = value.length + (definition.tag && definition.data === "text" ? 1 : 0);
  if (value.length === 0)
    throw new AttributeError("empty", definition.name, `${definition.name}: there is nothing behind the =`);
  if (length > most)
    throw new AttributeError(
      "long",
      definition.name,
      `${definition.name}: at most ${most} bytes fit into an attribute`,
    );
  return { definition, tag, value, added: operator === "+=" };
}

/** An attribute as parseAttribute reads it. */
export function printAttribute({ definition, tag, value, added }: Attribute): string {
  const name = tag > 0 ? `${definition.name}:${tag}` : definition.name;
  return `${name} ${added ? "+=" : "="} ${printValue(definition, value)}`;
}

/** The bytes of an attribute in a packet: type, length, a vendor's header, the tag, the value (RFC 2865 section 5.26). */
export function encodeAttribute({ definition, tag, value }: Attribute): Buffer {
  const { vendor, type } = definition;
  let body = value;
  if (definition.tag && definition.data === "number") {
    body = Buffer.from(value);
    body[0] = tag;
  } else if (definition.tag) body = Buffer.concat([Buffer.of(tag), value]);
  const plain = Buffer.concat([Buffer.of(type, body.length + 2), body]);
  if (vendor === undefined) return plain;
  const header = Buffer.alloc(6);
  header[0] = VENDOR_SPECIFIC;
  header[1] = plain.length + 6;
  header.writeUInt32BE(vendor, 2);
  return Buffer.concat([header, plain]);
}

/**
 * An attribute of a reply as an administrator reads it, from its type and value; a vendor's as several where it holds
 * several. What the dictionary does not know is shown by number, in hexadecimal.
 */
export function describeAttribute(type: number, value: Uint8Array): string[] {
  return parts(type, Buffer.from(value)).map(([vendor, number, bytes]) => describe(vendor, number, bytes));
}

/** The same without what is the protocol's own: what an Accept brings. */
export function describeBrought(type: number, value: Uint8Array): string[] {
  return parts(type, Buffer.from(value))
    .filter(([vendor, number]) => !isOurs(vendor, number))
    .map(([vendor, number, bytes]) => describe(vendor, number, bytes));
}

/** Vendor, number and value of each attribute in one; a vendor's that is malformed is one of its own. */
function parts(type: number, bytes: Buffer): [vendor: number | undefined, type: number, value: Buffer][] {
  const whole: [undefined, number, Buffer][] = [[undefined, type, bytes]];
  if (type !== VENDOR_SPECIFIC || bytes.length < 7) return whole;
  const found: [number, number, Buffer][] = [];
  for (let at = 4; at + 2 <= bytes.length;) {
    const length = bytes[at + 1]!;
    if (length < 2 || at + length > bytes.length) return whole;
    found.push([bytes.readUInt32BE(0), bytes[at]!, bytes.subarray(at + 2, at + length)]);
    at += length;
  }
  return found;
}

function describe(vendor: number | undefined, type: number, bytes: Buffer): string {
  const definition = findByNumber(vendor, type);
  let tag = 0;
  let value = bytes;
  if (definition.tag && bytes.length > 1 && (definition.data === "number" || bytes[0]! <= MOST_TAG)) {
    tag = bytes[0]!;
    value =
      definition.data === "number" ? Buffer.concat([Buffer.of(0), bytes.subarray(1)]) : bytes.subarray(1);
  }
  return printAttribute({ definition, tag, value, added: false });
}

/** The text of a value, or its bytes where it is written 0x…. Quotes may be left out where there is no comma. */
function unquote(name: string, given: string): string | Buffer {
  if (/^0x([0-9a-f]{2})+$/i.test(given)) return Buffer.from(given.slice(2), "hex");
  if (/^0x/i.test(given))
    throw new AttributeError("hexadecimal", name, `${name}: behind 0x stand pairs of hexadecimal digits`);
  const quote = given[0];
  if (quote !== '"' && quote !== "'") return given;
  if (given.length < 2 || given.at(-1) !== quote)
    throw new AttributeError("quote", name, `${name}: the closing quote is missing`);
  const inside = given.slice(1, -1);
  return quote === "'" ? inside : inside.replace(/\\(["\\])/g, "$1");
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
