// Accounting: the list of connected users, kept from what each NAS reports. Events count by when they happened; what has
// ended stays ended; what is silent for a day ends. Sources: RFC 2866, RFC 2869 section 5, RFC 3162, RFC 6911.

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
  DELEGATED_IPV6_PREFIX,
  EVENT_TIMESTAMP,
  FRAMED_INTERFACE_ID,
  FRAMED_IP_ADDRESS,
  FRAMED_IPV6_ADDRESS,
  FRAMED_IPV6_PREFIX,
  NAS_IDENTIFIER,
  NAS_PORT,
} from "../../assembly/radius/dictionary.ts";
import { ExpiringMap } from "../admission/expiring-map.ts";
import { addressText } from "../groups/address.ts";
import type { Session, Store } from "../store/store.ts";
import { readUser } from "./access.ts";
import type { Known } from "./nas-table.ts";
import type { Packets } from "./packets.ts";

/** Where the sessions are kept. */
export type SessionStore = Pick<Store, "saveSession" | "dropSession" | "sessions">;

/** A session of which nothing was heard for so long has ended, in seconds. */
const SILENCE_SECONDS = 86_400;
/** How often silent sessions are looked for, in milliseconds. */
const SWEEP_MS = 600_000;
/** How long an end is remembered, and how many. */
const ENDED_MS = 86_400_000;
const ENDED = 20_000;
/** A NAS's clock and this one's differ by less than that, or its Event-Timestamp tells nothing; seconds. */
const CLOCKS_SECONDS = 86_400;

/** The sessions of all NAS. */
export class Accounting {
  readonly #store: SessionStore;
  /** When a session ended, by its id, in seconds since 1970. */
  readonly #ended = new ExpiringMap<string, number>(ENDED_MS, ENDED);
  /** When it began. */
  readonly #began = new ExpiringMap<string, number>(ENDED_MS, ENDED);
  /** When what was reported last had happened, where its NAS has told. */
  readonly #latest = new ExpiringMap<string, number>(ENDED_MS, ENDED);
  #swept = -Infinity;

  constructor(store: SessionStore) {
    this.#store = store;
  }

  /**
   * Records the Accounting-Request in a slot, and resolves when it is on the disk: then it is answered. What has no
   * session id or an unknown status is answered too, and changes nothing (RFC 2866 section 4.1).
   */
  async record(packets: Packets, slot: number, known: Known): Promise<void> {
    const status = packets.integer(slot, ACCT_STATUS_TYPE);
    const nas = idOfNas(packets, slot, known);
    const event = readEvent(packets, slot);
    // All that is read of the slot is read before the first await.
    const session = readSession(packets, slot, known, nas, event.time);
    await this.#sweep();
    if (status === ACCT_ON || status === ACCT_OFF) {
      // The NAS has started or stops: what began before is not connected.
      for (const { id, since } of await this.#store.sessions())
        if (isOf(nas, id) && since <= event.time) await this.#end(id, event.time);
      return;
    }
    if (session === undefined) return;
    const { id, since } = session;
    if (status === ACCT_STOP) {
      const began = this.#began.get(id);
      // The end of an earlier session under the same id, which came late.
      if (began !== undefined && event.told && event.time < began) return;
      return this.#end(id, event.time);
    }
    if (status !== ACCT_START && status !== ACCT_INTERIM_UPDATE) return;
    const ended = this.#ended.get(id);
    if (ended !== undefined) {
      // Only a later Start begins a new session: hostapd keeps one id for a port and address.
      if (status !== ACCT_START || (event.told ? event.time <= ended : event.time < ended)) return;
      this.#ended.delete(id);
    }
    if (event.told) {
      // A late report, or a Start that is sent again, would put counters back.
      if (event.time < (this.#latest.get(id) ?? -Infinity)) return;
      this.#latest.set(id, event.time);
    }
    if (status === ACCT_START || this.#began.get(id) === undefined) this.#began.set(id, since);
    await this.#store.saveSession(session);
  }

  async #end(id: string, time: number): Promise<void> {
    this.#ended.set(id, Math.max(time, this.#ended.get(id) ?? 0));
    this.#began.delete(id);
    this.#latest.delete(id);
    await this.#store.dropSession(id);
  }

  /** Ends what has been silent for long, now and then. What was heard while the clock was ahead is silent from now on. */
  async #sweep(): Promise<void> {
    const turn = performance.now();
    if (turn - this.#swept < SWEEP_MS) return;
    this.#swept = turn;
    const now = Math.floor(Date.now() / 1000);
    const changes = (await this.#store.sessions()).map(async (session) => {
      const { id, since, updated } = session;
      if (updated < now - SILENCE_SECONDS && id.includes("/")) await this.#store.dropSession(id);
      else if (updated > now)
        await this.#store.saveSession({ ...session, since: Math.min(since, now), updated: now });
    });
    await Promise.all(changes);
  }
}

/** When what a request reports happened, in seconds since 1970; whether the NAS has told it, or it is when it came. */
function readEvent(packets: Packets, slot: number): { time: number; told: boolean } {
  const now = Math.floor(Date.now() / 1000);
  const stamp = packets.integer(slot, EVENT_TIMESTAMP);
  if (stamp !== undefined && Math.abs(stamp - now) < CLOCKS_SECONDS) return { time: stamp, told: true };
  const delay = packets.integer(slot, ACCT_DELAY_TIME);
  return delay === undefined ? { time: now, told: false } : { time: now - delay, told: true };
}

/** What the ids of a NAS's sessions begin with: its name, and its NAS-Identifier where it has one. */
function idOfNas(packets: Packets, slot: number, { name }: Known): string {
  const identifier = packets.text(slot, NAS_IDENTIFIER);
  return identifier === undefined ? `${escape(name)}/` : `${escape(name)}/${escape(identifier)}:`;
}

/** Whether a session's id is one of that NAS, and not of one that has a NAS-Identifier besides. */
function isOf(nas: string, id: string): boolean {
  return id.startsWith(nas) && !id.slice(nas.length).includes(":");
}

/** The session that a request reports; undefined without Acct-Session-Id, which may be any text. */
function readSession(
  packets: Packets,
  slot: number,
  known: Known,
  nas: string,
  time: number,
): Session | undefined {
  const acctSessionId = packets.text(slot, ACCT_SESSION_ID);
  if (acctSessionId === undefined) return undefined;
  const user = readUser(packets, slot, known);
  const nasPort = packets.integer(slot, NAS_PORT);
  const type = packets.type(slot);
  const callingStation = packets.station(slot);
  const framedAddress = readAddresses(packets, slot);
  // Debian's pppd sends its format string for every session; user and port tell them apart.
  const vague = acctSessionId.includes("%") ? `/${escape(user)}/${nasPort ?? ""}` : "";
  return {
    id: `${nas}${escape(acctSessionId)}${vague}`,
    user,
    nas: known.name,
    since: time - (packets.integer(slot, ACCT_SESSION_TIME) ?? 0),
    updated: Math.floor(Date.now() / 1000),
    bytesIn: readBytes(packets, slot, ACCT_INPUT_OCTETS, ACCT_INPUT_GIGAWORDS),
    bytesOut: readBytes(packets, slot, ACCT_OUTPUT_OCTETS, ACCT_OUTPUT_GIGAWORDS),
    acctSessionId,
    ...(type !== undefined && { type }),
    ...(callingStation !== undefined && { callingStation }),
    ...(framedAddress !== "" && { framedAddress }),
    ...(nasPort !== undefined && { nasPort }),
  };
}

/** No part of an id holds what stands between parts. */
function escape(text: string): string {
  return text.replace(/[%/:]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Octets, with what has overflowed 32 bits counted in gigawords (RFC 2869 section 5.1). */
function readBytes(packets: Packets, slot: number, octets: number, gigawords: number): number {
  return (packets.integer(slot, gigawords) ?? 0) * 2 ** 32 + (packets.integer(slot, octets) ?? 0);
}

/** The user's addresses in the tunnel, IPv4 and IPv6, with a comma between. */
function readAddresses(packets: Packets, slot: number): string {
  const found: string[] = [];
  const framed = packets.value(slot, FRAMED_IP_ADDRESS);
  if (framed?.length === 4) found.push(addressText(framed));
  const address = packets.value(slot, FRAMED_IPV6_ADDRESS);
  if (address?.length === 16) found.push(addressText(address));
  const prefix = readPrefix(packets, slot, FRAMED_IPV6_PREFIX);
  const host = packets.value(slot, FRAMED_INTERFACE_ID);
  if (host?.length === 8) {
    // The end of the address in the prefix; without one PPP has it in the link-local address (RFC 3162 section 2.2).
    const net = prefix && prefix.bits <= 64 ? prefix.bytes.subarray(0, 8) : LINK_LOCAL;
    found.push(addressText(Buffer.concat([net, host])));
  }
  for (const one of [prefix, readPrefix(packets, slot, DELEGATED_IPV6_PREFIX)])
    if (one) found.push(`${addressText(one.bytes)}/${one.bits}`);
  return found.join(", ");
}

const LINK_LOCAL = Buffer.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0);

/** A reserved byte, the prefix's length, and as many of its bytes as are needed (RFC 3162 section 2.3). */
function readPrefix(
  packets: Packets,
  slot: number,
  type: number,
): { bytes: Buffer; bits: number } | undefined {
  const value = packets.value(slot, type);
  if (value === undefined || value.length < 2 || value.length > 18 || value[1]! > 128) return undefined;
  const bytes = Buffer.alloc(16);
  value.copy(bytes, 0, 2);
  return { bytes, bits: value[1]! };
}
