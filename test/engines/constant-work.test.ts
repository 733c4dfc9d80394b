// The work of a verification tells nothing: as many instructions for a hit at any step of the window as for a miss, a
// code that is spent, and a user who does not exist or may not dial in. Counted by callgrind on this machine and by qemu on each processor.

import { beforeAll, describe, expect, it } from "vitest";
import { measure } from "./conversation.ts";
import { buildRun, countOne, countWithCallgrind, countWithQemu, prepareCounting } from "./instructions.ts";
import { missingPrograms, needs, PROCESSORS, translate } from "./toolchain.ts";

const WINDOWS = { totp: [-1, 0, 1], motp: [-6, -1, 0, 1, 6] };

/**
 * Instructions that the situations of a factor and proof may differ by elsewhere than on x86-64: where a processor has
 * no instruction for it, counting bits or comparing 64 of them takes a branch in the compiler's own library.
 */
const LIBRARY = 16;

/**
 * Instructions by which a code that is spent may differ: its state has been used before, and the times in it, which are no
 * secrets, are compared with others.
 */
const USED_STATE = 2;

beforeAll(() => {
  translate();
  if (missingPrograms("gcc").length === 0) prepareCounting();
});

/** Instructions of one verification in each situation. */
function count(
  run: (input: string) => number,
  factor: "totp" | "motp",
  proof: "clear" | "chap" | "mschapv2",
) {
  const one = (situation: Parameters<typeof measure>[2], offset = 0) =>
    countOne(run, measure(factor, proof, situation, offset).prepare);
  return {
    hits: WINDOWS[factor].map((offset) => one("right", offset)),
    wrong: one("wrong"),
    spent: one("spent"),
    refused: (["nobody", "disabled", "pending", "elsewhere"] as const).map((situation) => one(situation)),
  };
}

const spread = (counts: readonly number[]) => Math.max(...counts) - Math.min(...counts);

function check(run: (input: string) => number, most: number): void {
  for (const factor of ["totp", "motp"] as const) {
    for (const proof of ["clear", "chap"] as const) {
      const { hits, wrong, spent, refused } = count(run, factor, proof);
      expect(spread([...hits, wrong, ...refused]), `${factor}, ${proof}`).toBeLessThanOrEqual(most);
      expect(spread([wrong, spent]), `${factor}, ${proof}, spent`).toBeLessThanOrEqual(most + USED_STATE);
    }
    // MS-CHAPv2 rejects by one DES block. A match adds the code, its NT hash and the other two blocks, once more; one
    // that is not spent also the authenticator response and the keys: 12 blocks of SHA-1 and one of MD4.
    const { hits, wrong, spent, refused } = count(run, factor, "mschapv2");
    expect(spread(hits), `${factor}, matches of MS-CHAPv2`).toBeLessThanOrEqual(most);
    expect(spread([wrong, ...refused]), `${factor}, misses of MS-CHAPv2`).toBeLessThanOrEqual(most);
    expect(spent).toBeGreaterThan(wrong);
    expect(hits[0]).toBeGreaterThan(spent);
  }
}

describe("equal work", () => {
  it("by callgrind", (context) => {
    needs(context, "wasm2c", "gcc", "valgrind");
    const program = buildRun({ name: "native", compiler: "gcc", emulator: "" });
    check((input) => countWithCallgrind(program, input), 0);
  });

  for (const processor of PROCESSORS) {
    it(`by qemu, ${processor.name}`, (context) => {
      needs(context, "wasm2c", "gcc", processor.compiler, processor.emulator);
      const program = buildRun(processor);
      check(
        (input) => countWithQemu(processor, program, [], input),
        processor.name === "x86-64" ? 0 : LIBRARY,
      );
    });
  }
});
