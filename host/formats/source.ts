// A file that users are read from, and the options that a person gives beside it.
import { closeSync, readFileSync, readSync } from "node:fs";
import { decodeText, filePieces, markOf, textPieces, type Encoding } from "./text.ts";
import type { ReadRow } from "./row.ts";

/** What a person may say beside the file. */
export interface ReadOptions {
  /** The user of a file that names none. */
  name?: string | undefined;
  /** The columns of a CSV file, in place of its first line. */
  columns?: readonly string[] | undefined;
  secretEncoding?: SecretEncoding | undefined;
  /** What a list that does not say it holds, such as a list of serial numbers and seeds. */
  factor?: string | undefined;
  period?: number | undefined;
  /** For encrypted files: asked for only where one is needed. */
  passphrase?: (() => Promise<string>) | undefined;
  /** Hears of each group that stands in the file, before the users who name it. */
  group?: ((group: unknown) => void) | undefined;
  /** For PSKC with a key that was agreed before: 16, 24 or 32 bytes. */
  key?: Buffer | undefined;
  /** Seconds since 1970: which codes may still be good. */
  now: number;
}

export const SECRET_ENCODINGS = ["base32", "hex", "base64"] as const;
export type SecretEncoding = (typeof SECRET_ENCODINGS)[number];

/** A way in which users are written down. */
export interface Format {
  /** As `--format` says it. */
  name: string;
  /** For people: whose files these are. */
  title: string;
  /** Whether the file looks like it. Never throws for want of sense in the file. */
  recognises(source: Source): boolean;
  /** The rows. Throws DialwardError("usage") where the file as a whole cannot be read. */
  read(source: Source, options: ReadOptions): Iterable<ReadRow> | AsyncIterable<ReadRow>;
}

const NOTHING = Buffer.alloc(0);

/** Bytes at the beginning that tell what a file is. */
const START_BYTES = 4096;

/** A file that is in memory, or open. Text and JSON are read once, when somebody asks. */
export class Source {
  #bytes: Buffer;
  /** Of a file that is not in memory: it is read when somebody asks, and closed by wipe(). */
  #descriptor: number | undefined;
  /** What formats are told by. */
  readonly #start: Buffer;
  /** The file's name, for formats that keep the user there. */
  readonly name: string;
  readonly #encoding: Encoding | undefined;
  #text: string | undefined;
  #json: { value: unknown } | undefined;

  /** `file`: its bytes, or the descriptor of one that can be read from any place. */
  constructor(file: Buffer | number, name = "", encoding?: Encoding) {
    if (typeof file === "number") {
      this.#descriptor = file;
      this.#bytes = NOTHING;
      const start = Buffer.alloc(START_BYTES);
      this.#start = start.subarray(0, readSync(file, start, 0, START_BYTES, 0));
    } else {
      this.#bytes = file;
      this.#start = Buffer.from(file.subarray(0, START_BYTES));
    }
    this.name = name;
    this.#encoding = encoding;
  }

  /** The file as it is; empty once it was read as text. */
  get bytes(): Buffer {
    if (this.#descriptor !== undefined && this.#text === undefined && this.#bytes === NOTHING)
      this.#bytes = readFileSync(this.#descriptor);
    return this.#bytes;
  }

  /** The file as text; its bytes are wiped then, so that it lies in memory once. Throws DialwardError("usage"). */
  get text(): string {
    if (this.#text !== undefined) return this.#text;
    const text = decodeText(this.bytes, this.#encoding);
    // Lines of a Mac of old.
    this.#text = text.includes("\n") ? text : text.replaceAll("\r", "\n");
    this.#bytes.fill(0);
    this.#bytes = NOTHING;
    return this.#text;
  }

  /**
   * The text in pieces, none of which ends within a letter; an open file is read as they are taken, after it was seen that
   * all of it is text. Throws DialwardError("usage").
   */
  *pieces(): Generator<string> {
    if (this.#descriptor === undefined || this.#text !== undefined || !this.#isPlain(this.#descriptor))
      yield* textPieces(this.text);
    else yield* filePieces(this.#descriptor, this.#encoding);
  }

  /** Whether an open file is text with the usual ends of lines; of another `text` says what is wrong, or mends it. */
  #isPlain(descriptor: number): boolean {
    let hasLines = false;
    try {
      for (const piece of filePieces(descriptor, this.#encoding)) hasLines ||= piece.includes("\n");
      return hasLines;
    } catch {
      return false;
    }
  }

  /** The file begins so, byte for byte. */
  startsWith(magic: string): boolean {
    return this.#start.subarray(0, magic.length).equals(Buffer.from(magic, "latin1"));
  }

  /** The beginning, without a mark and space before it, whatever the encoding; for telling formats apart. */
  get head(): string {
    const start = this.#start.subarray(0, this.#start.length & ~1 || 1);
    const encoding = this.#encoding ?? markOf(start);
    const text = encoding === "utf-16be" ? Buffer.from(start).swap16() : start;
    return text
      .toString(encoding?.startsWith("utf-16") ? "utf16le" : "latin1")
      .replace(/^(\xef\xbb\xbf|\uFEFF)/, "")
      .replace(/\r(?!\n)/g, "\n")
      .trimStart();
  }

  /** The value of a JSON file; undefined where it is none. Throws DialwardError("usage") for what is no text. */
  get json(): unknown {
    if (this.#json) return this.#json.value;
    let value: unknown;
    if (/^[{[]/.test(this.head)) {
      try {
        value = JSON.parse(this.text);
      } catch (error) {
        // The parser's own message quotes the text, which holds secrets.
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
    this.#json = { value };
    return value;
  }

  /** Drops the text, wipes the bytes, and closes the file. */
  wipe(): void {
    this.#bytes.fill(0);
    this.#start.fill(0);
    this.#text = undefined;
    this.#json = undefined;
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** The lines of a text that are not empty and no comment, numbered from 1. */
export function* linesOf(text: string, comment = "#"): Generator<[number, string]> {
  for (let start = 0, line = 1; start <= text.length; line++) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    const plain = text.slice(start, end).trim();
    if (plain !== "" && !plain.startsWith(comment)) yield [line, plain];
    start = end + 1;
  }
}
