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
