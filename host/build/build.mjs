// Installs and builds what is missing, and nothing else: `npm start`, `npm test` and `npm run build` come through here.
// Plain JavaScript, so that it runs before anything is installed.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const force = process.argv.includes("--force");
process.chdir(fileURLToPath(new URL("../..", import.meta.url)));

/** Milliseconds of the newest file under the paths; 0 for what does not exist. */
function newest(...paths) {
  let time = 0;
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const stat = statSync(path);
    if (stat.isDirectory())
      time = Math.max(time, newest(...readdirSync(path).map((name) => `${path}/${name}`)));
    else time = Math.max(time, stat.mtimeMs);
  }
  return time;
}

/** Runs one step if its product is missing or older than what it is made of. */
function make(what, product, sources, build) {
  if (!force && existsSync(product) && statSync(product).mtimeMs >= newest(...sources)) return;
  const started = Date.now();
  process.stderr.write(`${what} … `);
  build();
  process.stderr.write(`${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

function run(command, ...args) {
  try {
    execFileSync(command, args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  } catch (error) {
    process.stderr.write(`failed\n${error.stdout ?? ""}${error.stderr ?? error.message}\n`);
    process.exit(1);
  }
}

const installed = "node_modules/.package-lock.json";
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync("package-lock.json").mtimeMs) {
  process.stderr.write("installing packages … ");
  run("npm", "ci", "--no-audit", "--no-fund");
  process.stderr.write("done\n");
}

mkdirSync("dist", { recursive: true });
const core = [
  "asconfig.json",
  ...readdirSync("assembly")
    .filter((name) => name !== "radius")
    .map((name) => `assembly/${name}`),
];
const asc = (target) => run(process.execPath, "node_modules/assemblyscript/bin/asc.js", "--target", target);
make("core", "dist/dialward.wasm", core, () => asc("strict"));
make("core with SIMD", "dist/dialward.simd.wasm", core, () => asc("simd"));
// From assembly/ as its base, so that asconfig.json and its entry stay out of it. The pages are those of sizes.ts.
const packets = (file, pages, ...more) =>
  run(
    process.execPath,
    ...["node_modules/assemblyscript/bin/asc.js", "radius/index.ts", "--outFile", `../dist/${file}`],
    ...["--baseDir", "assembly", "-O3", "--noAssert", "--runtime", "stub", "--memoryBase", "192"],
    ...["--initialMemory", pages, "--maximumMemory", pages, "--use", "abort=", "--disableWarning", "112"],
    ...["bulk-memory", "sign-extension", "nontrapping-f2i", "mutable-globals"].flatMap((feature) => [
      "--disable",
      feature,
    ]),
    ...more,
  );
make("packets", "dist/radius.wasm", ["assembly"], () => packets("radius.wasm", "141"));
make("packets of a router", "dist/radius.router.wasm", ["assembly"], () =>
  packets("radius.router.wasm", "1", "--use", "ROUTER=1", "--shrinkLevel", "1"),
);

const printer = "host/firmware/header.mjs";
const header = (name, folder, ...args) =>
  make(
    `C header ${name}`,
    `host/firmware/${name}`,
    [`assembly/${folder}abi.ts`, `assembly/${folder}index.ts`, "assembly/radius/dictionary.ts", printer],
    () => writeFileSync(`host/firmware/${name}`, execFileSync(process.execPath, [printer, ...args])),
  );
header("dialward.h", "");
header("dialward-radius.h", "radius/", "radius");

const host = [
  ...["host", "assembly/abi.ts", "assembly/radius/abi.ts", "assembly/radius/dictionary.ts"],
  ...["package.json", "tsconfig.json"],
];
if (force || newest("dist/dialward.mjs") < newest(...host)) {
  const { bundle } = await import("./bundle.mjs");
  await bundle();
}
make("types", "dist/types/host/index.d.ts", host, () =>
  run(process.execPath, "node_modules/typescript/bin/tsc", "-p", "host/build"),
);
make("man pages", "dist/man/dialward.1.gz", host, () =>
  run(process.execPath, "dist/dialward.mjs", "man", "dist/man"),
);
