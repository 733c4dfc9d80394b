// What a command's help says below its options; the man pages say it too.
import type { Command } from "commander";

/** A heading and its lines. */
export interface Note {
  title: string;
  lines: readonly string[];
}

const NOTES = new WeakMap<Command, Note[]>();

/** Adds to a command's help and man page. */
export function addNote(command: Command, title: string, lines: readonly string[]): Command {
  NOTES.set(command, [...notesOf(command), { title, lines }]);
  return command.addHelpText("after", () => `\n${title}:\n${lines.map((line) => `  ${line}`).join("\n")}`);
}

/** What was added. */
export function notesOf(command: Command): readonly Note[] {
  return NOTES.get(command) ?? [];
}

/** A list of two columns, as lines. */
export function twoColumns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => (left.padEnd(width) + right).trimEnd());
}
