// Key rotation: while users log in, another process adds users, a profile is damaged; nobody is lost, nobody a stranger.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { knownSources } from "../../host/core/state.ts";
import { Admission } from "../../host/admission/admission.ts";
import { Core } from "../../host/core/core.ts";
import { silentLog } from "../../host/log/log.ts";
import { addKey, rotateKeys } from "../../host/store/rotate.ts";
import { loadKeys, Sealer } from "../../host/store/seal.ts";
import type { Store } from "../../host/store/store.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { openEmbedded } from "./open.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
const NAMES = Array.from({ length: 40 }, (_, i) => `user${i}`);
const core = Core.load();
let time = 1_800_000_000;
const clock = { seconds: () => time, plausible: () => true };

let folder: string;
let file: string;
let store: Store;
let users: Users;
let sealer: Sealer;
let admission: Admission;
const error = vi.fn();
const open = (create = false) => new Sealer(loadKeys(file, create, () => {}));
const lines = () => readFileSync(file, "latin1").trim().split("\n");

beforeEach(async () => {
  error.mockClear();
  folder = mkdtempSync(join(tmpdir(), "dialward-rotate-"));
  file = join(folder, "key");
  store = await openEmbedded(join(folder, "data"));
  sealer = open(true);
  users = new Users(core, store, sealer, clock);
  admission = new Admission(core, store, sealer, { clock, log: { ...silentLog, error } });
  expect(await users.import(NAMES.map((name) => ({ name, secret: SECRET, active: true })))).toEqual([]);
});
afterEach(async () => {
  await admission.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

const dial = async (user: string, step = 0, one = admission): Promise<string> => {
  const text = Buffer.from(totp(KEY, time + step * 30));
  const { reason } = await one.submit({
    user,
    proof: { kind: "clear", text },
    source: "",
    caller: "nas/station",
  });
  return reason;
};
const sourceOf = async (user: string) => {
  const [entry] = await store.load([user]);
  return knownSources(entry!.state)[0] ?? 0;
};

test("while users log in: each code counts once, and the old key opens nothing any more", async () => {
  const [old] = lines();
  const rotating = rotateKeys(file, [store], sealer);
  let done = false;
  void rotating.finally(() => (done = true));
  let rounds = 0;
  for (; !done || rounds < 3; rounds++, time += 30) {
    const twice = await Promise.all(NAMES.flatMap((user) => [dial(user), dial(user)]));
    expect(twice).toEqual(NAMES.flatMap(() => ["ok", "code-spent"]));
  }
  expect(await rotating).toBe(NAMES.length);
  expect(lines()[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(lines().filter((line) => !line.startsWith("root "))).not.toContain(old);
  const before = new Sealer([Buffer.from(old!, "hex")]);
  for await (const { user, entry } of store.list())
    expect(() => before.open(user, entry.profile)).toThrow(/another key/);
  expect(error).not.toHaveBeenCalled();
  expect(lines().join(), "retired, for who has read the keys before").toContain(`retired ${old}`);
  await rotateKeys(file, [store], sealer);
  const sealing = lines().filter((line) => !line.startsWith("root "));
  expect(sealing.join(), "and gone with the next rotation").not.toContain(old);
});

test("a source that was known is known after it, to the running service and to one that starts", async () => {
  expect(await dial("user0")).toBe("ok");
  const source = await sourceOf("user0");
  await rotateKeys(file, [store], sealer);
  expect(await dial("user1")).toBe("ok");
  const later = new Admission(core, store, open(), { clock });
  expect(await dial("user2", 0, later)).toBe("ok");
  expect([await sourceOf("user1"), await sourceOf("user2")]).toEqual([source, source]);
  await rotateKeys(file, [store], sealer);
  expect(await dial("user3", 0, new Admission(core, store, open(), { clock }))).toBe("ok");
  expect(await sourceOf("user3")).toBe(source);
});

test("who read the keys before seals with the new one, and opens what was sealed with it", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const reader = new Users(core, store, open(), clock);
  // The key that both know is gone with the second one.
  for (let i = 0; i < 2; i++) await rotateKeys(file, [store], open());
  expect((await reader.get("user0")).profile.name).toBe("user0");
  vi.advanceTimersByTime(3_600_000); // the clock that was taken away has begun earlier
  await users.add({ name: "late", secret: SECRET, active: true });
  await users.setEnabled("user1", true);
  vi.useRealTimers();
  const fresh = new Users(core, store, open(), clock);
  expect((await fresh.get("late")).standing).toBe("active");
  expect((await fresh.get("user1")).standing).toBe("active");
});

test("a profile that does not open is named, and the old keys stay until it is dealt with", async () => {
  const [old] = lines();
  const [one, two] = await store.load(["user1", "user2"]);
  await store.commit([{ user: "user1", revision: one!.revision, profile: two!.profile, state: one!.state }]);
  await expect(rotateKeys(file, [store], sealer)).rejects.toMatchObject({
    code: "sealed",
    message: expect.stringMatching(/kept.*"user1".*another user/),
  });
  expect(lines()).toContain(old);
  expect(await dial("user2")).toBe("ok");
  await users.remove("user1");
  await rotateKeys(file, [store], sealer);
  expect(lines().filter((line) => !line.startsWith("root "))).not.toContain(old);
  expect(await dial("user3")).toBe("ok");
});

test("a key that was added before opens on every machine, and the rotation takes it", async () => {
  addKey(file);
  const next = lines()
    .find((line) => line.startsWith("next "))!
    .slice(5);
  expect(() => addKey(file)).toThrow(expect.objectContaining({ code: "exists" }));
  // The other machine has a copy from before the rotation, and a Sealer on it.
  const copy = join(folder, "copy");
  writeFileSync(copy, readFileSync(file), { mode: 0o600 });
  const elsewhere = new Users(core, store, new Sealer(loadKeys(copy, false, () => {})), clock);
  await elsewhere.add({ name: "before", secret: SECRET, active: true });
  await rotateKeys(file, [store], sealer);
  expect(lines()[0]).toBe(next);
  for (const name of ["user0", "before"]) expect((await elsewhere.get(name)).profile.name).toBe(name);
});

test("with other keys, a flipped bit or another's profile a user is refused by name, and the service stays up", async () => {
  const [one, two] = await store.load(["user1", "user2"]);
  const flipped = Buffer.from(two!.profile);
  flipped[40]! ^= 4;
  await store.commit([
    { user: "user1", revision: one!.revision, profile: two!.profile, state: one!.state },
    { user: "user2", revision: two!.revision, profile: flipped, state: two!.state },
  ]);
  expect(await Promise.all(["user0", "user1", "user2", "user3"].map((user) => dial(user)))).toEqual([
    "ok",
    "bad-record",
    "bad-record",
    "ok",
  ]);
  expect(error.mock.calls.map(([fields]) => fields.user)).toEqual(["user1", "user2"]);
  const wrong = new Admission(core, store, new Sealer([Buffer.alloc(32, 9)]), {
    clock,
    log: { ...silentLog, error },
  });
  expect(await dial("user4", 0, wrong)).toBe("bad-record");
  expect(await dial("nobody", 0, wrong)).toBe("unknown-user");
  expect(await dial("user4")).toBe("ok");
});
