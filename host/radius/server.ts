// The RADIUS server in one process: its sockets and its door, joined.

import type { RadiusClient } from "../config/config.ts";
import type { Endpoint } from "../config/endpoint.ts";
import type { RadiusCounters } from "./counters.ts";
import { openDoor, type DoorOptions } from "./listener.ts";
import { openSockets, type ListenOptions, type RadiusSockets } from "./sockets.ts";

/** Where Access-Requests and accounting are taken; "HOST:PORT", port 0 lets the system choose. */
export interface RadiusOptions extends DoorOptions, ListenOptions {}

export interface RadiusServer {
  /** The first address of each kind, and all of them. */
  readonly addresses: { authentication: Endpoint; accounting: Endpoint };
  readonly all: { authentication: readonly Endpoint[]; accounting: readonly Endpoint[] };
  readonly counters: RadiusCounters;
  /** Takes these clients from now on (SIGHUP). Throws DialwardError "config", and keeps the old ones, where one is off. */
  useClients(clients: readonly RadiusClient[]): void;
  /** Takes nothing new, answers what has begun, closes the sockets. */
  close(): Promise<void>;
}

/** Opens the door. Throws DialwardError "config" where an address cannot be listened on. */
export async function startRadius(options: RadiusOptions): Promise<RadiusServer> {
  let sockets: RadiusSockets | undefined;
  const door = openDoor(options, {
    send: (reply) => sockets?.send(reply) ?? true,
    isIdle: () => sockets?.isIdle() ?? true,
  });
  sockets = await openSockets(options, door.receive, door.drops);
  return {
    addresses: sockets.addresses,
    all: sockets.all,
    counters: door.counters,
    useClients: door.useClients,
    async close() {
      await door.close();
      await sockets.close();
    },
  };
}
