// The daemon suite: one file for each family of daemons, each in namespaces of its own, two at a time; as root.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/daemons/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    // Dialward writes its log a moment late.
    expect: { poll: { timeout: 5000 } },
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
