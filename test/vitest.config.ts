// The unit suite: everything in test/*.test.ts. Daemons and engines have suites of their own.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { root: new URL("..", import.meta.url).pathname, include: ["test/*.test.ts"], testTimeout: 30_000 },
});
