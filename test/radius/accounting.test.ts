// Accounting becomes the list of connected users; Disconnect-Request ends one; dial-in types; what is kept for how long.

import { createSocket } from "node:dgram";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Clients } from "../../host/radius/clients.ts";
import * as field from "../../assembly/radius/dictionary.ts";
import { SharedSecret } from "../../host/radius/client/digest.ts";
import { disconnect } from "../../host/radius/client/disconnect.ts";
import {
  attribute,
  integerAttribute,
  encodePacket,
  parsePacket,
  type Packet,
} from "../../host/radius/client/packet.ts";
import { Pending, PENDING_MS } from "../../host/admission/pending-challenges.ts";
import type { Session } from "../../host/store/store.ts";
import { runs } from "../runs.ts";
import { LOOPBACK, openDoor, openNas, SECRET, type Fixture } from "./fixture.ts";

const shared = new SharedSecret(SECRET);
const zeros = Buffer.alloc(16);

describe("accounting", () => {
  let door: Fixture;
  let nas: Awaited<ReturnType<typeof openNas>>;
  let identifier = 0;
  beforeEach(async () => {
    door = await openDoor([{ ...LOOPBACK, type: "ssl-vpn" }]);
    const { address, port } = door.server.addresses.accounting;
    nas = await openNas(address, port);
  });
  afterEach(async () => {
    nas.close();
    await door.server.close();
  });

  function report(status: number, more: Buffer[] = [], secret = shared): Buffer {
    const attributes = [integerAttribute(field.ACCT_STATUS_TYPE, status), ...more];
    identifier = (identifier + 1) & 255;
    return secret.sign(
      encodePacket(field.ACCOUNTING_REQUEST, identifier, zeros, attributes, { bare: true })!,
    );
  }
  async function tell(request: Buffer): Promise<void> {
    nas.send(request);
    const reply = parsePacket((await nas.next())!)!;
    expect(reply.code).toBe(field.ACCOUNTING_RESPONSE);
    expect(shared.checkReply(reply, request.subarray(4, 20))).toBe(true);
  }
  const who = (id: string, user = "alice") => [
    attribute(field.USER_NAME, user),
    attribute(field.ACCT_SESSION_ID, id),
  ];

  test("Start, Interim-Update, Stop", async () => {
    const now = Date.now() / 1000;
    await tell(
      report(field.ACCT_START, [
        ...who("a1"),
        integerAttribute(field.NAS_PORT, 7),
        attribute(field.CALLING_STATION_ID, "198.51.100.7"),
        attribute(field.FRAMED_IP_ADDRESS, Buffer.of(10, 0, 0, 9)),
      ]),
    );
    const [session] = [...door.sessions.values()];
    expect(session).toMatchObject({
      id: "loopback/a1",
      user: "alice",
      nas: "loopback",
      type: "ssl-vpn",
      acctSessionId: "a1",
      nasPort: 7,
      callingStation: "198.51.100.7",
      framedAddress: "10.0.0.9",
      bytesIn: 0,
      bytesOut: 0,
    });
    expect(Math.abs(session!.since - now)).toBeLessThan(20);
    await tell(
      report(field.ACCT_INTERIM_UPDATE, [
        ...who("a1"),
        integerAttribute(field.ACCT_SESSION_TIME, 600),
        integerAttribute(field.ACCT_DELAY_TIME, 30),
        integerAttribute(field.ACCT_INPUT_OCTETS, 5),
        integerAttribute(field.ACCT_INPUT_GIGAWORDS, 2),
        integerAttribute(field.ACCT_OUTPUT_OCTETS, 0xffffffff),
      ]),
    );
    expect(door.sessions.size).toBe(1);
    const later = door.sessions.get("loopback/a1")!;
    expect(later).toMatchObject({ bytesIn: 8589934597, bytesOut: 4294967295 });
    expect(Math.abs(later.since - (now - 630))).toBeLessThan(20); // less than the delay of 30 s
    await tell(report(field.ACCT_STOP, who("a1")));
    expect(door.sessions.size).toBe(0);
  });

  test("Accounting-On and -Off end the sessions of that NAS, and no other's", async () => {
    for (const status of [field.ACCT_ON, field.ACCT_OFF]) {
      await tell(report(field.ACCT_START, who("a")));
      await tell(report(field.ACCT_START, who("b")));
      const other = { ...door.sessions.get("loopback/a")!, id: "other/a", nas: "other" };
      door.sessions.set(other.id, other);
      await tell(report(status));
      expect([...door.sessions.keys()]).toEqual(["other/a"]);
    }
  });

  test("what comes late, or is sent again, puts no counter back", async () => {
    const counted = (status: number, bytes: number, delay: number): Promise<void> =>
      tell(
        report(status, [
          ...who("a"),
          integerAttribute(field.ACCT_INPUT_OCTETS, bytes),
          integerAttribute(field.ACCT_DELAY_TIME, delay),
        ]),
      );
    const bytes = () => door.sessions.get("loopback/a")?.bytesIn;
    await counted(field.ACCT_START, 0, 100);
    await counted(field.ACCT_INTERIM_UPDATE, 200, 10);
    await counted(field.ACCT_INTERIM_UPDATE, 100, 60);
    await counted(field.ACCT_START, 0, 101);
    expect(bytes()).toBe(200);
    await counted(field.ACCT_INTERIM_UPDATE, 300, 0);
    expect(bytes()).toBe(300);
    await counted(field.ACCT_STOP, 300, 0);
    expect(bytes()).toBeUndefined();
  });

  test("session ids that are no text stay apart", async () => {
    const id = (byte: number) => [
      attribute(field.USER_NAME, "alice"),
      attribute(field.ACCT_SESSION_ID, Buffer.of(byte, 1)),
    ];
    for (const byte of [0xfe, 0xff]) await tell(report(field.ACCT_START, id(byte)));
    expect(door.sessions.size).toBe(2);
    await tell(report(field.ACCT_STOP, id(0xff)));
    expect([...door.sessions.keys()]).toEqual(["loopback/0xfe01"]);
  });

  test("NAS of one address are told apart by NAS-Identifier, and one that starts ends its own only", async () => {
    const named = (name: string) => attribute(field.NAS_IDENTIFIER, name);
    for (const name of ["gw:1", "gw/2"]) await tell(report(field.ACCT_START, [...who("a"), named(name)]));
    await tell(report(field.ACCT_START, who("a")));
    expect([...door.sessions.keys()]).toEqual(["loopback/gw%3A1:a", "loopback/gw%2F2:a", "loopback/a"]);
    await tell(report(field.ACCT_ON, [named("gw:1")]));
    expect([...door.sessions.keys()]).toEqual(["loopback/gw%2F2:a", "loopback/a"]);
    await tell(report(field.ACCT_ON));
    expect([...door.sessions.keys()]).toEqual(["loopback/gw%2F2:a"]);
  });

  test("what has ended stays ended, whatever comes late; a later Start under the same id is a new session", async () => {
    const delay = (seconds: number) => integerAttribute(field.ACCT_DELAY_TIME, seconds);
    const stamp = (after: number) =>
      integerAttribute(field.EVENT_TIMESTAMP, Math.floor(Date.now() / 1000) + after);
    await tell(report(field.ACCT_START, who("a")));
    await tell(report(field.ACCT_STOP, who("a")));
    await tell(report(field.ACCT_INTERIM_UPDATE, who("a")));
    await tell(report(field.ACCT_START, [...who("a"), delay(6)]));
    await tell(report(field.ACCT_START, [...who("a"), stamp(-6), delay(0)]));
    expect(door.sessions.size).toBe(0);
    await tell(report(field.ACCT_START, [...who("a"), stamp(5)]));
    expect(door.sessions.size).toBe(1);
    // The end of the session before, which comes late.
    await tell(report(field.ACCT_STOP, [...who("a"), stamp(-7)]));
    expect(door.sessions.size).toBe(1);
    await tell(report(field.ACCT_STOP, [...who("a"), stamp(9)]));
    expect(door.sessions.size).toBe(0);
  });

  test("events in any order leave connected whom the last event in time leaves connected", async () => {
    const kinds = { start: field.ACCT_START, stop: field.ACCT_STOP } as const;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1e9),
        fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
        async (id, order) => {
          // Three sessions after each other under one id, each event told with its time.
          const now = Math.floor(Date.now() / 1000) - 1000;
          const events = order.map(
            (i) => ({ kind: i % 2 === 0 ? "start" : "stop", time: now + 10 * i }) as const,
          );
          for (const { kind, time } of events)
            await tell(
              report(kinds[kind], [...who(String(id)), integerAttribute(field.EVENT_TIMESTAMP, time)]),
            );
          expect(
            [...door.sessions.values()].filter(({ acctSessionId }) => acctSessionId === String(id)),
          ).toEqual([]);
        },
      ),
      runs(20),
    );
  });

  test("addresses of IPv6 are shown beside that of IPv4", async () => {
    const hex = (text: string) => Buffer.from(text, "hex");
    await tell(
      report(field.ACCT_START, [
        ...who("a"),
        attribute(field.FRAMED_IP_ADDRESS, Buffer.of(10, 0, 0, 9)),
        attribute(field.FRAMED_IPV6_ADDRESS, hex("20010db8000000000000000000000005")),
        attribute(field.FRAMED_IPV6_PREFIX, hex("004020010db800000001")),
        attribute(field.DELEGATED_IPV6_PREFIX, hex("003820010db8000001")),
      ]),
    );
    expect(door.sessions.get("loopback/a")!.framedAddress).toBe(
      "10.0.0.9, 2001:db8::5, 2001:db8:0:1::/64, 2001:db8:0:100::/56",
    );
    const host = attribute(field.FRAMED_INTERFACE_ID, hex("0000000000000007"));
    const prefix = attribute(field.FRAMED_IPV6_PREFIX, hex("004020010db800000001"));
    await tell(report(field.ACCT_START, [...who("b"), host, prefix]));
    await tell(report(field.ACCT_START, [...who("c"), host]));
    await tell(report(field.ACCT_START, [...who("d"), attribute(field.FRAMED_INTERFACE_ID, hex("07"))]));
    expect(["b", "c", "d"].map((id) => door.sessions.get(`loopback/${id}`)!.framedAddress)).toEqual([
      "2001:db8:0:1::7, 2001:db8:0:1::/64",
      "fe80::7",
      undefined,
    ]);
  });

  test("a session of which nothing was heard for a day ends, one that was heard while the clock was ahead too", async () => {
    for (const id of ["a", "b"]) await tell(report(field.ACCT_START, who(id)));
    const silentFor = async (id: string, seconds: number, later: number): Promise<string[]> => {
      door.sessions.get(`loopback/${id}`)!.updated -= seconds;
      const at = performance.now() + later;
      vi.spyOn(performance, "now").mockImplementation(() => at);
      await tell(report(field.ACCT_START, who("c")));
      vi.restoreAllMocks();
      return [...door.sessions.keys()];
    };
    expect(await silentFor("a", 86_401, 3_600_000)).toEqual(["loopback/b", "loopback/c"]);
    const ahead = 400 * 86_400;
    expect(await silentFor("b", -ahead, 7_200_000)).toEqual(["loopback/b", "loopback/c"]);
    expect(await silentFor("b", 86_401, 10_800_000)).toEqual(["loopback/c"]);
  });

  test("pppd's literal session id is told apart by user and port", async () => {
    for (const [user, port] of [
      ["alice", 0],
      ["bob", 0],
      ["bob", 1],
    ] as const)
      await tell(report(field.ACCT_START, [...who("%lX%hX", user), integerAttribute(field.NAS_PORT, port)]));
    expect(door.sessions.size).toBe(3);
    await tell(report(field.ACCT_STOP, [...who("%lX%hX", "bob"), integerAttribute(field.NAS_PORT, 0)]));
    expect([...door.sessions.values()].map(({ user, nasPort }) => [user, nasPort])).toEqual([
      ["alice", 0],
      ["bob", 1],
    ]);
  });

  test("a session id of any text, none, and an unknown status are answered", async () => {
    await tell(report(field.ACCT_START, who("\u0000é/../%s")));
    await tell(report(field.ACCT_START, [attribute(field.USER_NAME, "alice")]));
    await tell(report(99, who("x")));
    expect(door.sessions.size).toBe(1);
  });

  test("a wrong secret is dropped and counted; a retransmission gets the same bytes", async () => {
    nas.send(report(field.ACCT_START, who("a"), new SharedSecret("other")));
    await expect.poll(() => door.server.counters.badAuthenticator).toBe(1);
    expect(door.sessions.size).toBe(0);
    const request = report(field.ACCT_START, who("a"));
    nas.send(request);
    const first = await nas.next();
    nas.send(request);
    expect(await nas.next()).toEqual(first);
    expect(door.server.counters).toMatchObject({ accounting: 1, duplicates: 1 });
  });

  test("where the store fails there is no answer, and the next copy is tried anew", async () => {
    await door.server.close();
    const { startRadius } = await import("../../host/radius/server.ts");
    let tries = 0;
    const failing = async () => {
      if (++tries === 1) throw new Error("disk full");
    };
    const server = await startRadius({
      listen: "127.0.0.1:0",
      accounting: "127.0.0.1:0",
      clients: [LOOPBACK],
      admission: door.admission,
      store: { saveSession: failing, dropSession: async () => undefined, sessions: async () => [] },
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
    door.server = server;
    nas.close();
    nas = await openNas("127.0.0.1", server.addresses.accounting.port);
    const request = report(field.ACCT_START, who("a"));
    nas.send(request);
    await expect.poll(() => server.counters.failed).toBe(1);
    await tell(request);
  });
});

describe("Disconnect-Request", () => {
  const session: Session = {
    id: "loopback/a1",
    user: "alice",
    nas: "loopback",
    since: 0,
    updated: 0,
    bytesIn: 0,
    bytesOut: 0,
    acctSessionId: "a1",
    nasPort: 7,
  };

  /** A NAS that answers with `code`, and what it was asked. */
  async function listen(
    code: number,
    secret: string,
    more: Buffer[] = [],
  ): Promise<{ port: number; asked: Packet[]; close(): void }> {
    const socket = createSocket("udp4");
    const asked: Packet[] = [];
    socket.on("message", (datagram, from) => {
      const packet = parsePacket(datagram)!;
      asked.push(packet);
      const reply = encodePacket(code, packet.identifier, packet.authenticator, more, { bare: true })!;
      socket.send(new SharedSecret(secret).sign(reply, packet.authenticator), from.port, from.address);
    });
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    return { port: socket.address().port, asked, close: () => socket.close() };
  }

  test("names the session, is signed, and is told what became of it", async () => {
    const nas = await listen(field.DISCONNECT_ACK, SECRET);
    const client = { ...LOOPBACK, disconnect: `127.0.0.1:${nas.port}` };
    expect(await disconnect(session, [client])).toEqual({ outcome: "disconnected" });
    const [asked] = nas.asked;
    expect(asked!.code).toBe(field.DISCONNECT_REQUEST);
    expect(shared.checkReply(asked!, zeros)).toBe(true);
    expect([
      asked!.text(field.USER_NAME),
      asked!.text(field.ACCT_SESSION_ID),
      asked!.integer(field.NAS_PORT),
    ]).toEqual(["alice", "a1", 7]);
    nas.close();
  });

  test("a refusal comes with its cause; an unsigned answer is none; without an address it is not offered", async () => {
    const refusing = await listen(field.DISCONNECT_NAK, SECRET, [integerAttribute(field.ERROR_CAUSE, 503)]);
    const forging = await listen(field.DISCONNECT_ACK, "other");
    const at = ({ port }: { port: number }) => [{ ...LOOPBACK, disconnect: `127.0.0.1:${port}` }];
    expect(await disconnect(session, at(refusing))).toEqual({ outcome: "refused", cause: 503 });
    expect(await disconnect(session, at(forging), 20)).toEqual({ outcome: "no-answer" });
    await expect.poll(() => forging.asked.length).toBe(3); // the last may still be on its way
    expect(await disconnect(session, [LOOPBACK])).toEqual({ outcome: "not-offered" });
    expect(await disconnect({ ...session, nas: "gone" }, at(refusing))).toEqual({ outcome: "not-offered" });
    // Of several clients of one name it is the one whose address stands behind the name.
    const twins = [forging, refusing, forging].flatMap(at);
    const addresses = ["198.51.100.0/24", "192.0.2.0/24", "192.0.2.128/25"];
    const clients = twins.map((client, i) => ({ ...client, address: addresses[i]! }));
    expect(await disconnect({ ...session, nas: "loopback@192.0.2.1" }, clients)).toMatchObject({
      cause: 503,
    });
    refusing.close();
    forging.close();
  });
});

describe("clients", () => {
  test.each([
    ["192.0.2.0/24", "192.0.2.255", true],
    ["192.0.2.0/24", "192.0.3.0", false],
    ["192.0.2.0/24", "::ffff:192.0.2.1", true],
    ["192.0.2.0/24", "::ffff:c000:201", true],
    ["0.0.0.0/0", "::1", false],
    ["2001:db8::/33", "2001:db8:7fff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
    ["fe80::/10", "fe80::1%eth0", true],
    ["::/0", "192.0.2.1", true],
    ["::ffff:192.0.2.1", "192.0.2.1", true],
  ])("%s holds %s: %s", (prefix, address, holds) => {
    expect(new Clients([{ ...LOOPBACK, address: prefix }]).find(address) !== undefined).toBe(holds);
  });

  test.each(["", "192.0.2.1/33", "2001:db8::/129", "nas.example", "192.0.2.1/", "192.0.2.1/-1"])(
    "%j is no address, and is refused by name",
    (address) => expect(() => new Clients([{ ...LOOPBACK, address }])).toThrow(/loopback/),
  );
});

describe("what is kept", () => {
  test("a waiting user's entry is taken once, in time, and one user's do not push out another's", () => {
    const pending = new Pending<number>();
    const mine = pending.put(1, "alice", 0);
    for (let i = 0; i < 100; i++) pending.put(2, "mallory", 0);
    expect(pending.size).toBe(9);
    expect(pending.take(mine, "mallory", 1)).toBeUndefined();
    expect(pending.take(mine, "alice", 1)).toBe(1);
    expect(pending.take(mine, "alice", 1)).toBeUndefined();
    const late = pending.put(3, "alice", 0);
    expect(pending.take(late, "alice", PENDING_MS)).toBeUndefined();
    for (let i = 0; i < 12_000; i++) pending.put(4, `user${i}`, 0);
    expect(pending.size).toBeLessThanOrEqual(10_000);
    pending.put(5, "last", PENDING_MS);
    expect(pending.size).toBe(1);
  });
});
