// The administrator and the clock: from the LAN the password lets in whatever the clock says, since who is to set it must
// get in; from the WAN no code is judged before it is set, and a code in groups is a code.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Administrator } from "../../host/admin/account.ts";
import { SettingsFile } from "../../host/admin/settings.ts";
import { EARLIEST_SECONDS } from "../../host/core/clock.ts";
import { Core } from "../../host/core/core.ts";
import { silentLog } from "../../host/log/log.ts";
import { DataFolder } from "../../host/store/data-folder.ts";
import { Sealer } from "../../host/store/seal.ts";
import { parseSecret } from "../../host/users/profile.ts";
import { totp } from "../codes.ts";
import { runs } from "../runs.ts";

const PASSWORD = "a good password";
const SET = EARLIEST_SECONDS + 1_000_000;

let folder: string;
let account: Administrator;
let data: DataFolder;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: SET * 1000 });
  folder = mkdtempSync(join(tmpdir(), "dialward-account-"));
  const sealer = new Sealer([Buffer.alloc(32, 7)]);
  data = await DataFolder.open(folder, { create: true });
  account = await Administrator.open(data, Core.load(), sealer, new SettingsFile(folder), silentLog, {
    cost: 1024,
    create: true,
  });
  await account.setPassword("admin", PASSWORD);
});
afterEach(async () => {
  await account.close();
  await data.close();
  rmSync(folder, { recursive: true });
  vi.useRealTimers();
});

const lan = async (password = PASSWORD) =>
  (await account.login({ name: "admin", password, code: "", zone: "lan", source: "192.168.1.7" })).outcome;

test("from the LAN the password lets in at any time that the clock may say, and a wrong one never does", async () => {
  const times = fc.array(fc.oneof(fc.nat(100), fc.integer({ min: 0, max: 2 ** 33 })), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(times, async (all) => {
      for (const seconds of all) {
        vi.setSystemTime(seconds * 1000);
        expect(await lan("a wrong password")).toBe("refuse");
        expect(await lan()).toBe("accept");
      }
    }),
    runs(5),
  );
});

test("from the WAN a code counts once the clock is set, in groups too, and the refusal says why before", async () => {
  const { draft } = await account.draftCode();
  const key = parseSecret("totp", draft.profile.secret);
  expect(draft.verify(totp(key, SET)).outcome).toBe("accept");
  await account.saveCode(draft);
  const wan = (code: string) =>
    account.login({ name: "admin", password: PASSWORD, code, zone: "wan", source: "203.0.113.7" });
  vi.setSystemTime(0);
  expect(await wan(totp(key, 0))).toMatchObject({ outcome: "refuse", reason: "clock-not-set" });
  vi.setSystemTime((SET + 60) * 1000);
  const code = totp(key, SET + 60);
  expect(await wan(` ${code.slice(0, 3)} ${code.slice(3)} `)).toMatchObject({ outcome: "accept" });
  expect(await wan(code)).toMatchObject({ outcome: "refuse" });
});

test("what is changed at once is changed one after the other: one of the passwords lets in, and it is the last", async () => {
  const passwords = Array.from({ length: 6 }, (_, i) => `a good password ${i}`);
  await Promise.all(passwords.map((password) => account.setPassword("admin", password)));
  expect(await lan(passwords.at(-1))).toBe("accept");
  for (const password of passwords.slice(0, 3)) expect(await lan(password)).toBe("refuse");
});

test("the first account is made once, however often it is asked for at once", async () => {
  const other = mkdtempSync(join(tmpdir(), "dialward-account-"));
  const opened = await DataFolder.open(other, { create: true });
  const settings = new SettingsFile(other);
  const sealer = new Sealer([Buffer.alloc(32, 7)]);
  const first = await Administrator.open(opened, Core.load(), sealer, settings, silentLog, {
    cost: 1024,
    create: true,
  });
  const made = await Promise.all(
    ["admin", "eve", "admin"].map((one) => first.setFirstPassword(one, PASSWORD)),
  );
  expect(made).toEqual([true, false, false]);
  expect(first.list()).toEqual([{ name: "admin", role: "all" }]);
  await first.close();
  await opened.close();
  rmSync(other, { recursive: true });
});

test("a code that was begun before the password was changed takes the new one; of a removed account it is not saved", async () => {
  const { draft } = await account.draftCode();
  const key = parseSecret("totp", draft.profile.secret);
  await account.setPassword("admin", "another good password");
  expect(draft.verify(totp(key, SET)).outcome).toBe("accept");
  await account.saveCode(draft);
  const given = { name: "admin", code: totp(key, SET + 30), zone: "wan", source: "203.0.113.9" } as const;
  vi.setSystemTime((SET + 30) * 1000);
  expect((await account.login({ ...given, password: "another good password" })).outcome).toBe("accept");
  await account.setPassword("second", PASSWORD);
  const { draft: orphan } = await account.draftCode("second");
  orphan.verify(totp(parseSecret("totp", orphan.profile.secret), SET + 30));
  await account.remove("second");
  await expect(account.saveCode(orphan)).rejects.toMatchObject({ code: "not-found" });
  expect(await account.enrolled("second")).toBe(false);
});
