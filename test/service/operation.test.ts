// The service under its signals and its monitor: SIGTERM loses nothing, SIGHUP reads the configuration again, the audit
// log is only appended to, /healthz tells of a store that fails, metrics name nobody.
import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Audit } from "../../host/log/audit.ts";
import { Core } from "../../host/core/core.ts";
import { silentLog } from "../../host/log/log.ts";
import { checkHealth, Metrics, startMonitor } from "../../host/service/metrics.ts";
import { newCounters } from "../../host/radius/counters.ts";
import { ACCESS_ACCEPT, ACCESS_REQUEST, USER_NAME, USER_PASSWORD } from "../../assembly/radius/dictionary.ts";
import { randomAuthenticator, SharedSecret } from "../../host/radius/client/digest.ts";
import { attribute, encodePacket } from "../../host/radius/client/packet.ts";
import { dialIn } from "../../host/radius/client/peer.ts";
import { hotp } from "../codes.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { openNas } from "../radius/fixture.ts";
import { command, configure, makeFolder, startService, type RunningService } from "../serve.ts";

const KEY = Buffer.from("12345678901234567890");
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const folders: string[] = [];
const services: RunningService[] = [];

afterEach(async () => {
  for (const service of services.splice(0)) {
    service.signal("SIGKILL");
    await service.ended;
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function start(folder = makeFolder()): Promise<RunningService> {
  if (!folders.includes(folder)) folders.push(folder);
  const service = await startService(folder);
  services.push(service);
  return service;
}

/** Adds HOTP users whose first codes are known. */
async function addUsers(folder: string, count: number): Promise<void> {
  const users = Array.from({ length: count }, (_, i) => {
    return { name: `user${i}`, factor: "hotp", secret: SECRET, active: true };
  });
  await command(folder, ["init"]);
  await command(folder, ["user", "import", "-"], JSON.stringify({ users }));
}

function request(user: string, code: string, identifier: number): Buffer {
  const shared = new SharedSecret("testing123");
  const authenticator = randomAuthenticator();
  const password = shared.hidePassword(Buffer.from(code), authenticator);
  const attributes = [attribute(USER_NAME, user), attribute(USER_PASSWORD, password)];
  return shared.sign(
    encodePacket(ACCESS_REQUEST, identifier, authenticator, attributes)!,
    authenticator,
    true,
  );
}

const audited = (folder: string): Record<string, unknown>[] =>
  readFileSync(join(folder, "audit.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("SIGTERM in the middle of 200 logins: every one is accepted once, before or after", async () => {
  const folder = makeFolder();
  folders.push(folder);
  const count = 200;
  await addUsers(folder, count);
  const accepted = new Array<number>(count).fill(0);
  const take = (reply: Buffer): void => {
    if (reply[0] === ACCESS_ACCEPT) accepted[reply[1]!]!++;
  };
  const send = async (service: RunningService, whom: number[]) => {
    const nas = await openNas(service.radius.address, service.radius.port);
    for (const i of whom) nas.send(request(`user${i}`, hotp(KEY, 0), i));
    return nas;
  };
  const all = accepted.map((_, i) => i);
  const first = await start(folder);
  let nas = await send(first, all);
  take((await nas.next())!);
  first.signal("SIGTERM");
  expect(await first.ended).toBe(0);
  for (let reply; (reply = await nas.next(100));) take(reply); // all are there that were sent
  nas.close();
  const rest = all.filter((i) => accepted[i] === 0);
  expect(rest.length).toBeLessThan(count);
  nas = await send(await start(folder), rest);
  for (const _ of rest) take((await nas.next())!);
  nas.close();
  expect(accepted).toEqual(all.map(() => 1));
  const lines = audited(folder).filter(({ outcome }) => outcome === "accept");
  expect(new Set(lines.map(({ user }) => user)).size).toBe(count);
});

test("SIGHUP: clients, log level and audit file as the configuration now says, or as before where it is off", async () => {
  const service = await start();
  const { folder } = service;
  await addUsers(folder, 1);
  const dial = async (secret: string, counter: number, tries = 100) => {
    const code = { user: "user0", password: hotp(KEY, counter), proof: "pap", timeout: 300 } as const;
    return (await dialIn({ server: service.radius, secret, tries, ...code })).outcome;
  };
  const hangUp = async (told: string) => {
    service.signal("SIGHUP");
    await expect.poll(service.output).toContain(told);
  };
  expect(await dial("testing123", 0)).toBe("accept");
  expect(await dial("another", 1, 1)).not.toBe("accept");
  configure(folder, "[unknown]\n");
  await hangUp("was not read again");
  expect(await dial("testing123", 2)).toBe("accept");
  renameSync(join(folder, "audit.jsonl"), join(folder, "audit.old"));
  configure(folder, "", "another");
  await hangUp("has been read again");
  expect(await dial("testing123", 3, 1)).not.toBe("accept");
  expect(await dial("another", 4)).toBe("accept");
  expect(audited(folder).map(({ reason }) => reason)).toEqual(["ok"]);
  // It does not say any more that it is silent from now on; that it takes another secret shows it.
  configure(folder, "", "third", "silent");
  service.signal("SIGHUP");
  expect(await dial("third", 5)).toBe("accept");
  service.signal("SIGTERM");
  await service.ended;
  expect(service.output().match(/"reason":"ok"/g)).toHaveLength(3);
});

test("the audit log: a line for each verdict and each change, the log's login id, readable by its owner only", async () => {
  const service = await start();
  const { folder } = service;
  await addUsers(folder, 1);
  const dial = { server: service.radius, secret: "testing123", user: "user0", proof: "pap" } as const;
  await dialIn({ ...dial, password: hotp(KEY, 0) });
  await dialIn({ ...dial, password: hotp(KEY, 0) });
  await command(folder, ["user", "disable", "user0"]);
  await command(folder, ["user", "remove", "user0"]);
  service.signal("SIGTERM");
  expect(await service.ended).toBe(0);
  const lines = audited(folder);
  expect(lines.map(({ event, user, outcome, reason }) => [event, user, outcome, reason])).toEqual([
    ["user added", "user0", undefined, undefined],
    ["login", "user0", "accept", "ok"],
    ["login", "user0", "refuse", "code-spent"],
    ["user disabled", "user0", undefined, undefined],
    ["user removed", "user0", undefined, undefined],
  ]);
  expect(lines[0]!["by"]).toMatch(/^command line/);
  const logged = [...service.output().matchAll(/"login":"([^"]+)"/g)].map(([, id]) => id);
  expect(lines.flatMap(({ login }) => login ?? [])).toEqual(logged);
  expect(statSync(join(folder, "audit.jsonl")).mode & 0o777).toBe(0o600);
});

test("the audit log only grows, and a disk that is full loses lines and no logins", () => {
  const folder = makeFolder();
  folders.push(folder);
  const file = join(folder, "audit.jsonl");
  for (const user of ["alice", "bob"]) {
    const audit = new Audit(file, "test", silentLog);
    audit.change("user added", user);
    audit.close();
  }
  expect(audited(folder).map(({ user }) => user)).toEqual(["alice", "bob"]);
  const full = new Audit("/dev/full", "test", silentLog);
  full.change("user added", "carol");
  full.flush();
  expect(full.lost).toBe(1);
  full.close();
});

const watch = (store: MemoryStore, plausible = true) => ({
  store,
  core: Core.load(),
  clock: { seconds: () => 0, plausible: () => plausible },
  admission: { waiting: 3 },
  radius: { ...newCounters(), badAuthenticator: 7 },
});

test("/healthz: 200 while all is well, 503 with what is not", async () => {
  const store = new MemoryStore();
  const monitor = await startMonitor("127.0.0.1:0", new Metrics(), watch(store));
  const get = (path: string) => fetch(`http://127.0.0.1:${monitor.address.port}${path}`);
  const well = await get("/healthz");
  expect([well.status, await well.json()]).toEqual([200, { store: "ok", clock: "ok", core: "ok" }]);
  // However often it is asked, it is one write a second at most.
  const begun = performance.now();
  for (let i = 0; i < 50; i++) await get("/healthz");
  expect(store.commits.length).toBeLessThan(3 + (performance.now() - begun) / 1000);
  expect((await get("/")).status).toBe(404);
  await monitor.close();

  store.beforeCommit = () => Promise.reject(new Error(`${randomBytes(4).toString("hex")} is read-only`));
  const bad = await startMonitor("127.0.0.1:0", new Metrics(), watch(store, false));
  const answer = await fetch(`http://127.0.0.1:${bad.address.port}/healthz`);
  expect([answer.status, await answer.json()]).toEqual([
    503,
    { store: "it cannot be read or written", clock: expect.stringContaining("before"), core: "ok" },
  ]);
  await bad.close();
  store.beforeCommit = () => {};
  store.beforeLoad = () => {
    throw new Error("cannot be read");
  };
  expect(await checkHealth(watch(store))).toMatchObject({ store: "it cannot be read or written" });
});

test("/metrics: verdicts by reason, batches, drops by cause; and no name of a user or NAS", async () => {
  const metrics = new Metrics();
  const verdict = { outcome: "refuse", reason: "wrong-code", waitSeconds: 0, offset: 0 } as const;
  const proof = { kind: "clear", text: Buffer.from("123456") } as const;
  const dialIn = { user: "alice", proof, source: "gate 192.0.2.7", nas: "gate" };
  metrics.note({ time: Date.now(), dialIn, verdict });
  metrics.noted(1, 0.003);
  const monitor = await startMonitor("127.0.0.1:0", metrics, watch(new MemoryStore()));
  const text = await (await fetch(`http://127.0.0.1:${monitor.address.port}/metrics`)).text();
  await monitor.close();
  for (const line of [
    'dialward_verdicts_total{outcome="refuse",reason="wrong-code"} 1',
    'dialward_batch_verdicts_bucket{le="1"} 1',
    'dialward_commit_seconds_bucket{le="0.002"} 0',
    'dialward_commit_seconds_bucket{le="0.005"} 1',
    'dialward_radius_drops_total{cause="badAuthenticator"} 7',
    "dialward_waiting 3",
    "dialward_sessions 0",
  ])
    expect(text.split("\n")).toContain(line);
  expect(text).not.toMatch(/alice|gate|192\.0\.2|123456/);
});

test("dialward clients says what the running service has seen of each, and where none runs, who they are", async () => {
  const folder = makeFolder();
  folders.push(folder);
  await command(folder, ["init"]);
  const ask = async () => JSON.parse(await command(folder, ["clients", "--json"]));
  const silent = { name: "test", address: "127.0.0.1", stationSetting: "auto", accounting: false };
  expect(await ask()).toEqual({ running: false, clients: [silent] });
  const service = await start(folder);
  expect(await ask()).toEqual({ running: true, clients: [silent] });
  const login = { user: "nobody", secret: "testing123", password: "000000", proof: "pap" } as const;
  await dialIn({ ...login, server: service.radius });
  const { clients } = await ask();
  expect(clients).toMatchObject([{ ...silent, messageAuthenticator: "always", station: "absent" }]);
  expect(Date.now() - clients[0].lastPacket).toBeLessThan(60_000);
  expect(await command(folder, ["clients"])).toMatch(
    /^NAME +ADDRESS .*\ntest +127\.0\.0\.1 .* always +not sent +no$/m,
  );
});
