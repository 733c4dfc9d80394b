// The RADIUS door: a datagram goes into a slot and is read there; what it asks is judged or recorded; its reply leaves
// from the slot. Packets are the module's (assembly/radius/), verdicts are admission's. What gets no answer is counted.

import * as abi from "../../assembly/radius/abi.ts";
import {
  ACCESS_ACCEPT,
  ACCESS_CHALLENGE,
  ACCOUNTING_RESPONSE,
  REPLY_MESSAGE,
} from "../../assembly/radius/dictionary.ts";
import { Callers } from "../admission/caller.ts";
import { codePrompt } from "../admission/pending-challenges.ts";
import type { Endpoint } from "../config/endpoint.ts";
import type { Look, ReplyAttribute, Verdict } from "../core/dial-in.ts";
import { logNoChallenge, logRefusal, nextLogin, readUser, SlotLogin } from "./access.ts";
import { Accounting } from "./accounting.ts";
import { listClients } from "./client-report.ts";
import { Drops, newCounters } from "./counters.ts";
import type { DoorOptions, RadiusDoor, Sender } from "./door.ts";
import { NasTable, type Known } from "./nas-table.ts";
import { Packets } from "./packets.ts";
import { Signing } from "./signing.ts";
import type { Datagram } from "./sockets.ts";

/** To how many ports a reply goes that was asked for from several while it was not there. */
const PORTS = 8;

/** How long until the system is asked whether it has taken what waits, in milliseconds. */
const HELD_MS = 1;

/** The reply of a slot, and where it goes. */
interface Way extends Datagram {
  known: Known | undefined;
  /** Other ports that asked for it meanwhile. */
  others: number[] | undefined;
}

/** Opens the door. Throws DialwardError "config" for a client that is off. */
export function openDoor(options: DoorOptions, sender: Sender): RadiusDoor {
  const { log, store, admission, callers = new Callers(), counters = newCounters() } = options;
  const signing = options.signing ?? new Signing(log);
  const packets = new Packets();
  packets.setPrompt(codePrompt(options.service));
  const table = new NasTable(packets, options.clients, signing);
  const drops = new Drops(counters, log);
  const sessions = new Accounting(store);
  const ways: Way[] = Array.from({ length: packets.slots }, () => ({
    known: undefined,
    bytes: new Uint8Array(0),
    address: "",
    port: 0,
    accounting: false,
    socket: 0,
    others: undefined,
  }));
  const logins = ways.map((_, slot) => new SlotLogin(packets, slot, decided));
  const free = Array.from({ length: packets.slots }, (_, i) => i);
  /** Slots whose replies are waiting to leave. */
  const held: number[] = [];
  let underWay = 0;
  let closing = false;
  let whenIdle: (() => void) | undefined;

  function receive(datagram: Uint8Array, { address, port }: Endpoint, accounting: boolean, socket = 0): void {
    if (closing) return;
    const known = table.find(address);
    if (known === undefined) return drops.note("unknownClient", address);
    const slot = free.at(-1);
    if (slot === undefined) return drops.note("overloaded", address);
    const read = packets.read(slot, datagram, known.index, accounting, seconds());
    if (read === abi.READ_MALFORMED) return drops.note("malformed", address);
    if (read === abi.READ_AUTHENTICATOR) return drops.note("badAuthenticator", address);
    if (read === abi.READ_UNSIGNED) return drops.note("missingAuthenticator", address);
    if (read === abi.READ_REPEATED) {
      counters.duplicates++;
      const first = ways[packets.copyOf(slot)]!;
      const others = (first.others ??= []);
      if (port !== first.port && !others.includes(port) && others.length < PORTS) others.push(port);
      return;
    }
    free.pop();
    const way = ways[slot]!;
    way.known = known;
    way.address = address;
    way.socket = socket;
    way.accounting = accounting;
    way.port = port;
    known.underWay++;
    known.heard.last = Date.now();
    underWay++;
    try {
      if (read === abi.READ_LOGIN) return login(slot, known);
      if (read === abi.READ_ACKNOWLEDGED) return lookAgain(slot, known);
      if (read === abi.READ_ACCOUNTING) return record(slot, known);
      count(read, slot);
      if (read === abi.READ_STEP) admission.arrived?.();
      else if (read === abi.READ_REFUSED) logRefusal(packets, slot, known, log);
      reply(slot);
    } catch (error) {
      fail(slot, error);
    }
  }

  function login(slot: number, known: Known): void {
    const login = logins[slot]!;
    login.read(packets, known, callers);
    const signed = (packets.flags(slot) & abi.ROW_SIGNED) !== 0;
    known.heard[signed ? "signed" : "unsigned"] = true;
    if (!known.loopback) signing.note(known.name, signed);
    admission.admit(login);
  }

  /** The reply to a login that was judged. */
  function decided(slot: number, login: SlotLogin, verdict: Verdict): void {
    const { outcome, standing, attributes, message } = verdict;
    try {
      const { typed } = login;
      if (outcome !== "refuse" && standing !== undefined) packets.note(slot).set(standing);
      const extra = attributes ?? (message === undefined ? NONE : replyMessage(message));
      const asked = answer(slot, OUTCOMES[outcome], extra) === ACCESS_CHALLENGE && typed;
      if (outcome === "continue" && !asked) logNoChallenge(login, log);
    } catch (error) {
      fail(slot, error);
    }
  }

  /** EAP-MSCHAPv2's last word after an accept: whoever was changed or disabled since is refused. */
  function lookAgain(slot: number, known: Known): void {
    const user = readUser(packets, slot, known);
    const look = admission.look(user, known.name, packets.type(slot), packets.note(slot));
    if (!(look instanceof Promise)) return answerLook(slot, known, look);
    look.then((found) => answerLook(slot, known, found)).catch((error: unknown) => fail(slot, error));
  }

  function answerLook(slot: number, known: Known, { reason, attributes }: Look): void {
    if (reason === "ok") return void answer(slot, abi.OUTCOME_ACCEPT, attributes);
    const user = readUser(packets, slot, known);
    log.info({ login: nextLogin(), user, nas: known.name, type: packets.type(slot), reason }, "refuse");
    answer(slot, abi.OUTCOME_REFUSE);
  }

  function record(slot: number, known: Known): void {
    known.heard.accounting = true;
    sessions.record(packets, slot, known).then(
      () => answer(slot, abi.OUTCOME_ACCEPT),
      (error: unknown) => fail(slot, error),
    );
  }

  /** Writes the reply and sends it; returns its code, 0 where there is none. */
  function answer(slot: number, outcome: number, attributes: readonly ReplyAttribute[] = NONE): number {
    const extra = attributes.length === 0 ? undefined : Buffer.concat(attributes.map(({ bytes }) => bytes));
    if (packets.answer(slot, outcome, seconds(), extra) === 0) {
      // The request's Proxy-State leaves no room, or its NAS is no client any more.
      packets.drop(slot);
      release(slot);
      return 0;
    }
    const code = packets.replyCode(slot);
    count(abi.READ_LOGIN, slot);
    reply(slot);
    return code;
  }

  function reply(slot: number): void {
    const way = ways[slot]!;
    way.bytes = packets.reply(slot);
    let left = true;
    if (way.bytes.length > 0) {
      left = sender.send(way);
      if (way.others !== undefined)
        for (const port of way.others) left = sender.send({ ...way, port }) && left;
    }
    if (left) release(slot);
    else hold(slot);
  }

  /** Keeps a slot whose reply the system has not taken yet. */
  function hold(slot: number): void {
    if (held.push(slot) === 1) setTimeout(letGo, HELD_MS);
  }

  function letGo(): void {
    if (!sender.isIdle()) return void setTimeout(letGo, HELD_MS);
    for (const slot of held.splice(0)) release(slot);
  }

  /** A fault of the service's own: no answer, and the packet is judged anew when it comes again. */
  function fail(slot: number, error: unknown): void {
    drops.note("failed", ways[slot]!.known?.address, error);
    packets.drop(slot);
    release(slot);
  }

  function release(slot: number): void {
    const way = ways[slot]!;
    if (way.known === undefined) return;
    table.release(way.known);
    way.known = undefined;
    way.others = undefined;
    free.push(slot);
    if (--underWay === 0) whenIdle?.();
  }

  function count(read: number, slot: number): void {
    if (read === abi.READ_DUPLICATE) counters.duplicates++;
    else if (read === abi.READ_STATUS) counters.status++;
    else {
      const code = packets.replyCode(slot);
      if (code === ACCESS_ACCEPT) counters.accepts++;
      else if (code === ACCESS_CHALLENGE) counters.challenges++;
      else if (code === ACCOUNTING_RESPONSE) counters.accounting++;
      else counters.rejects++;
    }
  }

  return {
    counters,
    drops,
    receive,
    useClients: (list) => table.useClients(list),
    clients: () => listClients(table, callers),
    async close() {
      closing = true;
      if (underWay > 0) await new Promise<void>((resolve) => (whenIdle = resolve));
      await signing.close();
    },
  };
}

const NONE: readonly ReplyAttribute[] = [];

/** What a refused user is told, as an attribute. */
function replyMessage(text: string): ReplyAttribute[] {
  const value = Buffer.from(text);
  const bytes = Buffer.concat([Buffer.of(REPLY_MESSAGE, 2 + value.length), value]);
  return [{ name: "Reply-Message", value: text, bytes }];
}

const OUTCOMES: Record<Verdict["outcome"], number> = {
  accept: abi.OUTCOME_ACCEPT,
  continue: abi.OUTCOME_CONTINUE,
  refuse: abi.OUTCOME_REFUSE,
};

/** Whole seconds of a clock that never goes back. */
function seconds(): number {
  return Math.floor(performance.now() / 1000);
}
