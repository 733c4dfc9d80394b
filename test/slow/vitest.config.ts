// The slow suite: what kills processes, cuts power, fills disks and fails servers over; as root, one file after the other.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/slow/*.test.ts"],
    fileParallelism: false,
    pool: "forks",
    // Long enough for a machine that is busy with other things: they only end what hangs.
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
