// Makes dist/dialward-firmware-VERSION.tar.gz: both modules as C, the hosts, the daemon, the plug-in, and what builds and
// installs them. A build host needs a C compiler and make. The same SOURCE_DATE_EPOCH gives the same bytes.
// `npm run firmware:release`; needs wasm2c of wabt 1.0.32 (Debian 12: wabt), tar and gzip.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const epoch = Number(process.env["SOURCE_DATE_EPOCH"] ?? Math.floor(Date.now() / 1000));
const name = `dialward-firmware-${version}`;
const folder = join("dist", name);
const sources = "host/firmware";
// npm puts its own wasm2c, of another version, before Debian's.
const PATH = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((one) => !one.includes("node_modules"))
  .join(delimiter);

function run(program, ...args) {
  return execFileSync(program, args, { env: { ...process.env, PATH }, encoding: "utf8" });
}

const found = run("wasm2c", "--version").trim();
if (found !== "1.0.32") throw new Error(`wasm2c is of wabt ${found}; 1.0.32 is needed.`);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const file of readdirSync(sources))
  if (/\.[ch]$/.test(file)) cpSync(join(sources, file), join(folder, file));
cpSync(join(sources, "README.md"), join(folder, "PORTING.md"));
cpSync(join(sources, "release"), folder, { recursive: true });
cpSync("LICENSE", join(folder, "LICENSE"));
run("wasm2c", "-n", "dialward", "dist/dialward.wasm", "-o", join(folder, "core.c"));
run("wasm2c", "-n", "radius", "dist/radius.router.wasm", "-o", join(folder, "radius.c"));

/** Changes one file of the release. */
function edit(file, change) {
  writeFileSync(join(folder, file), change(readFileSync(join(folder, file), "utf8")));
}

/**
 * Marks what a login spends its time in, so that `make SIZE=small` can compile it for speed and the rest for size: hashes,
 * which turn words many times; loops that call nothing, as those over bytes; and what calls a hash and little else. Where
 * DIALWARD_PART is 1 these functions are compiled, where it is 2 the others, else all.
 */
function markHot(module) {
  edit(`${module}.c`, (text) => {
    const definitions = /^static \w+ (w2c_\w+)\([^;{]*\) (\{\n[^]*?^\}\n)/gm;
    const bodies = new Map([...text.matchAll(definitions)].map(([, name, body]) => [name, body]));
    const calls = (name) =>
      [...bodies.get(name).matchAll(/\b(w2c_\w+)\(/g)]
        .map(([, called]) => called)
        .filter((one) => bodies.has(one));
    const reach = (name, seen = new Set()) => {
      for (const called of calls(name)) if (!seen.has(called)) reach(called, seen.add(called));
      return seen;
    };
    const isHash = (name) => bodies.get(name).split("I32_ROTL").length > 16;
    const isLoop = (name) => bodies.get(name).includes("w2c_L") && calls(name).length === 0;
    const isHot = (name) =>
      isHash(name) || isLoop(name) || (calls(name).some(isHash) && reach(name).size < 4);
    const hot = new Set([...bodies.keys()].filter(isHot));
    const exported = text.search(/^\/\* export: /m);
    const marked = (text.slice(0, exported) + "#if DIALWARD_PART != 1\n" + text.slice(exported) + "#endif\n")
      .replaceAll(definitions, (all, name) =>
        hot.has(name) ? `#if DIALWARD_PART != 2\n${all}#endif\n` : all,
      )
      .replaceAll(/^static (?=\w+ (\w+)\()/gm, (all, name) => (hot.has(name) ? "DIALWARD_HOT " : all));
    const divided = marked.replace(
      /^(#define I64_DIV_S\(x, y\)) .*$/m,
      "$1 dialward_divide((s64)(x), (s64)(y))",
    );
    const names = [...hot].map((name) => `#define ${name} dialward_${module}_${name}\n`).join("");
    return `#if DIALWARD_PART\n#define DIALWARD_HOT\n${names}#else\n#define DIALWARD_HOT static\n#endif\n${divided}`;
  });
}
markHot("core");
markHot("radius");
edit("Makefile", (text) => text.replaceAll("@VERSION@", version).replaceAll("@EPOCH@", String(epoch)));
edit("CMakeLists.txt", (text) => text.replaceAll("@VERSION@", version).replaceAll("@EPOCH@", String(epoch)));
edit("openwrt/Makefile", (text) => text.replaceAll("@VERSION@", version));

/** Every file of a folder, by its path in it, in order. */
function list(path, under = "") {
  return readdirSync(join(path, under), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((one) => (one.isDirectory() ? list(path, join(under, one.name)) : [join(under, one.name)]));
}
const sums = list(folder).map(
  (file) =>
    `${createHash("sha256")
      .update(readFileSync(join(folder, file)))
      .digest("hex")}  ${file}\n`,
);
writeFileSync(join(folder, "SHA256SUMS"), sums.join(""));
for (const file of list(folder)) {
  chmodSync(join(folder, file), /\.(init|defaults)$/.test(file) ? 0o755 : 0o644);
  utimesSync(join(folder, file), epoch, epoch);
}
const tar = join("dist", `${name}.tar`);
rmSync(`${tar}.gz`, { force: true });
run(
  "tar",
  ...["--sort=name", `--mtime=@${epoch}`, "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"],
  ...["--format=ustar", "-C", "dist", "-cf", tar, name],
);
run("gzip", "-9n", tar);
process.stdout.write(`${tar}.gz\n`);
