// Moving in and out by the command line, on the built program.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import encodeQR from "qr";
import { afterEach, beforeEach, expect, test } from "vitest";
import { totp } from "../codes.ts";
import { runCommand } from "../command.ts";
import { readUsers, SECRET } from "../formats/read.ts";

const PROGRAM = new URL("../../dist/dialward.mjs", import.meta.url).pathname;

let data: string;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "dialward-formats-"));
  expect(await run(["init"])).toMatchObject({ status: 0, err: "" });
});
afterEach(() => rmSync(data, { recursive: true }));

const run = (args: string[], input: string | Buffer = "") => runCommand(["--data", data, ...args], input);

test("imported with --active the device goes on at once; without, it is pending", async () => {
  const uri = `otpauth://totp/ada?secret=${SECRET}\n`;
  expect(await run(["user", "import", "-"], uri)).toMatchObject({ status: 0, err: "" });
  expect((await run(["user", "show", "ada"])).out).toContain("pending");
  await run(["user", "remove", "ada"]);
  expect((await run(["user", "import", "-", "--active"], uri)).status).toBe(0);
  expect((await run(["user", "show", "ada"])).out).toContain("active");
  const code = totp(Buffer.from("12345678901234567890"), Date.now() / 1000);
  expect((await run(["user", "verify", "ada"], code)).status).toBe(0);
});

test("what cannot be read imports nothing, and is not repeated", async () => {
  const bad = await run(
    ["user", "import", "-"],
    `otpauth://totp/ada?secret=${SECRET}\notpauth://totp/bob?secret=NOT0BASE32\n`,
  );
  expect(bad.status).toBe(1);
  expect(bad.err).toContain('row 2, line 2 "bob": refused: secret');
  expect(bad.err + bad.out).not.toMatch(/NOT0BASE32|GEZDG/);
  expect((await run(["user", "list", "--json"])).out.trim()).toBe("[]");
  expect((await run(["user", "import", "-"], "what is this?")).err).toContain("--format");
});

const USERS = [
  { name: "ada", secret: SECRET, algorithm: "sha256", digits: 8, period: 60, active: true },
  { name: "Bob & Söhne", factor: "hotp", secret: SECRET, counter: 12, active: true },
  { name: "carl", secret: SECRET, mode: "password+code", password: "hunter2", active: true },
  { name: "dora", factor: "motp", secret: "0123456789abcdef", pin: "4711", types: "openvpn", enabled: false },
];

async function addUsers(): Promise<string> {
  expect((await run(["user", "import", "-"], JSON.stringify({ users: USERS }))).status).toBe(0);
  const passphrase = join(data, "passphrase");
  writeFileSync(passphrase, "correct horse battery\n");
  return passphrase;
}

test("export writes a sealed file; another server that has the passphrase reads everything", async () => {
  const passphrase = await addUsers();
  expect(await run(["user", "export"], "yes\n")).toMatchObject({
    status: 2,
    out: "",
    err: expect.stringContaining("--passphrase-file"),
  });
  const file = join(data, "users.sealed");
  const out = ["--passphrase-file", passphrase, "--out", file];
  expect(await run(["user", "export", ...out])).toEqual({
    status: 0,
    out: `4 users are in ${file}.\n`,
    err: "",
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "latin1")).not.toMatch(/ada|GEZDG|hunter2/);
  expect((await run(["user", "export", ...out])).err).toContain("--out");
  const there = (args: string[]) => runCommand(["--data", join(data, "there"), ...args]);
  expect((await there(["init"])).status).toBe(0);
  expect(await there(["user", "import", file])).toMatchObject({
    status: 2,
    err: expect.stringContaining("passphrase"),
  });
  expect(await there(["user", "import", file, "--passphrase-file", passphrase])).toEqual({
    status: 0,
    out: "4 users are imported.\n",
    err: "",
  });
  const [here, now] = [await run(["user", "list", "--json"]), await there(["user", "list", "--json"])];
  expect(JSON.parse(now.out)).toEqual(JSON.parse(here.out));
  const again = join(data, "again.sealed");
  await there(["user", "export", "--passphrase-file", passphrase, "--out", again]);
  expect(await run(["user", "import", again, "--passphrase-file", passphrase, "--dry-run"])).toMatchObject({
    status: 1,
    err: expect.stringContaining("4 of 4 rows are refused"),
  });
});

test("a sealed file brings its groups along; a user of a group that is nowhere is refused", async () => {
  const passphrase = await addUsers();
  const there = (args: string[], input = "") => runCommand(["--data", join(data, "there"), ...args], input);
  await there(["init"]);
  for (const name of ["Sales", "Staff"]) await run(["group", "save", name, "--hours", "08:00-18:00"]);
  await there(["group", "save", "Staff", "--logins", "3"]);
  await run(["user", "edit", "ada", "--groups", "Sales,Staff", "--attribute", "Class = a"]);
  const file = join(data, "users.sealed");
  await run(["user", "export", "--passphrase-file", passphrase, "--out", file]);
  expect(await there(["user", "import", file, "--passphrase-file", passphrase])).toEqual({
    status: 0,
    out: "4 users are imported.\n",
    err: expect.stringContaining('The group "Staff" is another one here'),
  });
  expect(JSON.parse((await there(["group", "list", "--json"])).out)).toEqual([
    { name: "Staff", logins: 3 },
    { name: "Sales", valid: { hours: "08:00-18:00" } },
  ]);
  const show = ["user", "show", "ada", "--json"];
  expect(JSON.parse((await there(show)).out)).toMatchObject({
    groups: ["Sales", "Staff"],
    attributes: ["Class = a"],
  });
  const lost = await run(["user", "export", "--format", "otpauth", "--reveal-secrets", "ada"]);
  expect(lost.err).toContain("- the groups: ada\n- the reply attributes: ada");
  const users = JSON.stringify({ users: [{ name: "eve", secret: SECRET, groups: ["Sails"] }] });
  expect(await there(["user", "import", "-"], users)).toMatchObject({
    status: 1,
    err: expect.stringContaining('there is no group "Sails"'),
  });
});

test("clear formats take a confirmation, say what they cannot hold, and leave out whose factor would be missing", async () => {
  await addUsers();
  expect(await run(["user", "export", "--format", "otpauth"], "yes\n")).toMatchObject({ status: 2, out: "" });
  const uris = await run(["user", "export", "--format", "otpauth", "--reveal-secrets"]);
  expect(uris.err).toMatch(
    /otpauth cannot hold all:\n- mOTP.*left out: dora\n|the fixed password: left out.*: carl/,
  );
  expect(await readUsers(uris.out)).toMatchObject([
    { profile: { name: "Bob & Söhne", factor: "hotp" }, start: { counter: 12 } },
    { profile: { name: "ada", secret: SECRET, algorithm: "sha256", digits: 8, period: 60 } },
  ]);
  const weaker = await run([
    "user",
    "export",
    "--format",
    "otpauth",
    "--reveal-secrets",
    "--allow-weaker",
    "carl",
  ]);
  expect(weaker).toMatchObject({ status: 0, err: expect.stringContaining("the fixed password: carl") });
  expect(await run(["user", "export", "--format", "otpauth", "--reveal-secrets", "dora"])).toMatchObject({
    status: 2,
    out: "",
    err: expect.stringContaining("nobody to export"),
  });
});

test("PSKC is encrypted unless one says --clear, and holds a password before the code", async () => {
  const passphrase = await addUsers();
  const written = await run(["user", "export", "--format", "pskc", "--passphrase-file", passphrase]);
  expect(written).toMatchObject({ status: 0, err: expect.stringContaining("mOTP") });
  expect(written.out).not.toContain("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=");
  const options = { passphrase: () => Promise.resolve("correct horse battery") };
  const clear = await run(["user", "export", "--format", "pskc", "--clear", "--reveal-secrets"]);
  for (const users of [await readUsers(written.out, options), await readUsers(clear.out)])
    expect(users).toMatchObject([
      { profile: { name: "Bob & Söhne", factor: "hotp", secret: SECRET }, start: { counter: 12 } },
      { profile: { name: "ada", secret: SECRET, algorithm: "sha256", digits: 8, period: 60 } },
      { profile: { name: "carl", mode: "password+code", password: "hunter2" } },
    ]);
});

test("a sealed file is not written on a terminal", async () => {
  const passphrase = await addUsers();
  const args = ["--data", data, "user", "export", "--passphrase-file", passphrase];
  expect(await runCommand(args, "", true)).toMatchObject({
    status: 2,
    out: "",
    err: expect.stringContaining("--out FILE"),
  });
});

test("a file that cannot be written whole is not left behind", async () => {
  const passphrase = await addUsers();
  const { status, err } = await run([
    "user",
    "export",
    "--passphrase-file",
    passphrase,
    "--out",
    join(data, "none", "x"),
  ]);
  expect([status, err]).toEqual([2, expect.stringMatching(/--out: .*there is no such file or folder/)]);
});

test("--dry-run shows what would become of each row, and changes nothing", async () => {
  const text = `name,secret,colour\nada,${SECRET},\nbob,${SECRET},red\n`;
  const dry = await run(["user", "import", "--dry-run", "-"], text);
  expect(dry).toMatchObject({ status: 0, err: "" });
  expect(dry.out).toBe(
    `row 1, line 2 "ada": taken\nrow 2, line 3 "bob": taken, but: left behind: colour\n2 users would be imported, 1 of them with losses.\n`,
  );
  const told = JSON.parse((await run(["--json", "user", "import", "--dry-run", "-"], text)).out);
  expect(told).toMatchObject({
    imported: 0,
    taken: 1,
    changed: 1,
    left: 0,
    refused: 0,
    rows: [{ row: 1 }, { row: 2 }],
  });
  expect((await run(["user", "list", "--json"])).out.trim()).toBe("[]");
});

test("one refused row behind a thousand: nobody is there; without it all are", async () => {
  const lines = Array.from({ length: 1000 }, (_, i) => `user${i},${SECRET},yes`);
  const csv = (...more: string[]) => ["name,secret,active", ...lines, ...more].join("\n");
  // Too large to be held in memory.
  const file = join(data, "users.csv");
  writeFileSync(file, `${csv("x,?,yes")}\n${`# ${"-".repeat(997)}\n`.repeat(1100)}`);
  const large = await run(["user", "import", file]);
  expect(large.err).toContain('row 1001, line 1002 "x": refused: secret: ');
  for (const [row, why] of [
    [`user0,${SECRET},yes`, "name: is in row 1 too; a user has one device here"],
    [`x,${SECRET},perhaps`, "active: "],
    [`x,${"A".repeat(200)},yes`, "secret: "],
  ] as const) {
    const bad = await run(["user", "import", "-"], csv(row));
    expect(bad).toMatchObject({ status: 1, out: "" });
    expect(bad.err).toContain(`row 1001, line 1002 "${row.split(",")[0]}": refused: ${why}`);
    expect(bad.err).toContain("Nothing was imported: 1 of 1001 rows are refused.");
    expect((await run(["user", "list", "--json"])).out.trim()).toBe("[]");
  }
  expect(await run(["user", "import", "-"], csv())).toMatchObject({
    status: 0,
    out: "1000 users are imported.\n",
    err: "",
  });
  const again = await run(["user", "import", "-", "--json"], csv());
  expect(JSON.parse(again.out)).toMatchObject({ imported: 0, refused: 1000 });
});

test("what is no name is refused in words", async () => {
  for (const name of [5, null, {}, ["ada"], "", "x".repeat(65)]) {
    const bad = await run(["user", "import", "-"], JSON.stringify({ users: [{ name, secret: SECRET }] }));
    expect(bad).toMatchObject({ status: 1, out: "" });
    expect(bad.err).toMatch(/row 1.*: refused: name: /);
  }
});

test("--json prints JSON where a file breaks off after many rows, too", async () => {
  const lines = Array.from({ length: 600 }, (_, i) => `user${i},${SECRET}`);
  const text = ["name,secret", ...lines, `"broken"x,${SECRET}`].join("\n");
  for (const options of [["--dry-run"], []]) {
    const done = await run(["user", "import", "--json", ...options, "-"], text);
    expect(done.status).toBe(2);
    expect(JSON.parse(done.out)).toMatchObject({ imported: 0 });
    expect(JSON.parse(done.err)).toMatchObject({ error: { code: "usage" } });
  }
});

test("nothing to import is an error, not 0 users", async () => {
  for (const [text, format] of [
    ["DEFAULT Auth-Type := Reject\n", "freeradius"],
    ["name,secret\n", "csv"],
    ['{"users":[]}', "json"],
    ["", "oath"],
  ])
    for (const options of [[], ["--dry-run"], ["--json"], ["--json", "--dry-run"]]) {
      const done = await run(["user", "import", "--format", format!, ...options, "-"], text);
      expect(done, `${format} ${options}`).toMatchObject({
        status: 2,
        err: expect.stringContaining("nobody to import"),
      });
      if (options.includes("--json")) expect(JSON.parse(done.out), format).toMatchObject({ imported: 0 });
      else if (options.length === 0) expect(done.out).toBe("");
    }
});

test("one is one, and two are two", async () => {
  const one = `name,secret\nada,${SECRET}\n`;
  expect((await run(["user", "import", "--dry-run", "-"], one)).out).toContain("1 user would be imported.");
  expect((await run(["user", "import", "-"], one)).out).toBe("1 user is imported.\n");
  expect((await run(["user", "import", "-"], one)).err).toContain(
    "Nothing was imported: 1 of 1 row is refused.",
  );
  const two = `name,secret\nbob,${SECRET}\ncarl,${SECRET}\n`;
  expect((await run(["user", "import", "-"], two)).out).toBe("2 users are imported.\n");
});

test("a folder of google-authenticator files names its users", async () => {
  const file = `${SECRET}\n" RATE_LIMIT 3 30\n" TOTP_AUTH\n`;
  const folder = join(data, "ga");
  mkdirSync(join(folder, "bob"), { recursive: true });
  writeFileSync(join(folder, "ada"), file);
  writeFileSync(join(folder, "bob", ".google_authenticator"), file);
  expect(await run(["user", "import", folder])).toMatchObject({
    status: 0,
    out: "2 users are imported, 2 of them with losses.\n",
  });
  expect(
    JSON.parse((await run(["user", "list", "--json"])).out).map(({ name }: { name: string }) => name),
  ).toEqual(["ada", "bob"]);
});

test("the parts of a migration come from several pictures, or it is said which are missing", async () => {
  const account = "0a1c0a0a48656c6c6f21deadbeef1208";
  const part = (index: number) => {
    const bytes = Buffer.concat([
      Buffer.from(account, "hex"),
      Buffer.from(`Ex:user${index}`.padEnd(8, "x")),
      Buffer.from("20012801", "hex"),
      Buffer.from([0x10, 2, 0x18, 2, 0x20, index, 0x28, 9]),
    ]);
    bytes[1] = 12 + 2 + 8 + 4;
    const file = join(data, `part${index}.svg`);
    writeFileSync(
      file,
      encodeQR(`otpauth-migration://offline?data=${encodeURIComponent(bytes.toString("base64"))}`, "svg"),
    );
    return file;
  };
  const [one, two] = [part(0), part(1)];
  const alone = await run(["user", "import", one]);
  expect(alone).toMatchObject({ status: 2, err: expect.stringContaining("number 2.") });
  expect(await run(["user", "import", one, two])).toMatchObject({
    status: 0,
    out: expect.stringContaining("2 users are imported"),
  });
});

test("names with terminal escapes are printed so that they can be seen", async () => {
  const { err, status } = await run(
    ["user", "import", "-", "--format", "json"],
    JSON.stringify({ users: [{ name: "a\u001b[2J\u202e", secret: SECRET }] }),
  );
  expect(status).toBe(1);
  expect(err).toContain("a\\u{1b}[2J\\u{202e}");
});

test("a file that is too large is an error in words", async () => {
  const child = spawnSync("sh", [
    "-c",
    `head -c 300M /dev/zero | ${process.execPath} ${PROGRAM} --data ${data} user import -`,
  ]);
  expect(child.status).toBe(2);
  expect(child.stderr.toString()).toMatch(/^dialward: -: it is larger than 256 MiB/);
});
