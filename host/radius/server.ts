// The RADIUS door: sockets, who may speak, duplicates, dispatch, and replies with Message-Authenticator first.
// Sources: RFC 2865, 2866, 2869, 3579, 5080, 5997. What is malformed or not from a client is dropped and counted.

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIP } from "node:net";
import type { RadiusClient } from "../config.ts";
import type { DialIn, Verdict } from "../dialin.ts";
import { DialwardError } from "../errors.ts";
import type { Log } from "../log.ts";
import { account, type SessionStore } from "./accounting.ts";
import { Clients, type Nas } from "./clients.ts";
import { Drops, newCounters, type Dropped, type RadiusCounters } from "./counters.ts";
import {
  ACCESS_ACCEPT,
  ACCESS_CHALLENGE,
  ACCESS_REQUEST,
  ACCOUNTING_REQUEST,
  ACCOUNTING_RESPONSE,
  EAP_MESSAGE,
  HEADER_BYTES,
  STATUS_SERVER,
} from "./dictionary.ts";
import { Generations } from "./duplicates.ts";
import { readEndpoint, type Endpoint } from "../endpoint.ts";
import { answerAccess, RESENT_MS, type Answer, type Door } from "./login.ts";
import { layOut, parsePacket, type Packet } from "./packet.ts";
import { Pending } from "../pending.ts";

export interface RadiusOptions {
  /** Where Access-Requests and accounting are taken; "HOST:PORT", port 0 lets the system choose. */
  listen: string;
  accounting: string;
  clients: readonly RadiusClient[];
  admission: { submit(dialIn: DialIn): Promise<Verdict> };
  store: SessionStore;
  log: Log;
  counters?: RadiusCounters;
}

export interface RadiusServer {
  readonly addresses: { authentication: Endpoint; accounting: Endpoint };
  readonly counters: RadiusCounters;
  /** Takes these clients from now on (SIGHUP). Throws DialwardError "config", and keeps the old ones, where one is off. */
  useClients(clients: readonly RadiusClient[]): void;
  /** Takes nothing new, answers what has begun, closes the sockets. */
  close(): Promise<void>;
}

/** Room for a burst while a batch is being committed. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** Stands in the duplicate cache until there is an answer. */
const UNDER_WAY = Buffer.alloc(0);

/** Opens the door. Throws DialwardError "config" where an address cannot be listened on. */
export async function startRadius(options: RadiusOptions): Promise<RadiusServer> {
  const { log, store, admission, counters = newCounters() } = options;
  let clients = new Clients(options.clients);
  const drops = new Drops(counters, log);
  const answers = new Generations<Buffer>();
  const door: Door = { admission, log, pending: new Pending(), resent: new Generations(RESENT_MS) };
  let underWay = 0;
  let closing = false;
  let whenIdle: (() => void) | undefined;

  function receive(socket: Socket, forAccounting: boolean, datagram: Buffer, from: RemoteInfo): void {
    if (closing) return;
    const nas = clients.find(from.address);
    if (nas === undefined) return drops.note("unknownClient", from.address);
    const packet = parsePacket(datagram);
    if (packet === undefined) return drops.note("malformed", from.address);
    const { code } = packet;
    const expected = forAccounting ? ACCOUNTING_REQUEST : ACCESS_REQUEST;
    if (code !== expected && code !== STATUS_SERVER) return drops.note("malformed", from.address);

    const key = `${from.address} ${from.port} ${packet.bytes.toString("latin1", 0, HEADER_BYTES)}`;
    const known = answers.get(key);
    if (known !== undefined) {
      counters.duplicates++;
      if (known !== UNDER_WAY) socket.send(known, from.port, from.address);
      return;
    }
    const wrong =
      forAccounting && code === ACCOUNTING_REQUEST ? checkAccounting(packet, nas) : checkAccess(packet, nas);
    if (wrong !== undefined) return drops.note(wrong, from.address);

    if (code === STATUS_SERVER) {
      counters.status++;
      const reply = forAccounting ? ACCOUNTING_RESPONSE : ACCESS_ACCEPT;
      send(socket, sign(packet, nas, { code: reply, attributes: [] }), from);
      return;
    }
    answers.set(key, UNDER_WAY);
    underWay++;
    const answer = forAccounting
      ? answerAccounting(packet, nas, from.address)
      : answerAccess(packet, nas, from.address, door);
    Promise.resolve(answer)
      .then((it) => {
        if (it === undefined) {
          answers.delete(key);
          return drops.note("malformed", from.address);
        }
        const reply = sign(packet, nas, it);
        if (reply !== undefined) answers.set(key, reply);
        count(it.code);
        send(socket, reply, from);
      })
      .catch((error: unknown) => {
        // No answer: the NAS asks again, or another server.
        answers.delete(key);
        fault(error);
      })
      .finally(() => {
        if (--underWay === 0) whenIdle?.();
      });
  }

  async function answerAccounting(packet: Packet, nas: Nas, address: string): Promise<Answer> {
    await account(packet, nas, address, store);
    return { code: ACCOUNTING_RESPONSE, attributes: [] };
  }

  function count(code: number): void {
    if (code === ACCESS_ACCEPT) counters.accepts++;
    else if (code === ACCESS_CHALLENGE) counters.challenges++;
    else if (code === ACCOUNTING_RESPONSE) counters.accounting++;
    else counters.rejects++;
  }

  function fault(error: unknown): void {
    counters.failed++;
    log.error({ err: error }, "a RADIUS request could not be answered");
  }

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
    socket.on("error", fault);
    try {
      socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
    } catch {
      // The system allows less: what it has will do.
    }
    socket.on("message", (datagram, from) => {
      try {
        receive(socket, forAccounting, datagram, from);
      } catch (error) {
        fault(error);
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
    counters,
    useClients(list) {
      clients = new Clients(list);
    },
    async close() {
      closing = true;
      if (underWay > 0) await new Promise<void>((resolve) => (whenIdle = resolve));
      await Promise.all(
        [authentication, accounting].map((each) => new Promise<void>((closed) => each.close(closed))),
      );
    },
  };
}

/** What is wrong with an Access-Request or Status-Server, whose authenticator proves nothing by itself. */
function checkAccess(packet: Packet, nas: Nas): Dropped | undefined {
  const right = nas.shared.checkMessage(packet, packet.authenticator);
  if (right === false) return "badAuthenticator";
  const needed =
    nas.requireMessageAuthenticator || packet.code === STATUS_SERVER || packet.find(EAP_MESSAGE) !== 0;
  return right === undefined && needed ? "missingAuthenticator" : undefined;
}

/** What is wrong with an Accounting-Request, which its authenticator signs (RFC 2866 section 3). */
function checkAccounting(packet: Packet, nas: Nas): Dropped | undefined {
  return nas.shared.checkRequest(packet) ? undefined : "badAuthenticator";
}

/** The reply's bytes, signed. Undefined where the request's Proxy-State leaves no room. */
function sign(packet: Packet, nas: Nas, answer: Answer): Buffer | undefined {
  // RFC 2866 section 5.13 has no Message-Authenticator in accounting; implementations differ in computing one.
  const bare = packet.code === ACCOUNTING_REQUEST;
  const reply = layOut(answer.code, packet.identifier, packet.authenticator, answer.attributes, {
    bare,
    request: packet,
  });
  return reply && nas.shared.sign(reply, packet.authenticator);
}

function send(socket: Socket, reply: Buffer | undefined, to: RemoteInfo): void {
  if (reply !== undefined) socket.send(reply, to.port, to.address);
}
