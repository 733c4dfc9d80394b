// Where a command reads and writes, and the status that it ends with: the process's own, or what `run` was given.
// Kept beside the call (AsyncLocalStorage), so that commands run side by side in one process, as tests do.
import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";

/** A stream of a terminal, or of something else. */
type Stream<Kind> = Kind & { isTTY?: boolean };

export interface Terminal {
  stdin: Stream<Readable>;
  stdout: Stream<Writable>;
  stderr: Stream<Writable>;
  /** All of standard input, for `-` in place of a file's name. */
  readInput(): Buffer;
  /** 0; 1 refused or not found; 2 bad usage. */
  status: number;
  /** scrypt's N where passphrases protect nothing; undefined: what the program's own files need. */
  scryptCost?: number;
}

const given = new AsyncLocalStorage<Terminal>();

const own: Terminal = {
  // Opened when they are first asked for: standard input of a service is nobody's.
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    return process.stderr;
  },
  readInput: () => readFileSync(0),
  status: 0,
};

/** The terminal of the command that asks. */
export function terminal(): Terminal {
  return given.getStore() ?? own;
}

/** Calls `action` with `one` in place of the process's own; without it, with that. */
export function onTerminal<T>(one: Terminal | undefined, action: () => T): T {
  return one ? given.run(one, action) : action();
}
