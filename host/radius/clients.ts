// Which NAS a datagram comes from: by address or prefix, the longest match; IPv4 in IPv6 counts as IPv4.
// Source: RFC 2865 section 3 ("Shared Secret": by the source address of the packet, nothing else).

import type { RadiusClient } from "../config/config.ts";
import { readAddress, readPrefix, type Prefix } from "../config/networks.ts";
import { DialwardError } from "../errors.ts";

/** A client with its prefix read. */
export interface Nas extends RadiusClient, Prefix {
  /** Another client has the same name. */
  namesake: boolean;
}

/** How many addresses are remembered, with their client or as strangers. */
const REMEMBERED = 4096;

/** The clients, looked up by a datagram's source address. */
export class Clients {
  readonly #byPrefix: Nas[];
  readonly #remembered = new Map<string, Nas | null>();

  /** Throws DialwardError "config" for an address that is none. */
  constructor(clients: readonly RadiusClient[]) {
    this.#byPrefix = clients
      .map((client) => ({
        ...client,
        ...prefixOf(client),
        namesake: clients.some((other) => other !== client && other.name === client.name),
      }))
      .sort((a, b) => b.bits - a.bits);
  }

  get all(): readonly Nas[] {
    return this.#byPrefix;
  }

  /** The client with the longest prefix that holds `address`, as node:dgram prints it. */
  find(address: string): Nas | undefined {
    const known = this.#remembered.get(address);
    if (known !== undefined) return known ?? undefined;
    const bits = readAddress(address);
    if (bits === undefined) return undefined;
    const found = this.#byPrefix.find((nas) => bits >> BigInt(128 - nas.bits) === nas.prefix);
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
    this.#remembered.set(address, found ?? null);
    return found;
  }

  /** The client of that name. */
  named(name: string): Nas | undefined {
    return this.#byPrefix.find((nas) => nas.name === name);
  }
}

function prefixOf({ name, address }: RadiusClient): Prefix {
  const prefix = readPrefix(address);
  if (prefix !== undefined) return prefix;
  throw new DialwardError(
    "config",
    `RADIUS client ${name}: "${address}" is not an address or a prefix such as 192.0.2.0/24 or 2001:db8::/32.`,
  );
}
