// IP addresses as bytes and as text. (RFC 4291 section 2.2, RFC 5952 for how IPv6 is written.)
import { isIPv4 } from "node:net";

/** 4 bytes of an IPv4 address, 16 of an IPv6 one; the text must be one of the two, without a zone. */
export function addressBytes(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(text.split(".").map(Number));
  // The last 32 bits may be written as IPv4.
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [a * 256 + Number(b), c * 256 + Number(d)].map((x) => x.toString(16)).join(":"),
  );
  const [head = "", tail] = plain.split("::");
  const groups = (part: string): number[] => (part === "" ? [] : part.split(":").map((x) => parseInt(x, 16)));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const middle = tail === undefined ? [] : Array<number>(8 - before.length - after.length).fill(0);
  const bytes = Buffer.alloc(16);
  [...before, ...middle, ...after].forEach((group, i) => bytes.writeUInt16BE(group, i * 2));
  return bytes;
}

/** The text of 4 or 16 bytes, IPv6 with its longest run of zeros left out. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const view = Buffer.from(bytes);
  const groups = Array.from({ length: 8 }, (_, i) => view.readUInt16BE(i * 2).toString(16));
  let [start, length] = [0, 1];
  for (let at = 0; at < 8; at++) {
    let run = 0;
    while (at + run < 8 && groups[at + run] === "0") run++;
    if (run > length) [start, length] = [at, run];
  }
  if (length === 1) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}
