// The unit suite: everything in test/*.test.ts. Daemons and engines have suites of their own.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/*.test.ts"],
    // Long enough for a machine that is busy with other things: they only end what hangs.
    expect: { poll: { timeout: 30_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
