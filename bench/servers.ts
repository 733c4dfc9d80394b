// The two RADIUS servers that are compared, each started on loopback with the same users, pinned to one core.

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
  pages: string;
  pid: number;
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

/** What `npm start` and host/service/dialward.service give to Node. */
function shippedArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: { start: string } };
  return /node ((?:--\S+ )*)dist\/dialward\.mjs serve/.exec(scripts.start)![1]!.split(" ").filter(Boolean);
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
  const node = [...shippedArguments(), ...nodeArguments];
  const command = pin(core, [process.execPath, ...node, ...program, "serve", ...serveArguments]);
  const log = openSync(`${folder}/log`, "w");
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", log] });
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      child.removeAllListeners("exit");
      child.kill("SIGKILL");
      reject(new Error(`dialward serve ${why}: ${readFileSync(`${folder}/log`, "utf8")}`));
    };
    const timer = setTimeout(() => fail("is not ready"), START_SECONDS * 1000);
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (line !== "ready") return;
      clearTimeout(timer);
      resolve();
    });
    child.once("exit", () => fail("ended"));
  });
  const pages = `http://127.0.0.1:${webPort}/`;
  return { endpoint, pages, pid: child.pid!, stop: () => stop(child) };
}

/**
 * FreeRADIUS with nothing in it but rlm_files and rlm_totp; with `stores` it puts each accepted step into SQLite besides,
 * which syncs it (synchronous=FULL), before it answers. Undefined where it is not installed.
 */
export async function startFreeRadius(
  folder: string,
  users: readonly User[],
  core: number | undefined,
  stores = false,
): Promise<Server | undefined> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const endpoint = { address: "127.0.0.1", port: await freePort() };
  writeFileSync(`${folder}/radiusd.conf`, configureFreeRadius(folder, endpoint.port, stores));
  writeFileSync(
    `${folder}/users`,
    users.map(({ name, key }) => `${name} TOTP-Secret := "${base32(key)}", Auth-Type := totp\n`).join(""),
  );
  // In the foreground and in one thread, which is faster on one core.
  const command = pin(core, ["freeradius", "-f", "-s", "-d", folder]);
  const child = spawn(command[0]!, command.slice(1), { stdio: "ignore" });
  const failed = new Promise<boolean>((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", () => resolve(false));
  });
  const ready = (async () => {
    for (const end = Date.now() + START_SECONDS * 1000; Date.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      try {
        if (readFileSync(`${folder}/log`, "utf8").includes("Ready to process requests")) return true;
      } catch {
        // The log is not there yet.
      }
    }
    return false;
  })();
  if (!(await Promise.race([failed, ready]))) {
    child.kill("SIGKILL");
    return undefined;
  }
  return { endpoint, pages: "", pid: child.pid!, stop: () => stop(child) };
}

export function freeRadiusVersion(): string | undefined {
  try {
    const text = execFileSync("freeradius", ["-v"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return /Version (\S+?),? /.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

/** As little work for each request as it allows, and no time that a finished request is kept for. */
function configureFreeRadius(folder: string, port: number, stores: boolean): string {
  writeFileSync(`${folder}/schema.sql`, "CREATE TABLE spent (user TEXT PRIMARY KEY, step INTEGER);");
  const sql = `sql {
    dialect = "sqlite"
    driver = "rlm_sql_sqlite"
    sqlite {
      filename = "${folder}/spent.db"
      bootstrap = "${folder}/schema.sql"
    }
    pool {
      start = 1
      min = 1
      max = 1
    }
  }`;
  const spend = `post-auth {
    if ("%{sql:INSERT OR REPLACE INTO spent VALUES ('%{User-Name}', %l / 30)}" == "0") {
      reject
    }
  }`;
  return `prefix = /usr
sysconfdir = /etc
localstatedir = ${folder}
logdir = ${folder}
raddbdir = ${folder}
confdir = ${folder}
radacctdir = ${folder}
libdir = /usr/lib/freeradius
pidfile = ${folder}/pid
name = freeradius
correct_escapes = true
max_request_time = 5
cleanup_delay = 0
max_requests = 65536
hostname_lookups = no
proxy_requests = no
log {
  destination = files
  file = ${folder}/log
  auth = no
}
security {
  reject_delay = 0
  status_server = no
}
thread pool {
  start_servers = 1
  max_servers = 1
  min_spare_servers = 1
  max_spare_servers = 1
  max_requests_per_server = 0
  max_queue_size = 65536
}
client bench {
  ipaddr = 127.0.0.1
  secret = ${SECRET}
}
modules {
  totp {
  }
  files {
    filename = ${folder}/users
  }
  ${stores ? sql : ""}
}
server bench {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = ${port}
  }
  authorize {
    files
    update request {
      &TOTP-Password := &User-Password
    }
  }
  authenticate {
    Auth-Type totp {
      totp
    }
  }
  ${stores ? spend : ""}
}
`;
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

/** Moves this process with all its threads to one core, or back to both. */
export function pinSelf(cores: string): void {
  execFileSync("taskset", ["-apc", cores, String(process.pid)], { stdio: "ignore" });
}

function pin(core: number | undefined, command: string[]): string[] {
  return core === undefined ? command : ["taskset", "-c", String(core), ...command];
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.removeAllListeners("exit");
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), 5000).unref();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1", () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return bits.replace(/.{5}/g, (five) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[parseInt(five, 2)]!);
}
