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
