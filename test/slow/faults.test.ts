// What a store and a clock can do to the service: a full disk, one that cannot be written, a process that is stopped, a
// file cut short or overwritten, a clock in 1970 or hours away. Each has its stated behaviour (host/SECURITY.md).
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { totp } from "../codes.ts";
import { beginStep } from "./step.ts";

const root = new URL("../..", import.meta.url).pathname;
const PROGRAM = join(root, "dist", "dialward.mjs");
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
const HOURS = 3600;
const USERS = 1000;

let folder: string;
const mounts: string[] = [];
const running = new Set<ChildProcess>();
const at = (...names: string[]) => join(folder, ...names);
/** A test's codes are those of the step in which its first one is sent. */
let base = 0;
const codeAt = (seconds: number) => totp(KEY, base + seconds);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-faults-"));
});
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  for (const mount of mounts) execFileSync("umount", ["-l", mount]);
  rmSync(folder, { recursive: true });
});

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...process.env, DIALWARD_KEY: "", STATE_DIRECTORY: "", ...env },
    stdio: "pipe",
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

interface Result {
  status: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}
async function run(args: readonly string[], input = "", env: NodeJS.ProcessEnv = {}): Promise<Result> {
  const child = start(args, env);
  const result = { out: "", err: "" };
  child.stdout!.on("data", (chunk) => (result.out += chunk));
  child.stderr!.on("data", (chunk) => (result.err += chunk));
  child.stdin!.on("error", () => {});
  child.stdin!.end(input);
  const [status, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { ...result, status, signal };
}

async function addUsers(data: string, names: readonly string[]): Promise<void> {
  expect(await run(["--data", data, "init"])).toMatchObject({ status: 0 });
  const users = names.map((name) => ({ name, secret: SECRET, active: true }));
  expect(await run(["--data", data, "user", "import", "-"], JSON.stringify({ users }))).toMatchObject({
    status: 0,
  });
}

interface Serving {
  child: ChildProcess;
  dial(user: string, code: string): Promise<string>;
  log(): string;
}
/** `dialward serve` on `data`; `dial` answers the outcome. */
async function serve(data: string, env: NodeJS.ProcessEnv = {}): Promise<Serving> {
  const config = `${data}.toml`;
  const off = '[radius]\nlisten = "127.0.0.1:0"\naccounting = "127.0.0.1:0"\n[web]\nlisten = "off"\n';
  writeFileSync(config, off);
  const child = start(["--config", config, "--data", data, "serve"], env);
  let out = "";
  let log = "";
  child.stderr!.on("data", (chunk) => (log += chunk));
  await new Promise<void>((resolve, reject) => {
    child.once("close", () => reject(new Error(`serve ended: ${log}`)));
    child.stdout!.on("data", (chunk) => /^ready$/m.test((out += chunk)) && resolve());
  });
  const server = /^RADIUS +(\S+)$/m.exec(out)![1]!;
  const dial = async (user: string, code: string): Promise<string> =>
    JSON.parse((await run(["--data", data, "dial", user, "--server", server, "--json"], code)).out).outcome;
  return { child, dial, log: () => log };
}

async function stop({ child, log }: Serving): Promise<void> {
  const closed = once(child, "close");
  child.kill("SIGTERM");
  expect([...(await closed), log().slice(-300)]).toEqual([0, null, expect.any(String)]);
}

function mountTmpfs(name: string, size: string): string {
  mkdirSync(at(name));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "dialward-test", at(name)]);
  mounts.push(at(name));
  return at(name);
}

test("a full disk: logins go on, changes are refused, and go on when there is room", async () => {
  const disk = mountTmpfs("small", "32m");
  const data = join(disk, "data");
  await addUsers(data, ["alice", "bob"]);
  const service = await serve(data);
  base = await beginStep(15);
  expect(await service.dial("alice", codeAt(-30))).toBe("accept");
  try {
    writeFileSync(join(disk, "filler"), Buffer.alloc(64 << 20));
  } catch {
    // as much as there is room for
  }
  expect(await service.dial("alice", codeAt(0))).toBe("accept");
  expect(await service.dial("alice", codeAt(0))).toBe("refuse");
  expect(await service.dial("bob", codeAt(0))).toBe("accept");
  // A few changes may fit in what the database has room for; then one does not.
  let refused = "";
  for (let i = 0; i < 2000 && refused === ""; i++) {
    const { status, err } = await run(["--data", data, "user", i % 2 === 0 ? "disable" : "enable", "bob"]);
    if (status !== 0) refused = err;
  }
  expect(refused).toMatch(/^dialward: The store in .* cannot be written: .*No space left on device/);
  expect(await service.dial("alice", codeAt(30))).toBe("accept");
  expect(service.child.exitCode).toBeNull();
  rmSync(join(disk, "filler"));
  await expect
    .poll(async () => (await run(["--data", data, "user", "enable", "bob"])).status, { timeout: 20_000 })
    .toBe(0);
  expect(await service.dial("bob", codeAt(0))).toBe("refuse");
  expect(await service.dial("bob", codeAt(30))).toBe("accept");
  await stop(service);
});

test("a disk that cannot be written: said at the start", async () => {
  const disk = mountTmpfs("frozen", "16m");
  const data = join(disk, "data");
  await addUsers(data, ["alice"]);
  execFileSync("mount", ["-o", "remount,ro", disk]);
  for (const command of [["serve"], ["user", "verify", "alice"]]) {
    const { status, signal, err } = await run(["--data", data, ...command], codeAt(0));
    expect([status, signal]).toEqual([1, null]);
    expect(err).toMatch(/^dialward: .*read-only/i);
  }
});

test("a process that is stopped: commands say so and do nothing; when it is killed, they go on", async () => {
  const data = at("stopped");
  await addUsers(data, ["alice"]);
  const service = await serve(data);
  service.child.kill("SIGSTOP");
  expect(await run(["--data", data, "user", "list"])).toMatchObject({
    status: 1,
    err: expect.stringContaining("does not answer"),
  });
  service.child.kill("SIGKILL");
  expect(await run(["--data", data, "user", "list"])).toMatchObject({ status: 0 });
  // A command without a service has the folder for itself.
  const holder = start(["--data", data, "user", "verify", "alice"]);
  await expect
    .poll(async () => (await run(["--data", data, "user", "list"])).err)
    .toContain("another process");
  holder.kill("SIGKILL");
  expect(await run(["--data", data, "user", "list"])).toMatchObject({ status: 0 });
});

test("any file of the folder cut short, overwritten or gone: told by name, nobody let in twice, never a crash", async () => {
  const good = at("good");
  await addUsers(
    good,
    Array.from({ length: USERS }, (_, i) => `user${i}`),
  );
  base = await beginStep(15);
  expect(await run(["--data", good, "user", "verify", "user7"], codeAt(0))).toMatchObject({ status: 0 });
  const files = ["profiles", "spent"].flatMap((room) =>
    readdirSync(join(good, room)).map((name) => join(room, name)),
  );
  const damages: [string, (file: string) => void][] = [
    ["half", (file) => truncateSync(file, statSync(file).size >> 1)],
    ["empty", (file) => truncateSync(file, 0)],
    ["noise", (file) => writeFileSync(file, Buffer.alloc(100_000, 0xa5))],
    ["gone", (file) => rmSync(file)],
  ];
  let told = 0;
  for (const name of files.filter((each) => !/LOG|LOCK|draft/.test(each)))
    for (const [what, damage] of damages) {
      const data = at("bad");
      cpSync(good, data, { recursive: true });
      damage(join(data, name));
      const result = await run(["--data", data, "user", "verify", "user7"], codeAt(0));
      expect([name, what, result.signal, result.status]).toEqual([name, what, null, 1]);
      if (/^dialward: .*(damaged|cannot be|lost|no user)|may have been lost/im.test(result.err + result.out))
        told++;
      rmSync(data, { recursive: true });
    }
  expect(told).toBeGreaterThan(4);
});

test("a clock in 1970: refused with that reason, and nothing is spent", async () => {
  const data = at("clock");
  await addUsers(data, ["alice"]);
  const then = faketime("1970-01-01 00:01:00");
  const early = await run(["--data", data, "user", "verify", "alice", "--json"], totp(KEY, 60), then);
  expect(early.status).toBe(1);
  expect(JSON.parse(early.out)).toMatchObject({ outcome: "refuse", reason: "clock-not-set" });
  base = await beginStep(15);
  expect(await run(["--data", data, "user", "verify", "alice"], codeAt(0))).toMatchObject({ status: 0 });
});

test("a clock that jumps by hours and back: no code twice, and nobody is kept out afterwards", async () => {
  const data = at("jump");
  await addUsers(data, ["alice", "bob"]);
  const file = at("timestamp");
  const jumpTo = (offset: string) => writeFileSync(file, offset);
  jumpTo("+0");
  const service = await serve(data, { ...faketime(), FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: "1" });
  const { dial } = service;
  base = await beginStep(15);
  expect(await dial("alice", codeAt(-30))).toBe("accept");
  jumpTo(`+${6 * HOURS}`);
  expect(await dial("alice", codeAt(0))).toBe("refuse"); // hours old, as this clock has it
  expect(await dial("bob", codeAt(6 * HOURS))).toBe("accept");
  jumpTo(`-${6 * HOURS}`);
  expect(await dial("alice", codeAt(-30))).toBe("refuse");
  expect(await dial("bob", codeAt(6 * HOURS))).toBe("refuse");
  jumpTo("+0");
  expect(await dial("alice", codeAt(-30))).toBe("refuse");
  // What was refused as no code is not looked at anew; the next one is.
  expect(await dial("alice", codeAt(0))).toBe("refuse");
  expect(await dial("alice", codeAt(30))).toBe("accept");
  jumpTo(`+${6 * HOURS}`);
  expect(await dial("bob", codeAt(6 * HOURS - 30))).toBe("refuse");
  expect(await dial("bob", codeAt(6 * HOURS))).toBe("refuse");
  await stop(service);
});

test("the keys are rotated from the command line while the service runs", async () => {
  const data = at("rotate");
  await addUsers(data, ["alice", "bob"]);
  const service = await serve(data);
  base = await beginStep(15);
  expect(await service.dial("alice", codeAt(-30))).toBe("accept");
  expect(await run(["--data", data, "key", "rotate", "--json"])).toMatchObject({ status: 0, err: "" });
  expect(await service.dial("alice", codeAt(0))).toBe("accept");
  expect(await service.dial("alice", codeAt(0))).toBe("refuse");
  expect(await service.dial("bob", codeAt(0))).toBe("accept");
  await stop(service);
});

/** libfaketime in the environment, as Debian's `faketime` sets it up; monotonic clocks and timers stay as they are. */
function faketime(time?: string): NodeJS.ProcessEnv {
  const script = 'printf %s "$LD_PRELOAD"';
  const library = execFileSync("faketime", ["2000-01-01 00:00:00", "sh", "-c", script]).toString();
  return {
    LD_PRELOAD: library,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    TZ: "UTC",
    ...(time && { FAKETIME: time }),
  };
}
