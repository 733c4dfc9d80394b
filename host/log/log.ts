// The log: one JSON line for each login and each event on standard error (pino). It never holds a proof.
import { pino, type Logger } from "pino";

/** What the host needs of a logger; pino's satisfies it. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** What is written at once. Each write is a journey to another thread and back, which costs as much as ten lines. */
const PIECE_BYTES = 32_768;
const FLUSH_MS = 100;

/** A log that says nothing, for short commands and tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Opens the log on standard error; `flush` writes what is still held back, `setLevel` holds from now on. */
export function openLog(level: LogLevel): { log: Log; flush(): void; setLevel(level: LogLevel): void } {
  const stream = pino.destination({ dest: 2, sync: false, maxWrite: PIECE_BYTES });
  stream.on("error", () => {}); // nobody reads the log any more: go on
  // Lines are gathered, since a write for each login takes as long as the login; sonic-boom's own minLength measures
  // all that it holds again with each line.
  let piece = "";
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const release = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (piece !== "") stream.write(piece);
    piece = "";
    bytes = 0;
  };
  const write = (line: string): void => {
    const more = Buffer.byteLength(line);
    if (bytes + more > PIECE_BYTES) release();
    piece += line;
    bytes += more;
    timer ??= setTimeout(release, FLUSH_MS).unref();
  };
  let moment = NaN;
  let time = "";
  const timestamp = (): string => {
    const now = Date.now();
    if (now !== moment) time = `,"time":"${new Date((moment = now)).toISOString()}"`;
    return time;
  };
  const formatters = { level: (label: string) => ({ level: label }) };
  const log = pino({ level, base: null, timestamp, formatters }, { write });
  const flush = (): void => {
    try {
      release();
      stream.flushSync();
    } catch {
      // not open yet, or closed by the reader: there is nothing to save
    }
  };
  process.once("exit", flush);
  const setLevel = (next: LogLevel): void => {
    log.level = next;
  };
  return { log, flush, setLevel };
}
