// The records of a text with separators, quoted as RFC 4180 has it, one after the other: a million lines need not lie in
// memory as rows.
import { DialwardError } from "../errors.ts";

/** A record: its cells without spaces around them, and its line, from 1. */
export interface TextRecord {
  line: number;
  cells: string[];
}

/** More letters than this in one record mean that a quotation mark was not closed. */
const RECORD_LETTERS = 65536;

const WORDS: Record<string, string> = {
  CSV_QUOTE_NOT_CLOSED: "opens a quotation mark that is never closed",
  CSV_MAX_RECORD_SIZE: "is too long: a quotation mark before it is not closed",
  CSV_INVALID_CLOSING_QUOTE: "has letters behind a closing quotation mark",
  INVALID_OPENING_QUOTE: "has a quotation mark within a cell; write it twice, and quote the cell",
};

/** The separator that the first line has most of: comma, semicolon, tab, else spaces. */
export function findSeparator(text: string): string {
  const line = /^(?:[ \t]*(?:#.*)?\r?\n)*(.*)/.exec(text)?.[1] ?? "";
  const counts = [",", ";", "\t", "|"].map((one) => [line.split(one).length - 1, one] as const);
  const [most, best] = counts.reduce((a, b) => (b[0] > a[0] ? b : a));
  return most > 0 ? best : " ";
}

/**
 * The records of a text that comes in pieces, none of which ends within a letter; those of a piece together. Empty lines and
 * those that begin with # are left out. Without a separator it is what a first line `sep=;` says, as spreadsheets write it,
 * or findSeparator() finds. Throws DialwardError("usage").
 */
export async function* readRecords(text: Iterable<string>, separator?: string): AsyncGenerator<TextRecord[]> {
  const { Parser } = await import("csv-parse");
  /** Takes a piece's records as they are found: through the stream each would be a promise, and an object for its line. */
  class Records extends Parser {
    found: TextRecord[] = [];

    override push(cells: string[] | null): boolean {
      if (cells === null) return super.push(null);
      this.found.push({ line: this.info.lines, cells });
      return true;
    }
  }
  let parser: Records | undefined;
  let linesBefore = 0;
  const begin = (piece: string): Records => {
    const said = /^sep=(.)\r?\n/.exec(piece)?.[1];
    if (said !== undefined) linesBefore = 1;
    separator ??= said ?? findSeparator(piece);
    return new Records({
      delimiter: separator === " " ? [" ", "\t"] : separator,
      comment: "#",
      comment_no_infix: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: RECORD_LETTERS,
    }).on("error", () => {}); // which write() and end() tell of
  };
  try {
    for (const piece of withFirstLine(text)) {
      const reader = (parser ??= begin(piece ?? ""));
      const failed = await new Promise((resolve) =>
        piece === undefined ? reader.end(resolve) : reader.write(piece, resolve),
      );
      const records: TextRecord[] = [];
      for (const { line, cells: all } of reader.found.splice(0)) {
        const cells = separator === " " ? all.filter((cell) => cell !== "") : all;
        if (line > linesBefore && cells.some((cell) => cell !== "")) records.push({ line, cells });
      }
      yield records;
      if (failed instanceof Error) throw failed;
    }
  } catch (error) {
    const { code, lines } = error as { code?: string; lines?: number };
    const words = code === undefined ? undefined : WORDS[code];
    if (words === undefined) throw error;
    throw new DialwardError("usage", `Line ${lines ?? "?"} ${words}.`);
  }
}

/** The first piece has the first line that says something whole, by which the separator is told; undefined is the end. */
function* withFirstLine(text: Iterable<string>): Generator<string | undefined> {
  let start = "";
  let hasLine = false;
  for (const piece of text)
    if (hasLine) yield piece;
    else if ((hasLine = /^(?:[ \t]*(?:#.*)?\r?\n)*[ \t]*[^\s#].*\n/.test((start += piece)))) yield start;
  if (!hasLine && start !== "") yield start;
  yield undefined;
}
