// What the bundle takes of the Redis client: the commands that host/store calls, and not the other thousand.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { libraries } from "../../host/build/libraries.mjs";

test("the bundled client has each method that host/store calls, and few more", async () => {
  const { outputFiles } = await build({
    stdin: { contents: 'export { createClient } from "@redis/client";', resolveDir: process.cwd() },
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    minify: true,
    plugins: libraries,
  });
  const [bundled] = outputFiles;
  const loaded = { exports: {} as { createClient(): Record<string, unknown> } };
  // oxlint-disable-next-line typescript/no-implied-eval -- what has just been built
  const run = new Function("module", "exports", "require", bundled!.text);
  run(loaded, loaded.exports, createRequire(import.meta.url));
  const client = loaded.exports.createClient();
  const sources = readdirSync("host/store").filter((name) => name.startsWith("redis"));
  const text = sources.map((name) => readFileSync(join("host/store", name), "utf8")).join("\n");
  const called = new Set([...text.matchAll(/\bclient\s*\.(\w+)\(/g)].map(([, name]) => name!));
  expect([...called]).toEqual(expect.arrayContaining(["get", "set", "wait", "info"]));
  for (const name of called) expect(client[name], name).toBeTypeOf("function");
  expect(client).not.toHaveProperty("geoAdd");
  expect(bundled!.text.length).toBeLessThan(300_000);
});
