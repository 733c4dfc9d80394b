// dialward-radiusd as a process of a test's own, for whatever processor, with its files in a folder that it makes.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freeUdpPort } from "../free-port.ts";
import { run, type Processor } from "./toolchain.ts";

/** What a program for a processor is started by: itself, or the emulator with `before`, then it. */
export function commandOf(processor: Processor, program: string, ...before: string[]): [string, string[]] {
  const here = processor.name === "x86-64" && process.arch === "x64" && before.length === 0;
  const own = here || processor.emulator === "";
  return own ? [program, []] : [processor.emulator, [...before, program]];
}

export class Daemon {
  readonly folder = mkdtempSync(join(tmpdir(), "dialward-radiusd-"));
  /** What it has said since the last start, or since a test emptied it. */
  log = "";
  /** What it is told beside its files and ports. */
  options: readonly string[] = [];
  port = 0;
  accountingPort = 0;
  readonly #command: [string, string[]];
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  /** `before`: what the emulator is told beside the program. Its state is made here, its files by write(). */
  constructor(processor: Processor, built: { daemon: string; tool: string }, ...before: string[]) {
    this.#command = commandOf(processor, built.daemon, ...before);
    const [tool, first] = commandOf(processor, built.tool);
    run(tool, [...first, "new", this.at("state")]);
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  write(users: string, clients: string): void {
    writeFileSync(this.at("users"), users, { mode: 0o600 });
    writeFileSync(this.at("clients"), clients, { mode: 0o600 });
  }

  async start(): Promise<void> {
    this.accountingPort = await freeUdpPort();
    this.port = await freeUdpPort();
    const [program, first] = this.#command;
    const files = ["--users", this.at("users"), "--clients", this.at("clients"), "--state", this.at("state")];
    const ports = ["--port", String(this.port), "--accounting-port", String(this.accountingPort)];
    const child = spawn(program, [...first, ...files, ...ports, ...this.options], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    this.#ended = once(child, "close");
    this.log = "";
    child.stderr.on("data", (text: Buffer) => (this.log += text.toString()));
    await this.hear(/^ready$/m);
  }

  /** Waits until the log says something. */
  async hear(what: RegExp): Promise<void> {
    const child = this.#child!;
    while (!what.test(this.log)) {
      if (child.exitCode !== null) throw new Error(this.log);
      await Promise.race([once(child.stderr!, "data"), this.#ended]);
    }
  }

  /** Reads its files again; `what` is how the log says that it has. */
  async reload(what: RegExp): Promise<void> {
    this.log = "";
    this.#child!.kill("SIGHUP");
    await this.hear(what);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    child.kill();
    await this.#ended;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
