// What the C host reads of its files: lines and words, and days, which it has to calculate.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { BUILT, FIRMWARE, needs, run, TESTS, translate } from "./toolchain.ts";

it("knows every day from 1970 to 2099, and nothing else for one", (context) => {
  needs(context, "gcc");
  translate();
  const program = join(BUILT, "dates");
  const flags = ["-std=gnu99", "-O2", "-Wall", "-Wextra", "-Werror", `-I${FIRMWARE}`];
  run("gcc", [...flags, join(TESTS, "dates.c"), join(FIRMWARE, "lines.c"), "-o", program]);
  expect(run(program, [])).toBe("fine\n");
});

/** What lines.c prints of a file, told by its bytes. */
function linesOf(text: string): string {
  const told: string[] = [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (const [i, line] of lines.entries()) {
    if (line.slice(0, 510).includes("\0")) return [...told, "has a zero byte in it\n"].join("");
    if (line.length > 509) return [...told, "has a line that is too long\n"].join("");
    const words = line.split(/[ \t\r]+/).filter((word) => word !== "");
    if (words.length > 0 && !words[0]!.startsWith("#"))
      told.push(`${i + 1} ${words.map((word) => `[${word}]`).join(" ")}\n`);
  }
  return [...told, "read\n"].join("");
}

it("reads lines of words, however they lie in the file, and nothing that is too long or no text", (context) => {
  needs(context, "gcc");
  translate();
  const program = join(BUILT, "lines");
  const flags = ["-std=gnu99", "-O1", "-g", "-fsanitize=address,undefined", "-Wall", "-Wextra", "-Werror"];
  run("gcc", [...flags, `-I${FIRMWARE}`, join(TESTS, "lines.c"), join(FIRMWARE, "lines.c"), "-o", program]);
  const piece = fc.oneof(
    {
      weight: 20,
      arbitrary: fc.constantFrom("a", "user", "k=v", "#", " ", "\t", "\r\n", "\n", "\n\n", " # "),
    },
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 300 }).map((length) => "x".repeat(length)) },
    { weight: 2, arbitrary: fc.integer({ min: 500, max: 515 }).map((length) => `\n${"y".repeat(length)}\n`) },
    { weight: 1, arbitrary: fc.constant("\0") },
  );
  const file = join(BUILT, "lines.txt");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join("");
      writeFileSync(file, text, { mode: 0o600 });
      expect(run(program, [file])).toBe(linesOf(text));
    }),
  );
});
