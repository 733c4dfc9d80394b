// The service under a flood: garbage does not fill its memory or keep real logins out, 100,000 EAP conversations that
// nobody ends cost nothing, and a datagram of any length from 0 to 4096 bytes is dropped or answered.
import { createSocket, type Socket } from "node:dgram";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { connect as connectTo, type Socket as NetSocket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as field from "../../assembly/radius/dictionary.ts";
import { randomAuthenticator, SharedSecret } from "../../host/radius/client/digest.ts";
import { attribute, encodePacket, parsePacket } from "../../host/radius/client/packet.ts";
import { dialIn } from "../../host/radius/client/peer.ts";
import { hotp } from "../codes.ts";
import { command, configure, makeFolder, startService, type RunningService } from "../serve.ts";
import { newDice } from "./mutate.ts";

const KEY = Buffer.from("12345678901234567890");
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const shared = new SharedSecret("testing123");
/** What the service may grow by, in MB: garbage that has been collected is given back late. */
const GROWTH = 60;

let folder: string;
let service: RunningService;
let counter: number;

beforeEach(async () => {
  folder = makeFolder();
  const users = [{ name: "alice", factor: "hotp", secret: SECRET, active: true }];
  await command(folder, ["init"]);
  await command(folder, ["user", "import", "-"], JSON.stringify({ users }));
  service = await startService(folder);
  counter = 0;
});
afterEach(async () => {
  service.signal("SIGTERM");
  await service.ended;
  rmSync(folder, { recursive: true });
});

async function metrics(): Promise<string> {
  return (await fetch(`${service.monitor}/metrics`)).text();
}

async function count(name: string, label: string): Promise<number> {
  const line = (await metrics()).split("\n").find((each) => each.startsWith(name) && each.includes(label));
  return Number(line?.split(" ").at(-1));
}

const resident = (): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${service.pid}/status`, "utf8"))![1]) / 1024;

async function login(): Promise<string> {
  const once = { user: "alice", password: hotp(KEY, counter++), proof: "pap", secret: "testing123" } as const;
  // A NAS sends again what the system may have dropped.
  return (await dialIn({ ...once, server: service.radius, tries: 10, timeout: 1000 })).outcome;
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) =>
    socket.connect(service.radius.port, service.radius.address, () => resolve()),
  );
  socket.setRecvBufferSize(4 * 1024 * 1024);
  return socket;
}

/** Sends what `make` makes, a hundred at a time, while `more`. */
async function send(
  socket: Socket,
  more: (i: number) => boolean,
  make: (i: number) => Buffer,
): Promise<void> {
  for (let i = 0; more(i); i++) {
    socket.send(make(i));
    if (i % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function eapIdentity(i: number): Buffer {
  const authenticator = randomAuthenticator();
  const user = Buffer.from(`user${i}`);
  const message = Buffer.concat([Buffer.of(2, i & 255, 0, 5 + user.length, 1), user]);
  const attributes = [attribute(field.USER_NAME, user), attribute(field.EAP_MESSAGE, message)];
  const packet = encodePacket(field.ACCESS_REQUEST, i & 255, authenticator, attributes)!;
  return shared.sign(packet, authenticator, true);
}

test("a flood of garbage and of packets with wrong signatures: bounded memory, and every real login is answered", async () => {
  const dice = newDice(7);
  const socket = await openSocket();
  const stranger = new SharedSecret("a wrong secret");
  const garbage = (i: number): Buffer => {
    if (i % 3 === 0) return randomBytes(dice(1400));
    const authenticator = randomAuthenticator();
    const attributes = [attribute(field.USER_NAME, "alice"), attribute(field.STATE, randomBytes(100))];
    const packet = encodePacket(field.ACCESS_REQUEST, i & 255, authenticator, attributes)!;
    return stranger.sign(packet, authenticator, true);
  };
  const dropped = (cause: string) => count("dialward_radius_drops_total", cause);
  await send(socket, (i) => i < 20_000, garbage); // so that what grows once has grown
  const before = resident();
  let flooding = true;
  const flood = send(socket, () => flooding, garbage);
  const waits: number[] = [];
  // Until the service has seen it: the system drops what comes faster than it is read.
  const enough = async () =>
    (await dropped("badAuthenticator")) > 100_000 && (await dropped("malformed")) > 40_000;
  while (waits.length % 10 > 0 || waits.length < 20 || !(await enough())) {
    const start = performance.now();
    expect(await login()).toBe("accept");
    waits.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  flooding = false;
  await flood;
  waits.sort((a, b) => a - b);
  const told = `${waits.length} logins during the flood, the slowest ${waits.at(-1)!.toFixed(0)} ms, median ${waits[waits.length >> 1]!.toFixed(1)} ms; ${before.toFixed(0)} MB before, ${resident().toFixed(0)} MB after`;
  console.log(told);
  expect(resident() - before).toBeLessThan(GROWTH);
  // The log is not filled: each kind of drop once a minute.
  expect(service.output().match(/a packet was dropped/g)!.length).toBeLessThan(10);
  socket.close();
});

test(
  "100,000 EAP conversations that have begun and are not ended: bounded memory, and the next one gets in",
  { timeout: 600_000 },
  async () => {
    const socket = await openSocket();
    let challenges = 0;
    socket.on("message", (reply) => {
      if (reply[0] === field.ACCESS_CHALLENGE) challenges++;
    });
    // No faster than it answers, or the system drops them before the service sees them.
    const begin = async (from: number, to: number): Promise<void> => {
      for (let i = from; i < to; i += 100) {
        const goal = challenges + 100;
        for (let j = i; j < i + 100; j++) socket.send(eapIdentity(j));
        const until = performance.now() + 2000;
        while (challenges < goal && performance.now() < until)
          await new Promise((turn) => setImmediate(turn));
      }
    };
    await begin(0, 40_000); // fills the duplicate cache once
    const before = resident();
    await begin(40_000, 140_000);
    expect(challenges).toBeGreaterThan(126_000);
    console.log(
      `${challenges} challenges; ${before.toFixed(0)} MB before, ${resident().toFixed(0)} MB after`,
    );
    expect(resident() - before).toBeLessThan(GROWTH);
    socket.close();
    const eap = { user: "alice", password: hotp(KEY, counter++), proof: "eap-mschapv2" } as const;
    expect((await dialIn({ ...eap, secret: "testing123", server: service.radius })).outcome).toBe("accept");
  },
);

test("a datagram of every length from 0 to 4096 bytes, as it is and as a packet of that length", async () => {
  const socket = await openSocket();
  const replies: Buffer[] = [];
  socket.on("message", (reply) => replies.push(reply));
  const sized = (length: number): Buffer => {
    const packet = randomBytes(length);
    if (length < 20) return packet;
    packet[0] = field.ACCESS_REQUEST;
    packet.writeUInt16BE(length, 2);
    for (let at = 20; at < length; at += packet[at + 1]!) {
      const rest = length - at;
      if (rest < 2) break;
      packet[at] = at === 20 ? field.USER_NAME : field.PROXY_STATE;
      packet[at + 1] = rest > 255 ? Math.min(255, rest - 2) : rest;
    }
    return packet;
  };
  for (const make of [(length: number) => randomBytes(length), sized])
    for (let length = 0; length <= 4096; length++) {
      socket.send(make(length));
      // A login now and then: no more are on their way than the system has room for.
      if (length % 16 === 0) expect(await login()).toBe("accept");
    }
  expect(await count("dialward_radius_drops_total", "failed")).toBe(0);
  expect(replies.length).toBeGreaterThan(4000);
  for (const reply of replies) {
    expect(parsePacket(reply)?.code).toBe(field.ACCESS_REJECT);
    expect(reply[20]).toBe(field.MESSAGE_AUTHENTICATOR);
  }
  socket.close();
});

test(
  "the pages, their second port, the monitor and the control socket driven past their limits, with 1,024 descriptors",
  { timeout: 300_000 },
  async () => {
    service.signal("SIGTERM");
    await service.ended;
    configure(folder, `enrol = "127.0.0.1:0"`, "testing123", "info", "127.0.0.1:0");
    // The hard limit too, or Node would raise its own.
    service = await startService(folder, [], "pipe", ["prlimit", "--nofile=1024:1024", "--core=unlimited"]);
    expect(readFileSync(`/proc/${service.pid}/coredump_filter`, "utf8").trim()).toBe("00000000");
    const url = (name: string) =>
      new URL(new RegExp(`^${name} +(http\\S+)$`, "m").exec(service.output())![1]!);
    const [pages, enrol, monitor] = [url("pages"), url("enrolment"), new URL(service.monitor)];
    const control = join(folder, "data", "control");
    const before = resident();
    const open: NetSocket[] = [];
    const connect = (to: URL | string, text: string): void => {
      const socket = typeof to === "string" ? connectTo(to) : connectTo(Number(to.port), to.hostname);
      socket.on("error", () => {}); // the service has closed it
      socket.write(text);
      open.push(socket);
    };
    const head = (host: string) => `POST /login HTTP/1.1\r\nHost: ${host}\r\n`;
    try {
      for (let i = 0; i < 600; i++) {
        for (const to of [pages, enrol]) {
          // Half a request, a header without end, a body of which nothing more comes, one that is said to be large.
          const large = "Content-Length: 1000000\r\n\r\n";
          const texts = [
            "GET / HT",
            `${head(to.host)}X-A: `,
            `${head(to.host)}Content-Length: 60000\r\n\r\na`,
          ];
          connect(to, [...texts, `${head(to.host)}${large}${"a".repeat(65_536)}`][i % 4]!);
        }
        if (i < 200)
          connect(control, "POST /v1/users/import HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{");
        if (i % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const descriptors = (): number => readdirSync(`/proc/${service.pid}/fd`).length;
      await expect.poll(descriptors).toBeGreaterThan(2 * 150); // the flood is there
      const used = descriptors();
      expect(used).toBeLessThan(900);
      for (let i = 0; i < 10; i++) {
        expect((await fetch(new URL("/healthz", monitor))).status).toBe(200);
        expect(await login()).toBe("accept");
      }
      // It reads its configuration and opens its audit log anew.
      service.signal("SIGHUP");
      await expect.poll(() => service.output()).toContain("has been read again");
      // Past the monitor's own limit too: RADIUS goes on.
      for (let i = 0; i < 200; i++) connect(monitor, "GET /hea");
      expect(await login()).toBe("accept");
      console.log(
        `${used} descriptors; ${before.toFixed(0)} MB before, ${resident().toFixed(0)} MB during the flood`,
      );
      expect(resident() - before).toBeLessThan(GROWTH);
    } finally {
      for (const socket of open) socket.destroy();
    }
    // When it is over, all of them answer again.
    await expect.poll(async () => (await fetch(pages).catch(() => undefined))?.status).toBe(200);
    await expect
      .poll(async () => (await fetch(new URL("/healthz", monitor)).catch(() => undefined))?.status)
      .toBe(200);
    await expect.poll(() => command(folder, ["user", "list"]).catch(() => "")).toContain("alice");
  },
);
