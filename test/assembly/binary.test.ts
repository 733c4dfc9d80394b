// The files that ship: what an engine must bring along to load them, and what they ask of their host.
import { expect, describe, test } from "vitest";
import openWabt from "wabt";
import { CONSTANTS_AT, SCRATCH_AT } from "../../assembly/abi.ts";
import { BINARIES } from "../binaries.ts";
import { sections, segments } from "../sections.ts";

const VERBS = ["enrol", "features", "generate", "selfTest", "unlock", "verify", "version", "wipe"];

const TYPE = 1, IMPORT = 2, TABLE = 4, MEMORY = 5, GLOBAL = 6, START = 8, ELEMENT = 9, DATA = 11, DATA_COUNT = 12; // prettier-ignore

describe.each(BINARIES)("$name", ({ simd, bytes, module }) => {
  test("imports nothing, exports the verbs and its memory", () => {
    expect(WebAssembly.Module.imports(module)).toEqual([]);
    expect(WebAssembly.Module.exports(module).sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
      [...VERBS.map((name) => ({ name, kind: "function" })), { name: "memory", kind: "memory" }].sort(
        (a, b) => (a.name < b.name ? -1 : 1),
      ),
    );
  });

  test("has no start function, table, global or custom section; its one page cannot grow", () => {
    const found = sections(bytes);
    for (const id of [0, IMPORT, TABLE, GLOBAL, START, ELEMENT]) expect(found.has(id), `section ${id}`).toBe(false);
    for (const id of [TYPE, MEMORY, DATA]) expect(found.has(id), `section ${id}`).toBe(true);
    expect([...found.get(MEMORY)!], "one memory, with a maximum, 1 to 1").toEqual([1, 1, 1, 1]);
    const { memory } = new WebAssembly.Instance(module, {}).exports as { memory: WebAssembly.Memory };
    expect(memory.buffer.byteLength).toBe(65536);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  test("its constants lie between digests and scratch, and do not overlap", () => {
    const found = segments(sections(bytes).get(DATA)!).sort((a, b) => a.at - b.at);
    expect(found.length).toBeGreaterThan(0);
    let end = CONSTANTS_AT;
    for (const segment of found) {
      expect(segment.at).toBeGreaterThanOrEqual(end);
      end = segment.end;
    }
    expect(end).toBeLessThanOrEqual(SCRATCH_AT);
    const { memory } = new WebAssembly.Instance(module, {}).exports as { memory: WebAssembly.Memory };
    const rest = [Buffer.from(memory.buffer, 0, CONSTANTS_AT), Buffer.from(memory.buffer, SCRATCH_AT)];
    for (const bytes of rest) expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  test(simd ? "needs SIMD, and nothing newer" : "is WebAssembly 1.0, at most 22 KiB", async () => {
    const wabt = await openWabt();
    const none = {
      exceptions: false,
      mutable_globals: false,
      sat_float_to_int: false,
      sign_extension: false,
      simd: false,
      threads: false,
      function_references: false,
      multi_value: false,
      tail_call: false,
      bulk_memory: false,
      reference_types: false,
      annotations: false,
      code_metadata: false,
      gc: false,
      memory64: false,
      extended_const: false,
      relaxed_simd: false,
    };
    const validate = (features: object) => {
      const read = wabt.readWasm(bytes, { ...none, ...features });
      read.validate();
      read.destroy();
    };
    if (simd) {
      // What browsers and Node brought before SIMD.
      const older = {
        mutable_globals: true,
        sat_float_to_int: true,
        sign_extension: true,
        bulk_memory: true,
      };
      validate({ ...older, simd: true });
      expect(() => validate(older)).toThrow();
    } else {
      validate({});
      expect(sections(bytes).has(DATA_COUNT)).toBe(false);
      expect(bytes.length).toBeLessThanOrEqual(22 * 1024);
    }
  });
});
