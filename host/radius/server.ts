// The RADIUS server in one process: its sockets and its door, joined.

import type { RadiusClient } from "../config/config.ts";
import type { Endpoint } from "../config/endpoint.ts";
import type { RadiusCounters } from "./counters.ts";
import type { ClientReport } from "./client-report.ts";
import type { DoorOptions } from "./door.ts";
import { openDoor } from "./listener.ts";
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
  /** The clients, and what has been seen of them. */
  clients(): ClientReport[];
  /** Listens there from now on, and nowhere else. Throws DialwardError "config", and listens where it did. */
  listen(options: ListenOptions): Promise<void>;
  /** Takes nothing new, answers what has begun, closes the sockets. */
  close(): Promise<void>;
}

/** Sockets that are bound, which root may have to do; what arrives before there is a door is not answered. */
export interface RadiusPorts {
  readonly sockets: RadiusSockets;
  /** Who takes what arrives from now on. */
  serve(door: Pick<ReturnType<typeof openDoor>, "receive" | "drops">): void;
  close(): Promise<void>;
}

/** Binds the sockets. Throws DialwardError "config" where an address cannot be listened on. */
export async function bindRadius(options: ListenOptions): Promise<RadiusPorts> {
  let door: Pick<ReturnType<typeof openDoor>, "receive" | "drops"> | undefined;
  const sockets = await openSockets(options, (...packet) => door?.receive(...packet), {
    note: (...what) => door?.drops.note(...what),
  });
  return { sockets, serve: (given) => (door = given), close: () => sockets.close() };
}

/** Opens the door, on `ports` where they are bound. Throws DialwardError "config". */
export async function startRadius(options: RadiusOptions, ports?: RadiusPorts): Promise<RadiusServer> {
  let at: ListenOptions = options;
  let bound = ports ?? (await bindRadius(at));
  const door = openDoor(options, {
    send: (reply) => bound.sockets.send(reply),
    isIdle: () => bound.sockets.isIdle(),
  });
  bound.serve(door);
  /** What is asked meanwhile is asked again: RADIUS clients do so after a second or two. */
  async function listen(next: ListenOptions): Promise<void> {
    await bound.close();
    try {
      bound = await bindRadius(next);
      at = next;
    } catch (error) {
      bound = await bindRadius(at);
      throw error;
    } finally {
      bound.serve(door);
    }
  }
  return {
    get addresses() {
      return bound.sockets.addresses;
    },
    get all() {
      return bound.sockets.all;
    },
    listen,
    counters: door.counters,
    useClients: door.useClients,
    clients: door.clients,
    async close() {
      await door.close();
      await bound.close();
    },
  };
}
