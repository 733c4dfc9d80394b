// The load generator: RADIUS logins with a number of them outstanding, or at given moments; bounded in count and time.

import { createSocket, type Socket } from "node:dgram";
import type { Endpoint } from "../host/config/endpoint.ts";
import type { Dialogue } from "./conversation.ts";
import { quantile } from "./rounds.ts";

/** Identifiers of one socket (RFC 2865 section 3). */
const IDENTIFIERS = 256;

export interface LoadResult {
  accepts: number;
  refusals: number;
  /** Replies that are not what they must be. */
  wrong: number;
  /** Logins without a reply in time. */
  lost: number;
  /** From the first packet to the last reply, seconds. */
  seconds: number;
  /** Milliseconds from a login's due moment to its last reply. */
  latencies: { p50: number; p99: number; max: number };
}

interface Slot {
  identifier: number;
  socket: Socket;
  login: Dialogue | undefined;
  due: number;
}

/** Sockets to one server, with room for so many logins at once. */
export class Generator {
  readonly #slots: Slot[] = [];
  readonly #sockets: Socket[] = [];
  /** Where a datagram for a slot goes. */
  #taken: (slot: Slot, datagram: Buffer) => void = () => {};

  static async open(server: Endpoint, outstanding: number): Promise<Generator> {
    const generator = new Generator();
    for (let first = 0; first < outstanding; first += IDENTIFIERS) {
      const socket = createSocket("udp4");
      await new Promise<void>((resolve) => socket.connect(server.port, server.address, () => resolve()));
      socket.setRecvBufferSize(4 * 1024 * 1024);
      socket.on("error", () => {}); // nobody listens there any more: told as lost
      generator.#sockets.push(socket);
      for (let identifier = 0; identifier < Math.min(IDENTIFIERS, outstanding - first); identifier++)
        generator.#slots.push({ identifier, socket, login: undefined, due: 0 });
      socket.on("message", (datagram) => {
        const slot = generator.#slots[first + datagram[1]!];
        if (slot?.login !== undefined) generator.#taken(slot, datagram);
      });
    }
    return generator;
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  /**
   * As many logins as there are slots are outstanding all the time, until `logins` are done. Their first packets are
   * made before the clock starts, and the replies that end a login are checked after it has stopped.
   */
  async saturate(logins: readonly Dialogue[], limitSeconds: number): Promise<LoadResult> {
    const slots = this.#slots;
    const packets = logins.map((login, i) => login.start(slots[i % slots.length]!.identifier));
    const next = slots.map((_, i) => i);
    const replies: (Buffer | undefined)[] = new Array<undefined>(logins.length);
    const latencies: number[] = [];
    let running = 0;
    let finish: () => void = () => {};
    const begin = (s: number): void => {
      const slot = slots[s]!;
      const i = next[s]!;
      if (i >= logins.length) {
        slot.login = undefined;
        if (--running === 0) finish();
        return;
      }
      slot.login = logins[i];
      slot.due = performance.now();
      slot.socket.send(packets[i]!);
    };
    const indexOf = new Map(slots.map((slot, s) => [slot, s]));
    this.#taken = (slot, datagram) => {
      const s = indexOf.get(slot)!;
      // Access-Challenge is answered at once; what ends a login is looked at later.
      if (datagram[0] === 11) {
        const step = slot.login!.take(datagram);
        if (typeof step === "object") return slot.socket.send(step);
      }
      latencies.push(performance.now() - slot.due);
      replies[next[s]!] = datagram;
      next[s]! += slots.length;
      begin(s);
    };
    const start = performance.now();
    const done = new Promise<void>((resolve) => (finish = resolve));
    running = Math.min(slots.length, logins.length);
    for (let s = 0; s < running; s++) begin(s);
    await within(done, limitSeconds);
    const seconds = (performance.now() - start) / 1000;
    this.#idle();
    const result = summarise(latencies, seconds);
    replies.forEach((reply, i) => count(result, reply === undefined ? "lost" : logins[i]!.take(reply)));
    return result;
  }

  /** Each login begins at its moment, `perSecond` of them evenly; latency counts from that moment even if all slots are busy. */
  async stream(logins: readonly Dialogue[], perSecond: number, graceSeconds: number): Promise<LoadResult> {
    const free = [...this.#slots];
    const latencies: number[] = [];
    const result = summarise([], 0);
    const start = performance.now();
    let sent = 0;
    let ended = 0;
    let finish: () => void = () => {};
    const done = new Promise<void>((resolve) => (finish = resolve));
    this.#taken = (slot, datagram) => {
      const step = slot.login!.take(datagram);
      if (typeof step === "object") return slot.socket.send(step);
      latencies.push(performance.now() - slot.due);
      count(result, step);
      slot.login = undefined;
      free.push(slot);
      if (++ended === logins.length) finish();
    };
    const tick = setInterval(() => {
      const now = performance.now();
      for (; sent < logins.length; sent++) {
        const due = start + (sent * 1000) / perSecond;
        const slot = due <= now ? free.shift() : undefined;
        if (slot === undefined) return;
        slot.login = logins[sent]!;
        // The interval's own grain is not the server's fault.
        slot.due = Math.max(due, now - 2);
        slot.socket.send(slot.login.start(slot.identifier));
      }
    }, 1);
    await within(done, logins.length / perSecond + graceSeconds);
    clearInterval(tick);
    this.#idle();
    const { accepts, refusals, wrong } = result;
    const lost = logins.length - ended;
    return { ...summarise(latencies, (performance.now() - start) / 1000), accepts, refusals, wrong, lost };
  }

  #idle(): void {
    this.#taken = () => {};
    for (const slot of this.#slots) slot.login = undefined;
  }
}

function count(result: LoadResult, step: Buffer | "accept" | "refuse" | "wrong" | "lost"): void {
  if (step === "accept") result.accepts++;
  else if (step === "refuse") result.refusals++;
  else if (step === "lost") result.lost++;
  else result.wrong++;
}

function summarise(latencies: readonly number[], seconds: number): LoadResult {
  const at = (share: number) => quantile(latencies, share);
  const max = latencies.reduce((most, one) => Math.max(most, one), 0);
  return {
    accepts: 0,
    refusals: 0,
    wrong: 0,
    lost: 0,
    seconds,
    latencies: { p50: at(0.5), p99: at(0.99), max },
  };
}

function within(done: Promise<void>, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    void done.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
