// Key files: read and written as bytes, so that what was read can be wiped, and is.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { changeKeyFile, parseKeyFile, readKeyFile, type KeyRing } from "../../host/store/key-file.ts";
import { loadKeys, Sealer } from "../../host/store/seal.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-keys-"));
  file = join(folder, "key");
});
afterEach(() => rmSync(folder, { recursive: true }));

const isWiped = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);
const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const space = fc.stringMatching(/^[ \t]{0,3}$/);
const row = fc.record({
  name: fc.constantFrom("", "", "next", "root", "retired"),
  ...{ key, before: space, after: space, big: fc.boolean() },
});
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;
const print = ({ name, key, before, after, big }: Row) => {
  const digits = key.toString("hex");
  return `${before}${name && `${name}  `}${big ? digits.toUpperCase() : digits}${after}`;
};

test("every key of a file is found under its name, and the bytes of the file are wiped", () => {
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 6 }),
      fc.constantFrom("\n", "\r\n", "\n\n# before\n"),
      (rows, end) => {
        const bytes = Buffer.from(rows.map(print).join(end) + end);
        const of = (...names: string[]) =>
          rows.filter(({ name }) => names.includes(name)).map(({ key }) => key);
        const plain = of("");
        if (plain.length === 0) expect(() => parseKeyFile(bytes, "f")).toThrow(/64 hexadecimal digits/);
        else {
          const next = of("next").at(-1);
          const keys = [...plain, ...(next ? [next] : []), ...of("retired")];
          const root = of("root").at(-1) ?? plain.at(-1);
          expect(parseKeyFile(bytes, "f")).toEqual({ keys, next, retired: of("retired"), root });
        }
        expect(isWiped(bytes)).toBe(true);
      },
    ),
  );
});

test("a line that is not to be understood is refused without being shown, and wiped all the same", () => {
  const bad = fc.oneof(
    fc.tuple(row, fc.nat(63), fc.constantFrom("g", "/", ":", "@", "`", "G")).map(([one, at, letter]) => {
      const digits = one.key.toString("hex");
      return digits.slice(0, at) + letter + digits.slice(at + 1);
    }),
    key.map((each) => `${each.toString("hex")}0`),
    key.map((each) => each.toString("hex").slice(1)),
    key.map((each) => `nxt ${each.toString("hex")}`),
    fc.constant("next"),
  );
  fc.assert(
    fc.property(bad, row, (line, good) => {
      const bytes = Buffer.from(`${print({ ...good, name: "" })}\n${line}\n`);
      expect(() => parseKeyFile(bytes, "the file")).toThrow(
        /^the file must hold 64 hexadecimal digits[^0-9]*$/,
      );
      expect(isWiped(bytes)).toBe(true);
    }),
  );
});

test("keys that a change drops are wiped, those that stay are in the file; a sealer wipes what it has taken over", () => {
  const [one, two, three] = [1, 2, 3].map((byte) => Buffer.alloc(32, byte));
  writeFileSync(file, `${one!.toString("hex")}\nretired ${two!.toString("hex")}\n`, { mode: 0o600 });
  let before: KeyRing | undefined;
  const after = changeKeyFile(file, (ring) => {
    before = ring;
    return { ...ring, keys: [three!, ring.keys[0]!], retired: [ring.keys[0]!] };
  });
  expect(before!.keys.map(isWiped)).toEqual([false, true]);
  expect(readKeyFile(file)).toEqual({ keys: [three, one], retired: [one], next: undefined, root: one });
  expect(readFileSync(file, "latin1")).toMatch(/^0303\w{60}\nretired 0101\w{60}\nroot 0101\w{60}\n$/);

  const ring = loadKeys(file, false, () => {});
  const sealer = new Sealer(ring);
  const derived = sealer.derive("label");
  const sealed = sealer.seal("alice", Buffer.from("secret"));
  expect([...ring.keys, ring.root].every(isWiped)).toBe(true);
  sealer.use(after);
  expect([...after.keys, after.root].every(isWiped)).toBe(true);
  expect(sealer.open("alice", sealed)).toEqual(Buffer.from("secret"));
  expect(new Sealer(readKeyFile(file)).derive("label")).toEqual(derived);
});
