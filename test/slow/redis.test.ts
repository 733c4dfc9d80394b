// Redis as the store of several machines: what a store must do, then one accept per code while servers are killed,
// emptied, paused, cut off and failed over.
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { Admission } from "../../host/admission/admission.ts";
import { HOLD_SECONDS } from "../../host/config/schema.ts";
import { Core } from "../../host/core/core.ts";
import type { Verdict } from "../../host/core/dial-in.ts";
import { silentLog } from "../../host/log/log.ts";
import { openRedis } from "../../host/store/redis.ts";
import { Sealer } from "../../host/store/seal.ts";
import type { Session } from "../../host/store/store.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { RedisServer, until } from "./redis-server.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
const NAMES = Array.from({ length: 50 }, (_, i) => `user${i}`);
const core = Core.load();
const sealer = new Sealer([Buffer.alloc(32, 7)]);
let time = 1_800_000_000;
const clock = { seconds: () => time, plausible: () => true };
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await RedisServer.stopAll();
});

interface Options {
  wait?: number;
  hold?: number;
}
async function open(servers: readonly RedisServer[], { wait = 0, hold = HOLD_SECONDS }: Options = {}) {
  const urls = servers.map(({ url }) => url);
  const store = await openRedis({ urls, wait, holdSeconds: hold }, silentLog);
  const admission = new Admission(core, store, sealer, { clock });
  closing.push(() => admission.close().then(() => store.close()));
  const dial = (user: string, code: string) =>
    admission.submit({ user, proof: { kind: "clear", text: Buffer.from(code) }, source: "nas" });
  return { store, dial, users: new Users(core, store, sealer, clock) };
}
type Service = Awaited<ReturnType<typeof open>>;
const addAll = async ({ users }: Service) =>
  expect(await users.import(NAMES.map((name) => ({ name, secret: SECRET, active: true })))).toEqual([]);
const told = ({ outcome, reason }: Verdict) => `${outcome} ${reason}`;
const code = (step = 0) => totp(KEY, time + step * 30);

/** Counts accepts per code: user and step. */
class Tally {
  readonly accepts = new Map<string, number>();

  async dial(service: Service, user: string, step = 0): Promise<string> {
    const verdict = await service.dial(user, code(step));
    const key = `${user} ${Math.floor(time / 30) + step}`;
    if (verdict.outcome === "accept") this.accepts.set(key, (this.accepts.get(key) ?? 0) + 1);
    return told(verdict);
  }

  /** Dials until the code is spent, by an accept that came or by one that was lost because the server was slow. */
  async spend(service: Service, user: string, step = 0): Promise<void> {
    await until(async () => /^(accept ok|refuse code-spent)$/.test(await this.dial(service, user, step)));
  }

  /** Whether one of the users gets in, each dialling once: a server that is slow may lose an accept, not all of them. */
  async letsIn(service: Service, step: number): Promise<boolean> {
    for (const user of NAMES) if ((await this.dial(service, user, step)) === "accept ok") return true;
    return false;
  }

  get most(): number {
    return Math.max(0, ...this.accepts.values());
  }
}

describe("what a store does", () => {
  const state = (byte: number) => Buffer.alloc(48, byte);
  const row = (user: string, byte = 0) => ({
    user,
    profile: Buffer.from([0, 255, byte]),
    state: state(byte),
    mark: { hash: Buffer.from(user.padEnd(16).slice(0, 16)), period: 30 },
  });

  test("entries come back byte for byte, in the order asked for, and list in byte order", async () => {
    const { store } = await open([await RedisServer.start()]);
    const names = ["zoe", "Zoe", "älva", "a}b{c", "__proto__", "*"];
    expect(await store.create(names.map((name, i) => row(name, i)))).toEqual([]);
    const entries = await store.load(["älva", "nobody", "zoe"]);
    expect(entries[1]).toBeUndefined();
    expect([entries[0]!.profile, entries[0]!.state]).toEqual([row("", 2).profile, state(2)]);
    expect(entries[2]!.state).toEqual(state(0));
    const listed: string[] = [];
    for await (const { user } of store.list()) listed.push(user);
    expect(listed).toEqual(["*", "Zoe", "__proto__", "a}b{c", "zoe", "älva"]);
  });

  test("a commit takes place only on its revision, each update for itself; a lost revision never comes back", async () => {
    const { store } = await open([await RedisServer.start()]);
    await store.create([row("alice"), row("bob")]);
    const [alice, bob] = await store.load(["alice", "bob"]);
    const update = (user: string, revision: number, byte: number) => ({ user, revision, state: state(byte) });
    expect(
      await store.commit([
        update("alice", alice!.revision, 1),
        update("bob", alice!.revision, 9),
        update("carol", 5, 9),
      ]),
    ).toEqual([true, false, false]);
    expect(await store.commit([update("alice", alice!.revision, 2)])).toEqual([false]);
    const [after, same, none] = await store.load(["alice", "bob", "carol"]);
    expect([after!.state, after!.profile]).toEqual([state(1), alice!.profile]);
    expect(Math.abs(after!.revision - alice!.revision)).toBeGreaterThan(1);
    expect([same, none]).toEqual([bob, undefined]);
    expect(await store.commit([])).toEqual([]);
  });

  test("rows of any lengths are written and read as they are, each user's apart from the others", async () => {
    const { store } = await open([await RedisServer.start()]);
    const bytes = (maxLength: number) =>
      fc.uint8Array({ minLength: 1, maxLength }).map((each) => Buffer.from(each));
    const change = fc.record({
      stale: fc.boolean(),
      state: fc.uint8Array({ minLength: 48, maxLength: 48 }).map((each) => Buffer.from(each)),
      profile: fc.option(bytes(600), { nil: undefined }),
      mark: fc.option(fc.integer({ min: 0, max: 86_400 }), { nil: undefined }),
    });
    let round = 0;
    const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 64 }), async (changes) => {
      const users = changes.map((_, i) => `${++round} ä ${i}`);
      await store.create(users.map((user, i) => row(user, i)));
      const before = await store.load([...users, "nobody"]);
      const updates = changes.map(({ stale, state, profile, mark }, i) => ({
        ...{ user: users[i]!, state, revision: before[i]!.revision + Number(stale) },
        ...(profile && { profile }),
        ...(mark !== undefined && { mark: { hash: Buffer.alloc(16, i), period: mark } }),
      }));
      expect(await store.commit(updates)).toEqual(changes.map(({ stale }) => !stale));
      const [after, marks] = [await store.load([...users, "nobody"]), await store.marks(users)];
      expect(after.pop()).toBeUndefined();
      changes.forEach(({ stale, state, profile, mark }, i) => {
        if (stale) return expect(after[i]).toEqual(before[i]);
        expect(after[i]).toMatchObject({ state, profile: profile ?? before[i]!.profile });
        expect(marks[i]!.period).toBe(mark ?? 30);
      });
    });
    await fc.assert(property, { numRuns: 30 });
  });

  test("create adds all or none and names those that exist; remove tells whether there was one", async () => {
    const { store } = await open([await RedisServer.start()]);
    await store.create([row("bob", 1)]);
    expect(await store.create([row("alice"), row("bob", 2), row("carol")])).toEqual(["bob"]);
    expect((await store.load(["alice", "bob", "carol"])).map((entry) => entry?.state)).toEqual([
      undefined,
      state(1),
      undefined,
    ]);
    expect([await store.remove("bob"), await store.remove("bob")]).toEqual([true, false]);
    expect(await store.load(["bob"])).toEqual([undefined]);
  });

  test("of several that add the same names at once, some dying, each adds all or none, and is told", async () => {
    const server = await RedisServer.start();
    const last = await open([server]);
    const importer = fc.record({
      first: fc.nat(3000),
      count: fc.integer({ min: 1, max: 2500 }),
      dies: fc.option(fc.nat(60), { nil: undefined }),
    });
    let byte = 0;
    const property = fc.asyncProperty(
      fc.array(importer, { minLength: 2, maxLength: 4 }),
      async (importers) => {
        await server.command("FLUSHALL");
        const runs = await Promise.all(
          importers.map(async ({ first, count, dies }) => {
            const users = Array.from({ length: count }, (_, i) => `u${first + i}`);
            const mine = ++byte % 256;
            const { store } = await open([server]);
            if (dies !== undefined) setTimeout(() => void store.close(), dies);
            const told = store.create(users.map((user) => row(user, mine))).catch(() => undefined);
            return { users, mine, told: await told };
          }),
        );
        // Whoever comes next brings to its end what was begun.
        expect(await last.store.create([row("last")])).toEqual([]);
        for (const { users, mine, told } of runs) {
          const entries = await last.store.load(users);
          const added = entries.filter(
            (entry) => entry && Buffer.compare(entry.state, state(mine)) === 0,
          ).length;
          if (told === undefined) expect([0, users.length]).toContain(added);
          else expect(added).toBe(told.length === 0 ? users.length : 0);
          for (const user of told ?? []) expect(entries[users.indexOf(user)]).toBeDefined();
        }
      },
    );
    await fc.assert(property, { numRuns: 20 });
  });

  test("a key that another program has written is that user's fault alone: told by name, and the others go on", async () => {
    const server = await RedisServer.start();
    const service = await open([server]);
    await addAll(service);
    for (const [user, command] of [
      ["user0", ["SET", "x"]],
      ["user1", ["LPUSH", "x"]],
    ] as const) {
      await server.command("DEL", `dialward:user:${user}`);
      await server.command(command[0], `dialward:user:${user}`, command[1]);
    }
    await server.command("HSET", "dialward:user:user2", "state", "short");
    await server.command("HDEL", "dialward:user:user3", "revision");
    const answers = await Promise.all(NAMES.map(async (user) => told(await service.dial(user, code()))));
    expect(answers.slice(0, 6)).toEqual([
      ...Array.from({ length: 4 }, () => "refuse state-damaged"),
      "accept ok",
      "accept ok",
    ]);
    expect(await service.users.losses.damaged()).toEqual(["user0", "user1", "user2", "user3"]);
    // One call after the other, so that a connection that was dropped would be seen.
    for (const ask of [
      () => service.users.remove("user0"),
      () => service.store.acceptLoss("user1", state(0)),
    ]) {
      await expect(ask()).rejects.toMatchObject({
        code: "refused",
        message: expect.stringMatching(/dialward:user:user[01] in Redis .*another program/),
      });
      expect(await service.store.load(["user4"])).toEqual([expect.anything()]);
    }
    // What was spent of these is lost, and may be accepted; then they go on.
    for (const user of ["user2", "user3"]) {
      expect(await service.users.losses.accept(user)).toBeGreaterThan(0);
      expect(told(await service.dial(user, code()))).toBe("refuse code-spent");
    }
    expect(await service.users.losses.damaged()).toEqual(["user0", "user1"]);
    time += 3600;
    for (const user of ["user2", "user3"]) expect(told(await service.dial(user, code()))).toBe("accept ok");
  });

  test("what was sent and not answered may have been written, and is told so; what was not sent was not", async () => {
    const server = await RedisServer.start();
    const { store } = await open([server]);
    await store.create([row("alice")]);
    const { revision } = (await store.load(["alice"]))[0]!;
    server.pause();
    await expect(store.commit([{ user: "alice", revision, state: state(1) }])).rejects.toThrow(
      /may have been written: no answer/,
    );
    await expect(store.commit([{ user: "alice", revision, state: state(2) }])).rejects.toThrow(
      /cannot be written/,
    );
    server.resume();
    await until(async () => (await Promise.resolve(store.load(["alice"])).catch(() => [])).length === 1);
    expect((await store.load(["alice"]))[0]!.state).toEqual(state(1));
  });

  test("a store of a newer version is refused by name, and nothing in it is changed", async () => {
    const server = await RedisServer.start();
    await server.command("SET", "dialward:version", "2");
    const { store } = await open([server]);
    await expect(store.load(["alice"])).rejects.toThrow(
      /newer version of Dialward \(version 2; this one knows 1\)/,
    );
    expect(await server.command("DBSIZE")).toBe("1");
  });

  test("sessions are kept by id, changed, and dropped by one of two", async () => {
    const server = await RedisServer.start();
    const [{ store }, other] = [await open([server]), await open([server])];
    const session = { id: "nas/1", user: "älva", nas: "nas", since: 1, updated: 1, bytesIn: 0 } as Session;
    await store.saveSession(session);
    await store.saveSession({ ...session, bytesIn: 7 });
    await store.saveSession({ ...session, id: "nas/2" });
    expect((await other.store.sessions()).map(({ id, bytesIn }) => [id, bytesIn]).sort()).toEqual([
      ["nas/1", 7],
      ["nas/2", 0],
    ]);
    const dropped = await Promise.all([store, other.store].map((one) => one.dropSession("nas/1")));
    expect(dropped.filter(Boolean)).toMatchObject([{ id: "nas/1", user: "älva", bytesIn: 7 }]);
  });
});

describe("one accept per code", () => {
  test("two services on one Redis are given the same codes at the same moment", async () => {
    const server = await RedisServer.start();
    const services = [await open([server]), await open([server])];
    await addAll(services[0]!);
    const pairs = new Map<string, number>();
    for (let round = 0; round < 10; round++, time += 30) {
      const both = services.map((one) =>
        Promise.all(NAMES.map(async (user) => told(await one.dial(user, code())))),
      );
      const [one, two] = await Promise.all(both);
      NAMES.forEach((_, i) => {
        const pair = [one![i]!, two![i]!].toSorted().join(", ");
        pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
      });
    }
    expect(Object.fromEntries(pairs)).toEqual({ "accept ok, refuse code-spent": 500 });
  });

  test("with a replica that is waited for, nothing is forgotten when the primary dies, and nobody is held up", async () => {
    const primary = await RedisServer.start({ durable: true });
    const replica = await RedisServer.start({ durable: true, replicaOf: primary });
    const service = await open([primary, replica], { wait: 1 });
    const other = await open([replica, primary], { wait: 1 });
    const tally = new Tally();
    await addAll(service);
    for (const user of NAMES) await tally.spend(service, user, -1);
    // The primary dies while logins are under way in both services.
    const load = Promise.all([service, other].flatMap((one) => NAMES.map((user) => tally.dial(one, user))));
    await new Promise((resolve) => setTimeout(resolve, 15));
    await primary.kill();
    await load;
    const before = tally.accepts.size;
    await replica.promote();
    // Alone it has no replica to wait for.
    expect(await tally.dial(service, "user0")).toBe("refuse store-unavailable");
    await primary.start(replica);
    for (const one of [service, other])
      await until(async () => (await one.dial("nobody", "000000")).reason === "unknown-user"); // long before a hold would end
    // A code whose accept was lost on its way is spent all the same, perhaps every one: at most once, not once.
    for (const step of [-1, 0])
      for (const one of [service, other]) for (const user of NAMES) await tally.dial(one, user, step);
    expect(tally.most).toBe(1);
    expect(tally.accepts.size).toBeGreaterThanOrEqual(before);
    expect(await tally.letsIn(service, 1)).toBe(true);
  });

  test("a replica that was promoted without the latest writes: logins are refused until spent codes are too old", async () => {
    const primary = await RedisServer.start();
    const replica = await RedisServer.start({ replicaOf: primary });
    const service = await open([primary, replica], { hold: 10 });
    const tally = new Tally();
    await addAll(service);
    await tally.spend(service, "user0", -1);
    const revision = (server: RedisServer) => server.command("HGET", "dialward:user:user0", "revision");
    await until(async () => (await revision(replica)) === (await revision(primary)));
    replica.pause(); // so that it misses what comes
    for (const user of NAMES) await tally.spend(service, user);
    await primary.kill();
    replica.resume();
    await replica.promote();
    await until(
      async () => (await Promise.resolve(service.store.load(["user0"])).catch(() => [])).length === 1,
    );
    // It has indeed forgotten: the state before is there.
    for (const user of NAMES) expect(await tally.dial(service, user)).toBe("refuse store-unavailable");
    const late = await open([replica], { hold: 10 });
    expect(await tally.dial(late, "user0")).toBe("refuse store-unavailable");
    expect(tally.most).toBe(1);
    // After the hold (which is HOLD_SECONDS; here the clock is moved) the codes are too old.
    time += HOLD_SECONDS;
    await until(async () => (await tally.dial(service, "user0")) === "accept ok");
    await until(async () => (await tally.dial(late, "user0")) === "refuse code-spent");
    expect(tally.most).toBe(1);
  });

  test("a server that starts again empty lets no one in, and neither does one that was emptied while it ran", async () => {
    const server = await RedisServer.start();
    const service = await open([server]);
    const tally = new Tally();
    await addAll(service);
    expect(await tally.dial(service, "user0")).toBe("accept ok");
    const backup = await service.store.load(NAMES);
    const marks = await service.store.marks(NAMES);
    const rows = NAMES.map((user, i) => ({
      ...{ user, ...backup[i]!, mark: marks[i]! },
      state: Buffer.alloc(48, 0),
    }));
    await server.kill();
    expect(await tally.dial(service, "user1")).toBe("refuse store-unavailable");
    await server.start();
    await until(async () => (await tally.dial(service, "user0")) === "refuse unknown-user");
    await server.command("FLUSHALL");
    expect(await tally.dial(service, "user0")).toBe("refuse store-unavailable");
    // An old backup put back by other means than Dialward's, while the server restarts, is not trusted at once.
    await until(async () => (await service.store.create(rows).catch(() => ["?"])).length === 0);
    await server.command("DEL", "dialward:life");
    expect(await tally.dial(service, "user0")).toBe("refuse store-unavailable");
    await until(
      async () => (await Promise.resolve(service.store.load(["user0"])).catch(() => [])).length === 1,
    );
    expect(await tally.dial(service, "user0")).toBe("refuse store-unavailable");
    expect(tally.most).toBe(1);
  });

  test("a server that was restarted while its clock was years ahead holds nobody up for longer", async () => {
    const server = await RedisServer.start();
    await addAll(await open([server]));
    const [life] = String(await server.command("GET", "dialward:life")).split(" ");
    const ahead = Math.floor(Date.now() / 1000) + 100_000_000;
    await server.command("SET", "dialward:life", `${life} ${ahead}`);
    const late = await open([server], { hold: 1 });
    expect(told(await late.dial("user0", code()))).toBe("refuse store-unavailable");
    await until(async () => told(await late.dial("user0", code())) === "accept ok");
  });

  test("a server that keeps every write: killed and started again under load, each code counts once", async () => {
    const server = await RedisServer.start({ durable: true });
    const service = await open([server], { hold: 0 }); // nothing but the server's file is relied on
    const tally = new Tally();
    await addAll(service);
    for (const user of NAMES) await tally.spend(service, user, -1);
    for (let round = 0; round < 5; round++, time += 90) {
      const load = Promise.all(NAMES.map((user) => tally.dial(service, user)));
      await new Promise((resolve) => setTimeout(resolve, round * 4));
      await server.kill();
      await load;
      await server.start();
      await until(async () => (await service.dial("nobody", "000000")).reason === "unknown-user");
      for (const step of [-1, 0]) for (const user of NAMES) await tally.dial(service, user, step);
      expect(tally.most).toBe(1);
    }
  });

  test("paused or cut off: refused, at once after the first, and going on by itself", async () => {
    const server = await RedisServer.start();
    const service = await open([server]);
    const tally = new Tally();
    await addAll(service);
    server.pause();
    const all = NAMES.map((user) => tally.dial(service, user));
    expect(new Set(await Promise.all(all))).toEqual(new Set(["refuse store-unavailable"]));
    // From now on nothing waits for the server: a thousand refusals take no thousand timeouts.
    const many = Array.from({ length: 1000 }, (_, i) => tally.dial(service, NAMES[i % 50]!, 1));
    expect(new Set(await Promise.all(many))).toEqual(new Set(["refuse store-unavailable"]));
    server.resume();
    await until(async () => (await service.dial("nobody", "000000")).reason === "unknown-user");
    for (const user of NAMES) await tally.spend(service, user, 1);
    for (const user of NAMES) await tally.dial(service, user, 1);
    expect(tally.most).toBe(1);
  });

  test("too few replicas: refused, though the server itself is there", async () => {
    const primary = await RedisServer.start();
    const replica = await RedisServer.start({ replicaOf: primary });
    const service = await open([primary], { wait: 1 });
    const tally = new Tally();
    await addAll(service);
    await tally.spend(service, "user0", -1);
    replica.pause();
    expect(await tally.dial(service, "user0", 0)).toBe("refuse store-unavailable");
    replica.resume();
    await until(async () => (await service.dial("nobody", "000000")).reason === "unknown-user");
    expect(await tally.letsIn(service, 1)).toBe(true);
    expect(tally.most).toBe(1);
  });

  test("two primaries at once: the one that was deposed lets no one in", async () => {
    const primary = await RedisServer.start({ durable: true });
    const replica = await RedisServer.start({ durable: true, replicaOf: primary });
    const before = await open([primary], { wait: 1 });
    await addAll(before);
    const tally = new Tally();
    await replica.promote(); // the primary has not heard of it, and goes on
    const after = await open([replica]);
    const all = NAMES.flatMap((user) => [tally.dial(before, user), tally.dial(after, user)]);
    const answers = await Promise.all(all);
    expect(answers.filter((answer, i) => i % 2 === 0 && answer === "accept ok")).toEqual([]);
    expect(tally.most).toBeLessThanOrEqual(1);
  });
});

test("the hold is longer than any code of the default windows can be right", () => {
  const totpSteps = abi.DEFAULT_TOTP_STEPS + abi.DEFAULT_TOTP_DRIFT_STEPS;
  const motpSteps = abi.DEFAULT_MOTP_STEPS + abi.DEFAULT_MOTP_DRIFT_STEPS;
  expect(HOLD_SECONDS).toBeGreaterThanOrEqual((2 * totpSteps + 1) * abi.DEFAULT_PERIOD_SECONDS);
  expect(HOLD_SECONDS).toBeGreaterThanOrEqual((2 * motpSteps + 1) * abi.MOTP_PERIOD_SECONDS);
});
