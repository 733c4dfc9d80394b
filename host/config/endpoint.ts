// Where a server listens, or is found: "HOST:PORT", an IPv6 address in brackets.

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { DialwardError } from "../errors.ts";

export interface Endpoint {
  /** An IP address, IPv6 without brackets. */
  address: string;
  port: number;
}

/** Reads "HOST:PORT" and looks a host name up. Throws DialwardError "config" naming `what`. */
export async function readEndpoint(text: string, what: string): Promise<Endpoint> {
  const match = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65535)
    throw new DialwardError(
      "config",
      `${what}: "${text}" is not HOST:PORT, such as 127.0.0.1:1812 or [::1]:1812.`,
    );
  if (isIP(host) !== 0) return { address: host, port };
  try {
    return { address: (await lookup(host)).address, port };
  } catch (error) {
    throw new DialwardError("config", `${what}: the host name ${host} cannot be found.`, { cause: error });
  }
}

/** The same as text. */
export function printEndpoint({ address, port }: Endpoint): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}
