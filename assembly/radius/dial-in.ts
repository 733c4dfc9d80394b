// Of which type a dial-in is, from where, and of whom: what the daemons' attributes tell (measured: host/radius/README.md).
// RFC 2865 sections 5.1, 5.6, 5.7, 5.31, 5.32, 5.41, RFC 2868 section 3.1.

import { TYPE_IKEV2_EAP, TYPE_IPSEC_XAUTH, TYPE_L2TP, TYPE_OPENVPN, TYPE_PPTP, TYPE_SSL_VPN } from "../abi";
import { CHALLENGE_TELL, CHALLENGE_YES, NAMES_WITHOUT_DOMAIN, NAMES_WITHOUT_REALM, ROW_CAN_CHALLENGE } from "./abi";
import { find, integer, valueAt, valueLength } from "./attributes";
import {
  CALLING_STATION_ID,
  CONNECT_INFO,
  EAP_MESSAGE,
  FRAMED_PROTOCOL,
  NAS_IDENTIFIER,
  NAS_PORT_ID,
  NAS_PORT_TYPE,
  PORT_VIRTUAL,
  PROTOCOL_PPP,
  SERVICE_AUTHENTICATE_ONLY,
  SERVICE_FRAMED,
  SERVICE_OUTBOUND,
  SERVICE_TYPE,
  TUNNEL_L2TP,
  TUNNEL_PPTP,
  TUNNEL_TYPE,
  USER_NAME,
  USER_PASSWORD,
} from "./dictionary";
import { at, Client, Slot } from "./layout";

/** Words in a NAS-Identifier that name the daemon or the type, each with its length and TYPE_* before it; 0 ends the list. */
const WORDS = memory.data<u8>([
  7, 8, 0x6f, 0x70, 0x65, 0x6e, 0x76, 0x70, 0x6e, // openvpn
  6, 4, 0x6f, 0x63, 0x73, 0x65, 0x72, 0x76, // ocserv
  10, 4, 0x61, 0x6e, 0x79, 0x63, 0x6f, 0x6e, 0x6e, 0x65, 0x63, 0x74, // anyconnect
  11, 4, 0x6f, 0x70, 0x65, 0x6e, 0x63, 0x6f, 0x6e, 0x6e, 0x65, 0x63, 0x74, // openconnect
  6, 4, 0x73, 0x73, 0x6c, 0x76, 0x70, 0x6e, // sslvpn
  7, 4, 0x73, 0x73, 0x6c, 0x2d, 0x76, 0x70, 0x6e, // ssl-vpn
  9, 4, 0x73, 0x6f, 0x66, 0x74, 0x65, 0x74, 0x68, 0x65, 0x72, // softether
  4, 16, 0x6c, 0x32, 0x74, 0x70, // l2tp
  4, 32, 0x70, 0x70, 0x74, 0x70, // pptp
  5, 1, 0x78, 0x61, 0x75, 0x74, 0x68, // xauth
  5, 2, 0x69, 0x6b, 0x65, 0x76, 0x32, // ikev2
  0,
]); // prettier-ignore

/** Fills in the name, the type, the station, and whether the NAS can ask for a code in a second step. */
export function describe(slot: u32, client: u32): void {
  const head = at<Slot>(slot);
  const settings = at<Client>(client);
  describeName(slot, settings.names);
  describeStation(slot);
  head.type = (settings.type != 0 ? (settings.type as u32) : typeOf(slot)) as u8;
  const can =
    settings.challenge != CHALLENGE_TELL
      ? settings.challenge == CHALLENGE_YES
      : (head.type & (TYPE_IPSEC_XAUTH | TYPE_OPENVPN | TYPE_L2TP | TYPE_PPTP)) == 0 &&
        integer(slot, FRAMED_PROTOCOL, 0) != PROTOCOL_PPP;
  if (can) head.flags |= ROW_CAN_CHALLENGE as u8;
}

/** The last byte of `letter` among the `length` at `from`; -1 where there is none. */
export function lastOf(from: u32, length: u32, letter: u32): i32 {
  for (let i = length as i32; i-- > 0;) if (load<u8>(from + i) == letter) return i;
  return -1;
}

function describeName(slot: u32, names: u32): void {
  const here = find(slot, USER_NAME);
  if (here == 0) return;
  let from = valueAt(slot, here);
  let length = valueLength(slot, here);
  if (names & NAMES_WITHOUT_DOMAIN) {
    const domain = (lastOf(from, length, 0x5c) + 1) as u32;
    from += domain;
    length -= domain;
  }
  if (names & NAMES_WITHOUT_REALM) {
    const realm = lastOf(from, length, 0x40);
    if (realm >= 0) length = realm as u32;
  }
  at<Slot>(slot).name = (from - valueAt(slot, 0) + 2) as u16;
  at<Slot>(slot).nameLength = length as u8;
}

/** The type, where the request tells it: pppd sends the same under xl2tpd and pptpd, unless its NAS-Identifier names one. */
function typeOf(slot: u32): u32 {
  const named = namedType(slot);
  if (named != 0) return named;
  // A tag comes before the number of 24 bits; daemons set it to 0.
  const tunnel = integer(slot, TUNNEL_TYPE, 0) & 0xffffff;
  if (tunnel == TUNNEL_L2TP) return TYPE_L2TP;
  if (tunnel == TUNNEL_PPTP) return TYPE_PPTP;
  const service = integer(slot, SERVICE_TYPE, 0);
  if (integer(slot, NAS_PORT_TYPE, 0) == PORT_VIRTUAL) {
    // OpenVPN's RADIUS plug-in, with the Service-Type of its example.
    if (service == SERVICE_OUTBOUND) return TYPE_OPENVPN;
    if (service == SERVICE_FRAMED) {
      // strongSwan: a virtual port with the connection's name, and no PPP on it.
      if (find(slot, EAP_MESSAGE) != 0) return TYPE_IKEV2_EAP;
      if (find(slot, NAS_PORT_ID) != 0 && find(slot, FRAMED_PROTOCOL) == 0 && find(slot, USER_PASSWORD) != 0)
        return TYPE_IPSEC_XAUTH;
    }
  }
  // ocserv: the client's user agent in Connect-Info, asking for authentication only.
  if (service == SERVICE_AUTHENTICATE_ONLY && find(slot, CONNECT_INFO) != 0) return TYPE_SSL_VPN;
  return 0;
}

/** The type that a word in NAS-Identifier names, the first one in it; 0 where there is none. */
function namedType(slot: u32): u32 {
  const here = find(slot, NAS_IDENTIFIER);
  if (here == 0) return 0;
  let from = valueAt(slot, here);
  const end = from + valueLength(slot, here);
  for (; from < end; from++) {
    for (let word = WORDS as u32; load<u8>(word) != 0; word += 2 + load<u8>(word)) {
      const length: u32 = load<u8>(word);
      if (from + length <= end && isWord(from, word + 2, length)) return load<u8>(word, 1);
    }
  }
  return 0;
}

function isWord(from: u32, word: u32, length: u32): bool {
  for (let i: u32 = 0; i < length; i++) {
    let letter: u32 = load<u8>(from + i);
    if (letter - 0x41 < 26) letter += 32;
    if (letter != (load<u8>(word + i) as u32)) return false;
  }
  return true;
}

/** The calling station without the port that changes with every dial-in: "192.0.2.1[4500]", "[2001:db8::7]:500". */
function describeStation(slot: u32): void {
  const here = find(slot, CALLING_STATION_ID);
  if (here == 0) return;
  let from = valueAt(slot, here);
  let length = valueLength(slot, here);
  const digits = trailingDigits(from, length);
  const before: u32 = length - digits > 0 ? load<u8>(from + length - digits - 1) : 0;
  if (load<u8>(from + length - 1) == 0x5d) {
    // "…[4500]", but not "[2001:db8::7]"
    const inner = trailingDigits(from, length - 1);
    const start = length - 1 - inner;
    if (inner > 0 && start > 1 && load<u8>(from + start - 1) == 0x5b) length = start - 1;
    else if (load<u8>(from) == 0x5b) {
      from++;
      length -= 2;
    }
  } else if (digits > 0 && before == 0x3a) {
    const colon = length - digits - 1;
    if (colon > 2 && load<u8>(from) == 0x5b && load<u8>(from + colon - 1) == 0x5d) {
      from++;
      length = colon - 2;
    } else if (isDotted(from, colon)) length = colon;
  }
  at<Slot>(slot).station = (from - valueAt(slot, 0) + 2) as u16;
  at<Slot>(slot).stationLength = length as u8;
}

function trailingDigits(from: u32, length: u32): u32 {
  let digits: u32 = 0;
  while (digits < length && (load<u8>(from + length - 1 - digits) as u32) - 0x30 < 10) digits++;
  return digits;
}

/** Whether all of it is digits and dots, with three of them: an IPv4 address. */
function isDotted(from: u32, length: u32): bool {
  let dots: u32 = 0;
  for (let i: u32 = 0; i < length; i++) {
    const letter: u32 = load<u8>(from + i);
    if (letter == 0x2e) dots++;
    else if (letter - 0x30 >= 10) return false;
  }
  return dots == 3;
}
