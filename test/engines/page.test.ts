// The runtime of wasm2c's C takes an address's low bits in place of a check: no access leaves the page and its margin.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { BUILT, compile, link, needs, PROCESSORS, run, TESTS } from "./toolchain.ts";

const WIDTHS = ["i64.store8", "i64.store16", "i64.store32", "i64.store"];
const TEXT = `(module (memory (export "memory") 1 1)
  (func (export "store") (param i32 i64)
    ${WIDTHS.map((store) => `(${store} offset=44 (local.get 0) (local.get 1))`).join("\n    ")}
    (i64.store offset=64 (local.get 0) (local.get 1)))
  (func (export "far") (param i32 i64) (i64.store offset=4294967295 (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i64) (i64.load offset=65532 (local.get 0))))`;

for (const processor of PROCESSORS.filter(({ name }) => ["mips", "x86-64"].includes(name)))
  it(`on ${processor.name}`, (context) => {
    needs(context, "wasm2c", "wat2wasm", processor.compiler, processor.emulator);
    const folder = join(BUILT, "page");
    mkdirSync(folder, { recursive: true });
    const file = (name: string) => join(folder, name);
    writeFileSync(file("page.wat"), TEXT);
    run("wat2wasm", [file("page.wat"), "-o", file("page.wasm")]);
    run("wasm2c", ["-n", "page", file("page.wasm"), "-o", file("page.c")]);
    const here = { ...processor, flags: ["-iquote", folder] };
    const objects = [compile(here, file("page.c")), compile(here, join(TESTS, "edges.c"))];
    expect(run(processor.emulator, [link(processor, "page", objects)])).toBe("kept\n");
  });
