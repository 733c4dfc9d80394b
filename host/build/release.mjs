// `npm run release`: what a version consists of, in dist/release: the npm package, the .deb, the sources, what is in them
// (CycloneDX) and checksums. It builds and tests first, and publishes nothing: the last lines say how to.

import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
const folder = "dist/release";
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const read = (command, ...args) => execFileSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
const show = (command, ...args) => execFileSync(command, args, { stdio: "inherit" });

if (read("git", "status", "--porcelain") !== "") fail("Commit first: a release is what a commit holds.");
if (!readFileSync("CHANGELOG.md", "utf8").includes(`\n## ${version}\n`))
  fail(`CHANGELOG.md has no "## ${version}": say there what is new.`);

show("npm", "run", "build");
show("npm", "test");

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
read("npm", "pack", "--ignore-scripts", "--pack-destination", folder);
const deb = read(process.execPath, "host/build/deb.mjs").trim();
copyFileSync(deb, join(folder, basename(deb)));
const name = `dialward-${version}`;
read("git", "archive", `--prefix=${name}/`, "-o", join(folder, `${name}-source.tar.gz`), "HEAD");
const parts = read("npm", "sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application");
writeFileSync(join(folder, `${name}.cdx.json`), parts);
const sums = readdirSync(folder)
  .toSorted()
  .map(
    (file) =>
      `${createHash("sha256")
        .update(readFileSync(join(folder, file)))
        .digest("hex")}  ${file}\n`,
  );
writeFileSync(join(folder, "SHA256SUMS"), sums.join(""));

process.stdout.write(`
${sums.join("")}
In ${folder}. To publish it:
  git tag -s v${version} -m "Dialward ${version}" && git push origin v${version}
  npm publish ${folder}/dialward-${version}.tgz
`);

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
