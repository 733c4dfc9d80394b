// Accounting: the list of connected users, kept from what each NAS reports. Sources: RFC 2866, RFC 2869 section 2.

import type { Session, Store } from "../store/store.ts";
import type { Nas } from "./clients.ts";
import {
  ACCT_DELAY_TIME,
  ACCT_INPUT_GIGAWORDS,
  ACCT_INPUT_OCTETS,
  ACCT_INTERIM_UPDATE,
  ACCT_OFF,
  ACCT_ON,
  ACCT_OUTPUT_GIGAWORDS,
  ACCT_OUTPUT_OCTETS,
  ACCT_SESSION_ID,
  ACCT_SESSION_TIME,
  ACCT_START,
  ACCT_STATUS_TYPE,
  ACCT_STOP,
  FRAMED_IP_ADDRESS,
  NAS_PORT,
  USER_NAME,
} from "./dictionary.ts";
import type { Packet } from "./packet.ts";
import { readCallingStation, readNasName, readType } from "./type.ts";

/** Where the sessions are kept. */
export type SessionStore = Pick<Store, "saveSession" | "dropSession" | "sessions">;

/**
 * Records an Accounting-Request of `nas`, sent from `address`, and resolves when it is on the disk: then it is
 * answered. What has no session id or an unknown status is answered too, and changes nothing (RFC 2866 section 4.1).
 */
export async function account(packet: Packet, nas: Nas, address: string, store: SessionStore): Promise<void> {
  const status = packet.integer(ACCT_STATUS_TYPE);
  const name = readNasName(nas, address);
  if (status === ACCT_ON || status === ACCT_OFF) {
    // The NAS has started or stops: none of its users is connected.
    for (const session of await store.sessions())
      if (session.nas === name) await store.dropSession(session.id);
    return;
  }
  const session = readSession(packet, nas, name);
  if (session === undefined) return;
  if (status === ACCT_STOP) await store.dropSession(session.id);
  else if (status === ACCT_START || status === ACCT_INTERIM_UPDATE) await store.saveSession(session);
}

/** The session that a request reports; undefined without Acct-Session-Id, which may be any text. */
function readSession(packet: Packet, nas: Nas, name: string): Session | undefined {
  const acctSessionId = packet.text(ACCT_SESSION_ID);
  if (acctSessionId === undefined || acctSessionId === "") return undefined;
  const user = packet.text(USER_NAME) ?? "";
  const nasPort = packet.integer(NAS_PORT);
  const type = readType(packet, nas);
  const callingStation = readCallingStation(packet);
  const framed = packet.value(FRAMED_IP_ADDRESS);
  const now = Math.floor(Date.now() / 1000);
  // Debian's pppd sends its format string for every session; user and port tell them apart.
  const vague = acctSessionId.includes("%") ? `/${user}/${nasPort ?? ""}` : "";
  return {
    id: `${name}/${acctSessionId}${vague}`,
    user,
    nas: name,
    since: now - (packet.integer(ACCT_DELAY_TIME) ?? 0) - (packet.integer(ACCT_SESSION_TIME) ?? 0),
    updated: now,
    bytesIn: readBytes(packet, ACCT_INPUT_OCTETS, ACCT_INPUT_GIGAWORDS),
    bytesOut: readBytes(packet, ACCT_OUTPUT_OCTETS, ACCT_OUTPUT_GIGAWORDS),
    acctSessionId,
    ...(type !== undefined && { type }),
    ...(callingStation !== undefined && { callingStation }),
    ...(framed?.length === 4 && { framedAddress: framed.join(".") }),
    ...(nasPort !== undefined && { nasPort }),
  };
}

/** Octets, with what has overflowed 32 bits counted in gigawords (RFC 2869 section 5.1). */
function readBytes(packet: Packet, octets: number, gigawords: number): number {
  return (packet.integer(gigawords) ?? 0) * 2 ** 32 + (packet.integer(octets) ?? 0);
}
