// What stands written out in the core is what its programs print: rounds of hashes, and the S-boxes of DES.
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test.each(["rounds", "sboxes"])("`npm run print` changes nothing: %s", (name) => {
  const args = [`assembly/print/${name}.mjs`, "--check"];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});
