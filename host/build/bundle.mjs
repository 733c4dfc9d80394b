// Bundles the program and the library with esbuild; only native modules stay outside. What a command does not need is
// in a part that it does not load. A part has the name of the largest file or package in it.

import { copyFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";
import { libraries } from "./libraries.mjs";

const PART = "part-";

/** Writes dist/dialward.mjs (the program), dist/index.mjs (the library) and their parts beside them. */
export async function bundle() {
  for (const name of readdirSync("dist")) if (name.startsWith(PART)) rmSync(`dist/${name}`);
  const { metafile } = await build({
    entryPoints: { dialward: "host/cli/main.ts", index: "host/index.ts" },
    outdir: "dist",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    chunkNames: `${PART}[hash]`,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["classic-level"],
    plugins: libraries,
    metafile: true,
    minify: true,
    define: { BUILD_SECONDS: String(Math.floor(Date.now() / 1000)) },
    // Some libraries are CommonJS and ask for Node's own modules by require.
    banner: {
      js: '#!/usr/bin/env node\nimport { createRequire as dialwardRequire } from "node:module"; const require = dialwardRequire(import.meta.url);',
    },
    legalComments: "none",
    logLevel: "warning",
  });
  nameParts(metafile);
  // What browsers load. The token's folder is whole in itself: it works offline, and from any web server.
  const token = ["page.html", "page.js", "page.css", "worker.js", "icon.svg"];
  token.push("manifest.webmanifest", "icon-192.png", "icon-512.png");
  await build({
    entryPoints: ["page.js", "page.css", "icon.svg", ...token.map((name) => `token/${name}`)].map(
      (name) => `host/web/client/${name}`,
    ),
    outdir: "dist/web",
    loader: { ".svg": "copy", ".html": "copy", ".png": "copy", ".webmanifest": "copy" },
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome110", "firefox115", "safari16.4"],
    legalComments: "none",
    logLevel: "warning",
  });
  copyFileSync("dist/dialward.wasm", "dist/web/token/core.wasm");
}

/** Renames the parts after what is in them, where they lie and where they are imported. */
function nameParts({ outputs }) {
  const names = new Map();
  for (const [path, { inputs, entryPoint }] of Object.entries(outputs)) {
    const part = basename(path);
    if (!part.startsWith(PART)) continue;
    const [largest = entryPoint ?? "shared"] = Object.keys(inputs).toSorted(
      (a, b) => inputs[b].bytesInOutput - inputs[a].bytesInOutput,
    );
    const of =
      /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(largest)?.[1] ?? largest.replace(/^host\/|\.\w+$/g, "");
    names.set(part, part.replace(PART, `${PART}${of.replaceAll("@", "").replaceAll("/", "-")}-`));
  }
  for (const path of Object.keys(outputs)) {
    const text = readFileSync(path, "utf8");
    writeFileSync(
      path,
      text.replace(/part-\w+\.mjs/g, (part) => names.get(part) ?? part),
    );
    const named = names.get(basename(path));
    if (named) renameSync(path, `dist/${named}`);
  }
}
