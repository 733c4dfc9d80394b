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
const PIECE_LETTERS = 16384;

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

/** The records of `text`; empty lines and those that begin with # are left out. Throws DialwardError("usage"). */
export async function* readRecords(
  text: string,
  separator = findSeparator(text),
): AsyncGenerator<TextRecord> {
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
  const parser = new Records({
    delimiter: separator === " " ? [" ", "\t"] : separator,
    comment: "#",
    comment_no_infix: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: RECORD_LETTERS,
  }).on("error", () => {}); // which write() and end() tell of
  try {
    for (const piece of pieces(text)) {
      const failed = await new Promise((resolve) =>
        piece === undefined ? parser.end(resolve) : parser.write(piece, resolve),
      );
      for (const { line, cells: all } of parser.found.splice(0)) {
        const cells = separator === " " ? all.filter((cell) => cell !== "") : all;
        if (cells.some((cell) => cell !== "")) yield { line, cells };
      }
      if (failed instanceof Error) throw failed;
    }
  } catch (error) {
    const { code, lines } = error as { code?: string; lines?: number };
    const words = code === undefined ? undefined : WORDS[code];
    if (words === undefined) throw error;
    throw new DialwardError("usage", `Line ${lines ?? "?"} ${words}.`);
  }
}

/** The text in pieces, none of which ends within a letter, and undefined for its end. */
function* pieces(text: string): Generator<string | undefined> {
  for (let at = 0, to = 0; at < text.length; at = to) {
    to = at + PIECE_LETTERS;
    if (/[\uD800-\uDBFF]/.test(text.charAt(to - 1))) to++;
    yield text.slice(at, to);
  }
  yield undefined;
}
