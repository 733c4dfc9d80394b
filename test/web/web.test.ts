// Behind the pages, without a browser: recovery codes, the administrator's account, sessions, settings, rules, journal.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataFolder } from "../../host/store/data-folder.ts";
import { Administrator } from "../../host/admin/account.ts";
import { Admission } from "../../host/admission/admission.ts";
import { Core } from "../../host/core/core.ts";
import { printRules } from "../../host/admin/firewall.ts";
import { silentLog } from "../../host/log/log.ts";
import { isWithin, PRIVATE_NETWORKS } from "../../host/config/networks.ts";
import { parseSecret } from "../../host/users/profile.ts";
import { SettingsFile } from "../../host/admin/settings.ts";
import { Sealer } from "../../host/store/seal.ts";
import { Users } from "../../host/users/users.ts";
import { WebSessions } from "../../host/web/session.ts";
import { totp } from "../codes.ts";
import { CHEAP_SCRYPT } from "../command.ts";
import { MemoryStore } from "../store/memory-store.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
const PASSWORD = "correct horse battery";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-web-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const sealer = () => new Sealer([Buffer.alloc(32, 9)]);

async function openUsers() {
  const now = { seconds: 1_800_000_000 };
  const clock = { seconds: () => now.seconds, plausible: () => true };
  const [core, store] = [Core.load(), new MemoryStore()];
  const users = new Users(core, store, sealer(), clock);
  const admission = new Admission(core, store, sealer(), { clock });
  const dialIn = async (text: string, more: object = {}) => {
    const proof = { kind: "clear", text: Buffer.from(text) } as const;
    return (await admission.submit({ user: "alice", proof, source: "", caller: "here", ...more })).reason;
  };
  return { users, dialIn, now, store };
}

test("a recovery code is good once, however it is typed, and for its user only", async () => {
  const { users, dialIn } = await openUsers();
  await users.add({ name: "alice", secret: SECRET, active: true });
  await users.add({ name: "bob", secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJR", active: true });
  const [first = "", second = "", ...rest] = await users.help.recoveryCodes("alice");
  expect(new Set([first, second, ...rest]).size).toBe(10);
  await users.help.recoveryCodes("bob");
  expect(await dialIn(first, { user: "bob" })).toBe("wrong-code");
  expect(await dialIn(first.toUpperCase().replaceAll("-", ""))).toBe("recovered");
  expect(await dialIn(first)).toBe("code-spent");
  expect((await users.get("alice")).recoveryCodesLeft).toBe(9);
  expect(await users.help.recoveryCodes("alice"), "shown again").toEqual([first, second, ...rest]);
  const fresh = await users.help.recoveryCodes("alice", true);
  expect(new Set([...fresh, first, second, ...rest]).size).toBe(20);
  expect((await users.get("alice")).recoveryCodesLeft).toBe(10);
  expect(await dialIn(second)).toBe("wrong-code");
});

test("two of one recovery code at once: one is accepted", async () => {
  const { users, dialIn } = await openUsers();
  await users.add({ name: "alice", secret: SECRET, active: true });
  const [code = ""] = await users.help.recoveryCodes("alice");
  const reasons = await Promise.all([dialIn(code), dialIn(code), dialIn(code)]);
  expect(reasons.filter((reason) => reason === "recovered")).toHaveLength(1);
});

test("a recovery code goes around nothing but a wait: pending, disabled, types, password", async () => {
  const { users, dialIn, now } = await openUsers();
  await users.add({
    name: "alice",
    secret: SECRET,
    types: ["openvpn"],
    mode: "password+code",
    password: "sesame",
  });
  const codes = await users.help.recoveryCodes("alice");
  expect(await dialIn(`sesame${codes[0]}`)).toBe("profile-pending");
  await users.remove("alice");
  await users.add({
    name: "alice",
    secret: SECRET,
    types: ["openvpn"],
    mode: "password+code",
    password: "sesame",
    active: true,
  });
  const [one = "", two = ""] = await users.help.recoveryCodes("alice");
  expect(await dialIn(`sesame${one}`, { type: "pptp" })).toBe("type-not-allowed");
  expect(await dialIn(one)).toBe("wrong-code");
  expect(await dialIn(`Sesame${one}`)).toBe("wrong-code");
  await users.setEnabled("alice", false);
  expect(await dialIn(`sesame${one}`)).toBe("profile-disabled");
  await users.setEnabled("alice", true);
  for (let i = 0; i < 5; i++) await dialIn(`sesame00000${i}`);
  expect(await dialIn(`sesame${totp(KEY, now.seconds)}`)).toBe("must-wait");
  expect(await dialIn(`sesame${one}`)).toBe("recovered");
  now.seconds += 3600;
  expect(await dialIn(`sesame${two}`)).toBe("recovered");
});

test("recovery codes with a drifted device, right after a login, and with HOTP", async () => {
  const { users, dialIn, now } = await openUsers();
  await users.add({ name: "alice", secret: SECRET, active: true });
  const codes = await users.help.recoveryCodes("alice");
  expect(await dialIn(totp(KEY, now.seconds + 30))).toBe("ok");
  now.seconds += 30;
  expect(await dialIn(codes[0]!)).toBe("recovered");
  expect(await dialIn(totp(KEY, now.seconds + 30))).toBe("ok");
  await users.remove("alice");
  await users.add({ name: "alice", secret: SECRET, factor: "hotp", active: true });
  const more = await users.help.recoveryCodes("alice");
  expect(await dialIn(more[0]!)).toBe("recovered");
  expect(await dialIn(more[1]!)).toBe("recovered");
});

test("what is stored of recovery codes does not tell them", async () => {
  const { users, store } = await openUsers();
  await users.add({ name: "alice", secret: SECRET, active: true });
  const codes = await users.help.recoveryCodes("alice");
  const stored = Buffer.from(store.entries.get("alice")!.profile).toString("latin1");
  for (const code of codes) {
    expect(stored).not.toContain(code);
  }
});

test("the administrator: password on the LAN, password and code from the WAN, failures counted apart", async () => {
  const settings = new SettingsFile(folder);
  const data = await DataFolder.open(folder, { create: true });
  const account = await Administrator.open(data, Core.load(), sealer(), settings, silentLog, {
    cost: CHEAP_SCRYPT,
    create: true,
  });
  const given = { name: "admin", password: PASSWORD, code: "", source: "a" };
  const lan = async (more: object = {}) => (await account.login({ ...given, zone: "lan", ...more })).outcome;
  const wan = async (more: object = {}) => (await account.login({ ...given, zone: "wan", ...more })).outcome;
  try {
    expect(await lan()).toBe("refuse"); // no account yet
    await expect(account.setPassword("admin", "short")).rejects.toMatchObject({ code: "usage" });
    await account.setPassword("admin", PASSWORD);
    expect([await lan(), await lan({ password: "wrong" }), await lan({ name: "Admin" })]).toEqual([
      "accept",
      "refuse",
      "refuse",
    ]);
    const { draft } = await account.draftCode();
    const key = parseSecret("totp", draft.profile.secret);
    // Of one instant: a step that begins meanwhile would bring a code that is not spent.
    const now = Date.now() / 1000;
    const code = (shift = 0) => totp(key, now + shift);
    await expect(account.saveCode(draft)).rejects.toMatchObject({ code: "usage" });
    expect(await wan({ code: code() })).toBe("refuse"); // not enrolled
    expect(draft.verify(code()).outcome).toBe("accept");
    await account.saveCode(draft);
    expect(await wan({ code: code() })).toBe("refuse"); // spent by Verify
    expect(await wan()).toBe("refuse");
    expect(await wan({ code: code(30), password: "wrong" })).toBe("refuse");
    expect(await wan({ code: code(30) })).toBe("accept");
    // A new password keeps the code, and what was spent of it.
    await account.setPassword("admin", "another good password");
    expect(await lan()).toBe("refuse");
    expect(await wan({ code: code(30), password: "another good password" })).toBe("refuse");
    // A flood from the WAN locks nobody out of the LAN.
    for (let i = 0; i < 8; i++) await wan({ password: `guess ${i}`, source: `stranger ${i}` });
    const flooded = await account.login({ ...given, zone: "wan", source: "stranger" });
    expect(flooded).toMatchObject({ outcome: "refuse", reason: "must-wait" });
    expect(await lan({ password: "another good password" })).toBe("accept");
    settings.change((old) => ({ ...old, advanced: false }));
    await account.unlock();
    expect(await wan({ code: code(30), password: "another good password" })).toBe("refuse");
  } finally {
    await account.close();
    await data.close();
  }
});

test("the administrator's password costs 64 MiB of scrypt", async () => {
  const settings = new SettingsFile(folder);
  const data = await DataFolder.open(folder, { create: true });
  const account = await Administrator.open(data, Core.load(), sealer(), settings, silentLog, {
    create: true,
  });
  await account.setPassword("admin", PASSWORD);
  await account.close();
  await data.close();
  expect(settings.read().accounts[0]).toMatchObject({ cost: 65_536 });
});

test("a session ends after a quarter of an hour without a word, and after ten hours in any case", () => {
  let now = 1000;
  const sessions = new WebSessions(
    () => [{ name: "admin", salt: "1" }],
    () => now,
  );
  const { value } = sessions.open("admin", "192.168.1.7", "lan");
  now += 900;
  expect(sessions.find(value, "192.168.1.7", "lan")).toBeDefined();
  now += 901;
  expect(sessions.find(value, "192.168.1.7", "lan")).toBeUndefined();
  const { value: other } = sessions.open("admin", "192.168.1.7", "lan");
  for (let i = 0; i < 40; i++) {
    now += 890;
    expect(sessions.find(other, "192.168.1.7", "lan") !== undefined).toBe((i + 1) * 890 <= 36_000);
  }
  const { value: third } = sessions.open("admin", "192.168.1.7", "lan");
  expect(sessions.find(third, "192.168.1.8", "lan")).toBeUndefined();
  expect(sessions.find(third, "192.168.1.7", "wan")).toBeUndefined();
});

test.each([
  ["192.168.3.4", true],
  ["::ffff:10.1.2.3", true],
  ["fe80::1%eth0", true],
  ["::1", true],
  ["172.32.0.1", false],
  ["203.0.113.9", false],
  ["::ffff:203.0.113.9", false],
  ["2001:db8::1", false],
  ["unknown", false],
  ["", false],
])("%j on the LAN is %s", (address, lan) => expect(isWithin(address, PRIVATE_NETWORKS)).toBe(lan));

test("settings are kept, whole or not at all", () => {
  const settings = new SettingsFile(folder);
  settings.change((old) => ({ ...old, lan: ["192.0.2.0/24"] }));
  expect(new SettingsFile(folder).read().lan).toEqual(["192.0.2.0/24"]);
  for (const lan of [[], ["192.0.2.0/33"], ["anything; flush ruleset"]]) {
    expect(() => settings.change((old) => ({ ...old, lan: lan }))).toThrow(/lan/);
  }
  expect(settings.read().lan).toEqual(["192.0.2.0/24"]);
});

test("a port that two services share is open if either is", () => {
  const settings = new SettingsFile(folder).read();
  settings.management.enabled = true;
  settings.management.sslVpn.open = true;
  const rules = printRules(settings);
  expect(rules).toContain("tcp dport { 443 } accept");
  expect(rules).toContain("tcp dport { 22, 8069 } drop");
});
