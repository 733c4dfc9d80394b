// How commands print: for people as text, with --json as one JSON value.
import { terminal } from "./terminal.ts";

/** Prints `value` as JSON, or `text` for people: made printable, unless there is a picture in it (`asIs`). */
export function print(json: boolean | undefined, value: unknown, text: string, asIs = false): void {
  const shown = json
    ? JSON.stringify(value, null, terminal().stdout.isTTY ? 2 : 0)
    : asIs
      ? text
      : printableLines(text);
  terminal().stdout.write(`${shown}\n`);
}

/** `rows` under `heads`, in columns; what a cell holds is made printable. */
export function table(heads: readonly string[], given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(printable));
  const widths = heads.map((head, column) =>
    rows.reduce((width, row) => Math.max(width, [...(row[column] ?? "")].length), head.length),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + " ".repeat(Math.max(0, widths[column]! - [...cell].length)))
      .join("  ")
      .trimEnd();
  return [heads, ...rows].map(line).join("\n");
}

/** Seconds since 1970 as people read it, in the local time zone. */
export function formatTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/**
 * Text of others for a terminal: control characters and those that turn the direction of writing are made visible, so
 * that a name can neither move the cursor nor look like another.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`,
  );
}

function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** Tells the administrator something beside the output. */
export function warn(message: string): void {
  terminal().stderr.write(`dialward: ${printableLines(message)}\n`);
}

/** A JSON object that is printed while it comes into being: {"rows":[…],…}. */
export function openList(): { add(row: unknown): void; close(rest: object): void } {
  let rows = 0;
  return {
    add: (row) => terminal().stdout.write((rows++ === 0 ? '{"rows":[' : ",\n") + JSON.stringify(row)),
    close: (rest) =>
      terminal().stdout.write(`${rows === 0 ? '{"rows":[' : ""}],${JSON.stringify(rest).slice(1)}\n`),
  };
}

/** `count` of something, as "1 user is" and "2 users are". */
export function many(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}

/** What takes longer than this is worth a word, in milliseconds. */
const SILENT_MS = 1000;

/** How far something has come, on a terminal, once it has taken a second. `total` where it is known. */
export function openProgress(
  what: string,
  total: number | undefined,
  silent = false,
): { show(done: number): void; clear(): void; close(): void } {
  const started = Date.now();
  let shown = false;
  const clear = (): void => {
    if (shown) terminal().stderr.write("\r\x1b[K");
    shown = false;
  };
  const show = (done: number): void => {
    if (silent || !terminal().stderr.isTTY || Date.now() - started < SILENT_MS) return;
    const share = total === undefined || total === 0 ? "" : ` (${Math.floor((done / total) * 100)} %)`;
    terminal().stderr.write(`\r${what}: ${done}${share}\x1b[K`);
    shown = true;
  };
  return { show, clear, close: clear };
}
