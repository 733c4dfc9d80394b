// The RADIUS door's sockets: what comes in goes to one receiver, a reply leaves from the address that was asked. So no
// socket is bound to a wildcard: that would answer from whatever address the route has. Sources: RFC 2865, RFC 2866.

import { createSocket, type Socket } from "node:dgram";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { readEndpoint, type Endpoint } from "../config/endpoint.ts";
import { DialwardError, systemWords } from "../errors.ts";
import type { Drops } from "./counters.ts";

/** A packet on its way in or out. */
export interface Datagram {
  bytes: Uint8Array;
  /** The NAS's end. */
  address: string;
  port: number;
  /** Of an accounting socket; else of an authentication socket. */
  accounting: boolean;
  /** Which of them; 0 is the first. */
  socket?: number;
}

/** Takes a datagram that came to socket number `socket` of its kind. */
export type Receiver = (datagram: Buffer, from: Endpoint, accounting: boolean, socket: number) => void;

/** Where the sockets listen: "HOST:PORT", one or several. */
export interface ListenOptions {
  listen: string | readonly string[];
  accounting: string | readonly string[];
}

export interface RadiusSockets {
  /** The first of each kind, and all of them. */
  readonly addresses: { authentication: Endpoint; accounting: Endpoint };
  readonly all: { authentication: readonly Endpoint[]; accounting: readonly Endpoint[] };
  /**
   * Sends a reply; never throws, what cannot be sent is counted. False where the system takes it later: its bytes must
   * stay as they are until `isIdle()`.
   */
  send(reply: Datagram): boolean;
  /** Whether the system has taken all replies. */
  isIdle(): boolean;
  close(): Promise<void>;
}

/** Room for a burst while a batch is being committed. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/**
 * Whether replies to an address leave is asked once in this time, and of each one after a failure: Node's answer costs half
 * as much again as sending does. And so many addresses are remembered.
 */
const ASK_MS = 1000;
const MOST_LEAVING = 4096;
/** How often another port is tried where the system chooses one that is not free on all addresses. */
const TRIES = 5;

/**
 * Listens on all of `options`, with port 0 on one that the system chooses; a wildcard is every address that this machine
 * has now. Nothing that comes from the network, and no reply that cannot leave, ends the process: `drops` counts it, what
 * `receive` throws, and what goes wrong with a socket. Throws DialwardError "config" where an address cannot be listened on.
 */
export async function openSockets(
  options: ListenOptions,
  receive: Receiver,
  drops: Pick<Drops, "note">,
): Promise<RadiusSockets> {
  const authentication: Socket[] = [];
  const accounting: Socket[] = [];
  const failed = (error: unknown): void => drops.note("unsent", undefined, error);
  /** Whether something was waiting after the last reply: only then has it to be asked before the next. */
  let waiting = false;
  const isIdle = (): boolean =>
    [...authentication, ...accounting].every((socket) => socket.getSendQueueCount() === 0);
  /** Addresses to which replies leave, and until when that is not asked again. */
  const leaving = new Map<string, number>();

  /** Takes what became of a reply to `address` that leaves `now`. Apart from where it is called: a closure is garbage. */
  function ask(address: string, now: number): (error: Error | null) => void {
    return (error) => {
      if (leaving.size >= MOST_LEAVING) leaving.clear();
      if (error === null) leaving.set(address, now + ASK_MS);
      else {
        leaving.delete(address);
        failed(error);
      }
    };
  }

  async function open(endpoint: Endpoint, sockets: Socket[]): Promise<Socket> {
    const version = isIP(endpoint.address.split("%")[0]!) === 6 ? 6 : 4;
    const socket = createSocket({
      type: version === 6 ? "udp6" : "udp4",
      ipv6Only: version === 6,
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
        `RADIUS cannot listen on ${endpoint.address} port ${endpoint.port}: ${systemWords(error)}`,
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
    const number = sockets.push(socket) - 1;
    const forAccounting = sockets === accounting;
    socket.on("message", (datagram, from) => {
      // A sender may put any port into its datagram; to send to this one throws.
      if (from.port === 0) return drops.note("noPort", from.address);
      try {
        receive(datagram, from, forAccounting, number);
      } catch (error) {
        drops.note("failed", from.address, error);
      }
    });
    return socket;
  }

  /** Opens every address of an endpoint, all on one port. */
  async function openAll(endpoint: Endpoint, sockets: Socket[]): Promise<void> {
    const before = sockets.length;
    for (let tries = 1; ; tries++) {
      try {
        let { port } = endpoint;
        for (const address of ownAddresses(endpoint.address)) {
          try {
            ({ port } = (await open({ address, port }, sockets)).address());
          } catch (error) {
            // An interface that is just coming up has a link-local address that is not ready.
            if (!address.includes("%")) throw error;
          }
        }
        return;
      } catch (error) {
        for (const socket of sockets.splice(before)) socket.close();
        if (endpoint.port !== 0 || tries === TRIES) throw error;
      }
    }
  }

  const close = async (): Promise<void> => {
    const all = [...authentication, ...accounting];
    await Promise.all(all.map((each) => new Promise<void>((closed) => each.close(closed))));
  };
  try {
    for (const text of [options.listen].flat())
      await openAll(await readEndpoint(text, "radius.listen"), authentication);
    for (const text of [options.accounting].flat())
      await openAll(await readEndpoint(text, "radius.accounting"), accounting);
  } catch (error) {
    await close();
    throw error;
  }
  const all = {
    authentication: authentication.map((socket) => socket.address()),
    accounting: accounting.map((socket) => socket.address()),
  };
  return {
    addresses: { authentication: all.authentication[0]!, accounting: all.accounting[0]! },
    all,
    send({ bytes, address, port, accounting: forAccounting, socket = 0 }) {
      const from = (forAccounting ? accounting : authentication)[socket]!;
      try {
        const now = performance.now();
        const known = now < (leaving.get(address) ?? 0);
        const waits = waiting && from.getSendQueueCount() > 0;
        from.send(waits ? Buffer.from(bytes) : bytes, port, address, known ? undefined : ask(address, now));
        const left = from.getSendQueueCount() === 0;
        waiting = !left || (waiting && !isIdle());
        return waits || left;
      } catch (error) {
        failed(error);
        return true;
      }
    },
    isIdle,
    close,
  };
}

/** The address itself; for a wildcard all addresses that this machine has now, those of IPv4 for "0.0.0.0". */
function ownAddresses(address: string): string[] {
  if (address !== "0.0.0.0" && address !== "::") return [address];
  const found: string[] = [];
  for (const [name, infos] of Object.entries(networkInterfaces()))
    for (const info of infos ?? []) {
      if (info.family === "IPv4") found.push(info.address);
      else if (address === "::") found.push(info.scopeid ? `${info.address}%${name}` : info.address);
    }
  return found;
}
