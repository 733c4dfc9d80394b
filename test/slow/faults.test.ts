// What a store and a clock can do to the service: a full disk, one that cannot be written, a lock that is held, a file
// cut short or overwritten, a clock in 1970 or hours away. Each has its stated behaviour (host/SECURITY.md).
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
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

test("a full disk: logins are refused, the service stays up, and goes on when there is room", async () => {
  const disk = mountTmpfs("small", "16m");
  const data = join(disk, "data");
  await addUsers(data, ["alice", "bob"]);
  const service = await serve(data);
  base = await beginStep(15);
  expect(await service.dial("alice", codeAt(-30))).toBe("accept");
  try {
    writeFileSync(join(disk, "filler"), Buffer.alloc(32 << 20));
  } catch {
    // as much as there is room for
  }
  expect(await service.dial("alice", codeAt(0))).toBe("refuse");
  expect(await service.dial("bob", codeAt(0))).toBe("refuse");
  await new Promise((resolve) => setTimeout(resolve, 1500)); // the journal has tried to write as well
  await expect.poll(service.log).toContain('"reason":"store-unavailable"');
  expect(service.log()).not.toContain("Write error"); // lmdb has not begun to write: it would damage memory
  expect(service.child.exitCode).toBeNull();
  rmSync(join(disk, "filler"));
  expect(await service.dial("alice", codeAt(0))).toBe("accept");
  expect(await service.dial("alice", codeAt(0))).toBe("refuse");
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
    expect(err).toMatch(/^dialward: The store .* cannot be opened: .*Read-only file system/);
  }
});

test("a lock that is held: who writes waits, and goes on when the holder is killed", async () => {
  const data = at("locked");
  await addUsers(data, ["alice"]);
  const hold = `
    import { open } from ${JSON.stringify(import.meta.resolve("lmdb"))};
    const env = open({ path: ${JSON.stringify(join(data, "dialward.mdb"))}, noSubdir: true, maxDbs: 8 });
    env.transactionSync(() => {
      process.stdout.write("held\\n");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
    });`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", hold], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(holder);
  await once(holder.stdout, "data");
  base = await beginStep(15);
  let done = false;
  const verifying = run(["--data", data, "user", "verify", "alice"], codeAt(0)).finally(() => (done = true));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(done).toBe(false);
  holder.kill("SIGKILL");
  expect(await verifying).toMatchObject({ status: 0 });
  expect(await run(["--data", data, "user", "verify", "alice"], codeAt(0))).toMatchObject({ status: 1 });
});

test("a store cut short anywhere, overwritten or exchanged: told by name, and never a crash", async () => {
  const good = at("good");
  await addUsers(
    good,
    Array.from({ length: USERS }, (_, i) => `user${i}`),
  );
  const { size } = statSync(join(good, "dialward.mdb"));
  const cuts = [1, 100, 4096, 4097, 8191, 8192, 12_288, size >> 2, size >> 1, size - 4096, size - 1];
  const damages: [string, (file: string) => void][] = [
    ...cuts.map((cut): [string, (file: string) => void] => [
      `cut at ${cut}`,
      (file) => truncateSync(file, cut),
    ]),
    ["random bytes", (file) => writeFileSync(file, Buffer.alloc(100_000, 0xa5))],
    ["text", (file) => writeFileSync(file, "# not a store\n".repeat(1000))],
  ];
  let refused = 0;
  for (const [what, damage] of damages) {
    const data = at("bad");
    mkdirSync(data);
    for (const name of ["key", "dialward.mdb"]) copyFileSync(join(good, name), join(data, name));
    damage(join(data, "dialward.mdb"));
    const { status, signal, out, err } = await run(["--data", data, "user", "list", "--json"]);
    expect([what, signal]).toEqual([what, null]);
    // A cut may have taken nothing but free pages.
    if (status === 0)
      expect(JSON.parse(out).filter((user: object) => !("problem" in user))).toHaveLength(USERS);
    else {
      expect(err).toMatch(/^dialward: The store .* cannot be (opened|read): /m);
      refused++;
    }
    rmSync(data, { recursive: true });
  }
  expect(refused).toBeGreaterThanOrEqual(damages.length - 3);
});

test("a damaged journal is put aside: logins go on", async () => {
  const data = at("journal");
  await addUsers(data, ["alice", "bob", "carol"]);
  const damages = [
    (file: string) => truncateSync(file, 8192),
    (file: string) => truncateSync(file, 100),
    (file: string) => writeFileSync(file, "not a journal\n".repeat(1000)),
  ];
  base = await beginStep(15);
  for (const [i, user] of ["alice", "bob", "carol"].entries()) {
    damages[i]!(join(data, "journal.mdb"));
    expect(await run(["--data", data, "user", "verify", user], codeAt(0))).toMatchObject({
      status: 0,
      signal: null,
    });
    expect(existsSync(join(data, "journal.mdb.damaged"))).toBe(true);
    rmSync(join(data, "journal.mdb.damaged"));
  }
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
  expect(await dial("alice", codeAt(0))).toBe("accept");
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
