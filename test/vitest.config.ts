// The unit suite: what stands beside host/ and assembly/ by the same path. Daemons, engines, browsers have suites of their own.
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    exclude: ["test/{browser,daemons,engines,slow}/**"],
    // Many of them wait for a service rather than compute.
    maxWorkers: Math.max(4, availableParallelism()),
    // Long enough for a machine that is busy with other things: they only end what hangs.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
