// The slow suite: what kills processes, cuts power, fills disks and fails servers over, and properties for long; as root, one file after the other.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const root = new URL("../..", import.meta.url).pathname;
/** Files of the unit suite with properties that are tried longer here. */
const properties = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
  .map((name) => join("test", name))
  .filter(
    // The walk through the service has a long form of its own here.
    (name) =>
      name.endsWith(".test.ts") &&
      !name.includes("service/walk") &&
      readFileSync(join(root, name), "utf8").includes("fast-check"),
  );

export default defineConfig({
  test: {
    root,
    include: ["test/slow/*.test.ts", ...properties],
    setupFiles: "test/runs.ts",
    // For long by hand; in CI the whole suite has to end in minutes.
    provide: { runsFactor: process.env["CI"] ? 2 : 20 },
    fileParallelism: false,
    pool: "forks",
    // Long enough for a machine that is busy with other things: they only end what hangs.
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
