// The suite of `npm run test:browser`: the guides in a real browser, the gate behind nginx, the firewall's rules.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/browser/*.test.ts"],
    // Long enough for a machine that is busy with other things: they only end what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 1,
  },
});
