// CHAP: MD5 over identifier, password and challenge. Sources: RFC 2865 sections 5.3 and 5.40, RFC 1994.

import type { Proof } from "../core/dial-in.ts";
import { CHAP_CHALLENGE, CHAP_PASSWORD } from "./dictionary.ts";
import type { Packet } from "./packet.ts";

/** The response with its challenge: CHAP-Challenge, or the Request Authenticator where there is none. */
export function readChap(packet: Packet): Proof | undefined {
  const value = packet.value(CHAP_PASSWORD);
  if (value?.length !== 17) return undefined;
  const challenge = packet.value(CHAP_CHALLENGE) ?? packet.authenticator;
  return { kind: "chap", id: value[0]!, challenge, response: value.subarray(1) };
}
