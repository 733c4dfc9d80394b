// RADIUS packets at a client: reading a reply that has been checked once, and writing a request.
// Sources: RFC 2865 sections 3 and 5, RFC 2869 section 5, RFC 3579 section 3. What is malformed is undefined.

import {
  AUTHENTICATOR_BYTES,
  HEADER_BYTES,
  MESSAGE_AUTHENTICATOR,
  PACKET_BYTES,
  VALUE_BYTES,
  VENDOR_SPECIFIC,
} from "../../../assembly/radius/dictionary.ts";

/** A packet whose lengths have been checked. It keeps the datagram and looks attributes up in it. */
export class Packet {
  readonly bytes: Buffer;
  #authenticator: Buffer | undefined;

  /** `bytes` is exactly the packet: parsePacket() has checked and cut it. */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get code(): number {
    return this.bytes[0]!;
  }
  get identifier(): number {
    return this.bytes[1]!;
  }
  /** 16 bytes. */
  get authenticator(): Buffer {
    return (this.#authenticator ??= this.bytes.subarray(4, HEADER_BYTES));
  }

  /** Where the next attribute of `type` begins, from byte `from`; 0 where there is none. */
  find(type: number, from = HEADER_BYTES): number {
    const { bytes } = this;
    for (let at = from; at < bytes.length; at += bytes[at + 1]!) if (bytes[at] === type) return at;
    return 0;
  }

  /** Where the attribute after the one at `at` begins. */
  next(at: number): number {
    return at + this.bytes[at + 1]!;
  }

  /** The value of the first attribute of `type`. */
  value(type: number): Buffer | undefined {
    const at = this.find(type);
    return at === 0 ? undefined : this.bytes.subarray(at + 2, this.next(at));
  }

  /** The same as text, UTF-8. */
  text(type: number): string | undefined {
    const at = this.find(type);
    return at === 0 ? undefined : this.bytes.toString("utf8", at + 2, this.next(at));
  }

  /** The same as a number of 32 bits; undefined also where the length is another. */
  integer(type: number): number | undefined {
    const at = this.find(type);
    return at === 0 || this.bytes[at + 1] !== 6 ? undefined : this.bytes.readUInt32BE(at + 2);
  }

  /** The values of all attributes of `type`, joined (EAP-Message, RFC 3579 section 3.1). */
  joined(type: number): Buffer | undefined {
    const first = this.find(type);
    if (first === 0) return undefined;
    const parts: Buffer[] = [];
    for (let at = first; at !== 0; at = this.find(type, this.next(at)))
      parts.push(this.bytes.subarray(at + 2, this.next(at)));
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  /** A vendor's attribute (RFC 2865 section 5.26); the first that is well formed. */
  vendorValue(vendor: number, type: number): Buffer | undefined {
    const { bytes } = this;
    for (let at = this.find(VENDOR_SPECIFIC); at !== 0; at = this.find(VENDOR_SPECIFIC, this.next(at))) {
      const end = this.next(at);
      if (end - at < 8 || bytes.readUInt32BE(at + 2) !== vendor) continue;
      for (let inner = at + 6; inner + 2 <= end;) {
        const length = bytes[inner + 1]!;
        if (length < 2 || inner + length > end) break;
        if (bytes[inner] === type) return bytes.subarray(inner + 2, inner + length);
        inner += length;
      }
    }
    return undefined;
  }
}

/**
 * The packet in a datagram: lengths checked, padding behind it cut off (RFC 2865 section 3).
 * Undefined where a length does not fit, or Message-Authenticator has another length than 16 or occurs twice.
 */
export function parsePacket(datagram: Buffer): Packet | undefined {
  if (datagram.length < HEADER_BYTES) return undefined;
  const length = datagram.readUInt16BE(2);
  if (length < HEADER_BYTES || length > PACKET_BYTES || length > datagram.length) return undefined;
  let authenticators = 0;
  for (let at = HEADER_BYTES; at < length;) {
    if (at + 2 > length) return undefined;
    const size = datagram[at + 1]!;
    if (size < 2 || at + size > length) return undefined;
    if (datagram[at] === MESSAGE_AUTHENTICATOR && (size !== 2 + AUTHENTICATOR_BYTES || authenticators++ > 0))
      return undefined;
    at += size;
  }
  return new Packet(length === datagram.length ? datagram : datagram.subarray(0, length));
}

/** One attribute as bytes. `value` has up to 253 bytes; a string becomes UTF-8. */
export function attribute(type: number, value: Uint8Array | string): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  if (bytes.length > VALUE_BYTES) throw new RangeError(`attribute ${type} of ${bytes.length} bytes`);
  const out = Buffer.allocUnsafe(2 + bytes.length);
  out[0] = type;
  out[1] = out.length;
  out.set(bytes, 2);
  return out;
}

/** An attribute that holds a number of 32 bits. */
export function integerAttribute(type: number, value: number): Buffer {
  const out = Buffer.allocUnsafe(6);
  out[0] = type;
  out[1] = 6;
  out.writeUInt32BE(value, 2);
  return out;
}

/** A vendor's attribute. `value` has up to 247 bytes. */
export function vendorAttribute(vendor: number, type: number, value: Uint8Array): Buffer {
  const inner = Buffer.allocUnsafe(6 + value.length);
  inner.writeUInt32BE(vendor, 0);
  inner[4] = type;
  inner[5] = 2 + value.length;
  inner.set(value, 6);
  return attribute(VENDOR_SPECIFIC, inner);
}

/** A long value as several attributes of one type, to be joined by the reader (EAP-Message). */
export function splitAttribute(type: number, value: Uint8Array): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at === 0 || at < value.length; at += VALUE_BYTES)
    parts.push(attribute(type, value.subarray(at, at + VALUE_BYTES)));
  return parts;
}

/**
 * A packet with its authenticator fields still zero or as given: header, Message-Authenticator unless `bare`, `attributes`.
 * Undefined where that is longer than 4096 bytes.
 */
export function encodePacket(
  code: number,
  identifier: number,
  authenticator: Uint8Array,
  attributes: readonly Uint8Array[],
  { bare = false }: { bare?: boolean } = {},
): Buffer | undefined {
  const head = Buffer.alloc(HEADER_BYTES);
  head[0] = code;
  head[1] = identifier;
  head.set(authenticator, 4);
  const first = bare ? [] : [attribute(MESSAGE_AUTHENTICATOR, Buffer.alloc(AUTHENTICATOR_BYTES))];
  const packet = Buffer.concat([head, ...first, ...attributes]);
  if (packet.length > PACKET_BYTES) return undefined;
  packet.writeUInt16BE(packet.length, 2);
  return packet;
}
