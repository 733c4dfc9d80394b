// The suite of `npm run test:engines`: the module on other engines and processors, the C host, and pppd. Needs Linux,
// root for pppd, and the packages in packages.txt.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/engines/*.test.ts"],
    // Long enough for a machine that is busy with other things: they only end what hangs.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    // They share what is built in dist/engines.
    fileParallelism: false,
  },
});
