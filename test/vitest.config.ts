// The unit suite: what stands beside host/ and assembly/ by the same path. Daemons, engines, browsers have suites of their own.
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const root = new URL("..", import.meta.url).pathname;
const others = ["browser", "daemons", "engines", "install", "slow"];
const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts") && !others.includes(name.split("/")[0]!))
  .map((name) => join("test", name));
/** What replaces modules for itself has a process of its own; the others share theirs, which saves loading them anew. */
const replacing = files.filter((file) => readFileSync(join(root, file), "utf8").includes("vi.mock("));

export default defineConfig({
  test: {
    root,
    projects: [
      {
        extends: true,
        test: { name: "shared", include: files.filter((file) => !replacing.includes(file)), isolate: false },
      },
      { extends: true, test: { name: "replacing", include: replacing } },
    ],
    setupFiles: "test/runs.ts",
    // What is not changed is not translated again.
    experimental: { fsModuleCache: true, fsModuleCachePath: "dist/vitest-cache" },
    // Many of them wait for a service rather than compute.
    maxWorkers: Math.max(3, availableParallelism()),
    // Nothing that a test replaces outlives it.
    restoreMocks: true,
    unstubEnvs: true,
    // Long enough for a machine that is busy with other things: they only end what hangs.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
