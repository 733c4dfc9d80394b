// What each suite beyond `npm test` says where Debian packages are missing: those of its own list, and how to get them.
// A dpkg-query that stands in for Debian's tells what is installed.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const ROOT = new URL("..", import.meta.url).pathname;
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "dialward-packages-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the look at packages with which the script `test:SUITE` begins. */
function look(suite: string, installed: readonly string[]) {
  const lines = installed.map((name) => `ii  ${name}\n`).join("");
  writeFileSync(join(folder, "dpkg-query"), `#!/bin/sh\nprintf '%s' '${lines}'\n`);
  chmodSync(join(folder, "dpkg-query"), 0o755);
  const [, file, ...args] = scripts[`test:${suite}`].split(" && ")[0].split(" ");
  const options = { cwd: ROOT, env: { PATH: `${folder}:/usr/bin:/bin` }, encoding: "utf8" } as const;
  return spawnSync(process.execPath, [file, ...args], options);
}

test.each(["daemons", "slow", "browser", "install"])(
  "test:%s names what is missing, and how to get it",
  (suite) => {
    const wanted = readFileSync(join(ROOT, `test/${suite}/packages.txt`), "utf8")
      .trim()
      .split("\n");
    const all = look(suite, []);
    expect(all.status).toBe(1);
    expect(all.stderr).toContain(`apt-get install -y --no-install-recommends ${wanted.join(" ")}\n`);
    const [first, ...others] = wanted;
    const one = look(suite, others);
    expect(one.status).toBe(1);
    expect(one.stderr).toContain(`which are missing: ${first}. To get them:`);
  },
);
