// What the command line says about itself: help, completion, man pages, and errors in words, with --json as JSON.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anyCharacter } from "../runs.ts";
import { commandsOf, SHELLS } from "../../host/cli/completion.ts";
import { manPages } from "../../host/cli/man.ts";
import { buildProgram } from "../../host/cli/program.ts";
import { printable, table } from "../../host/cli/output.ts";
import { runCommand } from "../command.ts";

const PROGRAM = new URL("../../dist/dialward.mjs", import.meta.url).pathname;
const known = commandsOf(buildProgram());

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-words-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("completion", () => {
  test("each shell's script names each command and each long option", async () => {
    for (const shell of SHELLS) {
      const { out, err, status } = await runCommand(["completion", shell]);
      expect([status, err]).toEqual([0, ""]);
      for (const { path, options } of known) {
        if (path !== "") expect(out, `${shell} ${path}`).toContain(`'${path}'`);
        for (const { long } of options)
          expect(out, `${shell} ${path}`).toContain(shell === "fish" ? `-l ${long!.slice(2)}` : long!);
      }
      expect(out).not.toMatch(/'\/(worker|man)'/);
    }
    expect((await runCommand(["completion", "csh"])).status).toBe(2);
  });

  let script: string;
  beforeAll(async () => (script = (await runCommand(["completion", "bash"])).out));

  /** What bash offers for the last of `words`. */
  function complete(...words: string[]): string[] {
    const call = `COMP_WORDS=(${["dialward", ...words].map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}; _dialward; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, status } = spawnSync("bash", ["-c", `${script}\n${call}`], {
      encoding: "utf8",
      cwd: folder,
    });
    expect([status, stderr]).toEqual([0, ""]);
    return stdout.split("\n").filter(Boolean);
  }

  test("bash completes commands, options, values and files, wherever common options stand", () => {
    expect(complete("us")).toEqual(["user"]);
    expect(complete("user", "")).toEqual(expect.arrayContaining(["add", "import", "export", "--json"]));
    expect(complete("--data", "user", "user", "imp")).toEqual(["import"]);
    expect(complete("user", "add", "--factor", "")).toEqual(["totp", "motp", "hotp"]);
    expect(complete("user", "add", "alice", "--sec")).toEqual(["--secret-file"]);
    writeFileSync(join(folder, "users.csv"), "");
    expect(complete("user", "import", "us")).toContain("users.csv");
    expect(complete("--config", "us")).toEqual(["users.csv"]);
    expect(complete("completion", "z")).toEqual(["zsh"]);
  });
});

describe("man pages", () => {
  const pages = manPages(buildProgram());

  test("each command has a page that says each option and refers to its commands", () => {
    expect(pages.size).toBe(known.length);
    for (const { path, options, commands } of known) {
      const page = pages.get(`dialward${path.replaceAll("/", "-")}.1`);
      expect(page, path).toMatch(/^\.TH DIALWARD[^\n]*\n\.SH NAME\ndialward/);
      for (const { long } of options) expect(page, path).toContain(long!.replaceAll("-", "\\-"));
      for (const one of commands) expect(page, path).toContain(`${one.name().replaceAll("-", "\\-")} (1)`);
    }
    expect(pages.get("dialward-user-import.1")).toMatch(
      /\.SH FORMATS\n\.nf\n[^]*pskc[^]*\.SH COLUMNS OF CSV/,
    );
  });

  test("no text of ours is taken for a request, and nothing is escaped by halves", () => {
    const requests = /^\.(TH|SH|TP|B|BR|nf|fi)( |$)/;
    for (const [name, page] of pages)
      for (const line of page.split("\n")) {
        if (/^[.']/.test(line)) expect(line, name).toMatch(requests);
        expect(line.replace(/\\(e|-|&|fI|fR)/g, ""), name).not.toContain("\\");
      }
  });

  test("the build has written them", () => {
    const built = readdirSync(new URL("../../dist/man", import.meta.url)).toSorted();
    expect(built).toEqual([...pages.keys()].map((name) => `${name}.gz`).toSorted());
    for (const [name, page] of pages) {
      const file = new URL(`../../dist/man/${name}.gz`, import.meta.url);
      expect(gunzipSync(readFileSync(file)).toString()).toBe(page);
    }
  });
});

test("every command has help, and a description without a full stop", async () => {
  for (const { path, description } of known) {
    const { out, status } = await runCommand([...path.split("/").filter(Boolean), "--help"]);
    expect(status, path).toBe(0);
    expect(out, path).toContain("Usage: dialward");
    expect(description, path).toMatch(/[^.]$/);
  }
});

describe("errors", () => {
  test.each([
    ["an unknown command", ["usr"], "usage"],
    ["an unknown option", ["user", "list", "--colour"], "usage"],
    ["a missing argument", ["user", "show"], "usage"],
    ["a bad choice", ["user", "add", "a", "--factor", "sms"], "usage"],
    ["a configuration that is not there", ["--config", "/nonexistent.toml", "user", "list"], "config"],
    ["a file that is not there", ["user", "import", "/nonexistent.csv"], "usage"],
    ["a folder in place of a file", ["user", "add", "a", "--secret-file", "/"], "usage"],
    ["a user that is not there", ["user", "show", "nobody"], "not-found"],
  ])("with --json %s is one JSON object on standard error", async (_, args, code) => {
    const { out, err, status } = await runCommand(["--json", "--data", join(folder, "data"), ...args]);
    expect(out).toBe("");
    expect(JSON.parse(err)).toEqual({ error: { code, message: expect.stringMatching(/^[^\n]{5,}$/) } });
    expect(status).toBe(code === "not-found" ? 1 : 2);
    const plain = await runCommand(["--data", join(folder, "data"), ...args]);
    expect(plain).toMatchObject({ status, out: "", err: expect.not.stringContaining("{") });
  });

  test("what the system says comes in words, with the file", async () => {
    expect((await runCommand(["user", "import", "/nonexistent.csv"])).err).toBe(
      "dialward: /nonexistent.csv: there is no such file or folder.\n",
    );
    expect((await runCommand(["user", "add", "a", "--secret-file", "/"])).err).toMatch(
      /^dialward: --secret-file: .*it is a folder\.\n$/,
    );
  });

  const run = (script: string) =>
    spawnSync(
      "bash",
      ["-c", script.replaceAll("DIALWARD", `${process.execPath} ${PROGRAM} --data ${folder}/data`)],
      { encoding: "utf8" },
    );

  test("a full disk behind standard output: said in words, no stack trace", () => {
    run("DIALWARD init");
    for (const command of ["--help", "user list", "completion bash"]) {
      const { status, stderr } = run(`DIALWARD ${command} >/dev/full`);
      expect(stderr, command).toBe(
        "dialward: Nothing more can be printed: no space is left on the device.\n",
      );
      expect(status, command).toBe(1);
    }
  });

  test("a pipe that closes ends the program in silence", async () => {
    const child = spawn(process.execPath, [PROGRAM, "completion", "bash"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect([status, err]).toEqual([0, ""]);
  });

  test("a file of 600 MB is refused before it is read", () => {
    const large = join(folder, "large.csv");
    writeFileSync(large, "name,secret\n");
    truncateSync(large, 600_000_000);
    for (const args of [`user import ${large}`, `user add a --secret-file ${large}`]) {
      const { status, stderr } = run(`DIALWARD ${args}`);
      expect(stderr, args).toMatch(/^dialward: [^\n]*larger than [^\n]*\n$/);
      expect(status, args).toBe(2);
    }
  });
});

test("names of others are printed so that they can be seen, in tables too", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (name) => {
      for (const text of [printable(name), table(["NAME"], [[name]]).split("\n")[1] ?? ""])
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }),
  );
});

describe("config check", () => {
  const check = (text: string) => {
    const file = join(folder, "check.toml");
    writeFileSync(file, text);
    return runCommand(["--config", file, "config", "check"]);
  };

  test("says what is in force, and starts and changes nothing", async () => {
    const { status, out, err } = await check(`data = "${folder}/none"\n[service]\nname = "Office"\n`);
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(/^name +Office$/m);
    expect(out).toMatch(/check\.toml is right\.\n$/);
    expect(readdirSync(folder)).not.toContain("none");
  });

  test("names every problem, with what to do; secrets are not repeated", async () => {
    const { status, out } = await check(
      `[[radius.clients]]\naddress = "10.0.0.1"\nsecretFile = "none"\n[[radius.clients]]\naddress = "10.0.0.2"\nsecret = "s3cret"\n[web]\ncert = "no-cert"\nkey = "no-key"\n[log]\naudit = "/nonexistent/audit"\n[run]\nuser = "no-such-user"\n` +
        `[[radius.clients]]\naddress = "10.0.0.3"\nname = "far"\nsecret = "${"s3cret".repeat(50)}"\n` +
        `[directory]\nradius = "10.0.0.5:1812"\nsecretFile = "none"\n[mail]\nhost = "mx"\nfrom = "a@b"\npasswordFile = "none"\n`,
    );
    expect(status).toBe(2);
    expect(out).toMatch(
      /secret cannot be read[^]*client far has 300 bytes[^]*directory's secret[^]*"no-such-user"[^]*mail\.passwordFile[^]*web\.cert and web\.key: [^]*there is no such file[^]*log\.audit: [^]*7 things are wrong/,
    );
    expect(out).not.toContain("s3cret");
    expect(await check("[radius]\nlissen = 1\n")).toMatchObject({
      status: 2,
      err: expect.stringContaining("radius.lissen"),
    });
    expect((await runCommand(["config", "check"])).err).toContain("--config");
  });
});
