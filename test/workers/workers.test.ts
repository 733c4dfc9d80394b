// `serve --workers`: several processes on one port and one store. Replay stays impossible, a user meets one process, and
// what dies, is overloaded or is told to stop does what it says.
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "../../host/config/config.ts";
import type { Endpoint } from "../../host/config/endpoint.ts";
import { silentLog } from "../../host/log/log.ts";
import {
  ACCESS_ACCEPT,
  ACCESS_REJECT,
  ACCESS_REQUEST,
  ACCOUNTING_REQUEST,
  ACCT_SESSION_ID,
  ACCT_START,
  ACCT_STATUS_TYPE,
  CALLING_STATION_ID,
  USER_NAME,
  USER_PASSWORD,
} from "../../assembly/radius/dictionary.ts";
import { randomAuthenticator, SharedSecret } from "../../host/radius/client/digest.ts";
import { attribute, integerAttribute, encodePacket } from "../../host/radius/client/packet.ts";
import { dialIn, type PeerProof } from "../../host/radius/client/peer.ts";
import type { Datagram } from "../../host/radius/sockets.ts";
import { ownerOf } from "../../host/workers/owner.ts";
import { pack, unpack } from "../../host/workers/parcel.ts";
import { openWorkers } from "../../host/workers/primary.ts";
import { hotp } from "../codes.ts";
import { LOOPBACK, openNas } from "../radius/fixture.ts";
import { command, configure, makeFolder, startService, type RunningService } from "../serve.ts";

const KEY = Buffer.from("12345678901234567890");
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const shared = new SharedSecret("testing123");

function request(user: string, code: string, identifier: number, more: readonly Buffer[] = []): Buffer {
  const authenticator = randomAuthenticator();
  const password = shared.hidePassword(Buffer.from(code), authenticator);
  const attributes = [attribute(USER_NAME, user), attribute(USER_PASSWORD, password), ...more];
  return shared.sign(
    encodePacket(ACCESS_REQUEST, identifier, authenticator, attributes)!,
    authenticator,
    true,
  );
}

function accountingStart(user: string, identifier: number): Buffer {
  const attributes = [
    attribute(USER_NAME, user),
    attribute(ACCT_SESSION_ID, `session of ${user}`),
    integerAttribute(ACCT_STATUS_TYPE, ACCT_START),
  ];
  const zeros = Buffer.alloc(16);
  return shared.sign(encodePacket(ACCOUNTING_REQUEST, identifier, zeros, attributes, { bare: true })!);
}

/** The first `count` names whose owner among two workers is this one. */
function namesOf(owner: number, count: number, prefix = "user"): string[] {
  const all = Array.from({ length: 40 * count }, (_, i) => `${prefix}${i}`);
  return all.filter((name) => ownerOf(request(name, "000000", 0), 2) === owner).slice(0, count);
}

const services: RunningService[] = [];
const folders: string[] = [];

async function prepare(users: readonly object[], more = ""): Promise<string> {
  const folder = makeFolder(more);
  folders.push(folder);
  const rows = users.map((user) => ({ factor: "hotp", secret: SECRET, active: true, ...user }));
  if (rows.length > 0) await command(folder, ["user", "import", "-"], JSON.stringify({ users: rows }));
  return folder;
}

async function start(folder: string, workers = 2): Promise<RunningService> {
  const service = await startService(folder, ["--workers", String(workers)]);
  services.push(service);
  return service;
}

/** The processes that a service has started. */
const workersOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

const dial = async (server: Endpoint, user: string, password: string, proof: PeerProof = "pap") =>
  (await dialIn({ server, secret: "testing123", user, password, proof, timeout: 10_000 })).outcome;

afterAll(async () => {
  for (const service of services) {
    service.signal("SIGKILL");
    await service.ended;
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe("parcels and owners", () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant("fe80::1%eth0"));
  const datagram: fc.Arbitrary<Datagram> = fc.record({
    bytes: fc.uint8Array({ maxLength: 4096 }),
    address,
    port: fc.integer({ min: 0, max: 65535 }),
    accounting: fc.boolean(),
  });

  test("what is packed is unpacked", () => {
    const parcels = fc.array(datagram, { maxLength: 20 });
    fc.assert(
      fc.property(parcels, fc.boolean(), (datagrams, flag) => {
        const got = unpack(new Uint8Array(pack(datagrams, flag)));
        expect(got.flag).toBe(flag);
        expect(got.datagrams).toEqual(datagrams.map((each) => ({ ...each, bytes: Buffer.from(each.bytes) })));
      }),
    );
  });

  test("every datagram has an owner, and a user has one, whatever the packet", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.integer({ min: 1, max: 64 }), (bytes, workers) => {
        const owner = ownerOf(bytes, workers);
        expect(Number.isInteger(owner) && owner >= 0 && owner < workers).toBe(true);
      }),
    );
    const more = [attribute(CALLING_STATION_ID, "192.0.2.7")];
    expect(ownerOf(request("alice", "1", 7, more), 64)).toBe(ownerOf(request("alice", "222222", 8), 64));
  });

  test("users are spread evenly", () => {
    const counts = new Array<number>(4).fill(0);
    for (let i = 0; i < 2000; i++) counts[ownerOf(request(`user${i}`, "1", 0), 4)]!++;
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(100);
  });
});

describe("a service of two workers", () => {
  const [left, right] = [namesOf(0, 30), namesOf(1, 30)];
  let service: RunningService;
  const counters = new Map<string, number>();
  /** The next code of a user. */
  const next = (user: string): string => {
    const counter = counters.get(user) ?? 0;
    counters.set(user, counter + 1);
    return hotp(KEY, counter);
  };
  const metric = async (line: string): Promise<number> => {
    const text = await (await fetch(`${service.monitor}/metrics`)).text();
    return Number(
      text
        .split("\n")
        .find((each) => each.startsWith(`${line} `))
        ?.slice(line.length) ?? NaN,
    );
  };
  beforeAll(async () => {
    const twoStep = { mode: "password-then-code", password: "p4ssw0rd" };
    const plain = [...left, ...right].map((name) => ({ name }));
    const steps = [...namesOf(0, 2, "step"), ...namesOf(1, 2, "step")].map((name) => ({ name, ...twoStep }));
    service = await start(await prepare([...plain, ...steps]));
  });

  test("a retransmission gets the bytes of the first answer, and counts once", async () => {
    const nas = await openNas(service.radius.address, service.radius.port);
    for (const user of [left[0]!, right[0]!, left[1]!, right[1]!]) {
      const asked = request(user, next(user), 1);
      nas.send(asked);
      const first = await nas.next();
      expect(first?.[0]).toBe(ACCESS_ACCEPT);
      for (let i = 0; i < 3; i++) {
        nas.send(asked);
        expect(await nas.next()).toEqual(first);
      }
    }
    nas.close();
  });

  test("EAP-MSCHAPv2 and both steps of password, then code, from a new port for every packet", async () => {
    const moving = await openMoving(service.radius);
    try {
      for (const user of [left[2]!, right[2]!, left[3]!, right[3]!])
        expect(await dial(moving.address, user, next(user), "eap-mschapv2")).toBe("accept");
      for (const user of [...namesOf(0, 2, "step"), ...namesOf(1, 2, "step")]) {
        const ask = async () => next(user);
        const options = { server: moving.address, secret: "testing123", user, password: "p4ssw0rd", ask };
        expect(await dialIn({ ...options, proof: "pap" })).toMatchObject({ outcome: "accept" });
      }
      expect(moving.ports).toBeGreaterThanOrEqual(20);
    } finally {
      moving.close();
    }
  });

  test("/metrics are the sums over all processes, and /healthz says that all answer", async () => {
    const accepts = 'dialward_verdicts_total{outcome="accept",reason="ok"}';
    const replies = 'dialward_radius_replies_total{kind="accepts"}';
    const before = [await metric(accepts), await metric(replies)];
    for (const user of [left[4]!, right[4]!, left[5]!])
      expect(await dial(service.radius, user, next(user))).toBe("accept");
    expect([await metric(accepts), await metric(replies)]).toEqual(before.map((count) => count + 3));
    expect(await metric("dialward_sessions")).toBe(0);
    const health = await fetch(`${service.monitor}/healthz`);
    expect([health.status, await health.json()]).toEqual([
      200,
      { store: "ok", clock: "ok", core: "ok", workers: "ok" },
    ]);
  });

  test("nonsense from the network ends no process", async () => {
    const pids = workersOf(service.pid);
    expect(pids).toHaveLength(2);
    const nas = await openNas(service.radius.address, service.radius.port);
    const asked = request(left[6]!, "000000", 9);
    for (let length = 0; length < asked.length; length++) nas.send(asked.subarray(0, length));
    for (let i = 0; i < asked.length; i++) {
      const bent = Buffer.from(asked);
      bent[i]! ^= 255;
      nas.send(bent);
    }
    nas.send(Buffer.alloc(0));
    nas.send(Buffer.alloc(9000, 1));
    for (const user of [left[6]!, right[6]!])
      expect(await dial(service.radius, user, next(user))).toBe("accept");
    expect(workersOf(service.pid)).toEqual(pids);
    nas.close();
  });

  test("back-off by source counts what fails in any worker", async () => {
    const attributes = [attribute(CALLING_STATION_ID, "198.51.100.9")];
    const options = { server: service.radius, secret: "testing123", proof: "pap", attributes } as const;
    // A second station in each worker: one alone tells no callers apart.
    const another = { ...options, attributes: [attribute(CALLING_STATION_ID, "198.51.100.8")] };
    for (const user of [...namesOf(0, 1, "nobody"), ...namesOf(1, 1, "nobody")])
      await dialIn({ ...another, user, password: "000000" });
    const strangers = [...namesOf(0, 10, "nobody"), ...namesOf(1, 10, "nobody")];
    for (const user of strangers) await dialIn({ ...options, user, password: "000000" });
    for (const user of [left[7]!, right[7]!]) {
      expect((await dialIn({ ...options, user, password: next(user) })).outcome).toBe("refuse");
      await expect.poll(service.output).toMatch(new RegExp(`"user":"${user}".*"source-must-wait"`));
      expect(await dial(service.radius, user, next(user))).toBe("accept"); // from elsewhere
    }
  });

  test("SIGHUP reaches every worker: clients, audit file, log level", async () => {
    const { folder } = service;
    const users = [left[13]!, right[13]!];
    const dialAs = async (secret: string, user: string, tries = 100) => {
      const options = { server: service.radius, user, secret, proof: "pap", tries, timeout: 300 } as const;
      return (await dialIn({ ...options, password: next(user) })).outcome;
    };
    renameSync(join(folder, "audit.jsonl"), join(folder, "audit.old"));
    configure(folder, "", "another");
    const length = service.output().length;
    service.signal("SIGHUP");
    await expect.poll(() => service.output().slice(length)).toContain("has been read");
    for (const user of users) {
      expect(await dialAs("testing123", user, 1)).not.toBe("accept");
      expect(await dialAs("another", user)).toBe("accept");
    }
    const audited = readFileSync(join(folder, "audit.jsonl"), "utf8");
    for (const user of users) expect(audited).toContain(`"user":"${user}","nas":"test"`);
    await expect.poll(service.output).toContain(`"user":"${users[1]}"`);
    // They do not say any more that they are silent from now on; that they take another secret shows it.
    configure(folder, "", "third", "silent");
    service.signal("SIGHUP");
    for (const user of users) expect(await dialAs("third", user)).toBe("accept");
    service.signal("SIGTERM");
    expect(await service.ended).toBe(0);
    const logins = service.output().matchAll(/"user":"([^"]+)".*"reason":"ok"/g);
    expect([...logins].map(([, user]) => user).filter((user) => users.includes(user!))).toEqual(users);
  });
});

describe("replay", () => {
  test(
    "two services of two workers on one store: each code is accepted once",
    { timeout: 60_000 },
    async () => {
      const names = Array.from({ length: 24 }, (_, i) => `user${i}`);
      const folder = await prepare(names.map((name) => ({ name })));
      const both = [await start(folder), await start(folder)];
      const lines = await Promise.all(both.map(({ radius }) => openNas(radius.address, radius.port)));
      const rounds = 25;
      const answers = new Map<string, number>();
      for (let round = 0; round < rounds; round++) {
        const replies = new Array<number[]>(names.length).fill([]).map(() => [] as number[]);
        names.forEach((name, i) => {
          for (const line of lines) line.send(request(name, hotp(KEY, round), i));
        });
        for (const line of lines)
          for (let got = 0; got < names.length; got++) {
            const reply = await line.next();
            replies[reply![1]!]!.push(reply![0]!);
          }
        for (const pair of replies) {
          const text = pair.toSorted().join(" ");
          answers.set(text, (answers.get(text) ?? 0) + 1);
        }
      }
      for (const line of lines) line.close();
      expect(Object.fromEntries(answers)).toEqual({
        [`${ACCESS_ACCEPT} ${ACCESS_REJECT}`]: rounds * names.length,
      });
    },
  );

  test(
    "a worker and OpenVPN's door in the primary: each code is accepted once",
    { timeout: 60_000 },
    async () => {
      let line: Socket | undefined;
      let told = "";
      const path = () => join(folders.at(-1)!, "management");
      const openvpn = createServer((socket) => {
        line = socket.setEncoding("utf8").on("data", (chunk) => void (told += chunk));
        socket.on("error", () => {});
        socket.write(">INFO:OpenVPN Management Interface Version 5 -- type 'help' for more info\r\n");
      });
      const folder = await prepare([{ name: "alice" }], '[[openvpn]]\nsocket = "./management"\n');
      writeFileSync(
        join(folder, "dialward.toml"),
        readFileSync(join(folder, "dialward.toml"), "utf8").replace("./management", path()),
      );
      await new Promise<void>((resolve) => openvpn.listen(path(), resolve));
      const { radius } = await start(folder);
      await expect.poll(() => line !== undefined).toBe(true);
      const nas = await openNas(radius.address, radius.port);
      const accepts: number[] = [];
      const rounds = 40;
      for (let round = 0; round < rounds; round++) {
        told = "";
        const code = hotp(KEY, round);
        const env = { untrusted_ip: "198.51.100.7", username: "alice", password: code };
        const lines = Object.entries(env).map(([name, value]) => `>CLIENT:ENV,${name}=${value}\r\n`);
        nas.send(request("alice", code, round));
        line!.write(`>CLIENT:CONNECT,${round},1\r\n${lines.join("")}>CLIENT:ENV,END\r\n`);
        const reply = await nas.next();
        await expect.poll(() => told, { interval: 5 }).toMatch(/client-(auth|deny)/);
        accepts.push((reply![0] === ACCESS_ACCEPT ? 1 : 0) + (/client-auth/.test(told) ? 1 : 0));
      }
      nas.close();
      line!.destroy();
      await new Promise((resolve) => openvpn.close(resolve));
      expect(accepts).toEqual(accepts.map(() => 1));
    },
  );
});

test("log lines of all processes stay whole in a pipe whose reader is slow", async () => {
  const names = [...namesOf(0, 4), ...namesOf(1, 4)];
  const folder = await prepare(names.map((name) => ({ name })));
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, "w");
  const service = await startService(folder, ["--workers", "2"], writer);
  services.push(service);
  closeSync(writer);
  const nas = await openNas(service.radius.address, service.radius.port);
  const many = 2000;
  for (let i = 0; i < many; i++) {
    nas.send(request(names[i % names.length]!, "000000", i & 255));
    if (i % 50 === 49) for (let got = 0; got < 50; got++) expect((await nas.next())?.[0]).toBe(ACCESS_REJECT);
  }
  nas.close();
  let text = "";
  const read = (): number => {
    const chunk = Buffer.alloc(4096);
    try {
      text += chunk.toString("latin1", 0, readSync(reader, chunk));
    } catch {
      // Nothing is there now.
    }
    return text.split('"refuse"').length - 1;
  };
  await expect.poll(read, { interval: 5 }).toBe(many);
  closeSync(reader);
  for (const line of text.trimEnd().split("\n")) expect(() => JSON.parse(line), line).not.toThrow();
});

describe("ends and beginnings", () => {
  const [left, right] = [namesOf(0, 100), namesOf(1, 100)];

  test("a worker that is killed is replaced, and nobody waits for it", async () => {
    const folder = await prepare([...left.slice(0, 4), ...right.slice(0, 4)].map((name) => ({ name })));
    const service = await start(folder);
    const health = () => fetch(`${service.monitor}/healthz`);
    const pids = workersOf(service.pid);
    for (const pid of pids) {
      const before = workersOf(service.pid);
      process.kill(pid, "SIGKILL");
      await expect
        .poll(async () => (await health()).json(), { interval: 20 })
        .toMatchObject({ workers: "1 of 2 do not answer" });
      const index = pids.indexOf(pid);
      for (const [name] of [left.slice(index), right.slice(index)])
        expect(await dial(service.radius, name!, hotp(KEY, 0))).toBe("accept");
      await expect.poll(async () => (await health()).status).toBe(200);
      expect(workersOf(service.pid)).toHaveLength(2);
      expect(workersOf(service.pid)).not.toEqual(before);
    }
    expect(service.output()).toMatch(/"worker":\d,"why":"SIGKILL"/);
    const metrics = await (await fetch(`${service.monitor}/metrics`)).text();
    expect(metrics).toContain('dialward_radius_drops_total{cause="noWorker"} 0\n');
    for (const name of [left[2]!, right[2]!])
      expect(await dial(service.radius, name, hotp(KEY, 0))).toBe("accept");
    service.signal("SIGTERM");
    expect(await service.ended).toBe(0);
  });

  test("SIGTERM answers what has begun, ends with 0 and leaves no process", async () => {
    const names = [...left, ...right];
    const folder = await prepare(names.map((name) => ({ name })));
    const service = await start(folder);
    const pids = workersOf(service.pid);
    // A signal to the whole group is the primary's business.
    for (const pid of pids) for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) process.kill(pid, signal);
    for (const name of names.splice(-2))
      expect(await dial(service.radius, name, hotp(KEY, 0))).toBe("accept");
    expect(pids.filter(isRunning)).toEqual(pids);
    const nas = await openNas(service.radius.address, service.radius.port);
    const accounting = await openNas(service.radius.address, service.accountingPort);
    names.forEach((name, i) => {
      nas.send(request(name, hotp(KEY, 0), i));
      accounting.send(accountingStart(name, i));
    });
    const accepted = new Set<number>();
    const take = (reply: Buffer) => reply[0] === ACCESS_ACCEPT && accepted.add(reply[1]!);
    take((await nas.next())!);
    for (const pid of [...pids, service.pid]) process.kill(pid, "SIGTERM");
    expect(await service.ended).toBe(0);
    for (let reply; (reply = await nas.next(100));) take(reply); // all are there that were sent
    nas.close();
    expect(pids.filter(isRunning)).toEqual([]);
    const recorded = JSON.parse(await command(folder, ["--json", "sessions"])).length;
    for (let i = 0; i < recorded; i++) expect(await accounting.next(1000)).toBeDefined();
    accounting.close();
    // What was not answered has not begun either: its code still counts.
    const rest = names.filter((_, i) => !accepted.has(i));
    expect(accepted.size).toBeGreaterThan(0);
    const again = await start(folder);
    const outcomes = await Promise.all(rest.map((name) => dial(again.radius, name, hotp(KEY, 0))));
    expect(outcomes).toEqual(rest.map(() => "accept"));
  });

  test("SIGKILL of the primary leaves no process", async () => {
    const service = await start(await prepare([]));
    const pids = workersOf(service.pid);
    expect(pids.filter(isRunning)).toHaveLength(2);
    service.signal("SIGKILL");
    await expect.poll(() => pids.filter(isRunning)).toEqual([]);
  });
});

describe("a stand-in for the worker's program", () => {
  const program = process.argv[1]!;
  const folder = makeFolder();
  folders.push(folder);
  const config = loadConfig(join(folder, "dialward.toml"));
  const stand = (text: string) => {
    writeFileSync(join(folder, "stand-in.mjs"), text);
    process.argv[1] = join(folder, "stand-in.mjs");
    return openWorkers({ workers: 2, config, clients: [LOOPBACK], log: silentLog, hear() {} });
  };
  afterEach(() => void (process.argv[1] = program));

  test("one that cannot start ends serve with its error", async () => {
    const workers = await stand(`process.on("message", () => process.send(
      { kind: "failed", code: "store", message: "no room" }, () => process.exit(1)));`);
    await expect(workers.start()).rejects.toMatchObject({ code: "store", message: /no room/ });
    await workers.close();
    const silent = await stand("process.exit(3);");
    await expect(silent.start()).rejects.toMatchObject({ code: "refused", message: /exit status 3/ });
    await silent.close();
  });

  test("one that takes nothing is handed 4 MiB and no more; the rest is counted", async () => {
    const workers = await stand(`process.on("message", (message) => {
      if (message.kind === "start") process.send({ kind: "ready" });
      if (message.kind === "stop") process.disconnect();
    });`);
    await workers.start();
    const { address, port } = workers.addresses.authentication;
    const nas = await openNas(address, port);
    const large = Buffer.alloc(4000, 1);
    // Until some are too many: the system may drop others before this process sees them.
    let sent = 0;
    for (; workers.counters.noWorker === 0 && sent < 10_000; sent += 10) {
      for (let i = 0; i < 10; i++) nas.send(large);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(workers.counters.noWorker).toBeGreaterThan(0);
    expect(sent - workers.counters.noWorker).toBeGreaterThanOrEqual(1000);
    nas.close();
    await workers.close();
  });
});

/** Stands between a NAS and the server: each of its packets goes on from a port of its own. */
async function openMoving(
  server: Endpoint,
): Promise<{ address: Endpoint; readonly ports: number; close(): void }> {
  const front = createSocket("udp4");
  const used: { close(): void }[] = [front];
  front.on("message", (datagram, from) => {
    const socket = createSocket("udp4");
    used.push(socket);
    socket.on("message", (reply) => front.send(reply, from.port, from.address));
    socket.send(datagram, server.port, server.address);
  });
  await new Promise<void>((resolve) => front.bind(0, "127.0.0.1", resolve));
  return {
    address: { address: "127.0.0.1", port: front.address().port },
    get ports() {
      return used.length - 1;
    },
    close: () => used.forEach((socket) => socket.close()),
  };
}
