// What a Calling-Station-Id names, as it is compared: without a port, IPv6 by its /64 (a subscriber has that many
// addresses), MAC addresses in one spelling. Sources: RFC 2865 section 5.31, RFC 3580 section 3.21, RFC 4291 section 2.2.
import { printAddress, readAddress } from "../config/networks.ts";

/** `[address]:port`, `[address]`, `address[port]` (strongSwan), IPv4 `address:port`. */
const FORMS = [/^\[([^\]]+)\](?::\d+)?$/, /^(.+)\[\d+\]$/, /^(\d+\.\d+\.\d+\.\d+):\d+$/];
const MAC =
  /^(?:[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}|[0-9a-f]{6}-?[0-9a-f]{6})$/;
const IPV4_MAPPED = 0xffffn;
const LOOPBACK_NET = 127n;

/** What a station's text says: the same text for the same place; `own` where it is the NAS itself; `absent` for none. */
export type Station = { place: string } | "own" | "absent";

/**
 * Reads `text` as a NAS sends it. `nasAddresses`: the NAS's own, as text: where its packets come from, NAS-IP-Address,
 * NAS-IPv6-Address. Loopback and unspecified addresses are the NAS's own too.
 */
export function readStation(
  text: string | undefined,
  nasAddresses: readonly (string | undefined)[],
): Station {
  const plain = text?.replace(/[\0\s]+$/, "").trim();
  if (plain === undefined || plain === "") return "absent";
  const inner = FORMS.map((form) => form.exec(plain)?.[1]).find((found) => found !== undefined) ?? plain;
  const address = readAddress(inner);
  if (address !== undefined) {
    const isOwn = nasAddresses.some((own) => own !== undefined && readAddress(own) === address);
    if (isOwn || isLocalOnly(address)) return "own";
    return { place: address >> 32n === IPV4_MAPPED ? printAddress(address) : printPrefix(address) };
  }
  const folded = inner.toLowerCase();
  if (MAC.test(folded))
    return {
      place: folded
        .replace(/[^0-9a-f]/g, "")
        .match(/../g)!
        .join("-"),
    };
  return { place: folded };
}

/** ::, ::1, 0.0.0.0 and 127.0.0.0/8. */
function isLocalOnly(address: bigint): boolean {
  if (address <= 1n) return true;
  if (address >> 32n !== IPV4_MAPPED) return false;
  const ipv4 = address & 0xffffffffn;
  return ipv4 === 0n || ipv4 >> 24n === LOOPBACK_NET;
}

function printPrefix(address: bigint): string {
  return `${printAddress((address >> 64n) << 64n)}/64`;
}
