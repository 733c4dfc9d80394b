// One million mutated inputs into the parsers of what comes from a network, and into the core's requests: none of them
// throws, traps or is accepted. The inputs begin as packets and lines of real conversations, all with wrong codes.
import { createHmac } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { Core } from "../../host/core/core.ts";
import type { DialIn, Login, Verdict } from "../../host/core/dial-in.ts";
import { silentLog } from "../../host/log/log.ts";
import { answerClient } from "../../host/openvpn/login.ts";
import { EventReader } from "../../host/openvpn/parse.ts";
import { OpenvpnSessions } from "../../host/openvpn/sessions.ts";
import { Pending } from "../../host/admission/pending-challenges.ts";
import * as field from "../../assembly/radius/dictionary.ts";
import { SharedSecret } from "../../host/radius/client/digest.ts";
import { openDoor as openRadiusDoor } from "../../host/radius/listener.ts";
import type { Datagram } from "../../host/radius/sockets.ts";
import { attribute, integerAttribute, encodePacket, parsePacket } from "../../host/radius/client/packet.ts";
import { dialIn, PEER_PROOFS } from "../../host/radius/client/peer.ts";
import type { Session } from "../../host/store/store.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { decodeProof, LOOPBACK, openDoor, SECRET } from "../radius/fixture.ts";
import { mutate, newDice, type Dice } from "./mutate.ts";

const SEED = Number(process.env["FUZZ_SEED"] ?? 20_261_123);
const PACKETS = 450_000;
const ACCOUNTING = 100_000;
const LINES = 150_000;
const REQUESTS = 300_000;
/** Letters, so that no few changed bits make a code of it. */
const WRONG = "wrong!";

const core = Core.load();
const enrolment = {
  secret: Buffer.from("12345678901234567890"),
  types: ["ikev2-eap", "openvpn", "l2tp", "pptp", "ssl-vpn", "ipsec-xauth"] as const,
  active: true,
};
const records = [
  core.enrol({ ...enrolment, factor: "totp" }),
  core.enrol({ ...enrolment, factor: "hotp" }),
  core.enrol({ ...enrolment, factor: "motp", secret: Buffer.from("0123456789abcdef", "hex"), pin: "1234" }),
  core.enrol({ ...enrolment, factor: "totp", mode: "password+code", password: "correct horse" }),
];

/** The core alone, on a copy of a record: there is no wait, so that every input is judged. */
function judge(request: DialIn): Verdict {
  const record = records[request.user.length % records.length]!.slice();
  return core.verify([record], [{ record: 0, dialIn: request, time: 1_800_000_000, source: 1 }])[0]!;
}

/** What NASes send for every proof, as a tap between them and a door has heard it. */
async function record(): Promise<Buffer[]> {
  const { server } = await openDoor([LOOPBACK]);
  const { port } = server.addresses.authentication;
  const heard: Buffer[] = [];
  const tap = createSocket("udp4");
  await new Promise<void>((resolve) => tap.bind(0, "127.0.0.1", resolve));
  const lines = new Map<number, Socket>();
  tap.on("message", (datagram, from) => {
    heard.push(Buffer.from(datagram));
    const line = lines.get(from.port) ?? createSocket("udp4");
    if (!lines.has(from.port)) line.on("message", (reply) => tap.send(reply, from.port, from.address));
    lines.set(from.port, line);
    line.send(datagram, port, "127.0.0.1");
  });
  const there = { address: "127.0.0.1", port: tap.address().port };
  for (const user of ["alice", "bob", "DOM\\alice"])
    for (const proof of PEER_PROOFS) {
      const ask = async () => WRONG;
      const password = user === "bob" ? "p4ssw0rd" : WRONG; // bob comes as far as the second step
      await dialIn({ server: there, secret: SECRET, user, password, proof, ask, tries: 1, timeout: 30_000 });
    }
  for (const line of lines.values()) line.close();
  tap.close();
  await server.close();
  return heard;
}

/** Puts right what would otherwise stop most inputs at the door: the length, and every second time the attributes. */
function mend(bytes: Buffer, dice: Dice): Buffer {
  if (bytes.length < field.HEADER_BYTES) return bytes;
  bytes[0] = field.ACCESS_REQUEST;
  bytes.writeUInt16BE(bytes.length, 2);
  if (dice(2) === 0)
    for (let at: number = field.HEADER_BYTES; at < bytes.length;) {
      const rest = bytes.length - at;
      if (rest < 2) return mend(bytes.subarray(0, at), () => 1);
      const size = bytes[at + 1]!;
      if (size < 2 || size > rest) bytes[at + 1] = Math.min(rest, 255);
      at += bytes[at + 1]!;
    }
  return bytes;
}

test("RADIUS and EAP: packets", async () => {
  const seeds = await record();
  expect(seeds.length).toBeGreaterThan(30);
  const dice = newDice(SEED);
  const judged = new Map<string, number>();
  const replies = new Map<number, number>();
  const admission = {
    admit: (login: Login): void => {
      const verdict = judge(login);
      const key = `${decodeProof(login.proof).kind} ${verdict.reason}`;
      judged.set(key, (judged.get(key) ?? 0) + 1);
      setImmediate(() => login.decide(verdict));
    },
    look: async () => ({ reason: "ok" as const }),
  };
  const send = ({ bytes }: Datagram): boolean => {
    // Every reply is a packet, whatever the request held.
    const code = parsePacket(Buffer.from(bytes))?.code ?? -1;
    replies.set(code, (replies.get(code) ?? 0) + 1);
    return true;
  };
  const options = { clients: [LOOPBACK], admission, store: new MemoryStore(), log: silentLog };
  const door = openRadiusDoor(options, { send, isIdle: () => true });
  const from = { address: "127.0.0.1", port: 1812 };
  for (let i = 0; i < PACKETS; i++) {
    const bytes = mutate(seeds, dice, 5000);
    door.receive(dice(8) === 0 ? bytes : sign(mend(bytes, dice)), from, false);
    if (i % 32 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await door.close();
  expect(door.counters.failed).toBe(0);
  expect(replies.get(-1)).toBeUndefined();
  expect(replies.get(field.ACCESS_ACCEPT) ?? 0).toBe(0);
  // It has come as far as the core with every proof, and back to the NAS with both other answers.
  for (const key of ["clear wrong-code", "chap wrong-code", "mschapv2 wrong-code"])
    expect(judged.get(key), key).toBeGreaterThan(500);
  expect(replies.get(field.ACCESS_REJECT)).toBeGreaterThan(1000);
  expect(replies.get(field.ACCESS_CHALLENGE)).toBeGreaterThan(1000);
});

/** A Message-Authenticator that is there is made right, or most inputs would end at it. */
function sign(bytes: Buffer): Buffer {
  const packet = parsePacket(bytes);
  const at = packet?.find(field.MESSAGE_AUTHENTICATOR) ?? 0;
  if (packet === undefined || at === 0) return bytes;
  bytes.fill(0, at + 2, at + 18);
  bytes.set(createHmac("md5", SECRET).update(packet.bytes).digest(), at + 2);
  return bytes;
}

test("RADIUS: accounting", async () => {
  const dice = newDice(SEED + 1);
  const attributes = (status: number) => [
    attribute(field.USER_NAME, "alice"),
    attribute(field.ACCT_SESSION_ID, "%lX0123"),
    integerAttribute(field.ACCT_STATUS_TYPE, status),
    integerAttribute(field.ACCT_INPUT_OCTETS, 0xffffffff),
    integerAttribute(field.ACCT_INPUT_GIGAWORDS, 0xffffffff),
    integerAttribute(field.ACCT_DELAY_TIME, 0xffffffff),
    attribute(field.CALLING_STATION_ID, "192.0.2.1[4500]"),
    attribute(field.FRAMED_IP_ADDRESS, Buffer.of(10, 0, 0, 1)),
    attribute(field.FRAMED_IPV6_PREFIX, Buffer.of(0, 64, 32, 1, 13, 184, 0, 0, 0, 1)),
    integerAttribute(field.NAS_PORT, 7),
  ];
  const seeds = [1, 2, 3, 7, 8].map((status) =>
    encodePacket(field.ACCOUNTING_REQUEST, 1, Buffer.alloc(16), attributes(status), { bare: true })!,
  );
  let stored = 0;
  const store = Object.assign(new MemoryStore(), {
    async saveSession(session: Session): Promise<void> {
      expect(Number.isFinite(session.bytesIn + session.bytesOut + session.since)).toBe(true);
      stored++;
    },
  });
  const admission = {
    admit: () => expect.fail("a login"),
    look: async () => ({ reason: "ok" as const }),
  };
  const options = { clients: [LOOPBACK], admission, store, log: silentLog };
  const door = openRadiusDoor(options, { send: () => true, isIdle: () => true });
  const shared = new SharedSecret(SECRET);
  for (let i = 0; i < ACCOUNTING; i++) {
    const bytes = mend(mutate(seeds, dice, 5000), dice);
    // sign() takes what stands first for what encodePacket() puts there.
    if (bytes.length < field.HEADER_BYTES || bytes[field.HEADER_BYTES] === field.MESSAGE_AUTHENTICATOR)
      continue;
    bytes[0] = field.ACCOUNTING_REQUEST;
    door.receive(shared.sign(bytes), { address: "127.0.0.1", port: 1812 }, true);
    if (i % 32 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await door.close();
  expect(door.counters.failed).toBe(0);
  expect(stored).toBeGreaterThan(1000);
});

test("OpenVPN's management socket: lines", async () => {
  const dice = newDice(SEED + 2);
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const connect = (password: string) =>
    `>CLIENT:CONNECT,7,1\r\n>CLIENT:ENV,username=alice\r\n>CLIENT:ENV,password=${password}\r\n` +
    ">CLIENT:ENV,untrusted_ip=192.0.2.7\r\n>CLIENT:ENV,END\r\n";
  const seeds = [
    connect(WRONG),
    connect(`SCRV1:${base64("pass")}:${base64(WRONG)}`),
    connect(`CRV1::${"0123456789abcdef".repeat(2)}::${WRONG}`),
    ">HOLD:Waiting for hold release:0\r\nENTER PASSWORD:",
    ">CLIENT:ESTABLISHED,7\r\n>CLIENT:ENV,username=alice\r\n>CLIENT:ENV,END\r\n",
    ">CLIENT:DISCONNECT,7\r\n>CLIENT:ENV,bytes_sent=5\r\n>CLIENT:ENV,END\r\n",
    "HEADER\tCLIENT_LIST\tCommon Name\tReal Address\tUsername\tClient ID\tBytes Received\r\n" +
      "CLIENT_LIST\talice\t192.0.2.7:1194\talice\t7\t12\r\nEND\r\n",
  ].map((text) => Buffer.from(text));
  const admission = {
    submit: async (request: DialIn) => judge(request),
    look: async () => ({ reason: "ok" as const }),
    mode: async () => undefined,
  };
  const door = { name: "vpn", admission, pending: new Pending<Uint8Array>(), log: silentLog };
  const sessions = new OpenvpnSessions("vpn", new MemoryStore());
  let answered = 0;
  let reader = new EventReader();
  for (let i = 0; i < LINES; i++) {
    if (i % 20 === 0) reader = new EventReader();
    for (const event of reader.read(mutate(seeds, dice, 40_000).toString())) {
      if (event.kind === "line") {
        for (const order of await sessions.readStatus(event.text))
          expect(order).toMatch(/^client-kill \d+ HALT$/);
      } else if (event.kind === "client" && (event.event === "CONNECT" || event.event === "REAUTH")) {
        const order = await answerClient(event, door);
        // One line, and never "client-auth-nt".
        expect(order).toMatch(/^client-deny \d* \d* "[^\n]*$/);
        answered++;
      } else if (event.kind === "client") await sessions.follow(event);
    }
  }
  expect(answered).toBeGreaterThan(1000);
});

test.each(["dialward.wasm", "dialward.simd.wasm"])(
  "the core's requests, %s: no trap, no accept, nothing outside its regions",
  (name) => {
    const dice = newDice(SEED + 3);
    const file = readFileSync(new URL(`../../dist/${name}`, import.meta.url));
    const verbs = new WebAssembly.Instance(new WebAssembly.Module(file)).exports as unknown as {
      memory: WebAssembly.Memory;
      verify(count: number): number;
    };
    const page = new Uint8Array(verbs.memory.buffer);
    records.forEach((one, i) => page.set(one, abi.RECORDS_AT + i * abi.RECORD_BYTES));
    const constants = page.slice(0, abi.SCRATCH_AT);
    const region = page.subarray(abi.REQUESTS_AT, abi.RESULTS_AT);
    const reasons = new Map<number, number>();
    const perCall = 50;
    for (let call = 0; call < REQUESTS / 2 / perCall; call++) {
      for (let i = 0; i < perCall; i++) {
        const at = i * abi.REQUEST_BYTES;
        for (let b = 0; b < abi.REQUEST_BYTES; b++) region[at + b] = dice(256);
        // Half of them are sound but for one or two bytes, so that they are judged.
        if (dice(2) === 0) continue;
        region[at + abi.REQUEST_RECORD] = dice(5);
        region[at + abi.REQUEST_RECORD + 1] = 0;
        region[at + abi.REQUEST_PROOF] = 1 + dice(3);
        region[at + abi.REQUEST_FLAGS] = dice(4);
        region[at + abi.REQUEST_LENGTH] = dice(70);
        region[at + abi.REQUEST_NAME_LENGTH] = dice(70);
        region[at + abi.REQUEST_TYPE] = 1 << dice(6);
        region.fill(0, at + abi.REQUEST_TIME + 4, at + abi.REQUEST_TIME + 8);
        region[at + dice(abi.REQUEST_BYTES)] = dice(256);
      }
      expect(verbs.verify(dice(20) === 0 ? 65 + dice(1 << 30) : perCall)).toBeTypeOf("number");
      for (let i = 0; i < perCall; i++) {
        const verdict = page[abi.RESULTS_AT + i * abi.RESULT_BYTES]!;
        reasons.set(verdict, (reasons.get(verdict) ?? 0) + 1);
      }
      // Failures would make the rest wait: each call begins with the records as they were.
      records.forEach((one, i) => page.set(one, abi.RECORDS_AT + i * abi.RECORD_BYTES));
    }
    expect([reasons.get(abi.VERDICT_ACCEPT), reasons.get(abi.VERDICT_CONTINUE)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(reasons.get(abi.VERDICT_WRONG)).toBeGreaterThan(1000);
    expect(reasons.get(abi.VERDICT_BAD_REQUEST)).toBeGreaterThan(1000);
    expect(Buffer.compare(page.slice(0, abi.SCRATCH_AT), constants)).toBe(0);
  },
);
