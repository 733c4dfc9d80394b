// Says which of the Debian packages in packages.txt are missing, and how to get them; exits with 1 then.
// Nothing is skipped: without all of them, and without root, the suite does not run.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const wanted = readFileSync(new URL("packages.txt", import.meta.url), "utf8")
  .trim()
  .split("\n");
const { error, stdout } = spawnSync(
  "dpkg-query",
  ["--show", "--showformat=${db:Status-Abbrev} ${Package}\n"],
  {
    encoding: "utf8",
  },
);
if (error) fail("The daemon tests need Debian's packages, and dpkg-query is not here.");
const installed = new Set([...stdout.matchAll(/^ii +(\S+)$/gm)].map(([, name]) => name));
const missing = wanted.filter((name) => !installed.has(name));
if (missing.length > 0)
  fail(
    `The daemon tests need these Debian packages, which are missing: ${missing.join(", ")}. To get them:\n\n` +
      `  apt-get install -y --no-install-recommends ${missing.join(" ")}\n\n` +
      "(A /usr/sbin/policy-rc.d that exits with 101 keeps Debian from starting the daemons.)",
  );
if (process.getuid() !== 0) fail("The daemon tests make network namespaces: run them as root.");

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
