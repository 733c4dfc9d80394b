// PAP: the code, or password and code, hidden in User-Password. Source: RFC 2865 section 5.2.

import type { Proof } from "../core/dial-in.ts";
import type { Nas } from "./clients.ts";
import { USER_PASSWORD } from "./dictionary.ts";
import type { Packet } from "./packet.ts";

export type ClearProof = Proof & { kind: "clear" };

/** What the user typed. Undefined where User-Password is missing or has a length that it cannot have. */
export function readPap(packet: Packet, nas: Nas): ClearProof | undefined {
  const hidden = packet.value(USER_PASSWORD);
  const text = hidden && nas.shared.revealPassword(hidden, packet.authenticator);
  return text && { kind: "clear", text };
}
