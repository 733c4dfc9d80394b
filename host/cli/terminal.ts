// Where a command reads and writes, and the status that it ends with: the process's own, or what `run` was given.
// Kept beside the call (AsyncLocalStorage), so that commands run side by side in one process, as tests do.
import { AsyncLocalStorage } from "node:async_hooks";
import { fstatSync, readFileSync, readSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { DialwardError } from "../errors.ts";

/** A stream of a terminal, or of something else. */
type Stream<Kind> = Kind & { isTTY?: boolean };

export interface Terminal {
  stdin: Stream<Readable>;
  stdout: Stream<Writable>;
  stderr: Stream<Writable>;
  /** All of standard input, for `-` in place of a file's name. Throws DialwardError("usage") beyond `most` bytes. */
  readInput(most: number): Buffer;
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
  readInput: (most) => readUpTo(0, most),
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

/** Bytes that are read at once where the length is not known. */
const PIPE_BYTES = 65536;

/** All of an open file or pipe. Throws DialwardError("usage") where that is more than `most` bytes. */
export function readUpTo(descriptor: number, most: number): Buffer {
  const stat = fstatSync(descriptor);
  const tooLarge = (): DialwardError =>
    new DialwardError("usage", `it is larger than ${size(most)}. Split it.`);
  if (stat.isFile() && stat.size > most) throw tooLarge();
  if (stat.isFile()) return readFileSync(descriptor);
  const pieces: Buffer[] = [];
  for (let total = 0; ;) {
    const piece = Buffer.allocUnsafe(PIPE_BYTES);
    const length = readSync(descriptor, piece);
    if (length === 0) return Buffer.concat(pieces);
    if ((total += length) > most) throw tooLarge();
    pieces.push(piece.subarray(0, length));
  }
}

function size(bytes: number): string {
  return bytes >= 1 << 20 ? `${bytes >> 20} MiB` : `${bytes >> 10} KiB`;
}
