// radius.wasm in both its sizes: what an engine must bring along to load it, and what it asks of its host.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import openWabt from "wabt";
import { CONSTANTS_AT, SCRATCH_AT } from "../../assembly/abi.ts";
import * as abi from "../../assembly/radius/abi.ts";
import { sections, segments } from "../sections.ts";

const VERBS = ["answer", "client", "clients", "drop", "forget", "prompt", "read", "selfTest", "slots", "stir", "version", "wipe"];
const CUSTOM = 0, IMPORT = 2, TABLE = 4, START = 8, ELEMENT = 9, DATA = 11, DATA_COUNT = 12; // prettier-ignore

describe.each([
  ["radius.wasm", 141],
  ["radius.router.wasm", 1],
])("%s", (name, pages) => {
  // Memory of its own: wabt reads the whole pool that a small Buffer may be a part of.
  const bytes = Buffer.from(
    new Uint8Array(readFileSync(new URL(`../../dist/${name}`, import.meta.url))).buffer,
  );
  const module = new WebAssembly.Module(bytes);

  test("is WebAssembly 1.0, at most 24 KiB, imports nothing, exports the verbs and its memory", async () => {
    const wabt = await openWabt();
    const features = Object.fromEntries(
      [
        ...["exceptions", "mutable_globals", "sat_float_to_int", "sign_extension", "simd", "threads"],
        ...["function_references", "multi_value", "tail_call", "bulk_memory", "reference_types"],
        ...["annotations", "code_metadata", "gc", "memory64", "extended_const", "relaxed_simd"],
      ].map((feature) => [feature, false]),
    );
    const read = wabt.readWasm(bytes, features as never);
    read.validate();
    read.destroy();
    const found = sections(bytes);
    for (const id of [CUSTOM, IMPORT, TABLE, START, ELEMENT, DATA_COUNT])
      expect(found.has(id), `section ${id}`).toBe(false);
    expect(bytes.length).toBeLessThanOrEqual(24 * 1024);
    const names = WebAssembly.Module.exports(module).map((each) => each.name);
    expect(names.toSorted()).toEqual([...VERBS, "memory"].toSorted());
  });

  test("its memory cannot grow, holds its slots, and its constants lie between the digests and the scratch of the shared hashes", () => {
    const { memory, slots, selfTest } = new WebAssembly.Instance(module, {}).exports as {
      memory: WebAssembly.Memory;
      slots(): number;
      selfTest(): number;
    };
    expect(memory.buffer.byteLength).toBe(pages * 65_536);
    expect(() => memory.grow(1)).toThrow(RangeError);
    expect(abi.SLOTS_AT + slots() * abi.SLOT_BYTES).toBeLessThan(memory.buffer.byteLength);
    let end = CONSTANTS_AT;
    for (const segment of segments(sections(bytes).get(DATA)!).toSorted((a, b) => a.at - b.at)) {
      expect(segment.at).toBeGreaterThanOrEqual(end);
      end = segment.end;
    }
    expect(end).toBeLessThanOrEqual(SCRATCH_AT);
    expect(selfTest()).toBe(abi.RADIUS_OK);
    expect(Buffer.from(memory.buffer, SCRATCH_AT).every((byte) => byte === 0)).toBe(true);
  });
});
