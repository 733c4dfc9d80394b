// Who changed what, as the pages show it: with the name, whether or not an audit log is kept beside.
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../host/config/config.ts";
import { silentLog } from "../../host/log/log.ts";
import { makeDesk } from "../../host/service/desk.ts";
import { openService } from "../../host/service/service.ts";
import { actAs } from "../../host/store/changes.ts";

test.each([undefined, "audit.jsonl"])("one user by name, many by number; audit log: %s", async (audit) => {
  const data = mkdtempSync(join(tmpdir(), "dialward-changes-"));
  const config = loadConfig(undefined, data);
  const log = { ...config.log, ...(audit && { audit: join(data, audit) }) };
  const service = await openService({ ...config, log }, silentLog, () => {}, { create: true });
  await actAs("berta", () => service.users.add({ name: "anna", secret: "JBSWY3DPEHPK3PXP" }));
  expect(service.changes.latest(1)).toMatchObject([{ by: "berta", action: "user added", what: "anna" }]);
  await service.users.import([
    { name: "carl", secret: "GEZDGNBVGY3TQOJQ" },
    { name: "dora", secret: "MFRGGZDFMZTWQ2LK" },
  ]);
  expect(service.changes.latest(1)).toMatchObject([{ action: "user added", what: "2 users" }]);
  await service.close();
});

test("what commands change and read out is noted once, in the audit log too: who, and what", async () => {
  const data = mkdtempSync(join(tmpdir(), "dialward-changes-"));
  const config = loadConfig(undefined, data);
  const audit = join(data, "audit.jsonl");
  const log = { ...config.log, audit };
  const service = await openService({ ...config, log }, silentLog, () => {}, { create: true });
  const desk = makeDesk(service, config, () => {}, "uid 7");
  await desk.users.add({ name: "anna", secret: "JBSWY3DPEHPK3PXP" });
  await desk.administrator.setPassword("berta", "correct horse battery");
  await desk.administrator.setPassword("berta", "correct horse batteries");
  await desk.administrator.unlock();
  const before = await desk.settings.read();
  const on = { ...before, management: { ...before.management, enabled: true } };
  await desk.settings.replace(before, on);
  await desk.settings.replace(on, { ...on, lan: ["10.0.0.0/8"] });
  for (let i = 0; i < 2; i++) for await (const _ of desk.users.export(["anna"]));
  for await (const _ of desk.store.backup("correct horse"));
  await desk.users.recoveryCodes("anna", true);
  await desk.users.recoveryCodes("anna", false);
  await desk.keys.rotate();
  await desk.keys.add();
  const noted = [
    ["user added", "anna"],
    ["administrator added", "berta"],
    ["password changed", "berta"],
    ["administrators unlocked", ""],
    ["management changed", "on"],
    ["access changed", "10.0.0.0/8"],
    ["users exported", "anna"],
    ["backup taken", "1"],
    ["recovery codes made", "anna"],
    ["recovery codes shown", "anna"],
    ["keys rotated", ""],
    ["key added", ""],
  ];
  const changes = service.changes.latest(100).toReversed();
  expect(changes.map(({ action, what }) => [action, what])).toEqual(noted);
  expect(new Set(changes.map(({ by }) => by))).toEqual(new Set(["uid 7"]));
  const lines = readFileSync(audit, "utf8").trimEnd().split("\n");
  const audited = lines.map((line) => JSON.parse(line) as { event: string; user: string; by: string });
  expect(audited.map(({ event, user }) => [event, user])).toEqual(noted);
  expect(new Set(audited.map(({ by }) => by))).toEqual(new Set(["uid 7"]));
  await service.close();
});

test("a link is for the user that it was made for: not for the next of that name, nor after a new secret", async () => {
  const data = mkdtempSync(join(tmpdir(), "dialward-changes-"));
  const service = await openService(loadConfig(undefined, data), silentLog, () => {}, { create: true });
  const { users, links } = service;
  const link = (name: string) => links.make(name, 3600).secret;
  await users.add({ name: "anna", secret: "JBSWY3DPEHPK3PXP" });
  await users.add({ name: "carl", secret: "GEZDGNBVGY3TQOJQ" });
  const [first, kept] = [link("anna"), link("carl")];
  await users.setEnabled("carl", false);
  await users.edit("carl", { types: ["pptp"] });
  await users.remove("anna");
  await users.add({ name: "anna", secret: "MFRGGZDFMZTWQ2LK" });
  expect(links.find(first)).toBeUndefined();
  expect(links.find(kept)).toBeDefined();
  const second = link("anna");
  await users.save(await users.draft({ name: "anna", secret: "KRSXG5CTMVRXEZLU" }, true), () => true);
  expect(links.find(second)).toBeUndefined();
  await service.close();
});
