// The installed program in a folder: what npm would pack, and the packages that it needs on this machine, no more.
// For the .deb, and by itself for the container image: `node host/build/stage.mjs` fills dist/image.

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = (...args) => execFileSync("npm", args, { cwd: root, encoding: "utf8" });

/** Copies the program into `folder`. What is built and installed here is what is copied. */
export function stage(folder) {
  const [{ files }] = JSON.parse(run("pack", "--dry-run", "--json", "--ignore-scripts"));
  for (const { path } of files) if (!path.startsWith("host/")) copy(path, folder);
  const packages = run("ls", "--omit=dev", "--all", "--parseable").trim().split("\n").slice(1);
  for (const path of packages) copy(path.slice(path.indexOf("node_modules")), folder);
}

function copy(path, folder) {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(root, path), target, { recursive: true, filter: isNeeded });
}

/** No package within a package (npm lists them itself), and of prebuilt binaries those of this machine. */
function isNeeded(path) {
  const inside = path.slice(path.lastIndexOf("node_modules/"));
  if (inside.endsWith("/node_modules")) return false;
  const prebuilt = /\/prebuilds\/([^/]+)/.exec(inside)?.[1];
  if (prebuilt !== undefined && prebuilt !== `linux-${process.arch}`) return false;
  return existsSync(path) && !(inside.startsWith("node_modules/") && /\.(md|map|ts|cts|flow)$/.test(path));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const image = join(root, "dist/image");
  rmSync(image, { recursive: true, force: true });
  stage(image);
  console.log("dist/image");
}
