// Moving from LMDB to Redis and back by the command line, over TLS with a password, losing nothing; and the service
// on that Redis. One digest is computed at both ends, and here once more from the outside.
import { spawn } from "node:child_process";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { totp } from "../codes.ts";
import { RedisServer } from "./redis-server.ts";
import { beginStep } from "./step.ts";

const PROGRAM = new URL("../../dist/dialward.mjs", import.meta.url).pathname;
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
const PASSWORD = "r3dis-passw0rd";

let folder: string;
let server: RedisServer;
let config: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dialward-copy-"));
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync(
    "openssl",
    ["req", "-x509", ...key, "-days", "2", ...subject, "-keyout", at("tls.key"), "-out", at("tls.pem")],
    { stdio: "pipe" },
  );
  const tls = ["--tls-cert-file", at("tls.pem"), "--tls-key-file", at("tls.key"), "--tls-auth-clients", "no"];
  server = await RedisServer.start({
    tls: true,
    more: [...tls, "--tls-ca-cert-file", at("tls.pem"), "--requirepass", PASSWORD],
  });
  writeFileSync(at("password"), `${PASSWORD}\n`, { mode: 0o600 });
  config = at("dialward.toml");
  const url = `rediss://localhost:${server.port}/0`;
  writeFileSync(
    config,
    `data = "first"\n[store]\nurl = "${url}"\npasswordFile = "password"\ncaFile = "tls.pem"\n`,
  );
});
afterAll(async () => {
  await RedisServer.stopAll();
  rmSync(folder, { recursive: true });
});

async function run(args: string[], input = ""): Promise<{ status: number | null; out: string; err: string }> {
  const env = { ...process.env, DIALWARD_KEY: "", STATE_DIRECTORY: "" };
  const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: "pipe", cwd: folder });
  const result = { status: null as number | null, out: "", err: "" };
  child.stdout.on("data", (chunk) => (result.out += chunk));
  child.stderr.on("data", (chunk) => (result.err += chunk));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return new Promise((resolve) => child.on("close", (status) => resolve({ ...result, status })));
}
let base = 0;
const verify = (args: string[], step: number) =>
  run([...args, "user", "verify", "alice"], totp(KEY, base + step * 30));

test("the data folder to Redis and back: every user, every state, checked by a digest", async () => {
  const first = ["--data", at("first")];
  const users = ["alice", "älva", "bob"].map((name) => ({ name, secret: SECRET, active: true }));
  const many = Array.from({ length: 3000 }, (_, i) => ({ name: `user ${i}`, secret: SECRET }));
  expect(await run([...first, "init"])).toMatchObject({ status: 0 });
  expect(
    await run([...first, "user", "import", "-"], JSON.stringify({ users: [...users, ...many] })),
  ).toMatchObject({ status: 0 });
  base = await beginStep(5);
  expect((await verify(first, -1)).status).toBe(0);
  const digest = JSON.parse((await run([...first, "store", "digest", "--json"])).out);
  expect(digest).toEqual({ users: 3003, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });

  const to = ["--to", `rediss://localhost:${server.port}/0`, "--ca-file", at("tls.pem")];
  const there = await run([...first, "store", "copy", "--json", ...to, "--password-file", at("password")]);
  expect(there).toMatchObject({ status: 0, err: "" });
  expect(JSON.parse(there.out)).toEqual({ from: digest, to: digest });

  expect(await run(["--config", config, "init"])).toMatchObject({ status: 0 });
  // The same keys, another store: what was spent is spent, what is new is accepted.
  const shared = ["--config", config];
  expect(await run([...shared, "store", "digest", "--json"])).toMatchObject({
    out: expect.stringContaining(digest.digest),
  });
  expect((await verify(shared, -1)).status).toBe(1);
  expect((await verify(shared, 0)).status).toBe(0);
  expect((await verify(shared, 0)).status).toBe(1);

  const again = await run([...first, "store", "copy", ...to, "--password-file", at("password")]);
  expect(again).toMatchObject({ status: 1, err: expect.stringContaining("holds users already") });

  const back = await run([...shared, "store", "copy", "--to", at("second"), "--json"]);
  const both = JSON.parse(back.out);
  expect(both.to).toEqual(both.from);
  expect(both.to.users).toBe(3003);
  expect(both.to.digest).not.toBe(digest.digest);
  const second = ["--data", at("second")];
  expect((await verify(second, 0)).status).toBe(1);
  expect((await verify(second, 1)).status).toBe(0);
  expect(readFileSync(at("second/key"))).toEqual(readFileSync(at("first/key")));
});

test.each([
  ["a wrong password", ["--password-file", "wrong"], /WRONGPASS|NOAUTH/],
  ["a certificate that is not trusted", [], /certificate/],
])("%s is told, and shown to nobody", async (what, extra, message) => {
  writeFileSync(at("wrong"), "n0t-it\n", { mode: 0o600 });
  const trust = what.includes("password") ? ["--ca-file", at("tls.pem")] : [];
  const to = ["--to", `rediss://localhost:${server.port}/1`, ...trust, ...extra];
  const { status, err } = await run(["--data", at("first"), "store", "copy", ...to]);
  expect(status).toBe(1);
  expect(err).toMatch(message);
  expect(err).not.toMatch(/n0t-it|r3dis/);
});

test("a folder with other keys is not copied to, and a password in an address is refused", async () => {
  mkdirSync(at("other"));
  writeFileSync(at("other/key"), `${"ab".repeat(32)}\n`, { mode: 0o600 });
  expect(await run(["--data", at("first"), "store", "copy", "--to", at("other")])).toMatchObject({
    status: 1,
    err: expect.stringContaining("other keys"),
  });
  const open = await run(["--data", at("first"), "store", "copy", "--to", "redis://:hunter2@localhost/0"]);
  expect(open).toMatchObject({ status: 2, err: expect.stringMatching(/^(?!.*hunter2).*passwordFile/s) });
});
