// Says which Debian packages of a suite's packages.txt (this folder's, or that of the suite named) are missing, and how
// to get them; exits with 1 then. Nothing is skipped: without all of them, and without root, the suite does not run.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const suite = process.argv[2] ?? "daemons";
const wanted = readFileSync(new URL(`../${suite}/packages.txt`, import.meta.url), "utf8")
  .trim()
  .split("\n");
const { error, stdout } = spawnSync(
  "dpkg-query",
  ["--show", "--showformat=${db:Status-Abbrev} ${Package}\n"],
  {
    encoding: "utf8",
  },
);
if (error) fail("The tests need Debian's packages, and dpkg-query is not here.");
const installed = new Set([...stdout.matchAll(/^ii +(\S+)$/gm)].map(([, name]) => name));
const missing = wanted.filter((name) => !installed.has(name));
if (missing.length > 0)
  fail(
    `The tests need these Debian packages, which are missing: ${missing.join(", ")}. To get them:\n\n` +
      `  apt-get install -y --no-install-recommends ${missing.join(" ")}\n\n` +
      "(A /usr/sbin/policy-rc.d that exits with 101 keeps Debian from starting the daemons.)",
  );
if (process.getuid() !== 0) fail("The tests make network namespaces and mounts: run them as root.");

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
