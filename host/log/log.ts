// The log: one JSON line for each login and each event on standard error (pino). It never holds a proof.
import { pino, type Logger } from "pino";
import { loginBytes, plainJson, printTime, writeLogin, type LoginEvent } from "./login-event.ts";

/** What the host needs of a logger; pino's satisfies it. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** A log that takes verdicts too. */
export interface LoginLog extends Log {
  /** One line for a login, of level info: who, whence, what and why. */
  verdict(event: LoginEvent): void;
}

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** What is written at once. Each write is a journey to another thread and back, which costs as much as ten lines. */
const PIECE_BYTES = 32_768;
const FLUSH_MS = 100;
/** Most bytes of a UTF-16 unit in UTF-8. */
const UTF8_BYTES = 3;

/** A log that says nothing, for short commands and tests. */
export const silentLog: LoginLog = { debug() {}, info() {}, warn() {}, error() {}, verdict() {} };

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Opens the log on standard error; `flush` writes what is still held back, `setLevel` holds from now on. */
export function openLog(level: LogLevel): {
  log: LoginLog;
  flush(): void;
  setLevel(level: LogLevel): void;
} {
  const stream = pino.destination({ dest: 2, sync: false, contentMode: "buffer" });
  // Its types know of texts only.
  const pass = (piece: Buffer): boolean => stream.write(piece as unknown as string);
  stream.on("error", () => {}); // nobody reads the log any more: go on
  // Lines are gathered in bytes, since a write for each login takes as long as the login, and texts that are put together
  // make garbage.
  const piece = Buffer.alloc(PIECE_BYTES);
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const release = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (bytes > 0) pass(Buffer.from(piece.subarray(0, bytes)));
    bytes = 0;
  };
  /** Makes room for `most` bytes; false where there never is. */
  const makeRoom = (most: number): boolean => {
    if (bytes + most > PIECE_BYTES) release();
    timer ??= setTimeout(release, FLUSH_MS).unref();
    return most <= PIECE_BYTES;
  };
  const write = (given: string): void => {
    const line = plainJson(given);
    if (makeRoom(line.length * UTF8_BYTES)) bytes += piece.write(line, bytes);
    else pass(Buffer.from(line));
  };
  const timestamp = (): string => `,"time":"${printTime(Date.now())}"`;
  const formatters = { level: (label: string) => ({ level: label }) };
  const logger = pino({ level, base: null, timestamp, formatters }, { write });
  const log: LoginLog = Object.assign(logger, {
    verdict(event: LoginEvent): void {
      if (!logger.isLevelEnabled("info")) return;
      const most = loginBytes(event);
      if (makeRoom(most)) bytes = writeLogin(piece, bytes, event);
      else {
        const line = Buffer.alloc(most);
        pass(line.subarray(0, writeLogin(line, 0, event)));
      }
    },
  });
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
    logger.level = next;
  };
  return { log, flush, setLevel };
}
