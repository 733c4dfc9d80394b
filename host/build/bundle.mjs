// Bundles the program and the library with esbuild; only native modules stay outside. What a command does not need is
// in a part that it does not load.

import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const PART = "part-";

/** Writes dist/dialward.mjs (the program), dist/index.mjs (the library) and their parts beside them. */
export async function bundle() {
  for (const name of readdirSync("dist")) if (name.startsWith(PART)) rmSync(`dist/${name}`);
  await build({
    entryPoints: { dialward: "host/cli/main.ts", index: "host/index.ts" },
    outdir: "dist",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    chunkNames: `${PART}[hash]`,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["lmdb"],
    define: { BUILD_SECONDS: String(Math.floor(Date.now() / 1000)) },
    // Some libraries are CommonJS and ask for Node's own modules by require.
    banner: {
      js: '#!/usr/bin/env node\nimport { createRequire as dialwardRequire } from "node:module"; const require = dialwardRequire(import.meta.url);',
    },
    legalComments: "none",
    logLevel: "warning",
  });
  // What browsers load. The token's folder is whole in itself: it works offline, and from any web server.
  const token = ["page.html", "page.js", "page.css", "worker.js", "icon.svg"];
  await build({
    entryPoints: ["page.js", "page.css", "icon.svg", ...token.map((name) => `token/${name}`)].map(
      (name) => `host/web/client/${name}`,
    ),
    outdir: "dist/web",
    loader: { ".svg": "copy", ".html": "copy" },
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome110", "firefox115", "safari16.4"],
    legalComments: "none",
    logLevel: "warning",
  });
  copyFileSync("dist/dialward.wasm", "dist/web/token/core.wasm");
}
