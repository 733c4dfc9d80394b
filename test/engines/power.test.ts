// The spent log and the host with the power cut at every byte that is written or erased, and every bit turned: no accepted
// code is accepted again. Under the sanitizers, and on a big-endian processor with every so manieth cut.

import { join } from "node:path";
import { expect, it } from "vitest";
import {
  compile,
  compileCore,
  HOST_FILES,
  link,
  needs,
  PROCESSORS,
  run,
  TESTS,
  translate,
} from "./toolchain.ts";

for (const [name, stride, cuts] of [
  ["x86-64", 1, 40_000],
  ["mips", 61, 600],
] as const)
  it(`a spent code stays spent, ${name}`, (context) => {
    const processor = PROCESSORS.find((one) => one.name === name)!;
    needs(context, "wasm2c", processor.compiler, processor.emulator);
    translate();
    const host = [...HOST_FILES, join(TESTS, "power.c")].map((file) => compile(processor, file));
    const program = link(processor, "power", [...compileCore(processor), ...host]);
    const native = name === "x86-64" && process.arch === "x64";
    const held = native ? run(program, [String(stride)]) : run(processor.emulator, [program, String(stride)]);
    const [, cut, bits] = /^held (\d+) (\d+)\n$/.exec(held) ?? [];
    expect(Number(cut)).toBeGreaterThan(cuts);
    expect(Number(bits)).toBeGreaterThan(cuts);
  });
