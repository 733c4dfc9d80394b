// dialward user import: many users from a file, all or nothing.
import { type Command, Option } from "commander";
import { DialwardError } from "../errors.ts";
import { FORMATS, guessFormat, type Format } from "../formats/format.ts";
import { readBytes } from "./input.ts";
import { print } from "./output.ts";
import { withService } from "./session.ts";
import { terminal } from "./terminal.ts";

/** Bad rows that are printed for people; JSON has them all. */
const PRINTED_ROWS = 50;

interface ImportOptions {
  format?: Format;
  name?: string;
  active?: boolean;
}

/** Adds `import` to the command `user`. */
export function addImport(user: Command): void {
  user
    .command("import <file>")
    .description("add the users of a file, all or none; - is standard input")
    .addOption(new Option("--format <format>", "the file's format (default: told from it)").choices(FORMATS))
    .option("--name <name>", "the user of a google-authenticator file")
    .option("--active", "their devices are in use: no first code has to be verified")
    .action(async (file: string, given: ImportOptions, command: Command) => {
      const rows = await readUsers(file, given);
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
        else terminal().stderr.write(lines.join("\n") + "\n");
        if (bad.length > 0) terminal().status = 1;
      });
    });
}

/** Rows as given; `active` for all of them, where their devices are in use already. */
async function readUsers(file: string, { format, name, active }: ImportOptions): Promise<unknown[]> {
  const bytes = readBytes(file);
  const chosen = format ?? (file.endsWith(".json") ? "json" : guessFormat(bytes));
  if (chosen === undefined) {
    throw new DialwardError(
      "usage",
      `${file} is not JSON, and its format cannot be told. Give --format, of ${FORMATS.join(", ")}.`,
    );
  }
  const { readRows } = await import("../formats/read.ts");
  const rows = readRows(bytes, chosen, file, name);
  bytes.fill(0);
  if (!active) return rows;
  return rows.map((row) => (typeof row === "object" && row !== null ? { ...row, active: true } : row));
}

/** A bar on a terminal; nothing elsewhere. */
async function openProgress(
  rows: number,
): Promise<{ show(done: number): void; close(ok: boolean): void } | undefined> {
  if (!terminal().stderr.isTTY || rows === 0) return undefined;
  const { progress } = await import("@clack/prompts");
  const bar = progress({ max: rows, output: terminal().stderr });
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
