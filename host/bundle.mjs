// Bundles the program and the library with esbuild; only native modules stay outside.

import { copyFileSync } from "node:fs";
import { build } from "esbuild";

/** Writes dist/dialward.mjs (the program) and dist/index.mjs (the library). */
export async function bundle() {
  await build({
    entryPoints: { dialward: "host/main.ts", index: "host/verifier.ts" },
    outdir: "dist",
    outExtension: { ".js": ".mjs" },
    bundle: true,
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
