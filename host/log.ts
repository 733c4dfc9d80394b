// The log: one JSON line for each login and each event on standard error (pino). It never holds a proof.
import { pino, type Logger } from "pino";

/** What the host needs of a logger; pino's satisfies it. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** A log that says nothing, for short commands and tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Opens the log on standard error; `flush` writes what is still held back. */
export function openLog(level: (typeof LOG_LEVELS)[number]): { log: Log; flush(): void } {
  // Held back until the next turn of the event loop, so that a login does not wait for the terminal.
  const stream = pino.destination({ dest: 2, sync: false });
  stream.on("error", () => {}); // nobody reads the log any more: go on
  const timestamp = () => `,"time":"${new Date().toISOString()}"`;
  const formatters = { level: (label: string) => ({ level: label }) };
  const log = pino({ level, base: null, timestamp, formatters }, stream);
  const flush = (): void => {
    try {
      stream.flushSync();
    } catch {
      // not open yet, or closed by the reader: there is nothing to save
    }
  };
  return { log, flush };
}
