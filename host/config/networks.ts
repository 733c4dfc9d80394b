// Addresses and prefixes, IPv4 and IPv6: how they are read, compared and printed; which of them are the LAN's.
import { BlockList, isIP } from "node:net";

/** Loopback, private and link-local networks (RFC 1918, RFC 4193, RFC 4291). */
export const PRIVATE_NETWORKS = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
];

/** An address or a prefix, such as 192.0.2.1 or 10.0.0.0/8: its first bits, of the 128 of an IPv6 address. */
export interface Prefix {
  prefix: bigint;
  bits: number;
}

/** Reads one; undefined for what is none. */
export function readPrefix(text: string): Prefix | undefined {
  const [, address = "", length] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const value = readAddress(address);
  const most = isIP(address) === 4 ? 32 : 128;
  const bits = Number(length ?? most) + 128 - most;
  return value === undefined || bits > 128 ? undefined : { prefix: value >> BigInt(128 - bits), bits };
}

/** True for an address or a prefix, such as 192.0.2.1 or 10.0.0.0/8. */
export function isPrefix(text: string): boolean {
  return readPrefix(text) !== undefined;
}

/** The same text for the same address or prefix, however it is written; what is none stays as it is. */
export function canonicalPrefix(text: string): string {
  const read = readPrefix(text);
  return read === undefined ? text : `${read.prefix}/${read.bits}`;
}

/** An address as it is compared: IPv4 out of its IPv6 form, without a zone. */
export function plainAddress(address: string): string {
  return address.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
}

/** Whether `address` lies in one of `prefixes`; what is no address does not. */
export function isWithin(address: string, prefixes: readonly string[]): boolean {
  const plain = plainAddress(address);
  const family = isIP(plain);
  if (family === 0) return false;
  const list = new BlockList();
  for (const prefix of prefixes) {
    const [net = "", bits] = prefix.split("/");
    const version = isIP(net) === 6 ? "ipv6" : "ipv4";
    list.addSubnet(net, bits === undefined ? (version === "ipv6" ? 128 : 32) : Number(bits), version);
  }
  return list.check(plain, family === 6 ? "ipv6" : "ipv4");
}

/** The 128 bits of an address; IPv4 as ::ffff:a.b.c.d. A zone (%eth0) is left out. Undefined for what is no address. */
export function readAddress(text: string): bigint | undefined {
  const address = text.split("%")[0]!;
  const version = isIP(address);
  if (version === 4) return 0xffff00000000n | BigInt(readIpv4(address));
  if (version !== 6) return undefined;
  const tail = /(?<=:)\d+\.\d+\.\d+\.\d+$/.exec(address)?.[0];
  const hex =
    tail === undefined
      ? address
      : address.slice(0, -tail.length) +
        (readIpv4(tail) >>> 16).toString(16) +
        ":" +
        (readIpv4(tail) & 0xffff).toString(16);
  const [head = "", rest] = hex.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = rest === undefined || rest === "" ? [] : rest.split(":");
  const zeros = rest === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(zeros).fill("0"), ...right];
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

function readIpv4(address: string): number {
  return address.split(".").reduce((bits, part) => ((bits << 8) | Number(part)) >>> 0, 0);
}

/** The 128 bits of an address as text: IPv4 with dots, IPv6 as eight groups without leading zeros. */
export function printAddress(address: bigint): string {
  const part = (bits: number, at: number): number =>
    Number((address >> BigInt(bits * at)) & ((1n << BigInt(bits)) - 1n));
  if (address >> 32n === 0xffffn) return [3, 2, 1, 0].map((at) => part(8, at)).join(".");
  return [7, 6, 5, 4, 3, 2, 1, 0].map((at) => part(16, at).toString(16)).join(":");
}
