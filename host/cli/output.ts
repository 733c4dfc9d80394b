// How commands print: for people as text, with --json as one JSON value.
import { terminal } from "./terminal.ts";

/** Prints `value` as JSON, or `text` for people. */
export function print(json: boolean | undefined, value: unknown, text: string): void {
  terminal().stdout.write(
    json ? JSON.stringify(value, null, terminal().stdout.isTTY ? 2 : 0) + "\n" : text + "\n",
  );
}

/** `rows` under `heads`, in columns. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
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

/** Tells the administrator something beside the output. */
export function warn(message: string): void {
  terminal().stderr.write(`dialward: ${message}\n`);
}
