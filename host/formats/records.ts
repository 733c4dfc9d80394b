// The records of a text with separators, quoted as RFC 4180 has it, one after the other: a million lines need not lie in
// memory as rows.
import { Readable } from "node:stream";
import { DialwardError } from "../errors.ts";

/** A record: its cells without spaces around them, and its line, from 1. */
export interface TextRecord {
  line: number;
  cells: string[];
}

/** More letters than this in one record mean that a quotation mark was not closed. */
const RECORD_LETTERS = 65536;
const PIECE_LETTERS = 65536;

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
  const { parse } = await import("csv-parse");
  const parser = parse({
    delimiter: separator === " " ? [" ", "\t"] : separator,
    comment: "#",
    comment_no_infix: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    info: true,
    max_record_size: RECORD_LETTERS,
  });
  const records = Readable.from(pieces(text)).compose(parser) as AsyncIterable<{
    info: { lines: number };
    record: string[];
  }>;
  try {
    for await (const { info, record } of records) {
      const cells = separator === " " ? record.filter((cell) => cell !== "") : record;
      if (cells.some((cell) => cell !== "")) yield { line: info.lines, cells };
    }
  } catch (error) {
    const { code, lines } = error as { code?: string; lines?: number };
    const words = code === undefined ? undefined : WORDS[code];
    if (words === undefined) throw error;
    throw new DialwardError("usage", `Line ${lines ?? "?"} ${words}.`);
  }
}

function* pieces(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += PIECE_LETTERS) yield text.slice(at, at + PIECE_LETTERS);
}
