// Datagrams between the primary and a worker, many in one message: to serialise each by itself costs more than to read
// it. Address, port and socket of the NAS go with each packet, so that neither side has to remember whose it is.

import type { Datagram } from "../radius/sockets.ts";

/** A parcel begins with a flag. */
const PARCEL_HEAD_BYTES = 1;
// A datagram: its socket (0 or 1), port, length, length of the address; then the address and the bytes.
const PORT_AT = 1;
const LENGTH_AT = 3;
const ADDRESS_LENGTH_AT = 5;
const HEAD_BYTES = 6;

/** Bytes that a datagram takes in a parcel. */
export function packedBytes({ bytes, address }: Datagram): number {
  return HEAD_BYTES + address.length + bytes.length;
}

/** One buffer with all of `datagrams`, and a `flag` for the reader. */
export function pack(datagrams: readonly Datagram[], flag = false): Buffer {
  let length = PARCEL_HEAD_BYTES;
  for (const each of datagrams) length += packedBytes(each);
  const out = Buffer.allocUnsafe(length);
  out[0] = flag ? 1 : 0;
  let at = PARCEL_HEAD_BYTES;
  for (const { bytes, address, port, accounting } of datagrams) {
    out[at] = accounting ? 1 : 0;
    out.writeUInt16BE(port, at + PORT_AT);
    out.writeUInt16BE(bytes.length, at + LENGTH_AT);
    out[at + ADDRESS_LENGTH_AT] = address.length;
    at += HEAD_BYTES;
    out.write(address, at, "latin1");
    out.set(bytes, at + address.length);
    at += address.length + bytes.length;
  }
  return out;
}

/** What was packed. The datagrams' bytes are views into `parcel`. */
export function unpack(parcel: Uint8Array): { flag: boolean; datagrams: (Datagram & { bytes: Buffer })[] } {
  const from = Buffer.from(parcel.buffer, parcel.byteOffset, parcel.byteLength);
  const datagrams = [];
  for (let at = PARCEL_HEAD_BYTES; at < from.length;) {
    const accounting = from[at] === 1;
    const port = from.readUInt16BE(at + PORT_AT);
    const end = HEAD_BYTES + from[at + ADDRESS_LENGTH_AT]!;
    const address = from.toString("latin1", at + HEAD_BYTES, at + end);
    const bytesAt = at + end;
    at = bytesAt + from.readUInt16BE(at + LENGTH_AT);
    datagrams.push({ bytes: from.subarray(bytesAt, at), address, port, accounting });
  }
  return { flag: from[0] === 1, datagrams };
}
