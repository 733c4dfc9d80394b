// What is typed as a code: any gaps between its digits count for nothing, and no other text becomes a code.
import fc from "fast-check";
import { expect, test } from "vitest";
import { readTypedCode, toPlainDigits } from "../../host/users/typed-code.ts";

test("a code is the same with any spaces and dashes in it, and with zero bytes and garbage behind it", () => {
  const digit = fc.constantFrom(..."0123456789abcdefABCDEF");
  const gap = fc.stringMatching(/^[ \t\u00a0\u202f\u2009-]{0,3}$/);
  const spaced = fc.array(fc.tuple(gap, digit), { minLength: 6, maxLength: 8 });
  fc.assert(
    fc.property(spaced, gap, fc.constantFrom("", "\0", "\0\0\0", "\0xyz", "\x00123"), (parts, after, end) => {
      expect(readTypedCode(parts.flat().join("") + after + end)).toBe(parts.map(([, one]) => one).join(""));
    }),
  );
});

test.each(["", "12345", "123456789", "12345o", "hunter2-123456", "k7mp-2xqa-w9rt", "١٢٣٤٥٦"])(
  "%j is no code, and stays as it is",
  (text) => expect(readTypedCode(` ${text} `)).toBe(text),
);

test("digits of every script have their value", () => {
  const rows = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xe50, 0x17e0, 0xff10, 0x1d7ce, 0x1d7d8, 0x1d7f6, 0x1e950];
  for (const zero of rows)
    for (let i = 0; i < 10; i++) expect(toPlainDigits(`x${String.fromCodePoint(zero + i)}`)).toBe(`x${i}`);
});
