// Instructions of one verification, exactly: a program verifies n and n + 1 times, and the difference counts. Emulated
// processors are counted by a plug-in of qemu's, this machine's also by callgrind.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { printDes } from "./des.ts";
import { BUILT, compile, compileCore, link, run, TESTS, type Processor } from "./toolchain.ts";

/** The plug-in; prepareCounting() builds it. */
export const PLUGIN = join(BUILT, "count.so");

/** Builds the plug-in and what reference.c includes. */
export function prepareCounting(): void {
  run("gcc", ["-O2", "-shared", "-fPIC", "-Wall", "-Wextra", join(TESTS, "count.c"), "-o", PLUGIN]);
  writeFileSync(join(BUILT, "des.h"), printDes());
}

/** The program that runs conversations, for a processor. */
export function buildRun(processor: Processor): string {
  return link(processor, "run", [...compileCore(processor), compile(processor, join(TESTS, "run.c"))]);
}

/** Instructions of a whole run under qemu. */
export function countWithQemu(
  processor: Processor,
  program: string,
  args: readonly string[],
  input: string,
): number {
  const { stderr } = spawnSync(processor.emulator, ["-plugin", PLUGIN, program, ...args], {
    input,
    encoding: "utf8",
  });
  const found = /^instructions (\d+)$/m.exec(stderr);
  if (!found) throw new Error(`${processor.emulator} ${program}: ${stderr}`);
  return Number(found[1]);
}

/** Instructions of a whole run on this machine. */
export function countWithCallgrind(program: string, input: string): number {
  const args = ["--tool=callgrind", "--callgrind-out-file=/dev/null", program];
  const { stderr } = spawnSync("valgrind", args, { input, encoding: "utf8" });
  const found = /Collected : (\d+)/.exec(stderr);
  if (!found) throw new Error(`valgrind ${program}: ${stderr}`);
  return Number(found[1]);
}

/** Instructions of one verification of the dial-in that `prepare` writes. `count` counts a run with an input. */
export function countOne(count: (input: string) => number, prepare: string): number {
  return count(`${prepare}v 1\n`) - count(`${prepare}v 0\n`);
}
