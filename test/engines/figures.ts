// `npm run figures:firmware`: the table of host/firmware/README.md, measured. Instructions are exact and repeatable;
// milliseconds are an estimate and say so.

import { statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measure } from "./conversation.ts";
import { printDaemonTable } from "./daemon-figures.ts";
import { printInterpreters } from "./interpreters.ts";
import { buildRun, countOne, countWithQemu, prepareCounting } from "./instructions.ts";
import {
  compile,
  compileCore,
  HOST_FILES,
  link,
  PROCESSORS,
  run,
  TESTS,
  translate,
  type Processor,
} from "./toolchain.ts";

const CASES = [
  { name: "TOTP ±1", reference: "totp", measured: measure("totp", "clear", "wrong") },
  { name: "mOTP ±6", reference: "motp", measured: measure("motp", "clear", "wrong") },
  { name: "MS-CHAPv2 ±1", reference: "mschapv2", measured: measure("totp", "mschapv2", "wrong") },
];
/** Cycles of an instruction, assumed for the estimate: an in-order router core with caches that mostly hit. */
const CYCLES = 1.5;
const MEGAHERTZ = 580;

/** Bytes of code with constants, and of memory, in objects. */
function sizes(processor: Processor, objects: readonly string[]): { code: number; memory: number } {
  const lines = run(processor.compiler.replace(/gcc$/, "size"), objects).trim().split("\n").slice(1);
  const columns = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const sum = (i: number) => columns.reduce((all, column) => all + column[i]!, 0);
  return { code: sum(0), memory: sum(1) + sum(2) };
}

function figures(processor: Processor) {
  const core = compileCore(processor);
  const host = HOST_FILES.map((file) => compile(processor, file));
  const depth = Number(
    run(processor.emulator, [
      link(processor, "stack", [...core, ...host, compile(processor, join(TESTS, "stack.c"))]),
    ]),
  );
  const program = buildRun(processor);
  const yardstick = link(processor, "reference", [compile(processor, join(TESTS, "reference.c"))]);
  const counts = CASES.map(({ reference, measured }) => {
    const ours = countOne((input) => countWithQemu(processor, program, [], input), measured.prepare);
    const theirs = [2, 1].map((n) => countWithQemu(processor, yardstick, [reference, String(n)], ""));
    return { ours, theirs: theirs[0]! - theirs[1]! };
  });
  return { processor, depth, ...sizes(processor, [...core, ...host]), counts };
}

const thousands = (n: number) => n.toLocaleString("en");

function printTable(): string {
  translate();
  prepareCounting();
  const all = PROCESSORS.map(figures);
  const bytes = statSync("dist/dialward.wasm").size;
  const simd = statSync("dist/dialward.simd.wasm").size;
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  const heads = [
    "processor",
    "code, bytes",
    "RAM in all, bytes",
    "of it stack",
    ...CASES.map(({ name }) => name),
  ];
  const ms = (n: number) => ((n * CYCLES) / (MEGAHERTZ * 1000)).toFixed(2);
  return [
    `dialward.wasm: ${thousands(bytes)} bytes (target: at most 20,480); dialward.simd.wasm: ${thousands(simd)} bytes.`,
    "",
    row(heads),
    row(heads.map(() => "---")),
    ...all.map(({ processor, code, memory, depth, counts }) =>
      row([
        processor.name,
        thousands(code),
        thousands(memory + depth),
        thousands(depth),
        ...counts.map(
          ({ ours, theirs }) =>
            `${thousands(ours)} (C ${thousands(theirs)}: ${(ours / theirs).toFixed(2)} ×)`,
        ),
      ]),
    ),
    "",
    `Instructions of one verification of a wrong code, in brackets the same algorithm in C, gcc -O2 (target for TOTP: at`,
    `most 1.50 ×). RAM is everything but code: page, tables, deepest stack (target: at most 73,728).`,
    "",
    `Estimated, not measured: at ${MEGAHERTZ} MHz and ${CYCLES} cycles an instruction, a MIPS verifies TOTP in`,
    `${ms(all[0]!.counts[0]!.ours)} ms, mOTP in ${ms(all[0]!.counts[1]!.ours)} ms, MS-CHAPv2 in ${ms(all[0]!.counts[2]!.ours)} ms.`,
  ].join("\n");
}

const { values } = parseArgs({ options: { wasm3: { type: "string" }, wamr: { type: "string" } } });
if (values.wasm3 !== undefined && values.wamr !== undefined) {
  translate();
  prepareCounting();
  process.stdout.write(`${printInterpreters({ wasm3: values.wasm3, wamr: values.wamr }, CASES)}\n`);
} else {
  process.stdout.write(`${printTable()}\n\n`);
  process.stdout.write(`${await printDaemonTable()}\n`);
}
