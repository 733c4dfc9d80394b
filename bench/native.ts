// Builds a C program of bench/c/ in a temporary folder and talks to it by lines (c/drive.h).

import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface, type Interface } from "node:readline";

/** A running C program that answers one line for each line. */
export class Native {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #waiting: ((line: string) => void)[] = [];

  private constructor(program: string) {
    this.#child = spawn(program);
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#lines.on("line", (line) => this.#waiting.shift()?.(line));
    this.#child.stderr.pipe(process.stderr);
  }

  /**
   * Compiles `source` (a path) with gcc -O3 into `folder`, starts it and gives it the users' keys.
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
    const native = new Native(program);
    for (const key of keys) await native.ask(`key ${Buffer.from(key).toString("hex")}`);
    return native;
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
