// The work of a verification tells nothing: as many instructions for a hit at any step of the window as for a miss, a code
// that is spent, a wait, a recovery code, and a user who does not exist or may not dial in. Counted by callgrind on this
// machine and by qemu on each processor.

import { beforeAll, describe, expect, it } from "vitest";
import { measure, type Situation } from "./conversation.ts";
import { buildRun, countOne, countWithCallgrind, countWithQemu, prepareCounting } from "./instructions.ts";
import { missingPrograms, needs, PROCESSORS, translate } from "./toolchain.ts";

const WINDOWS = { totp: [-1, 0, 1], motp: [-6, -1, 0, 1, 6] };

/**
 * Instructions that the situations of a factor and proof may differ by: where a processor has no instruction for it, counting
 * bits or comparing 64 of them takes a branch in the compiler's own library. armhf divides there, too: in a wait the quotient
 * is smaller; what is divided are times, which are no secrets.
 */
const LIBRARY: Record<string, number> = { "x86-64": 0, armhf: 96 };
const LIBRARY_ELSEWHERE = 16;

beforeAll(() => {
  translate();
  if (missingPrograms("gcc").length === 0) prepareCounting();
});

const SAME = [
  "wrong",
  "spent",
  "waiting",
  "waiting, wrong",
  "nobody",
  "disabled",
  "pending",
  "elsewhere",
] as const;
/** A text of the form of a recovery code: all codes of the record are computed, whether or not it has any. */
const RECOVERY = [
  ...["recovered", "recovered, wrong", "recovered, spent", "recovered, waiting"],
  ...["recovered, nobody", "recovered, disabled", "recovered, none"],
] as Situation[];

const spread = (counts: readonly number[]) => Math.max(...counts) - Math.min(...counts);

/** Checks that the situations of each factor and proof differ by at most so many instructions. */
function check(run: (input: string) => number, most: number): void {
  for (const factor of ["totp", "motp"] as const) {
    const count = (proof: "clear" | "chap" | "mschapv2", situation: Situation, offset = 0) =>
      countOne(run, measure(factor, proof, situation, offset).prepare);
    const equal = (what: string, counts: readonly number[]) =>
      expect(spread(counts), `${factor}, ${what}: ${counts.join(" ")}`).toBeLessThanOrEqual(most);
    const hits = (proof: "clear" | "chap" | "mschapv2") =>
      WINDOWS[factor].map((offset) => count(proof, "right", offset));
    for (const proof of ["clear", "chap"] as const)
      equal(proof, [...hits(proof), ...SAME.map((situation) => count(proof, situation))]);
    equal(
      "recovery",
      RECOVERY.map((situation) => count("clear", situation)),
    );
    // MS-CHAPv2 rejects by one DES block. A match, and what is looked at in a wait, adds the code, its NT hash and the other
    // two blocks, once more; a match that is not spent also the authenticator response and the keys: 12 blocks of SHA-1 and
    // one of MD4.
    const accepted = hits("mschapv2");
    const confirmed = (["spent", "waiting", "waiting, wrong"] as const).map((situation) =>
      count("mschapv2", situation),
    );
    const missed = SAME.filter((one) => !["spent", "waiting", "waiting, wrong"].includes(one)).map(
      (situation) => count("mschapv2", situation),
    );
    equal("matches of MS-CHAPv2", accepted);
    equal("what MS-CHAPv2 confirms", confirmed);
    equal("misses of MS-CHAPv2", missed);
    expect(confirmed[0]).toBeGreaterThan(missed[0]!);
    expect(accepted[0]).toBeGreaterThan(confirmed[0]!);
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
      const most = LIBRARY[processor.name] ?? LIBRARY_ELSEWHERE;
      check((input) => countWithQemu(processor, program, [], input), most);
    });
  }
});
