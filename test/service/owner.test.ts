// One owner: a folder is open in one process; commands ask it through its control socket, and a second service is told.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { askService } from "../../host/cli/control-client.ts";
import { totp } from "../codes.ts";
import { runCommand } from "../command.ts";
import { command, makeFolder, startService, type RunningService } from "../serve.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
let service: RunningService | undefined;
let folder = "";

afterEach(async () => {
  service?.signal("SIGKILL");
  await service?.ended;
  service = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<RunningService> {
  folder ||= makeFolder();
  return (service = await startService(folder));
}

/** Asks the control socket as another program does. */
function ask(path: string, body: string, method = "POST"): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const socketPath = join(folder, "data", "control");
    const headers = { "content-type": "application/json" };
    const asking = request({ socketPath, path, method, headers, agent: false }, async (reply) => {
      let text = "";
      for await (const piece of reply) text += piece;
      resolve({ status: reply.statusCode!, text });
    });
    asking.on("error", reject);
    asking.end(body);
  });
}

test("commands ask the running service, and do the same without one", async () => {
  folder = makeFolder();
  await start();
  expect(statSync(join(folder, "data", "control")).mode & 0o777).toBe(0o600);
  const users = ["alice", "bob", "\u{1f600}"].map((name) => ({ name, secret: SECRET, active: true }));
  expect(await command(folder, ["user", "import", "-"], JSON.stringify({ users }))).toContain("3 users");
  const list = await command(folder, ["user", "list"]);
  await command(folder, ["user", "disable", "bob"]);
  await command(folder, ["key", "rotate"]);
  const code = totp(KEY, Date.now() / 1000);
  expect(await command(folder, ["user", "verify", "alice"], code)).toContain("spent now");
  await expect(command(folder, ["user", "verify", "alice"], code)).rejects.toThrow();
  await expect(command(folder, ["user", "show", "nobody"])).rejects.toThrow('no user "nobody"');
  const shown = await command(folder, ["user", "show", "bob"]);
  const digest = await command(folder, ["store", "digest"]);
  expect(await command(folder, ["backup", join(folder, "asked"), "--no-keys"])).toContain("3 users");
  service!.signal("SIGKILL"); // the lock and the socket are left as they are
  await service!.ended;
  expect(existsSync(join(folder, "data", "control"))).toBe(true);
  expect(await command(folder, ["user", "show", "bob"])).toBe(shown);
  expect(await command(folder, ["store", "digest"])).toBe(digest);
  expect(await command(folder, ["backup", join(folder, "owned"), "--no-keys"])).toContain("3 users");
  const key = readFileSync(join(folder, "data", "key"));
  for (const name of ["asked", "owned"]) {
    mkdirSync(join(folder, `from ${name}`), { mode: 0o700 });
    writeFileSync(join(folder, `from ${name}`, "key"), key, { mode: 0o600 });
    const restore = ["--data", join(folder, `from ${name}`), "restore", join(folder, name)];
    expect(await command(folder, restore)).toContain("3 users are restored");
  }
  expect(list).toContain("alice");
  await expect(command(folder, ["user", "verify", "alice"], code)).rejects.toThrow();
  await start();
  expect(await command(folder, ["user", "show", "bob"])).toBe(shown);
});

test("a second service on the folder is told, and the first goes on", async () => {
  folder = makeFolder();
  await start();
  await expect(startService(folder)).rejects.toThrow(
    `The store in ${join(folder, "data")} is open in another process`,
  );
  expect((await ask("/v1/store/check", "{}")).text).toBe('{"damaged":[]}');
});

test("the socket answers what is off with what is wrong, and stays", async () => {
  folder = makeFolder();
  await start();
  for (const [path, body, status, says] of [
    ["/v1/users/get", '{"name":"alice"}', 404, "not-found"],
    ["/v1/users/get", "{}", 400, "name"],
    ["/v1/users/get", '{"name":"a","more":1}', 400, "more"],
    ["/v1/users/get", "not json", 400, "usage"],
    ["/v1/users/toString", "{}", 404, "no function"],
    ["/v1/constructor/name", "{}", 404, "no function"],
    ["/v1", "{}", 404, "POST /v1/ROOM/FUNCTION"],
    ["/v1/users/add", '{"user":{"name":"x","secret":"!"}}', 400, "secret"],
    ["/v1/users/import", '{"name":"a","secret":"MFRGGZDF"}\n{', 200, "Line 2 of the body is not JSON"],
    ["/v1/users/import", `{"name":"${"a".repeat(300_000)}`, 200, "Line 1 of the body is longer than 256 KiB"],
  ] as const) {
    const reply = await ask(path, body);
    expect([path, body.slice(0, 60), reply.status, reply.text]).toEqual([
      path,
      body.slice(0, 60),
      status,
      expect.stringContaining(says),
    ]);
  }
  expect((await ask("/v1/users/list", "{}")).text).toBe('{"result":null}\n');
  expect((await ask("/v1/users/get", "", "GET")).status).toBe(404);
});

test("a service goes on when nobody reads what it prints any more", async () => {
  folder = makeFolder();
  const config = join(folder, "dialward.toml");
  const program = new URL("../../dist/dialward.mjs", import.meta.url).pathname;
  const child = spawn(process.execPath, [program, "--config", config, "serve"], {
    env: { ...process.env, DIALWARD_KEY: "", STATE_DIRECTORY: "" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  try {
    child.stdout.destroy();
    await expect
      .poll(() => askService(join(folder, "data")).then((desk) => desk?.users.list), { timeout: 20_000 })
      .toBeDefined();
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(existsSync(join(folder, "data", "control"))).toBe(false); // it has ended as it should
  } finally {
    child.kill("SIGKILL");
  }
});

test("a folder whose socket would have too long a path is told at the start, and commands work there", async () => {
  folder = makeFolder();
  const data = join(folder, "d".repeat(100));
  const config = join(folder, "dialward.toml");
  writeFileSync(config, readFileSync(config, "utf8").replace('"data"', JSON.stringify(data)));
  await expect(startService(folder)).rejects.toThrow("its path may have");
  expect(await command(folder, ["user", "list"])).toContain("no users yet");
});

test("a mistyped folder, and one whose key is gone, are errors that say so", async () => {
  folder = makeFolder();
  const missing = join(folder, "typo");
  for (const args of [
    ["user", "list"],
    ["key", "rotate"],
    ["administrator", "show"],
    ["store", "digest"],
  ])
    expect(await runCommand(["--data", missing, ...args])).toMatchObject({
      status: 1,
      err: expect.stringContaining(missing),
    });
  expect(existsSync(missing)).toBe(false);
  await command(folder, ["init"]);
  await command(
    folder,
    ["user", "import", "-"],
    JSON.stringify({ users: [{ name: "alice", secret: SECRET }] }),
  );
  const key = join(folder, "data", "key");
  rmSync(key);
  await expect(startService(folder)).rejects.toThrow(key);
  writeFileSync(key, `${"ab".repeat(32)}\n`, { mode: 0o600 });
  await expect(startService(folder)).rejects.toThrow(/do not open the users of this store.*"alice"/);
});
