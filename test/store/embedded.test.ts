// The embedded store: compare-and-set, all or nothing, what is spent by secret, one owner.
import fc from "fast-check";
import { cpSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { firstUnspent, spendUntil } from "../../host/core/state.ts";
import type { EmbeddedStore } from "../../host/store/embedded.ts";
import type { Session } from "../../host/store/store.ts";
import { DataFolder } from "../../host/store/data-folder.ts";
import { isName } from "../../host/users/profile.ts";
import { markOf, openEmbedded } from "./open.ts";
import { anyCharacter, runs } from "../runs.ts";

let folder: string;
let store: EmbeddedStore;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "dialward-store-"));
  store = await openEmbedded(join(folder, "data"));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const state = (byte: number): Buffer => Buffer.alloc(48, byte);
const profile = (text: string): Buffer => Buffer.from(text);

async function add(user: string, byte = 0): Promise<number> {
  expect(
    await store.create([{ user, profile: profile(`${user}'s`), state: state(byte), mark: markOf(user) }]),
  ).toEqual([]);
  return (await store.load([user]))[0]!.revision;
}

test("an entry comes back as it was stored, in the order asked for", async () => {
  await add("alice", 1);
  await add("böb", 2);
  const [none, bob, alice] = await store.load(["nobody", "böb", "alice"]);
  expect(none).toBeUndefined();
  expect(bob!.profile.toString()).toBe("böb's");
  expect(bob!.state).toEqual(state(2));
  expect(alice!.state).toEqual(state(1));
});

test("entries are there at once, but for a user who is being changed when that is done", async () => {
  const revision = await add("alice", 1);
  expect(store.load(["alice"])).not.toBeInstanceOf(Promise);
  const changed = store.commit([{ user: "alice", revision, profile: profile("another"), state: state(2) }]);
  // A change begins when those before it are done.
  let loaded = store.load(["alice"]);
  for (let turns = 0; turns < 50 && !(loaded instanceof Promise); turns++) {
    await Promise.resolve();
    loaded = store.load(["alice"]);
  }
  expect(loaded).toBeInstanceOf(Promise);
  const [entry] = await loaded;
  expect([entry!.profile.toString(), entry!.state]).toEqual(["another", state(2)]);
  expect(await changed).toEqual([true]);
});

test("whoever has a name is in the list, whatever letter of Unicode it begins with", async () => {
  const letters = fc.array(fc.oneof(anyCharacter, fc.constant("\u{10ffff}")), { minLength: 1, maxLength: 3 });
  const names = fc.uniqueArray(letters.map((some) => some.join("")).filter(isName), { maxLength: 8 });
  const holds = async (given: string[]): Promise<void> => {
    for (const name of given) await add(name);
    const listed: string[] = [];
    for await (const { user } of store.list()) listed.push(user);
    expect(listed.toSorted()).toEqual(given.toSorted());
    for (const name of given) await store.remove(name);
  };
  await fc.assert(fc.asyncProperty(names, holds), runs(10));
});

test("names differ by case, and names that objects have are names", async () => {
  await add("Alice");
  await add("__proto__");
  const [lower, proto, upper] = await store.load(["alice", "__proto__", "Alice"]);
  expect(lower).toBeUndefined();
  expect(proto!.profile.toString()).toBe("__proto__'s");
  expect(upper).toBeDefined();
});

test("a commit takes place only on the revision it was made from", async () => {
  const revision = await add("alice");
  expect(await store.commit([{ user: "alice", revision, state: state(1) }])).toEqual([true]);
  expect(await store.commit([{ user: "alice", revision, state: state(2) }])).toEqual([false]);
  const [entry] = await store.load(["alice"]);
  expect(entry!.state).toEqual(state(1));
  expect(entry!.revision).not.toBe(revision);
  expect(entry!.profile.toString()).toBe("alice's");
});

test("each update of one commit stands for itself", async () => {
  const alice = await add("alice");
  const bob = await add("bob");
  const done = await store.commit([
    { user: "alice", revision: alice + 1, state: state(9) },
    { user: "bob", revision: bob, state: state(3) },
    { user: "carol", revision: 5, state: state(9) },
  ]);
  expect(done).toEqual([false, true, false]);
  const [a, b, c] = await store.load(["alice", "bob", "carol"]);
  expect([a!.state, b!.state, c]).toEqual([state(0), state(3), undefined]);
});

test("profile and state change together or not at all", async () => {
  const revision = await add("alice");
  const late = { user: "alice", revision: revision + 7, profile: profile("late"), state: state(8) };
  expect(await store.commit([late])).toEqual([false]);
  expect((await store.load(["alice"]))[0]!.profile.toString()).toBe("alice's");
  expect(await store.commit([{ ...late, revision, profile: profile("new") }])).toEqual([true]);
  const [entry] = await store.load(["alice"]);
  expect([entry!.profile.toString(), entry!.state]).toEqual(["new", state(8)]);
});

test("a user removed and added again is not the one before", async () => {
  const before = await add("alice");
  expect(await store.remove("alice")).toBe(true);
  expect(await store.remove("alice")).toBe(false);
  expect(await store.load(["alice"])).toEqual([undefined]);
  await add("alice", 5);
  expect(await store.commit([{ user: "alice", revision: before, state: state(1) }])).toEqual([false]);
});

test("create adds all or none, and names those that exist", async () => {
  await add("bob", 1);
  const rows = ["alice", "bob", "carol"].map((user) => ({
    user,
    profile: profile("x"),
    state: state(2),
    mark: markOf(user),
  }));
  expect(await store.create(rows)).toEqual(["bob"]);
  const [alice, bob, carol] = await store.load(["alice", "bob", "carol"]);
  expect([alice, carol]).toEqual([undefined, undefined]);
  expect(bob!.state).toEqual(state(1));
});

test("what was committed is there after the store is opened again, in byte order", async () => {
  for (const user of ["zoe", "Zoe", "älva", "adam"]) await add(user);
  await store.close();
  store = await openEmbedded(join(folder, "data"));
  const names: string[] = [];
  for await (const { user } of store.list()) names.push(user);
  expect(names).toEqual(["Zoe", "adam", "zoe", "älva"]);
});

const SESSION: Session = {
  id: "nas/1",
  user: "alice",
  nas: "nas",
  since: 1,
  updated: 1,
  bytesIn: 0,
  bytesOut: 0,
  acctSessionId: "1",
};

test("sessions are kept by id, changed and dropped", async () => {
  await store.saveSession(SESSION);
  await store.saveSession({ ...SESSION, bytesIn: 7 });
  await store.saveSession({ ...SESSION, id: "nas/2" });
  expect((await store.sessions()).map(({ id, bytesIn }) => [id, bytesIn])).toEqual([
    ["nas/1", 7],
    ["nas/2", 0],
  ]);
  expect(await store.dropSession("nas/1")).toMatchObject({ id: "nas/1", bytesIn: 7 });
  expect(await store.dropSession("nas/1")).toBeUndefined();
  expect(await store.sessions()).toHaveLength(1);
});

test("what became of a session last is so after a restart, however fast its events follow each other", async () => {
  const events = fc.array(fc.record({ id: fc.nat(5), kept: fc.boolean() }), { minLength: 20, maxLength: 60 });
  const holds = async (list: { id: number; kept: boolean }[]): Promise<void> => {
    const last = new Map(list.map(({ id, kept }) => [`gw/${id}`, kept]));
    await Promise.all(
      list.map(({ id, kept }) =>
        kept ? store.saveSession({ ...SESSION, id: `gw/${id}` }) : store.dropSession(`gw/${id}`),
      ),
    );
    await store.close();
    store = await openEmbedded(join(folder, "data"));
    const there = (await store.sessions()).map(({ id }) => id).toSorted();
    expect(there).toEqual([...last].flatMap(([id, kept]) => (kept ? [id] : [])).toSorted());
    for (const id of there) await store.dropSession(id);
  };
  await fc.assert(fc.asyncProperty(events, holds), runs(20));
});

test("a second owner is told, and the folder and all in it are the owner's alone", async () => {
  await expect(openEmbedded(join(folder, "data"))).rejects.toMatchObject({ code: "busy" });
  for (const name of ["", "profiles", "spent"])
    expect([name, statSync(join(folder, "data", name)).mode & 0o077]).toEqual([name, 0]);
});

test("a folder without a store is named, and nothing is made in it", async () => {
  await expect(DataFolder.open(join(folder, "typo"))).rejects.toMatchObject({
    code: "not-found",
    message: expect.stringContaining(join(folder, "typo")),
  });
  expect(existsSync(join(folder, "typo"))).toBe(false);
  writeFileSync(join(folder, "file"), "");
  await expect(openEmbedded(join(folder, "file"))).rejects.toMatchObject({ code: "store" });
});

test("what is spent is remembered by the secret: removal, another name, a new profile make no code good again", async () => {
  const fresh = Buffer.alloc(48);
  const spent = spendUntil(fresh, 1000);
  const row = (user: string, secret: string) => ({
    user,
    profile: profile("p"),
    state: fresh,
    mark: markOf(secret),
  });
  const unspent = async (user: string): Promise<number> => firstUnspent((await store.load([user]))[0]!.state);
  const spend = async (user: string): Promise<void> => {
    const [entry] = await store.load([user]);
    expect(await store.commit([{ user, revision: entry!.revision, state: spent }])).toEqual([true]);
  };
  await store.create([row("alice", "one"), row("bob", "two")]);
  await spend("alice");
  await store.remove("alice");
  await store.create([row("alice", "one")]);
  expect(await unspent("alice")).toBe(1000);
  await store.remove("alice");
  await store.create([row("carol", "one"), row("dave", "one"), row("alice", "three")]);
  expect([await unspent("carol"), await unspent("dave"), await unspent("alice")]).toEqual([1000, 1000, 0]);
  // A new profile with the secret of before, and with another one and back.
  for (const secret of ["one", "four", "one"]) {
    const [entry] = await store.load(["carol"]);
    const { revision } = entry!;
    await store.commit([
      { user: "carol", revision, profile: profile("q"), mark: markOf(secret), state: fresh },
    ]);
    expect([secret, await unspent("carol")]).toEqual([secret, secret === "four" ? 0 : 1000]);
  }
  // What one of two with a secret has spent is spent for the other when the one is gone, whoever is added then.
  await store.commit([
    { user: "dave", revision: (await store.load(["dave"]))[0]!.revision, state: spendUntil(fresh, 2000) },
  ]);
  await store.remove("dave");
  await store.create([row("erin", "one")]);
  expect(await unspent("erin")).toBe(2000);
  await store.close();
  store = await openEmbedded(join(folder, "data"));
  expect([await unspent("carol"), await unspent("erin")]).toEqual([2000, 2000]);
});

test("a profile that is older than its log, a lost log, a lost user's entry: refused until the loss is accepted", async () => {
  await add("alice", 1);
  await add("bob", 2);
  await store.close();
  cpSync(join(folder, "data", "profiles"), join(folder, "old"), { recursive: true });
  store = await openEmbedded(join(folder, "data"));
  const [before] = await store.load(["alice"]);
  const update = { user: "alice", revision: before!.revision, state: state(3) };
  expect(await store.commit([{ ...update, profile: profile("disabled") }])).toEqual([true]);
  await store.close();
  rmSync(join(folder, "data", "profiles"), { recursive: true });
  cpSync(join(folder, "old"), join(folder, "data", "profiles"), { recursive: true });
  store = await openEmbedded(join(folder, "data"));
  expect(store.damaged()).toEqual(["alice"]);
  const [alice, bob] = await store.load(["alice", "bob"]);
  expect([alice!.damaged, bob!.damaged]).toEqual([true, false]);
  await expect(
    store.commit([{ user: "alice", revision: alice!.revision, state: state(4) }]),
  ).rejects.toMatchObject({ code: "refused" });
  expect(await store.acceptLoss("alice", state(5))).toBe(true);
  expect(await store.acceptLoss("bob", state(5))).toBe(false);
  await store.close();
  store = await openEmbedded(join(folder, "data"));
  expect([store.damaged(), (await store.load(["alice"]))[0]!.state]).toEqual([[], state(5)]);
  await store.close();
  // Gone as a whole: nobody's codes are known any more.
  rmSync(join(folder, "data", "spent"), { recursive: true });
  store = await openEmbedded(join(folder, "data"));
  expect(store.damaged()).toEqual(["alice", "bob"]);
  await store.close();
  store = await openEmbedded(join(folder, "data"));
  expect(store.damaged()).toEqual(["alice", "bob"]);
});

test("an import that was cut off is taken back at the next start, whole ones stay", async () => {
  const rows = (prefix: string) =>
    Array.from({ length: 4500 }, (_, i) => ({
      user: `${prefix}${i}`,
      profile: profile("x"),
      state: state(1),
      mark: markOf(`${prefix}${i}`),
    }));
  expect(await store.create(rows("a"))).toEqual([]);
  const write = DataFolder.prototype.write;
  let writes = 0;
  DataFolder.prototype.write = async function (...given) {
    if (++writes > 3) throw new Error("cut off");
    return write.apply(this, given);
  };
  try {
    await expect(store.create(rows("b"))).rejects.toThrow();
  } finally {
    DataFolder.prototype.write = write;
  }
  await store.close();
  store = await openEmbedded(join(folder, "data"));
  expect(store.names.count).toBe(4500);
  expect(await store.load(["a4499", "b0"])).toEqual([expect.anything(), undefined]);
  expect(await store.create(rows("b"))).toEqual([]);
  expect(store.names.count).toBe(9000);
});

test("of an import that is taken back nothing is left but what was spent before it", async () => {
  await add("alice", 9);
  await add("carl", 3);
  await store.remove("alice");
  async function* pieces() {
    for (const [user, secret] of [
      ["a1", "alice"],
      ["a2", "new"],
      ["a3", "new"],
      ["a4", "carl"],
      ["a5", "x"],
    ] as const)
      yield [{ user, profile: profile("x"), state: state(1), mark: markOf(secret) }];
    throw new Error("no more");
  }
  for (let tries = 0; tries < 2; tries++) await expect(store.create(pieces())).rejects.toThrow("no more");
  for (const _ of ["at once", "at the next start"]) {
    expect([store.states.count, store.names.count, store.damaged()]).toEqual([2, 1, []]);
    await store.close();
    store = await openEmbedded(join(folder, "data"));
  }
  const again = { user: "b", profile: profile("x"), state: state(1), mark: markOf("alice") };
  expect(await store.create([again])).toEqual([]);
  expect(firstUnspent((await store.load(["b"]))[0]!.state)).toBe(firstUnspent(state(9)));
});

test("users that come piece by piece: none where a name is taken or reading them fails, whenever that shows", async () => {
  const row = (user: string) => ({ user, profile: profile("x"), state: state(1), mark: markOf(user) });
  await add("b2");
  async function* pieces(fails: boolean) {
    for (const some of [["a1"], ["b1"], fails ? ["c1"] : ["b2", "b3"], ["d1"]]) {
      if (some[0] === "d1" && fails) throw new Error("no more");
      yield some.map(row);
    }
  }
  expect(await store.create(pieces(false))).toEqual(["b2"]);
  await expect(store.create(pieces(true))).rejects.toThrow("no more");
  expect(store.names.count).toBe(1);
  const listed: string[] = [];
  for await (const { user } of store.list()) listed.push(user);
  expect(listed).toEqual(["b2"]);
  await store.close();
  store = await openEmbedded(join(folder, "data"));
  expect(store.names.count).toBe(1);
  expect(
    await store.create(
      (async function* () {
        yield [row("a1")];
        yield [row("b1")];
      })(),
    ),
  ).toEqual([]);
  await store.close();
  store = await openEmbedded(join(folder, "data"));
  expect((await store.load(["a1", "b1", "b2"])).map((entry) => entry?.state[0])).toEqual([1, 1, 0]);
});

test("users that come in pieces of any size, empty ones among them, are all there after a start", async () => {
  let next = 0;
  const sizes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(sizes, async (pieces) => {
      const before = store.names.count;
      const row = (user: string) => ({ user, profile: profile("x"), state: state(1), mark: markOf(user) });
      async function* rows() {
        for (const size of pieces) yield Array.from({ length: size }, () => row(`piece${next++}`));
      }
      expect(await store.create(rows())).toEqual([]);
      await store.close();
      store = await openEmbedded(join(folder, "data"));
      expect(store.names.count).toBe(before + pieces.reduce((sum, size) => sum + size, 0));
    }),
    runs(4),
  );
});

test("a list that began before a change has what was changed, and nothing of it goes back", async () => {
  await add("alice");
  await add("bob");
  const sealed: { user: string; revision: number; profile: Buffer }[] = [];
  for await (const { user, entry } of store.list()) {
    if (user === "alice") {
      const { revision } = (await store.load(["bob"]))[0]!;
      const change = { user: "bob", revision, profile: profile("edited"), state: state(3) };
      expect(await store.commit([change])).toEqual([true]);
    }
    sealed.push({
      user,
      revision: entry.revision,
      profile: Buffer.concat([Buffer.from("new "), entry.profile]),
    });
  }
  await store.reseal(sealed);
  expect((await store.load(["alice", "bob"])).map((entry) => String(entry!.profile))).toEqual([
    "new alice's",
    "new edited",
  ]);
  // One that has changed since it was read stays as it is.
  const [before] = await store.load(["bob"]);
  expect(await store.commit([{ user: "bob", revision: before!.revision, state: state(4) }])).toEqual([true]);
  await store.reseal([{ user: "bob", revision: before!.revision, profile: profile("late") }]);
  expect(String((await store.load(["bob"]))[0]!.profile)).toBe("new edited");
});
