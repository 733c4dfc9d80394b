// dialward user import: many users from a JSON file, all or nothing.
import type { Command } from "commander";
import { DialwardError } from "../errors.ts";
import { readText } from "./input.ts";
import { print } from "./output.ts";
import { withService } from "./session.ts";

/** Bad rows that are printed for people; JSON has them all. */
const PRINTED_ROWS = 50;

/** Adds `import` to the command `user`. */
export function addImport(user: Command): void {
  user
    .command("import <file>")
    .description('add the users of a JSON file {"users":[…]}, all or none; - is standard input')
    .action(async (file: string, _: object, command: Command) => {
      const rows = readRows(file);
      await withService(command, async ({ users }, { json }) => {
        const progress = json ? undefined : await openProgress(rows.length);
        const bad = await users.import(rows, (checked) => progress?.show(checked));
        progress?.close(bad.length === 0);
        const lines = bad.slice(0, PRINTED_ROWS).map(({ row, name, reason }) => {
          return `row ${row}${name === undefined ? "" : ` "${name}"`}: ${reason}`;
        });
        if (bad.length > PRINTED_ROWS) lines.push(`and ${bad.length - PRINTED_ROWS} more`);
        if (bad.length > 0) lines.push(`Nothing was imported: ${bad.length} of ${rows.length} rows are bad.`);
        else lines.push(`${rows.length} users are imported.`);
        if (json || bad.length === 0)
          print(json, { imported: bad.length > 0 ? 0 : rows.length, bad }, lines.join("\n"));
        else process.stderr.write(lines.join("\n") + "\n");
        if (bad.length > 0) process.exitCode = 1;
      });
    });
}

function readRows(file: string): unknown[] {
  const text = readText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which holds secrets.
    throw new DialwardError("usage", `${file} is not JSON.`);
  }
  const users = (value as { users?: unknown } | null)?.users;
  if (Array.isArray(users)) return users;
  throw new DialwardError("usage", `${file} must hold {"users":[…]}.`);
}

/** A bar on a terminal; nothing elsewhere. */
async function openProgress(
  rows: number,
): Promise<{ show(done: number): void; close(ok: boolean): void } | undefined> {
  if (!process.stderr.isTTY || rows === 0) return undefined;
  const { progress } = await import("@clack/prompts");
  const bar = progress({ max: rows, output: process.stderr });
  bar.start("Importing users");
  let shown = 0;
  return {
    show(done) {
      bar.advance(done - shown, `${done} of ${rows} users`);
      shown = done;
    },
    close: (ok) => (ok ? bar.stop("All rows are stored") : bar.error("Some rows are bad")),
  };
}
