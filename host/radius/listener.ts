// The RADIUS door: who may speak, duplicates, dispatch, and replies with Message-Authenticator first.
// Sources: RFC 2865, 2866, 2869, 3579, 5080, 5997. What is malformed or not from a client is dropped and counted.

import type { RadiusClient } from "../config/config.ts";
import type { DialIn, Verdict } from "../core/dial-in.ts";
import type { Endpoint } from "../config/endpoint.ts";
import type { Log } from "../log/log.ts";
import { Callers } from "../admission/caller.ts";
import { Pending } from "../admission/pending-challenges.ts";
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
  STATUS_SERVER,
} from "./dictionary.ts";
import { Duplicates } from "./duplicates.ts";
import type { Answer, Door } from "./answer.ts";
import { answerAccess } from "./login.ts";
import { layOut, parsePacket, type Packet } from "./packet.ts";
import type { Datagram } from "./sockets.ts";

export interface DoorOptions {
  clients: readonly RadiusClient[];
  admission: { submit(dialIn: DialIn): Promise<Verdict> };
  store: SessionStore;
  log: Log;
  /** Learns which stations are callers; its own where none is given. */
  callers?: Callers;
  counters?: RadiusCounters;
}

export interface RadiusDoor {
  readonly counters: RadiusCounters;
  /** Counts and logs what gets no answer, for the sockets too. */
  readonly drops: Drops;
  /** Takes a datagram; its reply is sent now, later or never. */
  receive(datagram: Buffer, from: Endpoint, accounting: boolean): void;
  /** Takes these clients from now on (SIGHUP). Throws DialwardError "config", and keeps the old ones, where one is off. */
  useClients(clients: readonly RadiusClient[]): void;
  /** Takes nothing new; resolves when what has begun is answered. */
  close(): Promise<void>;
}

/** Opens the door; replies leave by `send`. Throws DialwardError "config" for a client that is off. */
export function openDoor(options: DoorOptions, send: (reply: Datagram) => void): RadiusDoor {
  const { log, store, admission, callers = new Callers(), counters = newCounters() } = options;
  let clients = new Clients(options.clients);
  const drops = new Drops(counters, log);
  const duplicates = new Duplicates();
  const door: Door = { admission, log, callers, pending: new Pending() };
  let underWay = 0;
  let closing = false;
  let whenIdle: (() => void) | undefined;

  function receive(datagram: Buffer, { address, port }: Endpoint, accounting: boolean): void {
    if (closing) return;
    const nas = clients.find(address);
    if (nas === undefined) return drops.note("unknownClient", address);
    const packet = parsePacket(datagram);
    if (packet === undefined) return drops.note("malformed", address);
    const { code } = packet;
    const expected = accounting ? ACCOUNTING_REQUEST : ACCESS_REQUEST;
    if (code !== expected && code !== STATUS_SERVER) return drops.note("malformed", address);

    const known = duplicates.find(packet.bytes, address, port, accounting);
    if (known !== undefined) {
      counters.duplicates++;
      if (known.reply !== undefined) send({ bytes: known.reply, address, port, accounting });
      return;
    }
    const wrong =
      accounting && code === ACCOUNTING_REQUEST ? checkAccounting(packet, nas) : checkAccess(packet, nas);
    if (wrong !== undefined) return drops.note(wrong, address);

    if (code === STATUS_SERVER) {
      counters.status++;
      const status = accounting ? ACCOUNTING_RESPONSE : ACCESS_ACCEPT;
      const signed = sign(packet, nas, { code: status, attributes: [] });
      if (signed !== undefined) send({ bytes: signed, address, port, accounting });
      return;
    }
    const taken = duplicates.take(packet.bytes, address, port, accounting);
    underWay++;
    // A login makes few promises and closures on its way: they cost as much as what they do.
    const end = (answer: Answer | undefined, error?: unknown): void => {
      try {
        if (answer === undefined) {
          // The NAS asks again, or another server.
          duplicates.forget(taken);
          if (error === undefined) drops.note("malformed", address);
          else drops.note("failed", address, error);
        } else {
          count(answer.code);
          const bytes = (taken.reply = sign(packet, nas, answer));
          if (bytes !== undefined)
            for (const each of taken.ports) send({ bytes, address, port: each, accounting });
        }
      } catch (broken) {
        drops.note("failed", address, broken);
      } finally {
        if (--underWay === 0) whenIdle?.();
      }
    };
    let answer: ReturnType<typeof answerAccess>;
    try {
      answer = accounting ? answerAccounting(packet, nas, address) : answerAccess(packet, nas, address, door);
    } catch (error) {
      return end(undefined, error);
    }
    if (answer instanceof Promise) void answer.then(end, (error: unknown) => end(undefined, error));
    else end(answer);
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

  return {
    counters,
    drops,
    receive,
    useClients(list) {
      clients = new Clients(list);
    },
    async close() {
      closing = true;
      if (underWay > 0) await new Promise<void>((resolve) => (whenIdle = resolve));
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
