// Admission: batches, commit before the verdict, one accept per code whoever races, and refusals when in doubt.
import { beforeEach, expect, test, vi } from "vitest";
import { knownSources } from "../../host/core/state.ts";
import { Admission, type AdmissionOptions } from "../../host/admission/admission.ts";
import { Core, REQUESTS } from "../../host/core/core.ts";
import type { DialIn, Verdict } from "../../host/core/dial-in.ts";
import { silentLog } from "../../host/log/log.ts";
import { loginBytes, writeLogin, type LoginEvent } from "../../host/log/login-event.ts";
import { formatSecret } from "../../host/users/profile.ts";
import { Sealer } from "../../host/store/seal.ts";
import { Users } from "../../host/users/users.ts";
import { motp, totp } from "../codes.ts";
import { MemoryStore } from "../store/memory-store.ts";

const KEY = Buffer.from("12345678901234567890"); // RFC 6238 appendix B
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const NOW = 1_800_000_000;

const core = Core.load();
const sealer = new Sealer([Buffer.alloc(32, 7)]);
let store: MemoryStore;
let users: Users;
let time: number;
let plausible: boolean;
const clock = { seconds: () => time, plausible: () => plausible };

beforeEach(() => {
  store = new MemoryStore();
  users = new Users(core, store, sealer, clock);
  time = NOW;
  plausible = true;
});

const admit = (options: AdmissionOptions = {}) => new Admission(core, store, sealer, { clock, ...options });
const dialIn = (user: string, text: string, more: Partial<DialIn> = {}): DialIn => ({
  user,
  proof: { kind: "clear", text: Buffer.from(text) },
  source: "nas/station",
  ...more,
});
const add = (name: string, more: object = {}) => users.add({ name, secret: SECRET, active: true, ...more });
const codeAt = (step: number) => totp(KEY, time + step * 30);
const told = (verdict: Verdict) => `${verdict.outcome} ${verdict.reason}`;
const heldBack = () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  return { held, letGo };
};
const turns = async (count = 10) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

test("a right code is accepted once", async () => {
  await add("alice");
  const admission = admit();
  expect(told(await admission.submit(dialIn("alice", codeAt(0))))).toBe("accept ok");
  expect(told(await admission.submit(dialIn("alice", codeAt(0))))).toBe("refuse code-spent");
  expect(told(await admission.submit(dialIn("alice", codeAt(1))))).toBe("accept ok");
});

test("the same user twice in one batch: judged in order, committed once", async () => {
  await add("alice");
  await add("bob");
  const admission = admit();
  const verdicts = await Promise.all([
    admission.submit(dialIn("alice", codeAt(0))),
    admission.submit(dialIn("bob", codeAt(0))),
    admission.submit(dialIn("alice", codeAt(0))),
    admission.submit(dialIn("alice", codeAt(1))),
  ]);
  expect(verdicts.map(told)).toEqual(["accept ok", "accept ok", "refuse code-spent", "accept ok"]);
  expect(store.commits.map((updates) => updates.map(({ user }) => user))).toEqual([["alice", "bob"]]);
});

test("the code is committed before the verdict is given", async () => {
  await add("alice");
  const { held, letGo } = heldBack();
  store.beforeCommit = () => held;
  const admission = admit();
  const settled = vi.fn();
  const verdict = admission.submit(dialIn("alice", codeAt(0))).finally(settled);
  await turns();
  expect(store.commits).toHaveLength(1);
  expect(settled).not.toHaveBeenCalled();
  letGo();
  expect(told(await verdict)).toBe("accept ok");
});

test("a store that cannot commit, or cannot be read, gets no one in", async () => {
  await add("alice");
  const admission = admit();
  store.beforeCommit = () => {
    throw new Error("disk full");
  };
  expect(told(await admission.submit(dialIn("alice", codeAt(0))))).toBe("refuse store-unavailable");
  store.beforeCommit = () => {};
  store.beforeLoad = () => {
    throw new Error("gone");
  };
  expect(told(await admission.submit(dialIn("alice", codeAt(0))))).toBe("refuse store-unavailable");
  store.beforeLoad = () => {};
  expect(told(await admission.submit(dialIn("alice", codeAt(0))))).toBe("accept ok");
});

test("what arrives during a commit is the next batch, at most 64 at a time", async () => {
  const names = Array.from({ length: 100 }, (_, i) => `user${i}`);
  await Promise.all(["first", ...names].map((name) => add(name)));
  const { held, letGo } = heldBack();
  store.beforeCommit = () => held;
  const admission = admit();
  const first = admission.submit(dialIn("first", codeAt(0)));
  await turns();
  const rest = names.map((name) => admission.submit(dialIn(name, codeAt(0))));
  await turns();
  expect(store.commits.map((updates) => updates.length)).toEqual([1]);
  expect(admission.waiting).toBe(100);
  letGo();
  const verdicts = await Promise.all([first, ...rest]);
  expect(new Set(verdicts.map(told))).toEqual(new Set(["accept ok"]));
  expect(store.commits.map((updates) => updates.length)).toEqual([1, 64, 36]);
});

test("a user changed by someone else meanwhile is judged anew against the new state", async () => {
  await add("alice");
  await add("bob");
  const [admission, other] = [admit(), admit()];
  let raced = false;
  store.beforeCommit = async () => {
    if (raced) return;
    raced = true;
    expect(told(await other.submit(dialIn("alice", codeAt(0))))).toBe("accept ok");
  };
  const verdicts = await Promise.all([
    admission.submit(dialIn("alice", codeAt(0))),
    admission.submit(dialIn("bob", codeAt(0))),
  ]);
  expect(verdicts.map(told)).toEqual(["refuse code-spent", "accept ok"]);
});

test("one who loses every race is refused in the end", async () => {
  await add("alice");
  store.beforeCommit = () => {
    const entry = store.entries.get("alice")!;
    store.entries.set("alice", { ...entry, revision: entry.revision + 1 });
  };
  expect(told(await admit().submit(dialIn("alice", codeAt(0))))).toBe("refuse store-unavailable");
  expect(store.commits.length).toBeGreaterThan(1);
  expect(store.commits.length).toBeLessThan(100);
});

test("a user that does not exist is refused after the same steps as a wrong code", async () => {
  await add("alice");
  const admission = admit();
  expect(told(await admission.submit(dialIn("alice", "000000")))).toBe("refuse wrong-code");
  expect(told(await admission.submit(dialIn("mallory", "000000")))).toBe("refuse unknown-user");
  expect(told(await admission.submit(dialIn("Alice", codeAt(0))))).toBe("refuse unknown-user");
  expect(told(await admission.submit(dialIn("\u0000", "000000")))).toBe("refuse unknown-user");
  expect(told(await admission.submit(dialIn("x".repeat(65), "000000")))).toBe("refuse unknown-user");
  expect(store.commits).toHaveLength(5);
});

test("unknown and known users in one batch are told apart", async () => {
  await add("alice");
  const admission = admit();
  const verdicts = await Promise.all(
    ["mallory", "alice", "eve"].map((user) => admission.submit(dialIn(user, codeAt(0)))),
  );
  expect(verdicts.map(told)).toEqual(["refuse unknown-user", "accept ok", "refuse unknown-user"]);
});

test("beyond the queue's length dial-ins are refused at once", async () => {
  await add("alice");
  const { held, letGo } = heldBack();
  store.beforeCommit = () => held;
  const admission = admit({ queueLength: 2 });
  const first = admission.submit(dialIn("alice", codeAt(0)));
  await turns();
  const waiting = [0, 1].map(() => admission.submit(dialIn("alice", codeAt(0))));
  expect(told(await admission.submit(dialIn("alice", codeAt(1))))).toBe("refuse overloaded");
  letGo();
  expect((await Promise.all([first, ...waiting])).map(told)).toEqual([
    "accept ok",
    "refuse code-spent",
    "refuse code-spent",
  ]);
});

test("until the clock is set nobody is let in, and nothing is spent", async () => {
  await add("alice");
  const admission = admit();
  plausible = false;
  expect(told(await admission.submit(dialIn("alice", codeAt(0))))).toBe("refuse clock-not-set");
  expect(store.commits).toHaveLength(0);
  plausible = true;
  expect(told(await admission.submit(dialIn("alice", codeAt(0))))).toBe("accept ok");
});

test("a changed profile counts from the next dial-in on, whatever is cached", async () => {
  await add("alice");
  const admission = admit();
  expect(told(await admission.submit(dialIn("alice", codeAt(0))))).toBe("accept ok");
  await users.setEnabled("alice", false);
  expect(told(await admission.submit(dialIn("alice", codeAt(1))))).toBe("refuse profile-disabled");
  await users.setEnabled("alice", true);
  expect(told(await admission.submit(dialIn("alice", codeAt(1))))).toBe("accept ok");
  await users.remove("alice");
  expect(told(await admission.submit(dialIn("alice", codeAt(1))))).toBe("refuse unknown-user");
  await add("alice", { secret: "JBSWY3DPEHPK3PXP" });
  expect(told(await admission.submit(dialIn("alice", codeAt(1))))).toBe("refuse wrong-code");
});

test("more users than the cache holds are judged by their own keys, in batches as large as the cache", async () => {
  const names = Array.from({ length: 3 * REQUESTS }, (_, i) => `user${i}`);
  const keyOf = (i: number) => Buffer.from(`the key of user number ${String(i).padStart(3, "0")}`);
  await users.import(
    names.map((name, i) => ({ name, secret: formatSecret("totp", keyOf(i)), active: true })),
  );
  const admission = admit({ cachedRecords: 1 });
  for (const step of [-1, 0, 1]) {
    const codes = names.map((_, i) => totp(keyOf(i), time + step * 30));
    const verdicts = await Promise.all(names.map((name, i) => admission.submit(dialIn(name, codes[i]!))));
    expect(new Set(verdicts.map(told))).toEqual(new Set(["accept ok"]));
  }
});

test("the first login of all finds room among records that were opened beforehand", async () => {
  const names = Array.from({ length: 3 * REQUESTS }, (_, i) => `user${i}`);
  await users.import(names.map((name) => ({ name, secret: SECRET, active: true })));
  const admission = admit({ cachedRecords: 1 });
  await admission.warm(); // the cache is full, and nobody has asked for any of them
  for (const name of [names.at(-1)!, names[0]!])
    expect(told(await admission.submit(dialIn(name, codeAt(0))))).toBe("accept ok");
});

test("who was asked for just now keeps the record, whoever else of the batch needs room", async () => {
  const names = Array.from({ length: 3 * REQUESTS }, (_, i) => `user${i}`);
  await users.import(names.map((name) => ({ name, secret: SECRET, active: true })));
  const admission = admit({ cachedRecords: 1 }); // as many as two batches have
  const all = async (some: readonly string[], step: number) =>
    new Set((await Promise.all(some.map((one) => admission.submit(dialIn(one, codeAt(step)))))).map(told));
  for (const from of [0, REQUESTS])
    expect(await all(names.slice(from, from + REQUESTS), -1)).toEqual(new Set(["accept ok"]));
  // The first one's record is the oldest of all when the others push it out.
  const others = names.slice(2 * REQUESTS, 3 * REQUESTS - 1);
  expect(await all(["user0", ...others], 0)).toEqual(new Set(["accept ok"]));
});

test("a right password is committed too: who was disabled meanwhile is not asked for the code", async () => {
  await add("alice", { mode: "password-then-code", password: "sesame" });
  const admission = admit();
  store.beforeCommit = async () => {
    store.beforeCommit = () => {};
    await users.setEnabled("alice", false);
  };
  expect(told(await admission.submit(dialIn("alice", "sesame")))).toBe("refuse profile-disabled");
});

test("whose state is damaged is refused, with a right code too", async () => {
  await add("alice");
  store.entries.set("alice", { ...store.entries.get("alice")!, damaged: true });
  const admission = admit();
  expect(told(await admission.submit(dialIn("alice", codeAt(0))))).toBe("refuse state-damaged");
  store.entries.set("alice", { ...store.entries.get("alice")!, damaged: false });
  expect(told(await admission.submit(dialIn("alice", codeAt(0))))).toBe("accept ok");
});

test("a profile that does not open refuses its user by name in the log, and no one else", async () => {
  await add("alice");
  await add("bob");
  const bob = store.entries.get("bob")!;
  store.entries.set("bob", { ...bob, profile: store.entries.get("alice")!.profile });
  const error = vi.fn();
  const admission = admit({ log: { ...silentLog, error } });
  const verdicts = await Promise.all(
    ["alice", "bob"].map((user) => admission.submit(dialIn(user, codeAt(0)))),
  );
  expect(verdicts.map(told)).toEqual(["accept ok", "refuse bad-record"]);
  expect(error).toHaveBeenCalledWith(expect.objectContaining({ user: "bob" }), expect.any(String));
});

test("a pending profile becomes active by its first code, through the administrator only", async () => {
  await add("alice", { active: false });
  const admission = admit();
  expect((await users.get("alice")).standing).toBe("pending");
  expect(told(await admission.submit(dialIn("alice", codeAt(-1))))).toBe("refuse profile-pending");
  expect(told(await users.help.verify("alice", "000000", admission))).toBe("refuse wrong-code");
  expect(told(await users.help.verify("alice", codeAt(0), admission))).toBe("accept ok");
  expect((await users.get("alice")).standing).toBe("active");
  expect(told(await admission.submit(dialIn("alice", codeAt(0))))).toBe("refuse code-spent");
  expect(told(await admission.submit(dialIn("alice", codeAt(1))))).toBe("accept ok");
});

test("modes with a password, and mOTP, are judged as they were enrolled", async () => {
  await add("both", { mode: "password+code", password: "pässword" });
  await add("steps", { mode: "password-then-code", password: "pässword" });
  await add("token", { factor: "motp", secret: "0123456789abcdef", pin: "1234", active: false });
  const admission = admit();
  expect(told(await admission.submit(dialIn("both", codeAt(0))))).toBe("refuse wrong-code");
  expect(told(await admission.submit(dialIn("both", `pässword${codeAt(0)}`)))).toBe("accept ok");
  expect(told(await admission.submit(dialIn("steps", "pässword")))).toBe("continue password-ok");
  expect(told(await admission.submit(dialIn("steps", codeAt(0), { second: true })))).toBe("accept ok");
  expect(told(await users.help.verify("both", codeAt(1), admission))).toBe("accept ok");
  expect(told(await users.help.verify("steps", codeAt(1), admission))).toBe("accept ok");
  expect(told(await users.help.verify("token", motp("0123456789abcdef", "1234", time), admission))).toBe(
    "accept ok",
  );
});

test("unlock ends a wait", async () => {
  await add("alice");
  const admission = admit();
  for (let i = 0; i < 20; i++) await admission.submit(dialIn("alice", `wrong ${i}`));
  const waiting = await admission.submit(dialIn("alice", codeAt(0)));
  expect(told(waiting)).toBe("refuse must-wait");
  expect(waiting.waitSeconds).toBeGreaterThan(0);
  await users.unlock("alice");
  expect(told(await admission.submit(dialIn("alice", codeAt(0))))).toBe("accept ok");
});

test("profiles are opened before the first login, and one that is in a batch stays as it is", async () => {
  await add("alice");
  await add("bob");
  const admission = admit();
  const entry = vi.spyOn(core, "enrol");
  await admission.warm();
  expect(entry).toHaveBeenCalledTimes(2);
  expect(told(await admission.submit(dialIn("alice", codeAt(0))))).toBe("accept ok");
  expect(entry).toHaveBeenCalledTimes(2);
  // The list was read before the login: the state that it tells is older.
  const before = { ...store.entries.get("bob")! };
  const list = vi.spyOn(store, "list").mockImplementation(async function* () {
    yield { user: "bob", entry: before };
  });
  const login = admission.submit(dialIn("bob", codeAt(0)));
  await admission.warm();
  expect(told(await login)).toBe("accept ok");
  await admission.warm();
  expect(told(await admission.submit(dialIn("bob", codeAt(0))))).toBe("refuse code-spent");
  list.mockRestore();
  entry.mockRestore();
});

test("a user is looked at once more: changed, disabled, of another type, removed", async () => {
  await add("alice", { mode: "password-then-code", password: "p4ssw0rd", types: ["openvpn"] });
  const admission = admit();
  expect(await admission.mode("alice")).toBe("password-then-code");
  expect(await admission.mode("nobody")).toBeUndefined();
  const { standing, reason } = await admission.submit({ ...dialIn("alice", "p4ssw0rd"), type: "openvpn" });
  expect(reason).toBe("password-ok");
  expect((await admission.look("alice", "nas", "openvpn", standing)).reason).toBe("ok");
  expect((await admission.look("alice", "nas", "pptp")).reason).toBe("type-not-allowed");
  await users.setEnabled("alice", false);
  expect((await admission.look("alice", "nas", "openvpn")).reason).toBe("profile-disabled");
  expect((await admission.look("alice", "nas", "openvpn", standing)).reason).toBe("profile-changed");
  await users.setEnabled("alice", true);
  expect((await admission.look("alice", "nas", "openvpn")).reason).toBe("ok");
  // The second step of a login whose first saw another profile.
  const second = {
    ...dialIn("alice", codeAt(0)),
    type: "openvpn" as const,
    second: true,
    standing: standing!,
  };
  expect((await admission.submit(second)).reason).toBe("profile-changed");
  await users.remove("alice");
  expect((await admission.look("alice", "nas", "openvpn")).reason).toBe("unknown-user");
});

test("a source is kept as a keyed number, and none as 0", async () => {
  const sourceAfter = async (name: string, caller: string) => {
    await add(name);
    await admit().submit(dialIn(name, codeAt(0), { caller }));
    return knownSources(store.entries.get(name)!.state)[0] ?? 0;
  };
  const here = await sourceAfter("a", "nas/here");
  expect(here).not.toBe(0);
  expect(await sourceAfter("b", "nas/here")).toBe(here);
  expect(await sourceAfter("c", "nas/there")).not.toBe(here);
  expect(await sourceAfter("d", "")).toBe(0);
});

test("the log names the user who was probably meant, and nobody else", async () => {
  await add("alice");
  const info = vi.fn();
  const admission = admit({ log: { ...silentLog, info } });
  for (const name of ["CORP\\alice", "Alice", "alice@corp.example", "alicf"]) {
    await admission.submit(dialIn(name, codeAt(0)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const meant = info.mock.calls.flatMap(([{ user, meant }]) => (meant ? [[user, meant]] : []));
  expect(meant).toEqual([
    ["CORP\\alice", "alice"],
    ["Alice", "alice"],
    ["alice@corp.example", "alice"],
  ]);
});

test("the log has who, whence and why, and never the proof", async () => {
  await add("alice");
  const lines: string[] = [];
  const verdict = (event: LoginEvent) => {
    const bytes = Buffer.alloc(loginBytes(event));
    lines.push(bytes.toString("utf8", 0, writeLogin(bytes, 0, event)));
  };
  const admission = admit({ log: { ...silentLog, verdict } });
  const code = codeAt(0);
  await admission.submit(dialIn("alice", code, { nas: "router", type: "l2tp", login: "7-1" }));
  await admission.submit(dialIn("alice", code));
  expect(JSON.parse(lines[0]!)).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    login: "7-1",
    user: "alice",
    nas: "router",
    source: "nas/station",
    type: "l2tp",
    reason: "ok",
    msg: "accept",
  });
  expect(JSON.parse(lines[1]!).login).toMatch(/./);
  expect(lines.join()).not.toContain(code);
});

test("close finishes what has begun and refuses what comes later", async () => {
  await add("alice");
  const { held, letGo } = heldBack();
  store.beforeCommit = () => held;
  const admission = admit();
  const begun = admission.submit(dialIn("alice", codeAt(0)));
  const closed = admission.close();
  expect(told(await admission.submit(dialIn("alice", codeAt(1))))).toBe("refuse overloaded");
  letGo();
  await closed;
  expect(told(await begun)).toBe("accept ok");
});
