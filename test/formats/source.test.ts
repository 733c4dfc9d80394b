import fc from "fast-check";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Source } from "../../host/formats/source.ts";
import { ENCODINGS, type Encoding } from "../../host/formats/text.ts";
import { anyCharacter } from "../runs.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-source-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What `read` makes of a file, or what it says. */
function said(
  file: Buffer | number,
  encoding: Encoding | undefined,
  read: (source: Source) => string,
): string {
  const source = new Source(file, "file", encoding);
  try {
    return read(source);
  } catch (error) {
    return String(error);
  } finally {
    source.wipe();
  }
}

const letters = fc.oneof(
  anyCharacter,
  fc.constantFrom("\n", "\r\n", "\r", "\uFEFF", "\u{1F511}", "a,b\n", "\0"),
);
const encode: ((text: string) => Buffer)[] = [
  (text) => Buffer.from(text),
  (text) => Buffer.from(`\uFEFF${text}`, "utf16le"),
  (text) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16(),
  (text) => Buffer.from(text, "latin1"),
];

test("an open file is read in pieces as it is in whole, whatever is in it, as often as one likes", () => {
  fc.assert(
    fc.property(
      fc.array(letters, { maxLength: 30 }),
      fc.nat(50_000),
      fc.constantFrom(...encode),
      fc.constantFrom(undefined, ...ENCODINGS),
      fc.boolean(),
      (some, filled, bytesOf, encoding, hasZero) => {
        // Letters come to lie where a piece ends.
        const text = some.filter((letter) => hasZero || letter !== "\0").join("");
        const bytes = bytesOf(text + "x".repeat(filled) + text.repeat(filled % 9) + text);
        const path = join(folder, "file");
        writeFileSync(path, bytes);
        const whole = said(Buffer.from(bytes), encoding, (source) => source.text);
        const all = (source: Source): string => [...source.pieces()].join("");
        expect(said(Buffer.from(bytes), encoding, all)).toBe(whole);
        const open = () => openSync(path, "r");
        expect(said(open(), encoding, all)).toBe(whole);
        expect(said(open(), encoding, (source) => all(source) && all(source))).toBe(whole);
        expect(said(open(), encoding, (source) => source.text)).toBe(whole);
      },
    ),
  );
});

test("a piece of an open file is no more of it than a few thousand letters", () => {
  writeFileSync(join(folder, "file"), "name,secret\n".repeat(100_000));
  const source = new Source(openSync(join(folder, "file"), "r"));
  for (const piece of source.pieces()) expect(piece.length).toBeLessThan(20_000);
  source.wipe();
});
