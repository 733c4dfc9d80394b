// The RADIUS server in one process: its sockets and its door, joined.

import type { RadiusClient } from "../config/config.ts";
import type { Endpoint } from "../config/endpoint.ts";
import type { RadiusCounters } from "./counters.ts";
import { openDoor, type DoorOptions } from "./listener.ts";
import { openSockets, type RadiusSockets } from "./sockets.ts";

export interface RadiusOptions extends DoorOptions {
  /** Where Access-Requests and accounting are taken; "HOST:PORT", port 0 lets the system choose. */
  listen: string;
  accounting: string;
}

export interface RadiusServer {
  readonly addresses: { authentication: Endpoint; accounting: Endpoint };
  readonly counters: RadiusCounters;
  /** Takes these clients from now on (SIGHUP). Throws DialwardError "config", and keeps the old ones, where one is off. */
  useClients(clients: readonly RadiusClient[]): void;
  /** Takes nothing new, answers what has begun, closes the sockets. */
  close(): Promise<void>;
}

/** Opens the door. Throws DialwardError "config" where an address cannot be listened on. */
export async function startRadius(options: RadiusOptions): Promise<RadiusServer> {
  let sockets: RadiusSockets | undefined;
  const door = openDoor(options, (reply) => sockets?.send(reply));
  sockets = await openSockets(options, door.receive, door.drops);
  return {
    addresses: sockets.addresses,
    counters: door.counters,
    useClients: door.useClients,
    async close() {
      await door.close();
      await sockets.close();
    },
  };
}
