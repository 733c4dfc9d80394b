// Which addresses are the LAN's: lists of prefixes, IPv4 and IPv6.
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

/** True for an address or a prefix, such as 192.0.2.1 or 10.0.0.0/8. */
export function isPrefix(text: string): boolean {
  const match = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text);
  const family = isIP(match?.[1] ?? "");
  return family !== 0 && Number(match?.[2] ?? 0) <= (family === 4 ? 32 : 128);
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
