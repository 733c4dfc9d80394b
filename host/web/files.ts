// What browsers load beside the pages: style, script, icon, and the token, an app of its own that works without a network.
import { readFileSync } from "node:fs";
import type { Hono } from "hono";
import type { PageEnv } from "./context.ts";

const FILES: Record<string, string> = {
  "/page.css": "text/css",
  "/page.js": "text/javascript",
  "/icon.svg": "image/svg+xml",
};

/** The offline token: its page and what that loads. */
const TOKEN_FILES: Record<string, string> = {
  "": "text/html; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
  "page.css": "text/css; charset=utf-8",
  "worker.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
  "icon-192.png": "image/png",
  "icon-512.png": "image/png",
  "manifest.webmanifest": "application/manifest+json",
  "core.wasm": "application/wasm",
};

/** Serves them all. */
export function addFiles(app: Hono<PageEnv>): void {
  for (const [path, type] of Object.entries(FILES)) {
    const text = readAsset(path.slice(1));
    app.get(path, (c) =>
      c.body(text, 200, { "Content-Type": `${type}; charset=utf-8`, "Cache-Control": "max-age=300" }),
    );
  }
  app.get("/token", (c) => c.redirect("/token/", 303));
  for (const [path, type] of Object.entries(TOKEN_FILES)) {
    const text = readAsset(`token/${path || "page.html"}`);
    app.get(`/token/${path}`, (c) =>
      c.body(text, 200, { "Content-Type": type, "Cache-Control": "no-cache" }),
    );
  }
}

/** A file of the pages' own, from where the build puts them. */
function readAsset(name: string): Buffer<ArrayBuffer> {
  // From source the built files lie in dist/; a bundle lies beside them.
  const folder = import.meta.url.endsWith(".ts") ? "../../dist/web/" : "./web/";
  return readFileSync(new URL(folder + name, import.meta.url));
}
