// The binary format of WebAssembly, as far as the tests look into the files that ship. (WebAssembly 1.0, section 5.5)
import { expect } from "vitest";

/** An unsigned number of the binary format at `at`, and where it ends. */
function readLeb(bytes: Uint8Array, at: number): [number, number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

/** The sections of a module: number and content. */
export function sections(bytes: Uint8Array): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (let at = 8; at < bytes.length;) {
    const id = bytes[at]!;
    const [length, from] = readLeb(bytes, at + 1);
    expect(found.has(id), `section ${id} stands once`).toBe(false);
    found.set(id, bytes.subarray(from, from + length));
    at = from + length;
  }
  return found;
}

/** Where each active data segment lies in memory, and where its bytes end in the section. */
export function segments(data: Uint8Array): { at: number; end: number; contentEnd: number }[] {
  let [count, at] = readLeb(data, 0);
  const found = [];
  while (count-- > 0) {
    expect([data[at], data[at + 1]], "active, at a constant").toEqual([0, 0x41]);
    const [offset, afterOffset] = readLeb(data, at + 2);
    expect(data[afterOffset]).toBe(0x0b);
    const [length, from] = readLeb(data, afterOffset + 1);
    found.push({ at: offset, end: offset + length, contentEnd: from + length });
    at = from + length;
  }
  expect(at).toBe(data.length);
  return found;
}
