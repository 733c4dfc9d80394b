// The embedded store: compare-and-set, all or nothing, several handles on one file.
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLmdb } from "../../host/store/lmdb.ts";
import type { Session, Store } from "../../host/store/store.ts";
import { runs } from "../runs.ts";

let folder: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-store-"));
  store = openLmdb(join(folder, "data", "dialward.mdb"));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const state = (byte: number): Buffer => Buffer.alloc(48, byte);
const profile = (text: string): Buffer => Buffer.from(text);

async function add(user: string, byte = 0): Promise<number> {
  expect(await store.create([{ user, profile: profile(`${user}'s`), state: state(byte) }])).toEqual([]);
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

test("an entry that was loaded before someone else's commit commits nothing, on the same handle and on another", async () => {
  await add("alice");
  const other = openLmdb(join(folder, "data", "dialward.mdb"));
  for (const writer of [store, other]) {
    const [before] = await store.load(["alice"]);
    const [now] = await writer.load(["alice"]);
    expect(await writer.commit([{ user: "alice", revision: now!.revision, state: state(1) }])).toEqual([
      true,
    ]);
    await store.load(["alice"]); // what is remembered of alice has changed
    expect(await store.commit([{ user: "alice", revision: before!.revision, state: state(2) }])).toEqual([
      false,
    ]);
    expect((await store.load(["alice"]))[0]!.state).toEqual(state(1));
  }
  await other.close();
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

test("revision 0 adds, and only where there is none", async () => {
  const update = { user: "alice", revision: 0, profile: profile("first"), state: state(1) };
  expect(await store.commit([update])).toEqual([true]);
  expect(await store.commit([{ ...update, profile: profile("second") }])).toEqual([false]);
  expect((await store.load(["alice"]))[0]!.profile.toString()).toBe("first");
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
  const rows = ["alice", "bob", "carol"].map((user) => ({ user, profile: profile("x"), state: state(2) }));
  expect(await store.create(rows)).toEqual(["bob"]);
  const [alice, bob, carol] = await store.load(["alice", "bob", "carol"]);
  expect([alice, carol]).toEqual([undefined, undefined]);
  expect(bob!.state).toEqual(state(1));
});

test("two handles on one file see each other's writes, and one of two racing commits wins", async () => {
  const revision = await add("alice");
  // lmdb shares one environment in a process; test/admission/admission.test.ts races two processes.
  const other = openLmdb(join(folder, "data", "dialward.mdb"));
  const race = [store, other].map((one, i) => one.commit([{ user: "alice", revision, state: state(i + 1) }]));
  const results = (await Promise.all(race)).flat();
  expect(results.toSorted()).toEqual([false, true]);
  const [here, there] = [await store.load(["alice"]), await other.load(["alice"])];
  expect(here).toEqual(there);
  await other.close();
});

test("what was committed is there after the store is opened again, in byte order", async () => {
  for (const user of ["zoe", "Zoe", "älva", "adam"]) await add(user);
  await store.close();
  store = openLmdb(join(folder, "data", "dialward.mdb"));
  const names: string[] = [];
  for await (const { user } of store.list()) names.push(user);
  expect(names).toEqual(["Zoe", "adam", "zoe", "älva"]);
});

test("the file and its folder are the owner's alone", () => {
  expect(statSync(join(folder, "data")).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "data", "dialward.mdb")).mode & 0o777).toBe(0o600);
});

test("a store that cannot be opened says so by a stable code", () => {
  writeFileSync(join(folder, "file"), "");
  expect(() => openLmdb(join(folder, "file", "dialward.mdb"))).toThrowError(
    expect.objectContaining({ name: "DialwardError", code: "store" }),
  );
});

test("sessions are kept by id, changed and dropped", async () => {
  const session: Session = {
    id: "nas/1",
    user: "alice",
    nas: "nas",
    since: 1,
    updated: 1,
    bytesIn: 0,
    bytesOut: 0,
    acctSessionId: "1",
  };
  await store.saveSession(session);
  await store.saveSession({ ...session, bytesIn: 7 });
  await store.saveSession({ ...session, id: "nas/2" });
  expect((await store.sessions()).map(({ id, bytesIn }) => [id, bytesIn])).toEqual([
    ["nas/1", 7],
    ["nas/2", 0],
  ]);
  expect(await store.dropSession("nas/1")).toMatchObject({ id: "nas/1", bytesIn: 7 });
  expect(await store.dropSession("nas/1")).toBeUndefined();
  expect(await store.sessions()).toHaveLength(1);
});

test("handles on one file agree on every user, whatever one of them changes while another does not look", async () => {
  const change = fc.record({
    kind: fc.constantFrom("login", "login", "login", "late login", "profile", "remove", "create"),
    by: fc.nat(2),
    user: fc.constantFrom("a", "b", "c", "d"),
    times: fc.nat(4),
    looks: fc.boolean(),
  });
  const told = async (handle: Store): Promise<unknown[]> => {
    const rows: unknown[] = [];
    for await (const { user, entry } of handle.list())
      rows.push([user, { profile: entry.profile.toString(), state: entry.state[0] }]);
    return rows;
  };
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 10, maxLength: 40 }), async (changes) => {
      const file = join(folder, `${run++}.mdb`);
      // The log is emptied at every third commit, so that handles miss that, or see it at any moment.
      const handles = [1, 2, 3].map(() => openLmdb(file, 3));
      const users = new Map<string, { profile: string; state: number }>();
      let count = 0;
      for (const { kind, by, user, times, looks } of changes) {
        const handle = handles[by]!;
        const known = users.get(user);
        if (kind === "create") {
          const rows = [{ user, profile: profile("new"), state: state(0) }];
          expect(await handle.create(rows)).toEqual(known ? [user] : []);
          if (!known) users.set(user, { profile: "new", state: 0 });
        } else if (kind === "remove") {
          expect(await handle.remove(user)).toBe(known !== undefined);
          users.delete(user);
        } else if (known) {
          for (let i = 0; i <= times; i++) {
            const [entry] = await handle.load([user]);
            expect([entry!.profile.toString(), entry!.state[0]]).toEqual([known.profile, known.state]);
            const late = kind === "late login";
            const next = ++count % 256;
            const update = { user, revision: entry!.revision - Number(late), state: state(next) };
            const text = kind === "profile" ? { profile: profile(`${count}`) } : {};
            expect(await handle.commit([{ ...update, ...text }])).toEqual([!late]);
            if (late) continue;
            known.state = next;
            if (kind === "profile") known.profile = `${count}`;
          }
        } else expect(await handle.commit([{ user, revision: 7, state: state(9) }])).toEqual([false]);
        if (looks) expect(await told(handles[(by + 1) % 3]!)).toEqual([...users].sort());
      }
      for (const handle of handles) expect(await told(handle)).toEqual([...users].sort());
      await Promise.all(handles.map((handle) => handle.close()));
      const reopened = openLmdb(file);
      expect(await told(reopened)).toEqual([...users].sort());
      await reopened.close();
    }),
    runs(3),
  );
});
