// The completion scripts in the shells that read them, and the man pages in the program that sets them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";

const DIST = new URL("../../dist/", import.meta.url).pathname;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-shells-"));
  for (const shell of ["bash", "zsh", "fish"]) {
    const { stdout, status } = spawnSync(process.execPath, [`${DIST}dialward.mjs`, "completion", shell], {
      encoding: "utf8",
    });
    expect(status, shell).toBe(0);
    writeFileSync(join(folder, shell), stdout);
  }
  writeFileSync(join(folder, "users.csv"), "");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What fish offers behind a line. */
function fish(line: string): string[] {
  const { stdout, stderr } = spawnSync(
    "fish",
    ["--no-config", "-c", `source ${folder}/fish; complete -C '${line}'`],
    { encoding: "utf8", cwd: folder },
  );
  expect(stderr).toBe("");
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((one) => one.split("\t")[0]!);
}

test("fish completes commands, options with their words, values and files", () => {
  expect(fish("dialward us")).toEqual(["user"]);
  expect(fish("dialward user ")).toEqual(expect.arrayContaining(["add", "import", "export"]));
  expect(fish("dialward user ")).not.toContain("serve");
  expect(fish("dialward --data user user imp")).toEqual(["import"]);
  expect(fish("dialward user add --factor ")).toEqual(["hotp", "motp", "totp"]);
  expect(fish("dialward user add alice --sec")).toContain("--secret-file");
  expect(fish("dialward user import us")).toContain("users.csv");
  expect(fish("dialward completion z")).toEqual(["zsh"]);
});

/** What zsh would be told to offer: the calls of its own functions, written down. */
function zsh(...words: string[]): string {
  const list = ["dialward", ...words].map((word) => `'${word}'`).join(" ");
  const script = `
    compdef() { : }
    _describe() { print -l -- \${names%%:*} }
    compadd() { shift; print -l -- "$@" }
    _files() { print FILES }
    source ${folder}/zsh
    words=(${list}); CURRENT=${words.length + 1}
    _dialward`;
  const { stdout, stderr } = spawnSync("zsh", ["-f", "-c", script], { encoding: "utf8", cwd: folder });
  expect(stderr).toBe("");
  return stdout;
}

test("zsh is told commands, options, values and files", () => {
  expect(zsh("")).toMatch(/^user$/m);
  expect(zsh("user", "")).toMatch(/^add$[^]*^import$/m);
  expect(zsh("user", "")).not.toMatch(/^serve$/m);
  expect(zsh("--data", "user", "user", "")).toMatch(/^import$/m);
  expect(zsh("user", "add", "--factor", "")).toBe("totp\nmotp\nhotp\n");
  expect(zsh("user", "import", "")).toMatch(/^--dry-run$[^]*FILES/m);
  expect(zsh("--config", "")).toBe("FILES\n");
});

test("groff sets every man page without a warning", () => {
  const pages = readdirSync(`${DIST}man`);
  expect(pages.length).toBeGreaterThan(20);
  for (const page of pages) {
    const { stdout, stderr, status } = spawnSync("groff", ["-man", "-Tutf8", "-ww", "-k"], {
      encoding: "utf8",
      input: gunzipSync(readFileSync(`${DIST}man/${page}`)),
    });
    expect([status, stderr], page).toEqual([0, ""]);
    expect(stdout, page).toContain(page.replace(/\.1\.gz$/, ""));
  }
});
