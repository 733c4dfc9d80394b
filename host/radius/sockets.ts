// The RADIUS door's two sockets: what comes in goes to one receiver, replies go out. Sources: RFC 2865, RFC 2866.

import { createSocket, type Socket } from "node:dgram";
import { isIP } from "node:net";
import { readEndpoint, type Endpoint } from "../config/endpoint.ts";
import { DialwardError } from "../errors.ts";
import type { Drops } from "./counters.ts";

/** A packet on its way in or out. */
export interface Datagram {
  bytes: Uint8Array;
  /** The NAS's end. */
  address: string;
  port: number;
  /** Of the accounting socket; else of the authentication socket. */
  accounting: boolean;
}

export interface RadiusSockets {
  readonly addresses: { authentication: Endpoint; accounting: Endpoint };
  /** Never throws: what cannot be sent is counted. */
  send(reply: Datagram): void;
  close(): Promise<void>;
}

/** Room for a burst while a batch is being committed. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * Listens on both, "HOST:PORT" with port 0 for one that the system chooses. Nothing that comes from the network, and no
 * reply that cannot leave, ends the process: `drops` counts it, what `receive` throws, and what goes wrong with a socket.
 * Throws DialwardError "config" where an address cannot be listened on.
 */
export async function openSockets(
  options: { listen: string; accounting: string },
  receive: (datagram: Buffer, from: Endpoint, accounting: boolean) => void,
  drops: Drops,
): Promise<RadiusSockets> {
  async function open(endpoint: Endpoint, forAccounting: boolean): Promise<Socket> {
    const version = isIP(endpoint.address) === 6 ? 6 : 4;
    const socket = createSocket({
      type: version === 6 ? "udp6" : "udp4",
      ipv6Only: false,
      // Replies go to addresses: nothing to look up, and no turn of the event loop spent on it.
      lookup: (host, _, callback) => callback(null, host, version),
    });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once("error", reject);
        socket.bind(endpoint.port, endpoint.address, resolve);
      });
    } catch (error) {
      socket.close();
      throw new DialwardError(
        "config",
        `RADIUS cannot listen on ${endpoint.address} port ${endpoint.port}: ${(error as Error).message}`,
        { cause: error },
      );
    }
    socket.removeAllListeners("error");
    socket.on("error", (error) => drops.note("failed", undefined, error));
    try {
      socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
    } catch {
      // The system allows less: what it has will do.
    }
    socket.on("message", (datagram, from) => {
      // A sender may put any port into its datagram; to send to this one throws.
      if (from.port === 0) return drops.note("noPort", from.address);
      try {
        receive(datagram, from, forAccounting);
      } catch (error) {
        drops.note("failed", from.address, error);
      }
    });
    return socket;
  }

  const authentication = await open(await readEndpoint(options.listen, "radius.listen"), false);
  let accounting: Socket;
  try {
    accounting = await open(await readEndpoint(options.accounting, "radius.accounting"), true);
  } catch (error) {
    authentication.close();
    throw error;
  }
  return {
    addresses: { authentication: authentication.address(), accounting: accounting.address() },
    send({ bytes, address, port, accounting: forAccounting }) {
      const sent = (error: Error | null): void => {
        if (error) drops.note("unsent", address, error);
      };
      try {
        (forAccounting ? accounting : authentication).send(bytes, port, address, sent);
      } catch (error) {
        sent(error as Error);
      }
    },
    async close() {
      await Promise.all(
        [authentication, accounting].map((each) => new Promise<void>((closed) => each.close(closed))),
      );
    },
  };
}
