// Moving in and out with other programs' help: a QR code as a picture, and PSKC as OATH Toolkit's pskctool reads it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import encodeQR from "qr";
import { afterAll, beforeAll, expect, test } from "vitest";
import { oathtool } from "./service.ts";

const PROGRAM = new URL("../../dist/dialward.mjs", import.meta.url).pathname;
const SECRET = "JBSWY3DPEHPK3PXP";

let data: string;
beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), "dialward-moving-"));
  expect(run(["init"])).toMatchObject({ status: 0 });
});
afterAll(() => rmSync(data, { recursive: true }));

function run(args: string[], input = "") {
  return spawnSync(process.execPath, [PROGRAM, "--data", data, ...args], { input, encoding: "utf8" });
}

test("a picture of Google Authenticator's migration code", () => {
  const uri =
    "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC";
  const picture = join(data, "codes.svg");
  writeFileSync(picture, encodeQR(uri, "svg"));
  expect(run(["user", "import", picture, "--active"])).toMatchObject({ status: 0 });
  expect(run(["user", "verify", "alice@google.com"], oathtool(SECRET))).toMatchObject({ status: 0 });
});

test("pskctool takes the exported container, and finds the secret in it", () => {
  const { stdout, status } = run(["user", "export", "--format", "pskc", "--clear", "--reveal-secrets"]);
  expect(status).toBe(0);
  const file = join(data, "keys.xml");
  writeFileSync(file, stdout);
  const info = spawnSync("pskctool", ["--info", file], { encoding: "utf8" });
  expect(info.status).toBe(0);
  expect(info.stdout).toMatch(/Key Secret \(base64\): SGVsbG8h3q2\+7w==/);
  expect(info.stdout).toMatch(/Key User Id: alice@google\.com/);
  expect(info.stdout).toMatch(/Response Format Length: 6/);
  expect(run(["user", "remove", "alice@google.com"]).status).toBe(0);
  expect(run(["user", "import", file, "--active"])).toMatchObject({
    status: 0,
    stderr: "left behind: Issuer (1 row)\n",
  });
  expect(run(["user", "verify", "alice@google.com"], oathtool(SECRET, 30))).toMatchObject({ status: 0 });
});
