// The same conversation on every engine and processor, with equal bytes. What V8 says is first held against codes and
// responses that node:crypto made.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { converse, printScript } from "./conversation.ts";
import { runSpecification } from "./spectest.ts";
import {
  BUILT,
  compile,
  compileCore,
  compileNewerCore,
  link,
  needs,
  PROCESSORS,
  run,
  TESTS,
  translate,
} from "./toolchain.ts";

const { steps, expectations } = converse();
const script = printScript(steps);
const speaking = steps.flatMap(({ kind }, i) => (kind === "write" ? [] : [i]));
const STRICT = "dist/dialward.wasm";
const SIMD = "dist/dialward.simd.wasm";
/** What V8 printed, a line for each call and read. */
let reference: string[] = [];

/** The conversation as one file for a JavaScript shell. */
function shellFile(module: string): string {
  const path = join(BUILT, module === SIMD ? "simd.js" : "strict.js");
  const wasm = `const WASM = "${readFileSync(module).toString("hex")}";\n`;
  const shell = readFileSync(join(TESTS, "shell.js"), "utf8");
  writeFileSync(path, `${wasm}const SCRIPT = ${JSON.stringify(script)};\n${shell}`);
  return path;
}

/** Fails, naming the first step that differs, unless the output is the reference. */
function agree(output: string): void {
  const lines = output.trim().split("\n");
  const line = reference.findIndex((text, i) => lines[i] !== text);
  expect(line === -1 ? "" : `step ${speaking[line]}: ${lines[line]} instead of ${reference[line]}`).toBe("");
  expect(lines.length).toBe(reference.length);
}

beforeAll(() => {
  translate();
  reference = run(process.execPath, [shellFile(STRICT)])
    .trim()
    .split("\n");
});

describe("the conversation", () => {
  it("gives what node:crypto's codes and responses demand", () => {
    expect(reference.length).toBe(speaking.length);
    const lines = new Map(speaking.map((step, i) => [step, reference[i]!]));
    const wrong = expectations.filter(({ step, at, bytes }) => {
      const line = lines.get(step)!;
      if (steps[step]!.kind === "call") return Number(line) !== bytes.readUInt32LE();
      return !Buffer.from(line, "hex")
        .subarray(at, at + bytes.length)
        .equals(bytes);
    });
    expect(expectations.length).toBeGreaterThan(500);
    expect(
      wrong.map(
        ({ step, what, bytes }) =>
          `step ${step}: ${what} is not ${bytes.toString("hex")}: ${lines.get(step)}`,
      ),
    ).toEqual([]);
  });
});

const ENGINES: readonly [name: string, program: string, ...flags: string[]][] = [
  ["V8, baseline only", process.execPath, "--liftoff-only"],
  ["V8, optimizing only", process.execPath, "--no-liftoff"],
  ["JavaScriptCore", "jsc"],
  ["JavaScriptCore without JIT", "jsc", "--useJIT=0"],
  ["SpiderMonkey, optimizing", "js102", "--wasm-compiler=optimizing"],
  ["SpiderMonkey, baseline", "js102", "--wasm-compiler=baseline"],
];

describe("the same bytes from", () => {
  for (const module of [STRICT, SIMD]) {
    for (const [name, program, ...flags] of ENGINES) {
      // JavaScriptCore has SIMD in its compilers only.
      if (module === SIMD && flags.includes("--useJIT=0")) continue;
      it(`${name}, ${module}`, (context) => {
        if (program !== process.execPath) needs(context, program);
        agree(run(program, [...flags, shellFile(module)]));
      });
    }
  }

  it("wabt's interpreter", (context) => {
    needs(context, "wast2json", "spectest-interp");
    expect(runSpecification(readFileSync(STRICT), steps, reference)).toMatch(/^(\d+)\/\1 tests passed/m);
  });

  for (const processor of PROCESSORS) {
    it(`wasm2c, ${processor.name}`, (context) => {
      needs(context, "wasm2c", processor.compiler, processor.emulator);
      const objects = [...compileCore(processor), compile(processor, join(TESTS, "run.c"))];
      agree(run(processor.emulator, [link(processor, "run", objects)], script));
    });
  }

  it("wasm2c, without an emulator", (context) => {
    needs(context, "wasm2c", "gcc");
    const here = { name: "native", compiler: "gcc", emulator: "" };
    agree(run(link(here, "run", [...compileCore(here), compile(here, join(TESTS, "run.c"))]), [], script));
  });

  for (const processor of PROCESSORS.filter(({ name }) => ["mips", "x86-64"].includes(name)))
    it(`wasm2c of npm's wabt, ${processor.name}`, (context) => {
      needs(context, processor.compiler, processor.emulator);
      const objects = [...compileNewerCore(processor), compile(processor, join(TESTS, "run.c"))];
      agree(run(processor.emulator, [link(processor, "run-newer", objects)], script));
    });

  it("wasm2c, with every access checked to be aligned", (context) => {
    needs(context, "wasm2c", "gcc");
    const here = {
      name: "aligned",
      compiler: "gcc",
      emulator: "",
      flags: ["-include", join(TESTS, "aligned.h")],
    };
    agree(run(link(here, "run", [...compileCore(here), compile(here, join(TESTS, "run.c"))]), [], script));
  });
});
