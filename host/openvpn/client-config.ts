// What OpenVPN takes of a user's reply attributes: the lines of its configuration for one client.
// Source: OpenVPN's doc/management-notes.txt ("client-auth"), and its manual (ifconfig-push, push).
import type { ReplyAttribute } from "../core/dial-in.ts";

/** Addresses that are none: the user or the NAS chooses (RFC 2865 section 5.8). */
const CHOSEN = new Set(["255.255.255.255", "255.255.255.254"]);

/** The command that lets a client in, with the lines of its configuration where it has any. */
export function admit(cid: string, kid: string, attributes: readonly ReplyAttribute[] = []): string {
  const lines = clientConfig(attributes);
  if (lines.length === 0) return `client-auth-nt ${cid} ${kid}`;
  return [`client-auth ${cid} ${kid}`, ...lines, "END"].join("\n");
}

/**
 * Framed-IP-Address with Framed-IP-Netmask is the client's address (`topology subnet`), Framed-Route a route that is
 * pushed, MS-Primary-DNS-Server a name server, Session-Timeout the end of the session. For the others OpenVPN has no word.
 */
function clientConfig(attributes: readonly ReplyAttribute[]): string[] {
  const all = (name: string): string[] =>
    attributes.filter((one) => one.name === name).map(({ value }) => value);
  const lines: string[] = [];
  const [address] = all("Framed-IP-Address");
  const [mask = "255.255.255.0"] = all("Framed-IP-Netmask");
  if (address && !CHOSEN.has(address)) lines.push(`ifconfig-push ${address} ${mask}`);
  for (const route of all("Framed-Route")) {
    const line = readRoute(route);
    if (line) lines.push(`push "${line}"`);
  }
  for (const name of ["MS-Primary-DNS-Server", "MS-Secondary-DNS-Server"])
    for (const server of all(name)) lines.push(`push "dhcp-option DNS ${server}"`);
  const [timeout] = all("Session-Timeout");
  if (timeout) lines.push(`push "session-timeout ${timeout}"`);
  return lines;
}

/** `10.1.0.0/24 …` or `10.1.0.7 …` (RFC 2865 section 5.22) as OpenVPN's route; the gateway is the tunnel. */
function readRoute(value: string): string | undefined {
  const [, network, bits = "32"] = /^"?(\d+\.\d+\.\d+\.\d+)(?:\/(\d{1,2}))?(?:[ "]|$)/.exec(value) ?? [];
  if (network === undefined || Number(bits) > 32) return undefined;
  const mask = Number(bits) === 0 ? 0 : (-1 << (32 - Number(bits))) >>> 0;
  return `route ${network} ${[24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join(".")}`;
}
