// One code, one Accept, whatever a NAS makes its packets of: a simulated NAS varies identifier, authenticator, port,
// session, station and order at random, against the real listener, admission and core. Only a packet whose bytes are all
// equal gets an Accept again, the same one; and for a client that is called an OpenVPN plug-in one second copy does.

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Admission } from "../../host/admission/admission.ts";
import { REPEAT_MS } from "../../host/admission/repeats.ts";
import type { RadiusClient } from "../../host/config/config.ts";
import { Core } from "../../host/core/core.ts";
import { silentLog } from "../../host/log/log.ts";
import * as field from "../../assembly/radius/dictionary.ts";
import { SharedSecret } from "../../host/radius/client/digest.ts";
import type { RadiusDoor } from "../../host/radius/door.ts";
import { openDoor } from "../../host/radius/listener.ts";
import { attribute, integerAttribute, encodePacket } from "../../host/radius/client/packet.ts";
import type { Datagram } from "../../host/radius/sockets.ts";
import type { LoginEvent } from "../../host/log/login-event.ts";
import { Sealer } from "../../host/store/seal.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { LOOPBACK, SECRET } from "./fixture.ts";

const KEY = Buffer.from("12345678901234567890"); // RFC 6238 appendix B
const NOW = 1_800_000_000;
const CODE = totp(KEY, NOW);
const OPENVPN: RadiusClient = { ...LOOPBACK, type: "openvpn", resends: "openvpn-plugin" };
const shared = new SharedSecret(SECRET);
const core = Core.load();
const sealer = new Sealer([Buffer.alloc(32, 7)]);
const clock = { seconds: () => NOW, plausible: () => true };

interface World {
  door: RadiusDoor;
  store: MemoryStore;
  users: Users;
  replies: Datagram[];
  /** Reasons of all verdicts, as the audit log gets them. */
  reasons: string[];
}

async function begin(client: RadiusClient, more: object = {}): Promise<World> {
  const store = new MemoryStore();
  const users = new Users(core, store, sealer, clock);
  await users.add({ name: "alice", secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", active: true, ...more });
  const reasons: string[] = [];
  const note = ({ verdict: { reason } }: LoginEvent) => void reasons.push(reason);
  const admission = new Admission(core, store, sealer, { clock, note });
  const replies: Datagram[] = [];
  const send = (reply: Datagram): boolean => replies.push({ ...reply, bytes: Buffer.from(reply.bytes) }) > 0;
  const door = openDoor(
    { clients: [client], admission, store, log: silentLog },
    { send, isIdle: () => true },
  );
  return { door, store, users, replies, reasons };
}

/** What a packet is made of; two of equal parts have equal bytes. */
interface Made {
  identifier: number;
  authenticator: number;
  port: number;
  session: string | undefined;
  station: string | undefined;
  nasPort: number | undefined;
  nas: string | undefined;
  code?: string;
}

function print({ identifier, authenticator, session, station, nasPort, nas, code = CODE }: Made): Buffer {
  const random = Buffer.alloc(16, authenticator);
  const attributes = [
    attribute(field.USER_NAME, "alice"),
    attribute(field.USER_PASSWORD, shared.hidePassword(Buffer.from(code), random)),
  ];
  if (session !== undefined) attributes.push(attribute(field.ACCT_SESSION_ID, session));
  if (station !== undefined) attributes.push(attribute(field.CALLING_STATION_ID, station));
  if (nasPort !== undefined) attributes.push(integerAttribute(field.NAS_PORT, nasPort));
  if (nas !== undefined) attributes.push(attribute(field.NAS_IDENTIFIER, nas));
  return shared.sign(encodePacket(field.ACCESS_REQUEST, identifier, random, attributes)!, random, true);
}

/** Sends a packet and, unless it is to overlap with the next one, waits for the reply. */
async function send(world: World, made: Made, wait = true): Promise<number | undefined> {
  const before = world.replies.length;
  world.door.receive(print(made), { address: "127.0.0.1", port: made.port }, false);
  if (!wait) return undefined;
  await vi.waitFor(() => expect(world.replies.length).toBeGreaterThan(before), { interval: 1 });
  return world.replies.at(-1)!.bytes[0];
}

const one: Made = {
  identifier: 1,
  authenticator: 1,
  port: 40_000,
  session: "909E2C3A",
  station: "192.0.2.7",
  nasPort: 1,
  nas: "OpenVpn",
};
const { ACCESS_ACCEPT, ACCESS_REJECT } = field;

/** Few values each, so that packets are alike in all but one part, and often in none. */
const made: fc.Arbitrary<Made> = fc.record({
  identifier: fc.constantFrom(1, 2),
  authenticator: fc.constantFrom(1, 2),
  port: fc.constantFrom(40_000, 40_001),
  session: fc.constantFrom(undefined, "", "909E2C3A", "909E2C3B"),
  station: fc.constantFrom(undefined, "", "192.0.2.7", "192.0.2.8"),
  nasPort: fc.constantFrom(undefined, 0, 1),
  nas: fc.constantFrom(undefined, "OpenVpn"),
});

/** The Accepts that were given, each once for every text of a reply. */
const accepts = ({ replies }: World): Set<string> =>
  new Set(
    replies
      .filter(({ bytes }) => bytes[0] === ACCESS_ACCEPT)
      .map(({ bytes }) => Buffer.from(bytes).toString("hex")),
  );

describe("a simulated NAS", () => {
  const walk = fc.array(fc.tuple(made, fc.boolean()), { minLength: 2, maxLength: 30 });

  test("gets one Accept for a code, and its bytes again for the same packet only", async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), walk, async (openvpn, packets) => {
        const world = await begin({ ...LOOPBACK, ...(openvpn && { type: "openvpn" }) });
        for (const [packet, wait] of packets) await send(world, packet, wait);
        await world.door.close();
        expect(world.reasons.filter((reason) => reason === "ok")).toHaveLength(1);
        expect(world.reasons.filter((reason) => reason.startsWith("repeat"))).toEqual([]);
        expect(accepts(world).size).toBe(1);
        const different = new Set(packets.map(([packet]) => print(packet).toString("hex")));
        expect(world.reasons).toHaveLength(different.size);
        const replies = new Set(world.replies.map(({ bytes }) => Buffer.from(bytes).toString("hex")));
        expect(replies.size).toBeLessThanOrEqual(different.size);
      }),
    );
  });

  test("that is an OpenVPN plug-in gets one more, for the same named session and station", async () => {
    await fc.assert(
      fc.asyncProperty(walk, async (packets) => {
        const world = await begin(OPENVPN);
        for (const [packet, wait] of packets) await send(world, packet, wait);
        await world.door.close();
        const repeats = world.reasons.filter((reason) => reason === "repeat").length;
        expect(world.reasons.filter((reason) => reason === "ok")).toHaveLength(1);
        expect(repeats).toBeLessThanOrEqual(1);
        expect(accepts(world).size).toBeLessThanOrEqual(1 + repeats);
        const [first] = packets[0]!;
        const alike = new Set(
          packets
            .map(([packet]) => packet)
            .filter(
              ({ session, station }) =>
                session === first.session && (station || undefined) === (first.station || undefined),
            )
            .map((packet) => print(packet).toString("hex")),
        );
        expect(repeats).toBe(first.session && alike.size > 1 ? 1 : 0);
      }),
    );
  });
});

test("the same packet from another port is the same, and its reply goes where it came from", async () => {
  const world = await begin(LOOPBACK);
  await send(world, one);
  await send(world, { ...one, port: 40_001 });
  expect(world.reasons).toEqual(["ok"]);
  expect(world.replies.map(({ port }) => port)).toEqual([40_000, 40_001]);
  expect(world.replies[0]!.bytes).toEqual(world.replies[1]!.bytes);
});

test("while the first is under way, both ports get its reply", async () => {
  const world = await begin(LOOPBACK);
  await send(world, one, false);
  await send(world, { ...one, port: 40_001 }, false);
  await send(world, one, false);
  await world.door.close();
  expect(world.replies.map(({ port }) => port)).toEqual([40_000, 40_001]);
});

test("a packet that shares identifier, port, length and authenticator is judged", async () => {
  const world = await begin(LOOPBACK);
  expect(await send(world, one)).toBe(ACCESS_ACCEPT);
  expect(await send(world, { ...one, station: "192.0.2.8" })).toBe(ACCESS_REJECT);
  expect(world.reasons).toEqual(["ok", "code-spent"]);
});

describe("time is real", () => {
  let now = 1_000_000;
  beforeEach(() => void vi.spyOn(performance, "now").mockImplementation(() => now));
  afterEach(() => void vi.restoreAllMocks());

  test("a packet is the same for 30 s after its first arrival, however often it comes", async () => {
    const world = await begin(LOOPBACK);
    for (const after of [0, 29_999]) {
      now += after;
      expect(await send(world, one)).toBe(ACCESS_ACCEPT);
    }
    now += 1;
    expect(await send(world, one)).toBe(ACCESS_REJECT);
    expect(world.reasons).toEqual(["ok", "code-spent"]);
  });

  test("the plug-in's second copy counts within 6 s", async () => {
    for (const [after, reason] of [
      [REPEAT_MS - 1, "repeat"],
      [REPEAT_MS, "code-spent"],
    ] as const) {
      const world = await begin(OPENVPN);
      await send(world, one);
      now += after;
      await send(world, { ...one, authenticator: 2 });
      expect(world.reasons).toEqual(["ok", reason]);
    }
  });
});

describe("the plug-in's second copy", () => {
  const again = { ...one, identifier: 77, authenticator: 2, port: 40_001 };

  test("counts once, and leaves no failure behind", async () => {
    const world = await begin(OPENVPN);
    expect(await send(world, one)).toBe(ACCESS_ACCEPT);
    const { state } = world.store.entries.get("alice")!;
    expect(await send(world, again)).toBe(ACCESS_ACCEPT);
    expect(world.store.entries.get("alice")!.state).toEqual(state);
    expect(await send(world, { ...again, authenticator: 3 })).toBe(ACCESS_REJECT);
    expect(world.reasons).toEqual(["ok", "repeat", "code-spent"]);
  });

  test.each([
    ["disabled", (users: Users) => users.setEnabled("alice", false), "profile-disabled"],
    ["changed", (users: Users) => users.edit("alice", { types: ["openvpn"] }), "code-spent"],
    [
      "changed to another type",
      (users: Users) => users.edit("alice", { types: ["pptp"] }),
      "type-not-allowed",
    ],
    ["removed", (users: Users) => users.remove("alice"), "unknown-user"],
    [
      "disabled and enabled again",
      async (users: Users) => {
        await users.setEnabled("alice", false);
        await users.setEnabled("alice", true);
      },
      "code-spent",
    ],
  ])("is refused where the user was %s meanwhile", async (_, change, reason) => {
    const world = await begin(OPENVPN);
    await send(world, one);
    await change(world.users);
    expect(await send(world, again)).toBe(ACCESS_REJECT);
    expect(world.reasons).toEqual(["ok", reason]);
  });

  test("is looked at once more in the moment it is answered", async () => {
    const world = await begin(OPENVPN);
    await send(world, one);
    world.store.beforeCommit = async () => {
      world.store.beforeCommit = () => {};
      await world.users.setEnabled("alice", false);
    };
    expect(await send(world, again)).toBe(ACCESS_REJECT);
    expect(world.reasons).toEqual(["ok", "profile-disabled"]);
  });

  test("of a refused login is refused, and counts as no guess", async () => {
    const world = await begin(OPENVPN);
    const wrong = CODE === "000000" ? "000001" : "000000";
    await send(world, { ...one, code: wrong });
    const { state } = world.store.entries.get("alice")!;
    await send(world, { ...again, code: wrong });
    expect(world.store.entries.get("alice")!.state).toEqual(state);
    expect(world.reasons).toEqual(["wrong-code", "repeat-refused"]);
    // Another code of the same session is another login.
    expect(await send(world, { ...again, authenticator: 3 })).toBe(ACCESS_ACCEPT);
  });

  test("of a recovery code counts, too", async () => {
    const world = await begin(OPENVPN);
    const [code] = await world.users.help.recoveryCodes("alice");
    await send(world, { ...one, code: code! });
    await send(world, { ...again, code: code! });
    expect(world.reasons).toEqual(["recovered", "repeat"]);
  });

  test("of a first step asks again, with a State of its own", async () => {
    const mode = { mode: "password-then-code", password: "p4ssw0rd" };
    const world = await begin({ ...OPENVPN, challenge: true }, mode);
    await send(world, { ...one, code: "p4ssw0rd" });
    await send(world, { ...again, code: "p4ssw0rd" });
    expect(world.reasons).toEqual(["password-ok", "password-ok"]);
    const [first, second] = world.replies.map(({ bytes }) => Buffer.from(bytes).subarray(20).toString("hex"));
    expect(first).not.toBe(second);
  });
});
