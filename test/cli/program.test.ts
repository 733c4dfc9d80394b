// The command line as other programs call it: arguments, standard input, output, exit status.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hotp, motp, totp } from "../codes.ts";
import { runCommand, type CommandResult } from "../command.ts";

const PROGRAM = new URL("../../dist/dialward.mjs", import.meta.url).pathname;
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");

let data: string;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "dialward-cli-"));
  expect(await run(["init"])).toMatchObject({ status: 0, err: "" });
});
afterEach(() => rmSync(data, { recursive: true }));

/** Starts the built program. */
function start(args: string[]) {
  const env = { ...process.env, DIALWARD_KEY: "", STATE_DIRECTORY: "" };
  return spawn(process.execPath, [PROGRAM, ...args], { env, stdio: "pipe" });
}

/** Runs a command of the built program; `run` is the same in this process. */
function runProgram(args: string[], input = ""): Promise<CommandResult> {
  const child = start(["--data", data, ...args]);
  const result = { out: "", err: "" };
  child.stdout.on("data", (chunk) => (result.out += chunk));
  child.stderr.on("data", (chunk) => (result.err += chunk));
  child.stdin.on("error", () => {}); // it has what it needs
  child.stdin.end(input);
  return new Promise((resolve) =>
    child.on("close", (status) => resolve({ ...result, status: status ?? -1 })),
  );
}

const run = (args: string[], input = "") => runCommand(["--data", data, ...args], input);

const json = (result: CommandResult) => {
  expect(result.err).toBe("");
  return JSON.parse(result.out);
};
const file = (name: string, text: string): string => {
  writeFileSync(join(data, name), text, { mode: 0o600 });
  return join(data, name);
};
const now = () => Date.now() / 1000;

test("users may come first where the configuration's file names the folder; elsewhere a missing one is an error", async () => {
  const folder = join(data, "typo");
  const config = join(data, "c.toml");
  writeFileSync(config, `data = "${folder}"\n`);
  const missing = await runCommand(["--data", folder, "user", "add", "alice"], "");
  expect(missing).toMatchObject({ status: 1, err: expect.stringContaining(folder) });
  const listed = await runCommand(["--config", config, "user", "list"], "");
  expect(listed).toMatchObject({ status: 1, err: expect.stringContaining(folder) });
  expect(readdirSync(data)).not.toContain("typo");
  expect(await runCommand(["--config", config, "user", "add", "alice"], "")).toMatchObject({ status: 0 });
  expect((await runCommand(["--config", config, "--json", "user", "list"], "")).out).toContain("alice");
});

test("from user add to a spent code", async () => {
  const added = json(await run(["user", "add", "alice", "--secret-file", "-", "--json"], `${SECRET}\n`));
  expect(added).toMatchObject({ name: "alice", factor: "totp", state: "pending", secret: SECRET });
  expect(added.uri).toBe(
    `otpauth://totp/Dialward:alice?secret=${SECRET}&issuer=Dialward&algorithm=SHA1&digits=6&period=30`,
  );
  const wrong = await run(["user", "verify", "alice"], "abcdef\n");
  expect(wrong).toMatchObject({ status: 1, out: expect.stringMatching(/^Refused: /) });
  const code = totp(KEY, now());
  expect(await run(["user", "verify", "alice"], `${code}\n`)).toMatchObject({ status: 0, err: "" });
  const again = await run(["user", "verify", "alice", "--json"], code);
  expect(again.status).toBe(1);
  expect(json(again)).toMatchObject({ name: "alice", outcome: "refuse", reason: "code-spent" });
  expect(json(await run(["user", "show", "alice", "--json"]))).toMatchObject({ state: "active" });
});

test("a secret is made where none is given, shown once, and kept sealed", async () => {
  const shown = await run(["user", "add", "alice"]);
  expect(shown.status).toBe(0);
  const [, secret] = /^secret +([A-Z2-7]{32})$/m.exec(shown.out)!;
  expect(shown.out).toContain(`otpauth://totp/Dialward:alice?secret=${secret}`);
  expect(shown.out).toMatch(/█/);
  for (const args of [["list"], ["show", "alice"], ["list", "--json"], ["show", "alice", "--json"]]) {
    const { out, status } = await run(["user", ...args]);
    expect(status).toBe(0);
    expect(out).toContain("alice");
    expect(out).not.toContain(secret);
  }
  for (const name of readdirSync(data, { recursive: true, encoding: "utf8" })) {
    if (statSync(join(data, name)).isFile())
      expect(readFileSync(join(data, name), "latin1")).not.toContain(secret);
  }
});

test("mOTP and HOTP, with PIN and password from files", async () => {
  const pin = file("pin", "1234\n");
  const password = file("password", "opensesame\n");
  const made = json(await run(["user", "add", "token", "--factor", "motp", "--pin-file", pin, "--json"]));
  expect(made.secret).toMatch(/^[0-9a-f]{32}$/);
  const code = motp(made.secret, "1234", now());
  expect((await run(["user", "verify", "token"], code)).status).toBe(0);

  const secret = file("secret", SECRET);
  const mode = [
    "--mode",
    "password+code",
    "--password-file",
    password,
    "--types",
    "openvpn,l2tp",
    "--digits",
    "8",
  ];
  const added = await run([
    "user",
    "add",
    "hotp",
    "--factor",
    "hotp",
    "--secret-file",
    secret,
    ...mode,
    "--json",
  ]);
  expect(json(added)).toMatchObject({ digits: 8, types: ["openvpn", "l2tp"], mode: "password+code" });
  expect(added.out).not.toContain("opensesame");
  expect((await run(["user", "verify", "hotp"], `opensesame${hotp(KEY, 0, 8)}`)).status).toBe(0);
  expect((await run(["user", "verify", "hotp"], hotp(KEY, 1, 8))).status).toBe(0);
});

test("enable, disable, unlock, remove", async () => {
  await run(["user", "add", "alice"]);
  expect(json(await run(["user", "disable", "alice", "--json"]))).toMatchObject({ state: "disabled" });
  expect((await run(["user", "enable", "alice"])).status).toBe(0);
  expect(json(await run(["user", "unlock", "alice", "--json"]))).toMatchObject({ state: "pending" });
  expect((await run(["user", "remove", "alice"])).status).toBe(0);
  for (const verb of ["remove", "show", "enable", "disable", "unlock", "verify"]) {
    const result = await run(["user", verb, "alice"], "123456\n");
    expect(result).toMatchObject({ status: 1, out: "", err: expect.stringContaining('no user "alice"') });
  }
  expect(json(await run(["user", "list", "--json"]))).toEqual([]);
  expect(json(await run(["sessions", "--json"]))).toEqual([]);
  const gone = await run(["sessions", "--disconnect", "nas/1"]);
  expect(gone).toMatchObject({ status: 1, out: "", err: expect.stringContaining('no session "nas/1"') });
});

test("administrator access says what the LAN is, and changes nothing unless it is told to", async () => {
  const read = (): string => readFileSync(join(data, "settings.json"), "utf8");
  expect(await run(["administrator", "access", "--lan", "10.0.0.0/8"])).toMatchObject({ status: 0 });
  const before = read();
  const { out } = await run(["administrator", "access"]);
  expect(out).toMatch(/LAN +10\.0\.0\.0\/8\nfrom WAN +no\n/);
  expect(out).not.toContain("Saved");
  expect(read()).toBe(before);
});

test.each([
  ["no such option", ["user", "list", "--colour"], /unknown option/],
  ["a mistyped command", ["user", "shwo", "alice"], /Did you mean show/],
  ["a missing name", ["user", "add"], /missing required argument/],
  ["a choice that is none", ["user", "add", "a", "--factor", "sms"], /totp, motp, hotp/],
  ["a number that is none", ["user", "add", "a", "--digits", "six"], /must be a whole number/],
  ["a copy to nowhere", ["store", "copy", "--to", ""], /--to names no folder/],
  ["a limit that is none", ["group", "save", "a", "--group-logins", "few"], /must be a whole number/],
  ["a day that is none", ["group", "save", "a", "--until", "2027-02-30"], /--until must be a time/],
  ["a number out of range", ["user", "add", "a", "--digits", "9"], /digits/],
  ["a type that is none", ["user", "add", "a", "--types", "telnet"], /types/],
  ["a bad name", ["user", "add", "x".repeat(65)], /name/],
  ["mOTP without a PIN", ["user", "add", "a", "--factor", "motp"], /--pin-file/],
  ["a mode without its password", ["user", "add", "a", "--mode", "password+code"], /--password-file/],
  ["a file that is not there", ["user", "add", "a", "--secret-file", "/nonexistent"], /--secret-file/],
  [
    "a bad configuration",
    ["user", "list", "--config", "/nonexistent.toml"],
    /nonexistent.toml: there is no such file or folder/,
  ],
  ["a change of nothing", ["user", "edit", "a"], /user edit --help/],
  ["a LAN of no network", ["administrator", "access", "--lan", ""], /one network at least/],
  ["an import of nothing", ["user", "import", "-"], /is empty/],
])("%s is bad usage: status 2 and what to do on standard error", async (_, args, message) => {
  expect(await run(args)).toMatchObject({ status: 2, out: "", err: expect.stringMatching(message) });
});

test("a user that exists is not replaced", async () => {
  const before = json(await run(["user", "add", "alice", "--json"]));
  const again = await run(["user", "add", "alice", "--json"]);
  expect(again).toMatchObject({ status: 1, out: "", err: expect.stringContaining("alice") });
  const code = totp(Buffer.from(decode(before.secret)), now());
  expect((await run(["user", "verify", "alice"], code)).status).toBe(0);
});

test("import: all or nothing, each bad row named", async () => {
  await run(["user", "add", "taken"]);
  const good = { name: "alice", factor: "totp", secret: SECRET, active: true };
  const importing = (users: object[]) =>
    run(["user", "import", file("users.json", JSON.stringify({ users })), "--json"]);
  const bad = await importing([
    good,
    { ...good, name: "bob", secret: "0189" },
    { ...good, name: "carol", colour: "red" },
    good,
    { factor: "totp", secret: SECRET },
    { ...good, name: "dave", digits: 12 },
    { name: "erin", factor: "motp", secret: "0123456789abcdef", pin: "12" },
  ]);
  expect(bad.status).toBe(1);
  const told = json(bad);
  expect(told).toMatchObject({ imported: 0, taken: 1, refused: 6 });
  expect(told.rows.map(({ row, name }: { row: number; name?: string }) => [row, name])).toEqual([
    [2, "bob"],
    [3, "carol"],
    [4, "alice"],
    [5, undefined],
    [6, "dave"],
    [7, "erin"],
  ]);
  expect(told.rows.map(({ notes: [reason] }: { notes: string[] }) => /^\w+/.exec(reason!)![0])).toEqual([
    "secret",
    "colour",
    "name",
    "name",
    "digits",
    "pin",
  ]);
  const exists = json(await importing([good, { ...good, name: "taken" }]));
  expect(exists).toMatchObject({ imported: 0, rows: [{ row: 2, name: "taken" }] });
  expect(json(await run(["user", "list", "--json"]))).toHaveLength(1);

  expect(json(await importing([good, { ...good, name: "frank", active: false }]))).toEqual({
    rows: [],
    imported: 2,
    taken: 2,
    changed: 0,
    left: 0,
    refused: 0,
  });
  const states = json(await run(["user", "list", "--json"]));
  expect(states.map(({ name, state }: { name: string; state: string }) => [name, state])).toEqual([
    ["alice", "active"],
    ["frank", "pending"],
    ["taken", "pending"],
  ]);
  expect((await run(["user", "verify", "alice"], totp(KEY, now()))).status).toBe(0);
});

test("bad rows are told to people without the secrets in them", async () => {
  const users = [{ name: "alice", secret: "not-base32-0189", pin: "9876543210" }];
  const result = await run(["user", "import", "-"], JSON.stringify({ users }));
  expect(result).toMatchObject({
    status: 1,
    out: "",
    err: expect.stringMatching(/^row 1 "alice": [^]*Nothing was imported/),
  });
  expect(result.err).not.toMatch(/0189|9876543210/);
});

test("help and version", async () => {
  const help = await run(["--help"]);
  expect(help).toMatchObject({ status: 0, out: expect.stringMatching(/serve[^]*user[^]*sessions/) });
  expect(await run(["--version"])).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});

test("the built program does and says the same as commands in this process", async () => {
  const both = async (args: string[], input = "") => {
    const got = await runProgram(args, input);
    expect(got).toEqual(await run(args, input));
    return got;
  };
  await both(["--help"]);
  expect(await both(["user", "shwo"])).toMatchObject({ status: 2, out: "" });
  expect(await both(["user", "verify", "nobody"], "123456\n")).toMatchObject({ status: 1, out: "" });
  const users = [{ name: "alice", factor: "hotp", secret: SECRET, active: true }];
  expect(await runProgram(["user", "import", "-"], JSON.stringify({ users }))).toMatchObject({ status: 0 });
  expect(await runProgram(["user", "verify", "alice"], hotp(KEY, 0))).toMatchObject({ status: 0, err: "" });
  expect(await both(["user", "verify", "alice"], hotp(KEY, 0))).toMatchObject({ status: 1, err: "" });
  expect((await both(["user", "list", "--json"])).out).toContain("alice");
});

test("serve: says where and when it is ready, lets a user in while the command line works, stops on SIGTERM", async () => {
  const config = file("dialward.toml", '[radius]\nlisten = "127.0.0.1:0"\naccounting = "127.0.0.1:0"\n');
  const service = start(["serve", "--config", config, "--data", data]);
  const closed = new Promise<number | null>((resolve) => service.on("close", resolve));
  let out = "";
  let log = "";
  service.stderr.on("data", (chunk) => (log += chunk));
  await new Promise<void>((resolve, reject) => {
    service.on("close", () => reject(new Error(`serve ended: ${log}`)));
    service.stdout.on("data", (chunk) => {
      out += chunk;
      if (out.includes("ready\n")) resolve();
    });
  });
  try {
    const [, server] = /^RADIUS +(127\.0\.0\.1:\d+)$/m.exec(out)!;
    expect(out).toContain(join(data, "radius-secret"));
    expect(out).not.toContain(readFileSync(join(data, "radius-secret"), "latin1").trim());
    const added = json(await run(["user", "add", "alice", "--json"]));
    const key = decode(added.secret);
    const dial = (code: string) => run(["dial", "alice", "--server", server!, "--json"], code);
    const time = now();
    expect(json(await dial(totp(key, time)))).toMatchObject({ outcome: "refuse" });
    expect((await run(["user", "verify", "alice"], totp(key, time))).status).toBe(0);
    expect(await dial(totp(key, time))).toMatchObject({ status: 1 });
    const accepted = await dial(totp(key, time + 30));
    expect(accepted.status).toBe(0);
    expect(json(accepted)).toMatchObject({ outcome: "accept" });
    expect((await run(["user", "verify", "alice"], totp(key, time + 30))).status).toBe(1);
  } finally {
    service.kill("SIGTERM");
  }
  expect(await closed).toBe(0);
  const lines = log
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ user, reason }) => [user, reason])).toEqual([
    ["alice", "profile-pending"],
    ["alice", "ok"],
    ["alice", "code-spent"],
    ["alice", "ok"],
    ["alice", "code-spent"],
  ]);
  expect(lines.every(({ login, source, time }) => login && source && time)).toBe(true);
});

/** Base32, the slow and plain way. */
function decode(text: string): Buffer {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...text].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
}

test("[service] name tells two installations apart: in the URI, and for the administrator", async () => {
  const config = file("named.toml", '[service]\nname = "Office Köln"\n');
  const added = json(await run(["--config", config, "user", "add", "alice", "--json"]));
  expect(added.uri).toMatch(
    /^otpauth:\/\/totp\/Office%20K%C3%B6ln:alice\?secret=[A-Z2-7]+&issuer=Office%20K%C3%B6ln&/,
  );
  await run(["administrator", "password", "--password-file", "-"], "correct horse battery\n");
  const shown = await run(["--config", config, "administrator", "code"], "000000\n");
  expect(shown.err).toContain("otpauth://totp/Office%20K%C3%B6ln:admin?");
});
