// Who changed what, as the pages show it: with the name, whether or not an audit log is kept beside.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../host/config/config.ts";
import { silentLog } from "../../host/log/log.ts";
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
