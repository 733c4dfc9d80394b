// `Password, then code` in two steps: Access-Challenge where the NAS can show one, a clear reason where not.
// Sources: RFC 2865 sections 2.1, 4.4 and 5.24.

import type { DialInType } from "../core/dial-in.ts";
import type { Nas } from "./clients.ts";
import { FRAMED_PROTOCOL, PROTOCOL_PPP } from "./dictionary.ts";
import type { Packet } from "./packet.ts";

/** For the log: what an administrator can do about a NAS that cannot ask twice. */
export const CHALLENGE_ADVICE =
  "The password was right, but this NAS cannot ask for the code in a second step. Set the profile's mode to password+code, or use a daemon that can: ocserv, PAM, EAP-GTC, OpenVPN's management socket.";

/** Types whose daemons fail on an Access-Challenge (measured). */
const NEVER: ReadonlySet<DialInType | undefined> = new Set<DialInType>([
  "ipsec-xauth",
  "openvpn",
  "l2tp",
  "pptp",
]);

/** Whether the NAS behind a PAP request passes an Access-Challenge on: as set for the client, else as the request tells. */
export function canChallenge(packet: Packet, nas: Nas, type: DialInType | undefined): boolean {
  return nas.challenge ?? (!NEVER.has(type) && packet.integer(FRAMED_PROTOCOL) !== PROTOCOL_PPP);
}
