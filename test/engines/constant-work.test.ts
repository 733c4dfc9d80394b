// The work of a verification tells nothing: as many instructions for a hit at any step of the window as for a miss, a
// code that is spent, and a user who does not exist. Counted by callgrind here and by qemu on every processor.

import { beforeAll, describe, expect, it } from "vitest";
import { measure } from "./conversation.ts";
import { buildRun, countOne, countWithCallgrind, countWithQemu, prepareCounting } from "./instructions.ts";
import { needs, PROCESSORS, translate, type Processor } from "./toolchain.ts";

type Count = (input: string) => number;
const FACTORS = [
  { factor: "totp", window: [-1, 0, 1] },
  { factor: "motp", window: [-6, -1, 0, 1, 6] },
] as const;

beforeAll(() => {
  translate();
  prepareCounting();
});

/** Instructions of each situation, by name. */
function counts(count: Count, proof: "clear" | "chap" | "mschapv2"): Record<string, Record<string, number>> {
  return Object.fromEntries(
    FACTORS.map(({ factor, window }) => [
      factor,
      Object.fromEntries(
        [
          ...window.map((offset) => measure(factor, proof, "right", offset)),
          measure(factor, proof, "wrong"),
          measure(factor, proof, "spent"),
          measure(factor, proof, "nobody"),
        ].map(({ name, prepare }) => [name, countOne(count, prepare)]),
      ),
    ]),
  );
}

const same = (of: Record<string, number>) =>
  expect(of).toEqual(Object.fromEntries(Object.keys(of).map((name) => [name, Object.values(of)[0]])));

function check(count: Count): void {
  for (const proof of ["clear", "chap"] as const) {
    for (const of of Object.values(counts(count, proof))) same(of);
  }
  for (const of of Object.values(counts(count, "mschapv2"))) console.log(of);
}

describe("equal work", () => {
  it("by callgrind", (context) => {
    needs(context, "wasm2c", "gcc", "valgrind");
    const program = buildRun({ name: "native", compiler: "gcc", emulator: "" });
    check((input) => countWithCallgrind(program, input));
  });

  for (const processor of PROCESSORS) {
    it(`by qemu, ${processor.name}`, (context) => {
      needs(context, "wasm2c", processor.compiler, processor.emulator);
      const program = buildRun(processor);
      check((input) => countWithQemu(processor, program, [], input));
    });
  }
  void (0 as unknown as Processor);
});
