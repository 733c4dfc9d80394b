// An import as a plan: what of each row is taken, lost, weakened or refused, and that reading is strict.
import fc from "fast-check";
import { expect, test } from "vitest";
import { anyCharacter } from "../runs.ts";
import { findFormat } from "../../host/formats/formats.ts";
import { Source } from "../../host/formats/source.ts";
import { decodeText } from "../../host/formats/text.ts";
import { formatOf, plan, readAll, readUsers, SECRET } from "./read.ts";

const usage = (message: RegExp) =>
  expect.objectContaining({ code: "usage", message: expect.stringMatching(message) });

test("a plan has a row for each of the file: taken, changed, left behind, refused with place and reason", async () => {
  const text = `name,secret,enabled,colour
ada,${SECRET},yes,
bob,${SECRET},on,red
carl,${SECRET},maybe,
dora,0189,yes,
ada,${SECRET},yes,
eve,${SECRET},no,
`;
  expect(await plan(text, {}, ["eve"])).toEqual([
    { row: 1, place: "line 2", name: "ada", fate: "taken", notes: [] },
    { row: 2, place: "line 3", name: "bob", fate: "changed", notes: ["left behind: colour"] },
    { row: 3, place: "line 4", name: "carl", fate: "refused", notes: ["enabled: is neither yes nor no"] },
    { row: 4, place: "line 5", name: "dora", fate: "refused", notes: [expect.stringMatching(/^secret: /)] },
    { row: 5, place: "line 6", name: "ada", fate: "refused", notes: [expect.stringContaining("row 1 too")] },
    { row: 6, place: "line 7", name: "eve", fate: "refused", notes: ["name: there is such a user already"] },
  ]);
});

test("who would have one factor less is refused, unless the administrator allows it", async () => {
  const text = `ada  NT-Password := 0x8846f7eaee8fb117ad06bdd830b7586c, TOTP-Secret := "${SECRET}"\n`;
  expect(await plan(text)).toMatchObject([
    { fate: "refused", notes: [expect.stringContaining("--allow-weaker")] },
  ]);
  expect(await plan(text, { allowWeaker: true })).toMatchObject([
    { fate: "changed", notes: [expect.stringContaining("nt-password")] },
  ]);
});

test("pieces of many rows are planned in order, and names are compared over all of them", async () => {
  const lines = Array.from({ length: 1234 }, (_, i) => `user${i},${SECRET}`);
  const rows = await plan(`name,secret\n${lines.join("\n")}\nuser7,${SECRET}\n`);
  expect(rows.map(({ row }) => row)).toEqual(rows.map((_, i) => i + 1));
  expect(rows.filter(({ fate }) => fate === "refused")).toMatchObject([{ row: 1235, place: "line 1236" }]);
});

test("text is UTF-8, or UTF-16 with its mark, or what one says; nothing is replaced", async () => {
  const text = `name;secret\nJürgen;${SECRET}\n`;
  const names = async (bytes: Buffer) => (await readUsers(bytes)).map(({ profile }) => profile.name);
  expect(await names(Buffer.from(text))).toEqual(["Jürgen"]);
  expect(await names(Buffer.from(`\uFEFF${text}`))).toEqual(["Jürgen"]);
  const wide = Buffer.from(`\uFEFF${text}`, "utf16le");
  expect(await names(wide)).toEqual(["Jürgen"]);
  expect(await names(wide.swap16())).toEqual(["Jürgen"]);
  const windows = Buffer.from(text, "latin1");
  await expect(readAll(windows)).rejects.toThrow(usage(/^Line 2 is not UTF-8 text.*--encoding latin1/));
  expect(decodeText(windows, "latin1")).toBe(text);
  expect(() => decodeText(Buffer.from("name,secret", "utf16le"))).toThrow(usage(/zero byte|UTF-16/));
  expect(() => decodeText(Buffer.from([0xd8, 0x00]), "utf-16be")).toThrow(usage(/UTF-16BE/));
});

test("what is no text in its encoding is never read as another text", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      let text: string;
      try {
        text = decodeText(bytes, "utf-8");
      } catch (error) {
        expect(error).toMatchObject({ code: "usage" });
        return;
      }
      const mark = Buffer.from([0xef, 0xbb, 0xbf]);
      const plain = Buffer.from(bytes.subarray(0, 3)).equals(mark) ? bytes.subarray(3) : bytes;
      expect(Buffer.from(text)).toEqual(Buffer.from(plain));
    }),
  );
});

test("any bytes are read as rows, or refused in words; no format throws anything else, or quotes a secret", async () => {
  const heads = [
    "",
    "{",
    '[{"',
    "<KeyContainer>",
    "otpauth://totp/",
    "HOTP a - ",
    `${SECRET}\n" `,
    "name,secret\n",
    "a TOTP-Secret := ",
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...heads),
      fc.string({ unit: anyCharacter, maxLength: 60 }),
      async (head, rest) => {
        try {
          for (const { place } of await readAll(head + rest)) expect(place).toMatch(/\S/);
        } catch (error) {
          expect(error).toMatchObject({ code: "usage" });
        }
      },
    ),
  );
});

test("CSV of any shape is read in time that grows with its length only: a stray quotation mark ends it", async () => {
  const lines = `ada,${SECRET}\n`.repeat(60_000);
  await expect(readAll(`name,secret\n"stray,${SECRET}\n${lines}`)).rejects.toThrow(usage(/quotation mark/));
  await expect(readAll(`name,secret\nst"ray,${SECRET}\n`)).rejects.toThrow(usage(/Line 2 .*quotation mark/));
  await expect(readAll(`name,secret\n"al"x,${SECRET}\n`)).rejects.toThrow(usage(/Line 2 .*quotation mark/));
});

test("what a file is cannot be told from nothing", () => {
  expect(() => formatOf("")).toThrow(usage(/is empty/));
  expect(() => formatOf("what is this?")).toThrow(usage(/--format/));
});

test("a file that is cut short anywhere is never taken, and never called unknown", async () => {
  const json = JSON.stringify({ version: 1, header: {}, db: { entries: [{ type: "totp", name: "ada" }] } });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: json.length - 1 }), (length) => {
      expect(() => formatOf(json.slice(0, length))).toThrow(usage(/begins like JSON, and is damaged or cut/));
    }),
  );
  expect(() => formatOf("PK\x03\x04\0\0")).toThrow(usage(/save its table as CSV/));
  for (const start of [
    "GIF89a\x01\0",
    "RIFF\x01\0\0\0WEBPVP8 ",
    "\0\0\0\x18ftypheic",
    "%PDF-1.7",
    "BM\x01\x02\x03\x04\0\0\0\0",
  ])
    expect(() => formatOf(Buffer.from(start, "latin1"))).toThrow(usage(/save the QR code as PNG/));
  expect(() => formatOf(Buffer.from(`name,secret\nada,${SECRET}\n`, "utf16le"))).toThrow(usage(/utf-16le/));
});

test("what --encoding says is believed when the format is told, too", () => {
  const text = `name,secret\nÄda,${SECRET}\n`;
  const wide = Buffer.from(text, "utf16le");
  const encoded = {
    "utf-16le": wide,
    "utf-16be": Buffer.from(wide).swap16(),
    latin1: Buffer.from(text, "latin1"),
  };
  for (const [encoding, bytes] of Object.entries(encoded)) {
    const source = new Source(Buffer.from(bytes), "", encoding as keyof typeof encoded);
    expect(findFormat(source).name, encoding).toBe("csv");
    expect(source.text).toBe(text);
  }
  // Euro and apostrophe, which Windows has where ISO 8859-1 has control characters.
  expect(new Source(Buffer.of(0x80, 0x92), "", "latin1").text).toBe("\u20ac\u2019");
});
