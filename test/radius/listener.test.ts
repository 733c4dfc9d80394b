// The RADIUS door end to end on loopback: every proof, duplicates, who may speak, Status-Server, closing.

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RadiusClient } from "../../host/config/config.ts";
import * as field from "../../assembly/radius/dictionary.ts";
import { randomAuthenticator, SharedSecret } from "../../host/radius/client/digest.ts";
import {
  attribute,
  integerAttribute,
  encodePacket,
  parsePacket,
  vendorAttribute,
  type Packet,
} from "../../host/radius/client/packet.ts";
import { openDoor as openRadiusDoor } from "../../host/radius/listener.ts";
import { startRadius } from "../../host/radius/server.ts";
import { dialIn, PEER_PROOFS, type PeerProof } from "../../host/radius/client/peer.ts";
import { runs } from "../runs.ts";
import { newDice } from "../slow/mutate.ts";
import { LOOPBACK, openDoor, openNas, SECRET, type Fixture } from "./fixture.ts";

const shared = new SharedSecret(SECRET);
let door: Fixture;
let closing: (() => void)[] = [];

async function open(clients?: RadiusClient[], host?: string): Promise<void> {
  await door.server.close();
  door = await openDoor(clients, host);
}
async function nas(endpoint = door.server.addresses.authentication) {
  const it = await openNas(endpoint.address, endpoint.port);
  closing.push(it.close);
  return it;
}
/** An Access-Request with PAP. */
function pap(
  user: string,
  password: string,
  more: Buffer[] = [],
  options: { bare?: boolean; id?: number } = {},
): Buffer {
  const authenticator = randomAuthenticator();
  const hidden = shared.hidePassword(Buffer.from(password), authenticator);
  const attributes = [attribute(field.USER_NAME, user), attribute(field.USER_PASSWORD, hidden), ...more];
  const { bare = false, id = 1 } = options;
  return shared.sign(
    encodePacket(field.ACCESS_REQUEST, id, authenticator, attributes, { bare })!,
    authenticator,
    true,
  );
}
/** The reply to `request`, signed in full with Message-Authenticator first. */
function check(reply: Buffer | undefined, request: Buffer): Packet {
  const packet = parsePacket(reply ?? Buffer.alloc(0)) ?? expect.fail("no reply");
  const authenticator = request.subarray(4, 20);
  expect(packet.identifier).toBe(request[1]);
  expect(shared.checkReply(packet, authenticator)).toBe(true);
  expect(shared.checkMessage(packet, authenticator)).toBe(true);
  expect(packet.bytes[20]).toBe(field.MESSAGE_AUTHENTICATOR);
  return packet;
}
const dial = (user: string, password: string, proof: PeerProof, ask?: (prompt: string) => Promise<string>) =>
  dialIn({
    server: door.server.addresses.authentication,
    secret: SECRET,
    user,
    password,
    proof,
    ...(ask && { ask }),
  });

beforeEach(async () => void (door = await openDoor()));
afterEach(async () => {
  for (const close of closing) close();
  closing = [];
  await door.server.close();
});

describe.each(PEER_PROOFS)("%s", (proof) => {
  test("listens elsewhere from now on, and where it was if it cannot", async () => {
    const ask = async (): Promise<number> => {
      const client = await nas();
      const request = pap("carl", "sesame");
      client.send(request);
      return check(await client.next(), request).code;
    };
    const before = door.server.addresses.authentication.port;
    const any = "127.0.0.1:0";
    await door.server.listen({ listen: any, accounting: any });
    expect(door.server.addresses.authentication.port).not.toBe(before);
    expect(await ask()).toBe(field.ACCESS_REJECT);
    await expect(door.server.listen({ listen: "192.0.2.1:1812", accounting: any })).rejects.toMatchObject({
      code: "config",
    });
    expect(await ask()).toBe(field.ACCESS_REJECT);
  });

  test("what a refused user is to be told stands in Reply-Message, in place of our own words, and is not logged", async () => {
    const message = "Set up your one-time password here: https://vpn.example.org/enrol#the-secret-part";
    const told = door.admission.admit.bind(door.admission);
    door.admission.admit = (login) => {
      const { decide } = login;
      login.decide = (verdict) => decide.call(login, { ...verdict, message });
      told(login);
    };
    const client = await nas();
    const request = pap("carl", "sesame");
    client.send(request);
    const reply = check(await client.next(), request);
    expect(reply.code).toBe(field.ACCESS_REJECT);
    expect(reply.text(field.REPLY_MESSAGE)).toBe(message);
    expect(JSON.stringify(door.told)).not.toContain("the-secret-part");
  });

  test("a right code is accepted, the same again and a wrong one are refused", async () => {
    const right = await dial("alice", "123456", proof);
    expect(right.outcome).toBe("accept");
    expect(right.serverProved === true).toBe(proof.endsWith("mschapv2"));
    expect((await dial("alice", "123456", proof)).outcome).toBe("refuse");
    expect((await dial("alice", "123457", proof)).outcome).toBe("refuse");
    expect((await dial("nobody", "123456", proof)).outcome).toBe("refuse");
    expect(door.admission.dialIns).toHaveLength(4);
    expect(door.server.counters.accepts).toBe(1);
  });

  test("a password, then a code: where the NAS can ask; else refused, with the reason in the log", async () => {
    const prompts: string[] = [];
    const result = await dial("bob", "p4ssw0rd", proof, async (prompt) => (prompts.push(prompt), "654321"));
    if (proof === "pap" || proof === "eap-gtc") {
      expect(result.outcome).toBe("accept");
      expect(prompts).toEqual(["Enter the code: "]);
      expect(door.admission.dialIns.map(({ second }) => second)).toEqual([undefined, true]);
    } else {
      expect(result.outcome).toBe("refuse");
      expect(
        door.told.find(({ fields }) => fields["reason"] === "challenge-not-supported")?.message,
      ).toContain("password+code");
    }
  });

  test("under another secret the answer is not trusted, or there is none", async () => {
    const result = await dialIn({
      server: door.server.addresses.authentication,
      secret: "other",
      user: "alice",
      password: "123456",
      proof,
      timeout: 50,
      tries: 2,
    });
    expect(result.outcome).toBe("no-answer");
    await expect.poll(() => door.server.counters.badAuthenticator).toBe(2); // the last may still be on its way
    expect(door.admission.dialIns).toHaveLength(0);
  });
});

test("a domain before the name is not part of what MS-CHAPv2 hashes", async () => {
  expect((await dial("DOM\\alice", "123456", "mschapv2")).outcome).toBe("accept");
  expect(Buffer.from((door.admission.dialIns[0]!.proof as { name: Uint8Array }).name).toString()).toBe(
    "alice",
  );
  expect(door.admission.dialIns[0]!.user).toBe("DOM\\alice");
});

test("CHAP without CHAP-Challenge takes the Request Authenticator", async () => {
  const it = await nas();
  // RFC 2865 section 7.2's packet, sent under this secret: CHAP does not depend on it.
  const hex =
    "010100472aee86f08d0d55969ca5978e0d3367a20108666c6f707379031316e97557c316185895f293ff63440772750406c0a80110050600000014060600000002070600000001";
  const request = Buffer.from(hex, "hex");
  it.send(request);
  expect(check(await it.next(), request).code).toBe(field.ACCESS_REJECT);
  expect(door.admission.dialIns[0]).toMatchObject({
    user: "flopsy",
    proof: { kind: "chap", id: 0x16, challenge: request.subarray(4, 20), response: request.subarray(31, 47) },
  });
});

test("MS-CHAPv1 and a request without a proof are refused, and the log says why", async () => {
  const it = await nas();
  const v1 = vendorAttribute(field.MICROSOFT, field.MS_CHAP_RESPONSE, Buffer.alloc(50));
  for (const more of [[v1], []]) {
    const authenticator = randomAuthenticator();
    const request = encodePacket(1, more.length, authenticator, [
      attribute(field.USER_NAME, "alice"),
      ...more,
    ])!;
    shared.sign(request, authenticator, true);
    it.send(request);
    expect(check(await it.next(), request).code).toBe(field.ACCESS_REJECT);
  }
  expect(door.told.map(({ fields }) => fields["reason"])).toEqual(["mschapv1-not-offered", "no-proof"]);
  expect(door.admission.dialIns).toHaveLength(0);
});

describe("retransmissions", () => {
  test("the same packet again gets the same bytes, and one dial-in", async () => {
    const it = await nas();
    const request = pap("alice", "123456");
    it.send(request);
    const first = await it.next();
    expect(check(first, request).code).toBe(field.ACCESS_ACCEPT);
    it.send(request);
    expect(await it.next()).toEqual(first);
    expect(door.admission.dialIns).toHaveLength(1);
    expect(door.server.counters.duplicates).toBe(1);
  });

  test("while the first is under way the second waits for its answer: one reply", async () => {
    const it = await nas();
    let release = () => {};
    door.admission.gate = new Promise((resolve) => (release = resolve));
    const request = pap("alice", "123456");
    it.send(request);
    it.send(request);
    it.send(request);
    await expect.poll(() => door.server.counters.duplicates).toBe(2);
    release();
    expect(check(await it.next(), request).code).toBe(field.ACCESS_ACCEPT);
    expect(await it.next(50)).toBeUndefined();
    expect(door.admission.dialIns).toHaveLength(1);
  });
});

describe("who may speak", () => {
  test("a stranger gets no answer and is counted", async () => {
    await open([{ ...LOOPBACK, address: "192.0.2.0/24" }]);
    const it = await nas();
    it.send(pap("alice", "123456"));
    await expect.poll(() => door.server.counters.unknownClient).toBe(1);
    expect(door.admission.dialIns).toHaveLength(0);
  });

  test("a wrong Message-Authenticator is dropped; a missing one where the client must send it", async () => {
    const it = await nas();
    const forged = pap("alice", "123456");
    forged[25]! ^= 1;
    it.send(forged);
    await expect.poll(() => door.server.counters.badAuthenticator).toBe(1);
    await open([{ ...LOOPBACK, requireMessageAuthenticator: true }]);
    const other = await nas();
    other.send(pap("alice", "123456", [], { bare: true }));
    await expect.poll(() => door.server.counters.missingAuthenticator).toBe(1);
    const signed = pap("alice", "123456");
    other.send(signed);
    expect(check(await other.next(), signed).code).toBe(field.ACCESS_ACCEPT);
  });

  test("EAP without Message-Authenticator is dropped from any client", async () => {
    const it = await nas();
    const eap = attribute(field.EAP_MESSAGE, Buffer.from("0201000a01616c696365", "hex"));
    it.send(
      encodePacket(1, 1, randomAuthenticator(), [attribute(field.USER_NAME, "alice"), eap], { bare: true })!,
    );
    await expect.poll(() => door.server.counters.missingAuthenticator).toBe(1);
  });

  test("PAP under a wrong secret, unsigned, is a wrong code", async () => {
    const it = await nas();
    const authenticator = randomAuthenticator();
    const hidden = new SharedSecret("other").hidePassword(Buffer.from("123456"), authenticator);
    const attributes = [attribute(field.USER_NAME, "alice"), attribute(field.USER_PASSWORD, hidden)];
    const request = encodePacket(1, 1, authenticator, attributes, { bare: true })!;
    it.send(request);
    expect(check(await it.next(), request).code).toBe(field.ACCESS_REJECT);
  });

  test("the longest prefix is the client, with its type; IPv4 in IPv6 counts as IPv4", async () => {
    await open([
      { ...LOOPBACK, address: "0.0.0.0/0", secret: "all", name: "all" },
      { ...LOOPBACK, address: "127.0.0.0/8", name: "net", type: "ssl-vpn" },
      { ...LOOPBACK, address: "127.0.0.0/30", secret: "half", name: "half" },
      { ...LOOPBACK, address: "127.0.0.1/32", name: "one", type: "l2tp" },
      { ...LOOPBACK, address: "127.0.0.2", name: "two", secret: "two" },
    ]);
    const it = await nas();
    const request = pap("alice", "123456", [attribute(field.CALLING_STATION_ID, "198.51.100.7[4500]")]);
    it.send(request);
    expect(check(await it.next(), request).code).toBe(field.ACCESS_ACCEPT);
    expect(door.admission.dialIns[0]).toMatchObject({ nas: "one", type: "l2tp", source: "one 198.51.100.7" });
  });

  test("clients can be exchanged while the door is open; a list that is off changes nothing", async () => {
    const it = await nas();
    expect(() => door.server.useClients([{ ...LOOPBACK, address: "nowhere" }])).toThrow(/nowhere/);
    const request = pap("alice", "123456");
    it.send(request);
    expect(check(await it.next(), request).code).toBe(field.ACCESS_ACCEPT);
    door.server.useClients([{ ...LOOPBACK, address: "192.0.2.1" }]);
    it.send(pap("alice", "123456", [], { id: 2 }));
    await expect.poll(() => door.server.counters.unknownClient).toBe(1);
  });

  test("over IPv6, by address and by prefix", async () => {
    for (const [address, name] of [
      ["::1", "loopback"],
      ["::/64", "loopback@::1"],
    ] as const) {
      await open([{ ...LOOPBACK, address }], "[::1]");
      expect((await dial("alice", "123456", "pap")).outcome).toBe("accept");
      expect(door.admission.dialIns[0]!.nas).toBe(name);
    }
  });

  test("on an IPv6 socket for all addresses, an IPv4 client is known by its IPv4 address", async () => {
    await open([LOOPBACK], "[::]");
    const { port } = door.server.addresses.authentication;
    const server = { address: "127.0.0.1", port };
    const result = await dialIn({ server, secret: SECRET, user: "alice", password: "123456", proof: "pap" });
    expect(result.outcome).toBe("accept");
  });
});

test("Status-Server is answered on both ports, signed; without Message-Authenticator it is not", async () => {
  const { authentication, accounting } = door.server.addresses;
  for (const [endpoint, code] of [
    [authentication, field.ACCESS_ACCEPT],
    [accounting, field.ACCOUNTING_RESPONSE],
  ] as const) {
    const it = await nas(endpoint);
    const authenticator = randomAuthenticator();
    it.send(encodePacket(field.STATUS_SERVER, 3, authenticator, [], { bare: true })!);
    const request = shared.sign(
      encodePacket(field.STATUS_SERVER, 4, authenticator, [])!,
      authenticator,
      true,
    );
    it.send(request);
    expect(check(await it.next(), request).code).toBe(code);
  }
  expect(door.server.counters).toMatchObject({ status: 2, missingAuthenticator: 2, malformed: 0 });
});

test("it listens on a list of addresses, and on all of a wildcard; replies leave from the one that was asked", async () => {
  for (const host of ["127.0.0.1", "0.0.0.0"]) {
    const listen = [`${host}:0`, ...(host === "127.0.0.1" ? ["127.0.0.2:0"] : [])];
    const server = await startRadius({
      listen,
      accounting: `${host}:0`,
      clients: [{ ...LOOPBACK, address: "127.0.0.0/8" }],
      admission: door.admission,
      store: { saveSession: async () => {}, dropSession: async () => undefined, sessions: async () => [] },
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
    expect(server.all.authentication.map(({ address }) => address)).toContain("127.0.0.1");
    if (host === "127.0.0.1") expect(server.all.authentication).toHaveLength(2);
    else expect(new Set(server.all.authentication.map(({ port }) => port)).size).toBe(1);
    for (const endpoint of server.all.authentication) {
      if (!endpoint.address.startsWith("127.")) continue;
      const it = await nas(endpoint); // connected: it hears nothing that comes from elsewhere
      const request = pap("alice", "1");
      it.send(request);
      expect(check(await it.next(), request).code).toBe(field.ACCESS_REJECT);
    }
    await server.close();
  }
});

test("a client beyond this machine that sends no Message-Authenticator is named in the log, once", async () => {
  const received: number[] = [];
  const lines: unknown[] = [];
  const warn = (fields: { nas?: string }) => void lines.push(fields.nas);
  const remote = openRadiusDoor(
    {
      clients: [{ ...LOOPBACK, address: "192.0.2.0/24", name: "gate" }],
      admission: door.admission,
      store: { saveSession: async () => {}, dropSession: async () => undefined, sessions: async () => [] },
      log: { debug() {}, info() {}, error() {}, warn } as never,
    },
    { send: ({ bytes }) => received.push(bytes[0]!) > 0, isIdle: () => true },
  );
  for (const id of [1, 2])
    remote.receive(pap("alice", "1", [], { id, bare: true }), { address: "192.0.2.7", port: 9 }, false);
  await expect.poll(() => received.length).toBe(2);
  expect(lines).toEqual(["gate@192.0.2.7"]);
  // From the first signed request on, all must be.
  remote.receive(pap("alice", "2"), { address: "192.0.2.7", port: 9 }, false);
  remote.receive(pap("alice", "3", [], { id: 3, bare: true }), { address: "192.0.2.7", port: 9 }, false);
  expect(remote.counters.missingAuthenticator).toBe(1);
});

test("users are asked for the code of the installation that has a name, in PAP and in EAP-GTC", async () => {
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 32 })
    .filter((text) => !/[\p{C}:]/u.test(text) && [...text].length <= 32);
  await fc.assert(
    fc.asyncProperty(name, fc.constantFrom("pap", "eap-gtc"), async (service, proof) => {
      await door.server.close();
      door = await openDoor(undefined, undefined, { service });
      const prompts: string[] = [];
      await dial("bob", "p4ssw0rd", proof as PeerProof, async (prompt) => (prompts.push(prompt), "654321"));
      expect(prompts).toEqual([`Enter the code of ${service}: `]);
    }),
    runs(5),
  );
});

test("Proxy-State comes back in Accept, Challenge and Reject", async () => {
  const it = await nas();
  const proxy = attribute(field.PROXY_STATE, "via");
  for (const [id, request] of [
    pap("alice", "123456", [proxy], { id: 0 }),
    pap("bob", "p4ssw0rd", [proxy], { id: 1 }),
    pap("alice", "1", [proxy], { id: 2 }),
  ].entries()) {
    it.send(request);
    const reply = check(await it.next(), request);
    expect(reply.code).toBe([field.ACCESS_ACCEPT, field.ACCESS_CHALLENGE, field.ACCESS_REJECT][id]);
    expect(reply.text(field.PROXY_STATE)).toBe("via");
  }
});

test("a State is good once, for its user only", async () => {
  const it = await nas();
  const first = pap("bob", "p4ssw0rd");
  it.send(first);
  const given = check(await it.next(), first).value(field.STATE)!;
  expect(given.toString("latin1")).toMatch(/^[\x20-\x7e]{32,}$/); // ocserv keeps it as a C string
  const state = attribute(field.STATE, given);
  const codes: number[] = [];
  for (const [i, [user, code]] of [
    ["alice", "123456"],
    ["bob", "000000"],
    ["bob", "654321"],
  ].entries()) {
    const request = pap(user!, code!, [state], { id: 10 + i });
    it.send(request);
    codes.push(check(await it.next(), request).code);
  }
  expect(codes).toEqual([field.ACCESS_REJECT, field.ACCESS_REJECT, field.ACCESS_REJECT]);
  expect(door.admission.dialIns.map(({ user, second }) => [user, second])).toEqual([
    ["bob", undefined],
    ["bob", true],
  ]);
});

test.each(["pap", "eap-gtc"] as const)(
  "%s: the second step is for the NAS of the first only",
  async (proof) => {
    const result = await dial("bob", "p4ssw0rd", proof, async () => {
      door.server.useClients([{ ...LOOPBACK, name: "elsewhere" }]);
      return "654321";
    });
    expect(result.outcome).toBe("refuse");
    expect(door.admission.dialIns).toHaveLength(1);
  },
);

test.each([
  ["Framed-Protocol PPP", integerAttribute(field.FRAMED_PROTOCOL, field.PROTOCOL_PPP)],
  ["the OpenVPN plug-in", attribute(field.NAS_IDENTIFIER, "OpenVpn")],
])("no Access-Challenge is sent to a NAS that cannot show it: %s", async (_, told) => {
  const it = await nas();
  const request = pap("bob", "p4ssw0rd", [told]);
  it.send(request);
  expect(check(await it.next(), request).code).toBe(field.ACCESS_REJECT);
  expect(door.told[0]!.fields["reason"]).toBe("challenge-not-supported");
});

test("packets of every length, of random bytes, with every code: nothing crashes, nothing is answered", async () => {
  const it = await nas();
  const accounting = await nas(door.server.addresses.accounting);
  // The same bytes each time: one in some hundred random packets is sound, and is answered with right.
  const dice = newDice(4);
  for (let length = 0; length <= 4096; length += 13) {
    const bytes = Buffer.from(Array.from({ length }, () => dice(256)));
    if (length >= 20) {
      bytes[0] = length % 50;
      bytes.writeUInt16BE(length, 2);
    }
    it.send(bytes);
    accounting.send(bytes);
    if (length % 130 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const whole = pap("alice", "123456");
  for (let length = 0; length < whole.length; length++) it.send(whole.subarray(0, length));
  const request = pap("alice", "123456");
  it.send(request);
  expect(check(await it.next(), request).code).toBe(field.ACCESS_ACCEPT);
  expect(door.server.counters).toMatchObject({ failed: 0, accepts: 1, rejects: 0 });
  expect(door.admission.dialIns).toHaveLength(1);
});

test("closing answers what has begun and takes nothing new", async () => {
  const it = await nas();
  let release = () => {};
  door.admission.gate = new Promise((resolve) => (release = resolve));
  const request = pap("alice", "123456");
  it.send(request);
  await expect.poll(() => door.admission.dialIns.length).toBe(1);
  const closed = door.server.close();
  it.send(pap("alice", "123456", [], { id: 9 }));
  await new Promise((resolve) => setTimeout(resolve, 50));
  release();
  expect(check(await it.next(), request).code).toBe(field.ACCESS_ACCEPT);
  await closed;
  expect(door.admission.dialIns).toHaveLength(1);
  door = await openDoor();
});

test("no code, password or secret is in what the log was told", async () => {
  for (const proof of PEER_PROOFS) {
    await dial("alice", "123456", proof);
    await dial("bob", "p4ssw0rd", proof);
  }
  expect(door.told.length).toBeGreaterThan(0);
  expect(JSON.stringify(door.told)).not.toMatch(/123456|p4ssw0rd|testing123/);
});
