// The built program as a service, on ports that the system chooses, with its output kept; for tests that signal it.
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Endpoint } from "../host/config/endpoint.ts";
import { runCommand } from "./command.ts";

const PROGRAM = new URL("../dist/dialward.mjs", import.meta.url).pathname;

export interface RunningService {
  folder: string;
  pid: number;
  radius: Endpoint;
  accountingPort: number;
  /** http://HOST:PORT of /metrics and /healthz. */
  monitor: string;
  /** What it has written to standard output and standard error. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** Its exit status; null where a signal ended it. */
  ended: Promise<number | null>;
}

/** A folder with a configuration: everything on loopback, the secret `testing123`, an audit log. */
export function makeFolder(more = ""): string {
  const folder = mkdtempSync(join(tmpdir(), "dialward-serve-"));
  configure(folder, more);
  return folder;
}

/** Writes the configuration anew; `more` follows the pages' section where they listen, else stands at the end. */
export function configure(
  folder: string,
  more = "",
  secret = "testing123",
  level = "info",
  pages?: string,
): void {
  const any = '"127.0.0.1:0"';
  const text = `data = "data"
[radius]
listen = ${any}
accounting = ${any}
clients = [{ address = "127.0.0.1", name = "test", secret = "${secret}" }]
[metrics]
listen = ${any}
[web]
listen = "${pages ?? "off"}"
${pages === undefined ? "" : more}
[log]
audit = "audit.jsonl"
level = "${level}"
${pages === undefined ? more : ""}`;
  writeFileSync(join(folder, "dialward.toml"), text, { mode: 0o600 });
}

const environment = { ...process.env, DIALWARD_KEY: "", STATE_DIRECTORY: "" };

/**
 * Starts `serve` with `options` on `folder`; resolves when it is ready. Its log goes to `errors`, a descriptor; `by` is a
 * program that becomes it.
 */
export async function startService(
  folder: string,
  options: readonly string[] = [],
  errors: number | "pipe" = "pipe",
  by: readonly string[] = [],
): Promise<RunningService> {
  const config = join(folder, "dialward.toml");
  const [file, ...args] = [...by, process.execPath, PROGRAM, "--config", config, "serve", ...options];
  const child = spawn(file!, args, {
    env: environment,
    stdio: ["ignore", "pipe", errors],
  });
  const stdout = child.stdout!;
  let text = "";
  stdout.on("data", (chunk) => (text += chunk));
  child.stderr?.on("data", (chunk) => (text += chunk));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  await Promise.race([
    ended.then(() => Promise.reject(new Error(`serve ended: ${text}`))),
    new Promise<void>((resolve) => {
      stdout.on("data", () => text.includes("ready\n") && resolve());
    }),
  ]);
  const port = Number(/^RADIUS +127\.0\.0\.1:(\d+)$/m.exec(text)![1]);
  return {
    folder,
    pid: child.pid!,
    radius: { address: "127.0.0.1", port },
    accountingPort: Number(/^accounting +127\.0\.0\.1:(\d+)$/m.exec(text)![1]),
    monitor: /^metrics +(http:\/\/127\.0\.0\.1:\d+)\//m.exec(text)![1]!,
    output: () => text,
    signal: (name) => child.kill(name),
    ended,
  };
}

/** Runs a command on the folder of a service, in this process; rejects where it fails. */
export async function command(folder: string, args: readonly string[], input = ""): Promise<string> {
  const { status, out, err } = await runCommand(["--config", join(folder, "dialward.toml"), ...args], input);
  if (status !== 0) throw new Error(`${args[0]}: ${out}${err}`);
  return out + err;
}
