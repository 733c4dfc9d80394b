// Each format has samples: told by its first bytes, each row taken as it is, or refused or left behind by name.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FORMATS } from "../../host/formats/formats.ts";
import { runs } from "../runs.ts";
import { formatOf, plan, readAll } from "./read.ts";
import { ENCRYPTED, SAMPLES } from "./samples.ts";

test("every format has a sample, and each kind of its title is named once", () => {
  const tried = new Set([...SAMPLES, ...ENCRYPTED].map(({ format }) => format));
  // A picture, and the sealed file, have tests of their own.
  const own = ["qr", "sealed"];
  expect(
    FORMATS.map(({ name }) => name)
      .filter((name) => !own.includes(name))
      .toSorted(),
  ).toEqual([...tried].toSorted());
});

test("the table in host/README has each format, and no other", () => {
  const [, table = ""] =
    /^\| `--format` \|[^]*?\n\|---\|---\|\n([^]*?)\n\n/m.exec(readFileSync("host/README.md", "utf8")) ?? [];
  const named = table
    .split("\n")
    .flatMap((row) => [...row.split("|")[1]!.matchAll(/`([\w-]+)`/g)].map(([, name]) => name));
  expect(named.toSorted()).toEqual(FORMATS.map(({ name }) => name).toSorted());
});

test.each(SAMPLES)("$format: $what", async ({ format, text, options = {}, rows }) => {
  expect(formatOf(text)).toBe(format);
  const read = await readAll(text, options);
  const planned = await plan(text, options);
  expect(planned.map(({ name }) => name)).toEqual(rows.map(({ name }) => name));
  for (const [i, { fate, ...user }] of rows.entries()) {
    if (fate !== undefined) expect(planned[i]!.fate, user.name).toBe(fate);
    else {
      expect(["taken", "changed"], planned[i]!.notes.join()).toContain(planned[i]!.fate);
      expect(read[i]!.user).toMatchObject(user);
    }
  }
});

/** What editors, spreadsheets and mail make of a text: it says the same. */
const CHANGES: Record<string, (text: string) => string> = {
  "lines of Windows": (text) => text.replaceAll("\n", "\r\n"),
  "lines of a Mac of old": (text) => text.replaceAll("\n", "\r"),
  "no end of the last line": (text) => text.replace(/\n+$/, ""),
  "empty lines before it": (text) => `\n\r\n${text}`,
  "empty lines behind it": (text) => `${text}\n\r\n\n`,
  "spaces at the ends of lines": (text) => text.replaceAll("\n", " \t\n"),
};
const ENCODED: Record<string, (text: string) => Buffer> = {
  "UTF-8": (text) => Buffer.from(text),
  "UTF-8 with a mark": (text) => Buffer.from(`\uFEFF${text}`),
  "UTF-16": (text) => Buffer.from(`\uFEFF${text}`, "utf16le"),
  "UTF-16, big-endian": (text) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16(),
};

test("a sample says the same in whatever way its text is kept", async () => {
  const said = async (file: string | Buffer, options: object) =>
    (await plan(file, options)).map((row) => ({ ...row, place: "" }));
  for (const { format, what, text, options = {} } of SAMPLES) {
    const plain = await said(text, options);
    for (const [change, changed] of Object.entries(CHANGES))
      for (const [encoding, encode] of Object.entries(ENCODED)) {
        const file = encode(changed(text));
        expect(formatOf(file), `${what}: ${change}, ${encoding}`).toBe(format);
        expect(await said(file, options), `${what}: ${change}, ${encoding}`).toEqual(plain);
      }
  }
});

test.each(ENCRYPTED)(
  "an encrypted export is refused by the app's name, with what to do there: $format",
  async ({ app, format, text }) => {
    expect(formatOf(text)).toBe(format);
    const refusal = {
      code: "usage",
      message: expect.stringMatching(
        new RegExp(`encrypted export of (${app.source}).*(without|[Pp]lain|\\.json)`),
      ),
    };
    await expect(readAll(text)).rejects.toMatchObject(refusal);
  },
);

test("a sample that is cut or changed anywhere is read, or refused in words: no other error, no lost name", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SAMPLES),
      fc.nat(),
      fc.nat(255),
      fc.boolean(),
      async (sample, at, byte, cut) => {
        const bytes = Buffer.from(sample.text);
        const place = at % bytes.length;
        const changed = cut
          ? bytes.subarray(0, place)
          : Buffer.from(bytes.map((old, i) => (i === place ? byte : old)));
        try {
          await plan(changed, { ...sample.options, format: sample.format });
        } catch (error) {
          expect(error).toMatchObject({ code: "usage" });
          expect((error as Error).message).not.toContain("GEZDGNBV");
        }
      },
    ),
    runs(50),
  );
});
