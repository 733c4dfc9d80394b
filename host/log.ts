// The log: one JSON line for each login and each event on standard error (pino). It never holds a proof.
import { pino, type Logger } from "pino";

/** What the host needs of a logger; pino's satisfies it. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

const PIECE_BYTES = 8192;
const FLUSH_MS = 100;
/** What a pipe takes in one piece, whoever else writes to it (POSIX: PIPE_BUF on Linux). */
const PIPE_BYTES = 4096;
const PIPE_PIECE_BYTES = 3072;

/** A log that says nothing, for short commands and tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Opens the log on standard error; `flush` writes what is still held back, `setLevel` holds from now on. Where several
 * processes have a `shared` one, no line is written into another's.
 */
export function openLog(
  level: LogLevel,
  { shared = false } = {},
): { log: Log; flush(): void; setLevel(level: LogLevel): void } {
  // Written in pieces, since a write for each login takes as long as the login; at the latest after FLUSH_MS.
  // A piece holds whole lines, and is not longer than maxWrite unless a line is.
  const pieces = shared ? { minLength: PIPE_PIECE_BYTES, maxWrite: PIPE_BYTES } : { minLength: PIECE_BYTES };
  const stream = pino.destination({ dest: 2, sync: false, periodicFlush: FLUSH_MS, ...pieces });
  stream.on("error", () => {}); // nobody reads the log any more: go on
  let moment = NaN;
  let time = "";
  const timestamp = (): string => {
    const now = Date.now();
    if (now !== moment) time = `,"time":"${new Date((moment = now)).toISOString()}"`;
    return time;
  };
  const formatters = { level: (label: string) => ({ level: label }) };
  const log = pino({ level, base: null, timestamp, formatters }, stream);
  const flush = (): void => {
    try {
      stream.flushSync();
    } catch {
      // not open yet, or closed by the reader: there is nothing to save
    }
  };
  const setLevel = (next: LogLevel): void => {
    log.level = next;
  };
  return { log, flush, setLevel };
}
