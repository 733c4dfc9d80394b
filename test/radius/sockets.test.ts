// What anybody may send cannot end the process or fill the log: datagrams that claim to come from any port, replies that
// the system does not send. The sockets are real; what claims port 0 is handed to them, for that takes a raw socket.

import { createSocket, type Socket } from "node:dgram";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Drops, newCounters } from "../../host/radius/counters.ts";
import { ACCESS_REQUEST, USER_NAME } from "../../assembly/radius/dictionary.ts";
import { randomAuthenticator } from "../../host/radius/client/digest.ts";
import { attribute, encodePacket } from "../../host/radius/client/packet.ts";
import { openSockets } from "../../host/radius/sockets.ts";
import { openDoor, type Fixture } from "./fixture.ts";

const opened: Socket[] = vi.hoisted(() => []);
vi.mock("node:dgram", async (original) => {
  const dgram = await original<typeof import("node:dgram")>();
  return {
    ...dgram,
    createSocket(...args: Parameters<typeof createSocket>) {
      const socket = dgram.createSocket(...args);
      opened.push(socket);
      return socket;
    },
  };
});

let door: Fixture | undefined;
beforeEach(() => void opened.splice(0));
afterEach(async () => {
  await door?.server.close();
  door = undefined;
});

function request(): Buffer {
  return encodePacket(ACCESS_REQUEST, 1, randomAuthenticator(), [attribute(USER_NAME, "alice")])!;
}

/** Hands over a datagram as if it had come from there. */
function hand(socket: Socket, bytes: Buffer, address: string, port: number): void {
  socket.emit("message", bytes, { address, port, family: "IPv4", size: bytes.length });
}

test("a datagram from port 0 is dropped and counted before anything else, in one line of log", async () => {
  door = await openDoor();
  for (let i = 0; i < 3000; i++) hand(opened[i % 2]!, request(), "127.0.0.1", 0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(door.server.counters).toMatchObject({ noPort: 3000, failed: 0, rejects: 0, unsent: 0 });
  expect(door.told).toHaveLength(1);
  expect(door.told[0]).toMatchObject({ level: "warn", fields: { dropped: "noPort", from: "127.0.0.1" } });
});

test("whatever a reply's end is, sending it throws nothing, and what did not leave is counted", async () => {
  const counters = newCounters();
  const lines: unknown[] = [];
  const tell = (...line: unknown[]) => void lines.push(line);
  const drops = new Drops(counters, { debug: tell, info: tell, warn: tell, error: tell } as never);
  const any = "127.0.0.1:0";
  const sockets = await openSockets({ listen: any, accounting: any }, () => {}, drops);
  const ends = fc.record({
    // Broadcast (the system refuses it), an address of the other family, and good ones.
    address: fc.constantFrom("127.0.0.1", "255.255.255.255", "2001:db8::1"),
    port: fc.oneof(fc.constantFrom(0, 1, 65_535), fc.integer({ min: -1, max: 70_000 })),
    accounting: fc.boolean(),
  });
  fc.assert(fc.property(ends, (end) => sockets.send({ bytes: request(), ...end })));
  sockets.send({ bytes: request(), address: "127.0.0.1", port: 0, accounting: false });
  sockets.send({ bytes: request(), address: "255.255.255.255", port: 9, accounting: true });
  await vi.waitFor(() => expect(counters.unsent).toBeGreaterThanOrEqual(2));
  expect(lines).toHaveLength(1);
  await sockets.close();
});

test("what a receiver throws is counted, and told once", async () => {
  const counters = newCounters();
  const lines: unknown[] = [];
  const log = { error: (...line: unknown[]) => void lines.push(line) };
  const any = "127.0.0.1:0";
  const broken = (): void => {
    throw new Error("broken");
  };
  const drops = new Drops(counters, log as never);
  const sockets = await openSockets({ listen: any, accounting: any }, broken, drops);
  for (let i = 0; i < 100; i++) hand(opened[0]!, request(), "127.0.0.1", 1812);
  expect(counters.failed).toBe(100);
  expect(lines).toHaveLength(1);
  await sockets.close();
});

test("each reply that does not leave is counted, whatever left before to other addresses", async () => {
  const counters = newCounters();
  const drops = new Drops(counters, { warn: () => {} } as never);
  const any = "127.0.0.1:0";
  const sockets = await openSockets({ listen: any, accounting: any }, () => {}, drops);
  const reply = { bytes: request(), port: 9, accounting: false };
  for (let i = 0; i < 50; i++) {
    sockets.send({ ...reply, address: "127.0.0.1" });
    sockets.send({ ...reply, address: "255.255.255.255" });
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(counters.unsent).toBe(50);
  await sockets.close();
});
