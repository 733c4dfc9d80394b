// The suite of `npm run test:engines`: the module on other engines and processors, the C host, and pppd. Needs Linux,
// root for pppd, and the packages in packages.txt.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/engines/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // They share what is built in dist/engines.
    fileParallelism: false,
  },
});
