// The token at the terminal: made, sealed, and its codes against node:crypto and Mobile-OTP's published vectors.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Core } from "../../host/core/core.ts";
import { Token, tokenCode } from "../../host/cli/token-file.ts";
import { motp, totp } from "../codes.ts";
import { runCommand } from "../command.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-token-"));
  file = join(folder, "deep", "token.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

function token(args: string[], lines: string[]) {
  return runCommand(["token", "--file", file, ...args], lines.join("\n") + "\n");
}

test("a new mOTP secret of 32 digits, kept sealed; the PIN is asked for and not kept", async () => {
  const made = await token(["new", "office", "--json"], ["my passphrase"]);
  expect(made).toMatchObject({ status: 0, err: "" });
  const { secret } = JSON.parse(made.out);
  expect(secret).toMatch(/^[0-9a-f]{32}$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const before = Date.now() / 1000;
  const shown = await token(["show", "office"], ["my passphrase", "4711"]);
  expect(shown).toMatchObject({ status: 0, err: "" });
  // Steps may have begun while the program ran.
  const codes: string[] = [];
  for (let time = before; time < Date.now() / 1000 + 10; time += 10) codes.push(motp(secret, "4711", time));
  expect(codes).toContain(shown.out.trim());
  const kept = readFileSync(file, "utf8");
  for (const text of [secret, "4711", "office", "my passphrase"]) expect(kept).not.toContain(text);
});

test("a wrong passphrase opens nothing, and overwrites nothing", async () => {
  await token(["new", "office"], ["my passphrase"]);
  const kept = readFileSync(file, "utf8");
  for (const args of [["show", "office"], ["new", "other"], ["list"], ["remove", "office"]]) {
    expect(await token(args, ["My passphrase", "4711"])).toMatchObject({ status: 1, out: "" });
  }
  expect(readFileSync(file, "utf8")).toBe(kept);
  writeFileSync(file, kept.replace(/"sealed":"..../, '"sealed":"AAAA'));
  expect((await token(["list"], ["my passphrase"])).err).toContain("does not open");
});

test("TOTP from a given secret; several entries by name; removal", async () => {
  const secretFile = join(folder, "secret");
  writeFileSync(secretFile, "gezd gnbv gy3t qojq gezd gnbv gy3t qojq\n");
  expect(
    (await token(["new", "phone", "--factor", "totp", "--secret-file", secretFile], ["pass phrase"])).status,
  ).toBe(0);
  const key = Buffer.from("12345678901234567890");
  const before = Date.now() / 1000;
  const { out } = await token([], ["pass phrase"]);
  expect([totp(key, before), totp(key, Date.now() / 1000)]).toContain(out.trim());
  expect(await token(["new", "phone"], ["pass phrase"])).toMatchObject({ status: 1 });
  await token(["new", "office"], ["pass phrase"]);
  expect((await token([], ["pass phrase"])).err).toContain("no single entry");
  expect((await token(["remove", "phone"], ["pass phrase"])).status).toBe(0);
  expect(JSON.parse((await token(["list", "--json"], ["pass phrase"])).out)).toEqual([
    { name: "office", factor: "motp" },
  ]);
});

test("a PIN that is none, and how long a code is shown", () => {
  const core = Core.load();
  const entry = { name: "a", factor: "motp", secret: "0123456789abcdef", digits: 6, period: 10 } as const;
  expect(() => tokenCode(core, entry, "12", 1_800_000_000)).toThrow(/PIN|pin/);
  expect(tokenCode(core, entry, "1234", 1_800_000_005)).toEqual({
    code: motp(entry.secret, "1234", 1_800_000_005),
    left: 30,
  });
  const phone = { name: "b", factor: "totp", secret: "GEZDGNBVGY3TQOJQ", digits: 6, period: 30 } as const;
  expect(tokenCode(core, phone, undefined, 1_800_000_005).left).toBe(25);
});

test("a token's passphrase costs 64 MiB of scrypt each time", () => {
  new Token(file, "my passphrase").add("office", "motp");
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ cost: 65_536 });
});
