// The reference host's two slots, with the power cut at every operation on the flash.

import { join } from "node:path";
import { expect, it } from "vitest";
import {
  compile,
  compileCore,
  FIRMWARE,
  link,
  needs,
  PROCESSORS,
  run,
  TESTS,
  translate,
} from "./toolchain.ts";

for (const processor of PROCESSORS.filter(({ name }) => name === "mips" || name === "x86-64")) {
  it(`a spent code stays spent, ${processor.name}`, (context) => {
    needs(context, "wasm2c", processor.compiler, processor.emulator);
    translate();
    const host = [join(FIRMWARE, "host.c"), join(TESTS, "power.c")].map((file) => compile(processor, file));
    const cuts = /^held (\d+)\n$/.exec(
      run(processor.emulator, [link(processor, "power", [...compileCore(processor), ...host])]),
    );
    expect(Number(cuts?.[1])).toBeGreaterThan(20);
  });
}
