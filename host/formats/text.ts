// The text of a file, decoded strictly: what is not text in the expected encoding is an error, and never a name with
// replacement characters in it. (WHATWG Encoding; RFC 3629; RFC 2781.)
import { readSync } from "node:fs";
import { DialwardError } from "../errors.ts";

/** What a person may say of a file; without a word it is UTF-8, or UTF-16 with its byte order mark. */
export const ENCODINGS = ["utf-8", "utf-16le", "utf-16be", "latin1"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Most bytes of a file that is read in whole: a string cannot hold much more, nor can people's patience. */
export const FILE_BYTES = 256 * 1024 * 1024;

/**
 * The text of `bytes`, without its mark. latin1 is Windows' code page 1252, which contains it. Throws
 * DialwardError("usage") naming the line where it stops being text.
 */
export function decodeText(bytes: Uint8Array, encoding: Encoding = markOf(bytes) ?? "utf-8"): string {
  if (bytes.length > FILE_BYTES)
    throw new DialwardError("usage", `The file is larger than ${FILE_BYTES / 1024 / 1024} MiB. Split it.`);
  let text: string;
  try {
    const decoder = new TextDecoder(encoding, { fatal: true });
    // Asked for all at once, Node 20 takes code page 1252 for ISO 8859-1.
    text = decoder.decode(bytes, { stream: encoding === "latin1" });
  } catch {
    throw new DialwardError(
      "usage",
      `${encoding === "utf-8" ? `Line ${badLine(bytes)} is` : "The file is"} not ${encoding.toUpperCase()} text. ` +
        "Save the file as UTF-8, or say what it is: --encoding latin1 for a spreadsheet of Windows.",
    );
  }
  const zero = text.indexOf("\0");
  if (zero < 0) return text;
  throw new DialwardError(
    "usage",
    `Line ${countLines(text.slice(0, zero))} holds a zero byte: this is no text, or it is UTF-16 without its mark ` +
      "(--encoding utf-16le).",
  );
}

/** Letters, or bytes, of a piece of a text. */
const PIECE = 4096;

/** A text in pieces, none of which ends within a letter. */
export function* textPieces(text: string): Generator<string> {
  for (let at = 0, to = 0; at < text.length; at = to) {
    to = at + PIECE;
    if (/[\uD800-\uDBFF]/.test(text.charAt(to - 1))) to++;
    yield text.slice(at, to);
  }
}

/**
 * The same of an open file, of which no more is in memory. Throws DialwardError("usage") where it is no text; decodeText()
 * says why.
 */
export function* filePieces(descriptor: number, encoding?: Encoding): Generator<string> {
  const bytes = Buffer.alloc(PIECE);
  let decoder: TextDecoder | undefined;
  try {
    for (let at = 0, read = 1; read > 0; at += read) {
      read = readSync(descriptor, bytes, 0, PIECE, at);
      const some = bytes.subarray(0, read);
      decoder ??= new TextDecoder(encoding ?? markOf(some) ?? "utf-8", { fatal: true });
      const piece = decoder.decode(some, { stream: read > 0 });
      if (piece.includes("\0")) throw new TypeError();
      if (piece !== "") yield piece;
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new DialwardError("usage", "The file is no text any more: it was changed while it was read.");
  } finally {
    bytes.fill(0);
  }
}

/** What the byte order mark of a file says; undefined where it has none. */
export function markOf(bytes: Uint8Array): Encoding | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

/** The first line, from 1, that is not UTF-8: the text is decoded piece by piece up to it. */
function badLine(bytes: Uint8Array): number {
  for (let line = 1, start = 0; ; line++) {
    const end = bytes.indexOf(10, start);
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(start, end < 0 ? undefined : end));
    } catch {
      return line;
    }
    if (end < 0) return line;
    start = end + 1;
  }
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
