// Builds a C program of bench/c/ in a temporary folder and talks to it by lines (c/drive.h).

import { execFileSync, spawn, type ChildProcessByStdio } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** Processes of a program that answer in turns: where stack and libraries lie makes one twice as fast as another. */
const PROCESSES = 15;

/** A process that answers one line for each line. */
class Process {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: ((line: string) => void)[] = [];

  constructor(program: string) {
    this.#child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#waiting.shift()?.(line));
  }

  ask(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#child.once("exit", () => reject(new Error(`the C program ended at: ${line}`)));
      this.#waiting.push((answer) => {
        this.#child.removeAllListeners("exit");
        resolve(answer);
      });
      this.#child.stdin.write(line + "\n");
    });
  }

  stop(): void {
    this.#child.stdin.end();
  }
}

/** A running C program. */
export class Native {
  readonly #processes: readonly Process[];
  #next = 0;

  private constructor(processes: readonly Process[]) {
    this.#processes = processes;
  }

  /**
   * Compiles `source` (a path) with gcc -O3 into `folder`, starts its processes and gives them the users' keys.
   * Answers undefined where the compiler or a library is missing.
   */
  static async start(
    source: string,
    folder: string,
    keys: readonly Uint8Array[],
    flags: readonly string[] = [],
  ): Promise<Native | undefined> {
    const program = `${folder}/${source.replace(/.*\/|\.c$/g, "")}`;
    try {
      execFileSync("gcc", ["-O3", "-o", program, source, ...flags], { stdio: "ignore" });
    } catch {
      return undefined;
    }
    const processes = Array.from({ length: PROCESSES }, () => new Process(program));
    for (const key of keys) {
      const line = `key ${Buffer.from(key).toString("hex")}`;
      await Promise.all(processes.map((process) => process.ask(line)));
    }
    return new Native(processes);
  }

  /** The answer of the process whose turn it is. */
  ask(line: string): Promise<string> {
    return this.#processes[this.#next++ % PROCESSES]!.ask(line);
  }

  stop(): void {
    for (const process of this.#processes) process.stop();
  }
}
