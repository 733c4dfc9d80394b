// The spent log of the C host: the vectors that the service's reader passes too, and the drivers, compiled.

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import vectors from "../../host/store/spent-log.vectors.json" with { type: "json" };
import {
  BUILT,
  compile,
  FIRMWARE,
  HOST_FILES,
  needs,
  PROCESSORS,
  run,
  TESTS,
  translate,
} from "./toolchain.ts";

interface Case {
  name: string;
  users: number[];
  sectors: string[];
  expect: {
    refused?: number;
    torn?: boolean;
    damaged?: number[];
    states?: Record<string, { fill: number }>;
  };
}

const NEWER = "7 0";
const cases = vectors.cases.filter((each) => "sectors" in each) as unknown as Case[];

for (const processor of PROCESSORS.filter(({ name }) => name === "mips" || name === "x86-64"))
  describe(`the spent log in flash, ${processor.name}`, () => {
    for (const { name, users, sectors, expect: expected } of cases)
      it(name, (context) => {
        needs(context, processor.compiler, processor.emulator);
        translate();
        const { refused, torn = false, damaged = [], states = {} } = expected;
        const ids = [...new Set([...users, ...Object.keys(states).map(Number)])].sort((a, b) => a - b);
        const found = ids.map((id) =>
          damaged.includes(id)
            ? "damaged"
            : states[id] === undefined
              ? "none"
              : Buffer.alloc(48, states[id].fill).toString("hex"),
        );
        const program = build(processor);
        const size = vectors.sectorBytes;
        const input = `${sectors.length} ${size}\n${sectors.join("\n")}\n${ids.length} ${ids.join(" ")}\n`;
        const lines = run(processor.emulator, [program], input).trim().split("\n");
        if (refused !== undefined) expect(lines).toEqual([NEWER, NEWER]);
        else {
          expect(lines[0]).toBe(["0", torn ? 1 : 0, ...found].join(" "));
          // What was dropped and lost is so for good.
          expect(lines[1]!.split(" ").slice(2)).toEqual(found);
        }
      });
  });

/** The program that reads vectors, linked once. */
function build(processor: (typeof PROCESSORS)[number]): string {
  const log = HOST_FILES.filter((file) => file.includes("spent-log"));
  const objects = [...log, join(TESTS, "vectors.c")].map((file) => compile(processor, file));
  const program = join(BUILT, `${processor.name}-vectors`);
  run(processor.compiler, ["-static", ...objects, "-o", program]);
  return program;
}

it("every driver compiles without a warning", (context) => {
  needs(context, "gcc");
  translate();
  const own = PROCESSORS.find(({ name }) => name === "x86-64")!;
  for (const driver of ["flash-file.c", "flash-mtd.c", "flash-ubi.c", "lines.c", "users.c", "state-tool.c"])
    compile(own, join(FIRMWARE, driver));
});

it("the engines that are not packaged, and the plug-in for pppd 2.5, compile against what they need of them", (context) => {
  needs(context, "gcc");
  translate();
  const own = PROCESSORS.find(({ name }) => name === "x86-64")!;
  for (const engine of ["engine-wasm3.c", "engine-wamr.c"])
    compile(own, join(FIRMWARE, engine), `-I${join(TESTS, "stubs")}`);
  run("gcc", [
    ...["-std=gnu99", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-c", join(FIRMWARE, "pppd-plugin.c")],
    ...[`-I${join(TESTS, "pppd-2.5")}`, `-I${FIRMWARE}`, "-o", join(BUILT, "pppd-2.5.o")],
  ]);
});
