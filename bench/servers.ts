// Dialward as a server that is measured, started on loopback and pinned to one core; and what is asked of any server's process.

import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Endpoint } from "../host/config/endpoint.ts";
import { KEYS } from "./cases.ts";
import { createHash } from "node:crypto";

export const SECRET = "bench-shared-secret";
export const SERVER_CORE = 0;
export const GENERATOR_CORE = 1;

/** How long a server may take to start. */
const START_SECONDS = 20;

export interface User {
  name: string;
  key: Uint8Array;
}

/** So many users, the same in every run. */
export function makeUsers(count: number): User[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `user${i}`,
    key: createHash("sha1").update(KEYS[0]!).update(`${i}`).digest(),
  }));
}

export interface Server {
  endpoint: Endpoint;
  /** Where the pages are, of ours. */
  pages?: string;
  pid: number;
  /** Bytes that its heap has allocated so far, where Node was given --trace-gc-nvp. */
  allocated?(): number;
  stop(): Promise<void>;
}

export interface DialwardOptions {
  /** Where dialward.mjs is. */
  dist: string;
  users: readonly User[];
  factor: "totp" | "hotp";
  /** Arguments for Node, such as --cpu-prof. */
  nodeArguments?: readonly string[];
  /** Arguments for serve. */
  serveArguments?: readonly string[];
  core?: number | undefined;
}

/** What `npm start` and host/service/dialward.service give to Node, beside what a test gives. */
function readShipped(): { env: Record<string, string>; args: string[] } {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: { start: string } };
  const [, env, args] = /((?:\w+=\S+ )*)node ((?:--\S+ )*)dist\/dialward\.mjs serve/.exec(scripts.start)!;
  const words = (text: string): string[] => text.split(" ").filter(Boolean);
  return { env: Object.fromEntries(words(env!).map((word) => word.split("="))), args: words(args!) };
}

/** Imports the users into `folder` and starts `dialward serve` as it ships, with its default log in a file. */
export async function startDialward(folder: string, options: DialwardOptions): Promise<Server> {
  const { dist, users, factor, nodeArguments = [], serveArguments = [], core } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const endpoint = { address: "127.0.0.1", port: await freePort() };
  const local = async () => `"127.0.0.1:${await freePort()}"`;
  const webPort = await freePort();
  const config = [
    'data = "data"',
    `[radius]\nlisten = "127.0.0.1:${endpoint.port}"\naccounting = ${await local()}`,
    `[[radius.clients]]\naddress = "127.0.0.1"\nname = "bench"\nsecret = "${SECRET}"`,
    `[web]\nlisten = "127.0.0.1:${webPort}"`,
  ];
  writeFileSync(`${folder}/config.toml`, config.join("\n\n") + "\n", { mode: 0o600 });
  const rows = users.map(({ name, key }) => ({ name, factor, secret: base32(key), active: true }));
  writeFileSync(`${folder}/users.json`, JSON.stringify({ users: rows }), { mode: 0o600 });
  const program = [`${dist}/dialward.mjs`, "--config", `${folder}/config.toml`];
  spawnSync(process.execPath, [...program, "init"]);
  const imported = spawnSync(process.execPath, [...program, "user", "import", `${folder}/users.json`], {
    encoding: "utf8",
  });
  if (imported.status !== 0) throw new Error(`dialward user import failed: ${imported.stderr}`);
  const shipped = readShipped();
  const node = [...shipped.args, ...nodeArguments];
  const command = pin(core, [process.execPath, ...node, ...program, "serve", ...serveArguments]);
  const log = openSync(`${folder}/log`, "w");
  let allocated = 0;
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ["ignore", "pipe", log],
    env: { ...process.env, ...shipped.env },
  });
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      child.removeAllListeners("exit");
      child.kill("SIGKILL");
      reject(new Error(`dialward serve ${why}: ${readFileSync(`${folder}/log`, "utf8")}`));
    };
    const timer = setTimeout(() => fail("is not ready"), START_SECONDS * 1000);
    createInterface({ input: child.stdout! }).on("line", (line) => {
      allocated += Number(/ allocated=(\d+)/.exec(line)?.[1] ?? 0);
      if (line !== "ready") return;
      clearTimeout(timer);
      resolve();
    });
    child.once("exit", () => fail("ended"));
  });
  const pages = `http://127.0.0.1:${webPort}/`;
  return { endpoint, pages, pid: child.pid!, allocated: () => allocated, stop: () => stop(child) };
}

/** Nanoseconds that a process's threads have run; unlike the clock, it does not count what other programs took. */
export function cpuNanoseconds(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
    return sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]);
  }, 0);
}

/** A process's resident memory in MB of 10^6 bytes: all of it, and the part that is its own (no files). */
export function residentMegabytes(pid: number): { all: number; own: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const read = (field: string) =>
    (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024) / 1e6;
  return { all: read("VmRSS"), own: read("RssAnon") };
}

/** Whether processes can be pinned: taskset is there, and two cores are. */
export function canPin(): boolean {
  try {
    const list = execFileSync("taskset", ["-pc", String(process.pid)], { encoding: "utf8" });
    return /[,-]/.test(list.split(":")[1] ?? "");
  } catch {
    return false;
  }
}

/** Moves this process with all its threads to one core, with the same priority as the servers, or back to both. */
export function pinSelf(cores: string): void {
  execFileSync("taskset", ["-apc", cores, String(process.pid)], { stdio: "ignore" });
  if (canHurry()) {
    const policy = cores.includes(",") ? ["--other", "0"] : ["--rr", "1"];
    execFileSync("chrt", ["-a", policy[0]!, "-p", policy[1]!, String(process.pid)], { stdio: "ignore" });
  }
}

/** Whether servers may go before whatever else runs here (real-time priority 1), so that neighbours cost none of them time. */
function canHurry(): boolean {
  return spawnSync("chrt", ["--rr", "1", "true"], { stdio: "ignore" }).status === 0;
}

export function pin(core: number | undefined, command: string[]): string[] {
  if (core === undefined) return command;
  return [...(canHurry() ? ["chrt", "--rr", "1"] : []), "taskset", "-c", String(core), ...command];
}

export function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.removeAllListeners("exit");
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), 5000).unref();
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1", () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return bits.replace(/.{5}/g, (five) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[parseInt(five, 2)]!);
}
