// The daemon suite: one file for each family of daemons, each in namespaces of its own, two at a time; as root.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/daemons/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    // Dialward writes its log a moment late. All times are long enough for a machine that is busy with other things.
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
