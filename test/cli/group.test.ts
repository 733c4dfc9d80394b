// `dialward group` and the rules of `user edit`, as other programs call them: kept, shown, taken away, refused by name.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCommand } from "../command.ts";

let data: string;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "dialward-group-"));
  expect(await run("init")).toMatchObject({ status: 0 });
});
afterEach(() => rmSync(data, { recursive: true }));

const run = (...args: string[]) => runCommand(["--data", data, ...args], "");

async function json(...args: string[]): Promise<unknown> {
  const { out, err, status } = await run("--json", ...args);
  expect({ err, status }).toEqual({ err: "", status: 0 });
  return JSON.parse(out);
}

test("a group is made, changed, shown, and removed when nobody is in it", async () => {
  const rules = ["--attribute", "Framed-Pool = sales", "--days", "Mon-Fri", "--hours", "08:00-18:00"];
  await json("group", "save", "Sales", ...rules, "--zone", "Europe/Berlin", "--logins", "2");
  await json("group", "save", "Sales", "--hours", "09:00-17:00", "--logins", "0");
  expect(await json("group", "show", "Sales")).toEqual({
    name: "Sales",
    attributes: ["Framed-Pool = sales"],
    valid: { days: ["Mon", "Tue", "Wed", "Thu", "Fri"], hours: "09:00-17:00", zone: "Europe/Berlin" },
  });
  await json("user", "add", "alice");
  await json("user", "edit", "alice", "--groups", "Sales");
  expect((await run("group", "remove", "Sales")).err).toContain('"alice" is in the group "Sales"');
  await json("user", "edit", "alice", "--groups", "none");
  await json("group", "remove", "Sales");
  expect(await json("group", "list")).toEqual([]);
});

test("what would move the cursor, or look like a line of its own, is made visible", async () => {
  const odd = 'Reply-Message = "a\n\x1b[2J\u202eb"';
  await json("group", "save", "Odd", "--attribute", odd);
  await json("user", "add", "al\u202eice");
  await json("user", "edit", "al\u202eice", "--groups", "Odd", "--attribute", odd);
  for (const [args, lines] of [
    [["group", "show", "Odd"], 2],
    [["group", "list"], 2],
    [["user", "show", "al\u202eice"], 11],
    [["user", "disable", "al\u202eice"], 1],
  ] as const) {
    const { out } = await run(...args);
    expect([args, out.trimEnd().split("\n").length]).toEqual([args, lines]);
    expect(out).toMatch(/\\u\{202e\}/);
    for (const letter of "\x1b\u202e") expect(out).not.toContain(letter);
  }
});

test("a user's own rules are kept, shown, and taken away again", async () => {
  await json("user", "add", "alice");
  const before = await json("user", "show", "alice");
  await json(
    "user",
    "edit",
    "alice",
    "--attribute",
    "Class = a",
    "Class = b",
    "--until",
    "2030-01-01",
    "--logins",
    "1",
  );
  expect(await json("user", "show", "alice")).toMatchObject({
    attributes: ["Class = a", "Class = b"],
    valid: { until: 1_893_456_000 },
    logins: 1,
  });
  await json("user", "edit", "alice", "--attribute", "none", "--until", "none", "--logins", "0");
  expect(await json("user", "show", "alice")).toEqual(before);
});

test("what cannot be is refused by name", async () => {
  await json("user", "add", "alice");
  expect((await run("user", "edit", "alice", "--groups", "Sales")).err).toContain('no group "Sales"');
  expect((await run("user", "edit", "alice", "--attribute", "Framed-IP-Address = x")).err).toContain(
    "IPv4 address",
  );
  expect((await run("group", "save", "x", "--hours", "8-18")).err).toContain("08:00-18:00");
  expect((await run("group", "save", "x", "--days", "Someday")).err).toContain("Mon-Fri");
  expect((await run("group", "save", "x", "--attribute", "State = 0x00")).err).toContain(
    "not in the dictionary",
  );
  expect((await run("group", "show", "x")).status).toBe(1);
  expect((await run("group", "remove", "x")).status).toBe(1);
  expect(await json("group", "list")).toEqual([]);
});

test("groups survive two rotations of the key", async () => {
  await json("group", "save", "Sales", "--logins", "2");
  await json("key", "rotate");
  await json("key", "rotate");
  expect(await json("group", "list")).toEqual([{ name: "Sales", logins: 2 }]);
});
