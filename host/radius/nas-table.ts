// The NAS that have spoken, by address, each with its place among the module's clients: secret and settings are set up
// when its first packet comes. Room is made by who has never shown the secret, since anybody can send from any address,
// and else by who came first, if nothing of it is under way.

import { SIGNED_AUTO, SIGNED_MAY, SIGNED_MUST } from "../../assembly/radius/abi.ts";
import type { RadiusClient } from "../config/config.ts";
import { Clients, type Nas } from "./clients.ts";
import type { ClientForm, Packets } from "./packets.ts";
import type { Signing } from "./signing.ts";

/** One NAS, known by its address. */
export interface Known {
  readonly index: number;
  readonly address: string;
  nas: Nas;
  /** As the log, the sessions and back-off name it; with its address where several have the name. */
  name: string;
  /** Packets of it that are being answered: it keeps its place until then. */
  underWay: number;
  /** It is no client any more. */
  gone: boolean;
  /** On this machine nobody stands between. */
  readonly loopback: boolean;
  readonly heard: Heard;
  /** NAS-IP-Address as it was said last, as a number, and the NAS's own addresses by it. */
  saidAddress: number | undefined;
  own: readonly (string | undefined)[];
}

/** What a NAS has sent so far. */
export interface Heard {
  /** When its last packet came, milliseconds since 1970; 0 before. */
  last: number;
  /** Logins with Message-Authenticator, and without. */
  signed: boolean;
  unsigned: boolean;
  accounting: boolean;
}

/** Looks up a datagram's source address. */
export class NasTable {
  readonly #packets: Packets;
  readonly #signing: Signing;
  #clients: Clients;
  readonly #known = new Map<string, Known>();
  readonly #free: number[];

  /** Throws DialwardError "config" for a client that is off. */
  constructor(packets: Packets, clients: readonly RadiusClient[], signing: Signing) {
    this.#packets = packets;
    this.#signing = signing;
    this.#clients = new Clients(clients);
    this.#free = Array.from({ length: packets.clients }, (_, i) => i);
    // The longest secret is found out at the start, not by the first packet.
    for (const client of this.#clients.all) this.#set(0, client, undefined, false);
    packets.forgetClient(0);
  }

  /** The NAS at `address`, as node:dgram prints it; undefined for a stranger, and while all places are taken. */
  find(address: string): Known | undefined {
    return this.#known.get(address) ?? this.#add(address);
  }

  /** The clients of the configuration, each with those of its addresses that have been heard. */
  *list(): Iterable<{ nas: Nas; known: Known | undefined }> {
    for (const nas of this.#clients.all) {
      const its = [...this.#known.values()].filter((known) => known.nas === nas);
      if (its.length === 0) yield { nas, known: undefined };
      for (const known of its) yield { nas, known };
    }
  }

  /** Takes these clients from now on. Throws DialwardError "config", and keeps the old ones, where one is off. */
  useClients(list: readonly RadiusClient[]): void {
    const clients = new Clients(list);
    const probe = this.#free.at(-1) ?? this.#makeRoom();
    if (probe !== undefined) for (const client of clients.all) this.#set(probe, client, undefined, false);
    if (probe !== undefined) this.#packets.forgetClient(probe);
    this.#clients = clients;
    for (const [address, known] of this.#known) {
      const nas = clients.find(address);
      if (nas === undefined) {
        this.#remove(known);
        continue;
      }
      const keep = nas.name === known.nas.name && nas.secret === known.nas.secret;
      known.nas = nas;
      known.name = nameOf(nas, address);
      this.#set(known.index, nas, address, keep);
    }
  }

  /** One packet of `known` has been answered. */
  release(known: Known): void {
    if (--known.underWay === 0 && known.gone) this.#free.push(known.index);
  }

  #add(address: string): Known | undefined {
    const nas = this.#clients.find(address);
    if (nas === undefined) return undefined;
    const index = this.#free.pop() ?? this.#makeRoom();
    if (index === undefined) return undefined;
    this.#set(index, nas, address, false);
    const known: Known = {
      index,
      address,
      nas,
      name: nameOf(nas, address),
      underWay: 0,
      gone: false,
      loopback: isLoopback(address),
      saidAddress: undefined,
      own: [address, undefined, undefined],
      heard: { last: 0, signed: false, unsigned: false, accounting: false },
    };
    this.#known.set(address, known);
    return known;
  }

  #makeRoom(): number | undefined {
    let first: Known | undefined;
    for (const known of this.#known.values()) {
      if (known.underWay > 0) continue;
      first ??= known;
      if (known.heard.signed || known.heard.accounting) continue;
      first = known;
      break;
    }
    if (first === undefined) return undefined;
    this.#remove(first);
    return this.#free.pop();
  }

  #remove(known: Known): void {
    this.#known.delete(known.address);
    this.#packets.forgetClient(known.index);
    known.gone = true;
    if (known.underWay === 0) this.#free.push(known.index);
  }

  /** Sets up a client at an address; at none it is only looked at. */
  #set(index: number, nas: Nas, address: string | undefined, keep: boolean): void {
    const loopback = address === undefined || isLoopback(address);
    const signs = address !== undefined && this.#signing.of(nameOf(nas, address)) === true;
    this.#packets.setClient(index, formOf(nas, loopback, signs), keep);
  }
}

/** What the module is told of a client. On this machine nobody stands between: what `auto` asks for is asked elsewhere. */
function formOf(client: RadiusClient, loopback: boolean, signs: boolean): ClientForm {
  const { requireMessageAuthenticator: required } = client;
  const learned = loopback ? SIGNED_MAY : signs ? SIGNED_MUST : SIGNED_AUTO;
  return {
    secret: client.secret,
    signed: required === true ? SIGNED_MUST : required === "auto" ? learned : SIGNED_MAY,
    type: client.type,
    challenge: client.challenge,
    withoutRealm: client.realm === "strip",
    withoutDomain: client.domain === "strip",
    unsignedChap: loopback || client.unsignedChap === true,
  };
}

function nameOf(nas: Nas, address: string): string {
  const alone = nas.bits === 128 && (!nas.namesake || isLoopback(address)); // this machine is one, by IPv4 and IPv6
  return alone ? nas.name : `${nas.name}@${address}`;
}

/** Whether a packet from there cannot have been changed on its way. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./i.test(address);
}
