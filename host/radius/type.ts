// Which dial-in type a request is of, and from where: what the daemons' attributes tell (measured, see
// test/daemons/README.md). Sources: RFC 2865 sections 5.6, 5.7, 5.31, 5.32, 5.41, RFC 2868 section 3.1.

import type { DialInType } from "../core/dial-in.ts";
import type { Nas } from "./clients.ts";
import {
  CALLING_STATION_ID,
  EAP_MESSAGE,
  FRAMED_PROTOCOL,
  NAS_IDENTIFIER,
  NAS_PORT_ID,
  NAS_PORT_TYPE,
  PORT_VIRTUAL,
  SERVICE_AUTHENTICATE_ONLY,
  SERVICE_FRAMED,
  SERVICE_OUTBOUND,
  SERVICE_TYPE,
  TUNNEL_L2TP,
  TUNNEL_PPTP,
  TUNNEL_TYPE,
  CONNECT_INFO,
  USER_PASSWORD,
} from "./dictionary.ts";
import type { Packet } from "./packet.ts";

/** Words in a NAS-Identifier that name the daemon or the type. pppd's `avpair` option can set one. */
const NAMED = /(openvpn)|(ocserv|anyconnect|openconnect|ssl-?vpn)|(l2tp)|(pptp)|(xauth)|(ikev2)/i;
const NAMED_TYPES = ["openvpn", "ssl-vpn", "l2tp", "pptp", "ipsec-xauth", "ikev2-eap"] as const;

/**
 * The dial-in type: as set for the client, else as the request tells. Undefined where it tells nothing:
 * pppd sends the same under xl2tpd and pptpd, unless its NAS-Identifier names one.
 */
export function readType(packet: Packet, nas: Nas): DialInType | undefined {
  if (nas.type !== undefined) return nas.type;
  const identifier = packet.text(NAS_IDENTIFIER);
  const named = identifier === undefined ? null : NAMED.exec(identifier);
  if (named !== null) return NAMED_TYPES[named.findIndex((group, i) => i > 0 && group !== undefined) - 1];
  // A tag comes before the number of 24 bits; daemons set it to 0.
  const tunnel = (packet.integer(TUNNEL_TYPE) ?? 0) & 0xffffff;
  if (tunnel === TUNNEL_L2TP) return "l2tp";
  if (tunnel === TUNNEL_PPTP) return "pptp";
  const service = packet.integer(SERVICE_TYPE);
  const virtual = packet.integer(NAS_PORT_TYPE) === PORT_VIRTUAL;
  if (virtual && service === SERVICE_FRAMED) {
    // strongSwan: a virtual port with the connection's name, and no PPP on it.
    if (packet.find(EAP_MESSAGE) !== 0) return "ikev2-eap";
    if (
      packet.find(NAS_PORT_ID) !== 0 &&
      packet.find(FRAMED_PROTOCOL) === 0 &&
      packet.find(USER_PASSWORD) !== 0
    )
      return "ipsec-xauth";
  }
  // OpenVPN's RADIUS plug-in, with the Service-Type of its example.
  if (virtual && service === SERVICE_OUTBOUND) return "openvpn";
  // ocserv: the client's user agent in Connect-Info, asking for authentication only.
  if (service === SERVICE_AUTHENTICATE_ONLY && packet.find(CONNECT_INFO) !== 0) return "ssl-vpn";
  return undefined;
}

/** The NAS as the log, the sessions and back-off name it; with its address where a prefix holds several. */
export function readNasName(nas: Nas, address: string): string {
  return nas.bits === 128 ? nas.name : `${nas.name}@${address}`;
}

/** The calling station without the port that changes with every dial-in: "192.0.2.1[4500]" (strongSwan). */
export function readCallingStation(packet: Packet): string | undefined {
  return packet
    .text(CALLING_STATION_ID)
    ?.replace(/\[\d+\]$/, "")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1");
}

/** NAS-IP-Address (4 bytes) or NAS-IPv6-Address (16) as text; undefined where it is missing or of another length. */
export function readNasAddress(value: Buffer | undefined): string | undefined {
  if (value?.length === 4) return value.join(".");
  return value?.length === 16 ? value.toString("hex").match(/.{4}/g)!.join(":") : undefined;
}
