// Bundles the bench into dist/bench/ and runs it: with this Node, or with another one given by --node PATH.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const installed = "bench/node_modules/.package-lock.json";
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync("bench/package-lock.json").mtimeMs) {
  process.stderr.write("installing the bench's packages … ");
  try {
    execFileSync("npm", ["ci", "--prefix", "bench", "--ignore-scripts", "--no-audit", "--no-fund"], {
      stdio: "ignore",
    });
    process.stderr.write("done\n");
  } catch {
    process.stderr.write("failed: it goes on without the peers in JavaScript, and without the page\n");
  }
}

const forNode = {
  outdir: "dist/bench",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  external: ["classic-level"],
  // Some libraries are CommonJS and ask for Node's own modules by require.
  banner: {
    js: 'import { createRequire as benchRequire } from "node:module"; const require = benchRequire(import.meta.url);',
  },
  legalComments: "none",
  logLevel: "warning",
};
const args = process.argv.slice(2);
await build({ ...forNode, entryPoints: ["bench/main.ts", "bench/clicking.ts"] });
const against = args.indexOf("--against");
if (against >= 0) {
  await build({
    ...forNode,
    entryPoints: { before: `${args[against + 1]}/bench/cases.ts` },
    external: [...forNode.external, "lmdb"],
  });
}
rmSync("dist/bench/peers.mjs", { force: true });
rmSync("dist/bench/page.js", { force: true });
if (existsSync(installed)) {
  await build({ ...forNode, entryPoints: ["bench/peers.mjs"] });
  await build({
    entryPoints: ["bench/page.mjs"],
    outdir: "dist/bench",
    bundle: true,
    minify: true,
    platform: "browser",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
  });
}

const at = args.indexOf("--node");
const [, node = process.execPath] = at < 0 ? [] : args.splice(at, 2);
const { status, error } = spawnSync(node, ["--no-deprecation", "dist/bench/main.mjs", ...args], {
  stdio: "inherit",
});
if (error) process.stderr.write(`${node} cannot be run: ${error.message}\n`);
process.exitCode = status ?? 1;
