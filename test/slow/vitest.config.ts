// The slow suite: what kills processes, cuts power, fills disks and fails servers over, and properties for long; as root, one file after the other.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const root = new URL("../..", import.meta.url).pathname;
/** Files of the unit suite with properties that are tried longer here. */
const properties = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
  .map((name) => join("test", name))
  .filter(
    (name) => name.endsWith(".test.ts") && readFileSync(join(root, name), "utf8").includes("fast-check"),
  );

export default defineConfig({
  test: {
    root,
    include: ["test/slow/*.test.ts", ...properties],
    setupFiles: "test/runs.ts",
    provide: { runsFactor: 20 },
    fileParallelism: false,
    pool: "forks",
    // Long enough for a machine that is busy with other things: they only end what hangs.
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
