// `npm run figures:firmware -- --wasm3 FOLDER --wamr FOLDER`: what the core takes in interpreters that are not packaged,
// of whose sources the folders are. Each first says the same conversation as every other engine.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { converse, printScript, type Measured } from "./conversation.ts";
import { buildRun, countWithQemu } from "./instructions.ts";
import { BUILT, compileCore, FIRMWARE, PROCESSORS, run, TESTS, type Processor } from "./toolchain.ts";

const FOLDER = join(BUILT, "interpreters");
/** WAMR's names of processors. */
const TARGETS: Record<string, string> = { mips: "MIPS", "x86-64": "X86_64" };
const FLAGS = ["-std=gnu99", "-O2", "-w", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"];

/** Compiles the conversation's program with an engine's glue and files, static and dynamic. */
function build(processor: Processor, glue: string, ...files: string[]): { fixed: string; dynamic: string } {
  const out = join(FOLDER, `${processor.name}-${glue}`);
  const sources = [
    join(TESTS, "run.c"),
    ...(glue === "" ? [] : [join(FIRMWARE, `engine-${glue}.c`)]),
    ...files,
  ];
  const all = [...FLAGS, `-I${FIRMWARE}`, `-I${FOLDER}`, ...sources, "-lm", "-lpthread", "-o"];
  run(processor.compiler, ["-static", ...all, out]);
  run(processor.compiler, [...all, `${out}-dynamic`]);
  run(processor.compiler.replace(/gcc$/, "strip"), ["-s", `${out}-dynamic`]);
  return { fixed: out, dynamic: `${out}-dynamic` };
}

function buildWasm3(processor: Processor, folder: string): ReturnType<typeof build> {
  const source = join(folder, "source");
  const files = readdirSync(source).filter((name) => name.endsWith(".c"));
  return build(processor, "wasm3", `-I${source}`, ...files.map((name) => join(source, name)));
}

function buildWamr(processor: Processor, folder: string): ReturnType<typeof build> {
  const made = join(FOLDER, `wamr-${processor.name}`);
  const off = ["AOT", "LIBC_BUILTIN", "LIBC_WASI", "SIMD", "REF_TYPES", "FAST_INTERP"];
  mkdirSync(made, { recursive: true });
  writeFileSync(
    join(made, "CMakeLists.txt"),
    `cmake_minimum_required(VERSION 3.14)
project(wamr C ASM)
set(WAMR_BUILD_PLATFORM linux)
set(WAMR_BUILD_TARGET ${TARGETS[processor.name]})
set(WAMR_BUILD_INTERP 1)
set(WAMR_DISABLE_HW_BOUND_CHECK 1)
${off.map((name) => `set(WAMR_BUILD_${name} 0)\n`).join("")}include(${folder}/build-scripts/runtime_lib.cmake)
add_library(vmlib STATIC \${WAMR_RUNTIME_LIB_SOURCE})
`,
  );
  const compilers = [
    `-DCMAKE_C_COMPILER=${processor.compiler}`,
    `-DCMAKE_ASM_COMPILER=${processor.compiler}`,
  ];
  const sections = "-DCMAKE_C_FLAGS=-ffunction-sections -fdata-sections";
  const settings = ["-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_SYSTEM_NAME=Linux", sections];
  run("cmake", ["-S", made, "-B", join(made, "build"), ...compilers, ...settings]);
  run("cmake", ["--build", join(made, "build")]);
  return build(processor, "wamr", `-I${folder}/core/iwasm/include`, join(made, "build/libvmlib.a"));
}

/** The table; `folders`: where the sources of each are. */
export function printInterpreters(
  folders: { wasm3: string; wamr: string },
  cases: readonly { name: string; measured: Measured }[],
): string {
  mkdirSync(FOLDER, { recursive: true });
  const module = readFileSync("dist/dialward.wasm");
  writeFileSync(
    join(FOLDER, "dialward-wasm.h"),
    `static unsigned char dialward_wasm[] = {${module.join(",")}};\nstatic const unsigned int dialward_wasm_len = sizeof dialward_wasm;\n`,
  );
  const script = printScript(converse().steps);
  const rows = PROCESSORS.filter(({ name }) => name in TARGETS).flatMap((processor) => {
    const said = run(processor.emulator, [buildRun(processor)], script);
    return [
      ["wasm2c", build(processor, "", ...compileCore(processor))] as const,
      ["wasm3", buildWasm3(processor, resolve(folders.wasm3))] as const,
      ["WAMR, classic interpreter", buildWamr(processor, resolve(folders.wamr))] as const,
    ].map(([engine, { fixed, dynamic }]) => {
      const same = run(processor.emulator, [fixed], script) === said ? "yes" : "NO";
      // The first verification is not counted: an interpreter may translate then.
      const counts = cases.map(({ measured: { prepare } }) => {
        const again = `${prepare}v 1\n${prepare.trimEnd().split("\n").at(-1)}\n`;
        const [more, less] = [1, 0].map((n) => countWithQemu(processor, fixed, [], `${again}v ${n}\n`));
        return (more! - less!).toLocaleString("en");
      });
      return [engine, processor.name, same, statSync(dynamic).size.toLocaleString("en"), ...counts];
    });
  });
  const heads = ["engine", "processor", "same bytes", "program, bytes", ...cases.map(({ name }) => name)];
  return [heads, heads.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
