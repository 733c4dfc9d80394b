// The processors and their compilers, and how the C host is built and run for each. Everything is built in dist/engines.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = process.cwd();
export const FIRMWARE = join(ROOT, "host/firmware");
export const TESTS = join(ROOT, "test/engines");
export const BUILT = join(ROOT, "dist/engines");

/** A processor: its compiler, and the emulator that runs its programs (none for this machine's own). */
export interface Processor {
  name: string;
  compiler: string;
  emulator: string;
  flags?: readonly string[];
}

export const PROCESSORS: readonly Processor[] = [
  { name: "mips", compiler: "mips-linux-gnu-gcc", emulator: "qemu-mips" },
  { name: "mipsel", compiler: "mipsel-linux-gnu-gcc", emulator: "qemu-mipsel" },
  { name: "armhf", compiler: "arm-linux-gnueabihf-gcc", emulator: "qemu-arm" },
  { name: "aarch64", compiler: "aarch64-linux-gnu-gcc", emulator: "qemu-aarch64" },
  { name: "riscv64", compiler: "riscv64-linux-gnu-gcc", emulator: "qemu-riscv64" },
  {
    name: "x86-64",
    compiler: process.arch === "x64" ? "gcc" : "x86_64-linux-gnu-gcc",
    emulator: "qemu-x86_64",
  },
];

/** Where programs are looked for: not in node_modules, whose wasm2c is of another version than Debian's. */
const FOLDERS = (process.env["PATH"] ?? "")
  .split(":")
  .filter((folder) => !folder.includes("node_modules"))
  .concat("/usr/sbin", "/sbin");
const ENVIRONMENT = { ...process.env, PATH: FOLDERS.join(":") };

/** Which of the programs are not installed. */
export function missingPrograms(...programs: string[]): string[] {
  return programs.filter((program) => !FOLDERS.some((folder) => existsSync(join(folder, program))));
}

/**
 * Requires programs for a test: where one is missing, the test fails if CI is set, and else is skipped with a word on
 * what to install.
 */
export function needs(context: { skip: (note: string) => void }, ...programs: string[]): void {
  const missing = missingPrograms(...programs);
  if (missing.length === 0) return;
  const note =
    `not installed: ${missing.join(", ")}. On Debian 12: ` +
    "apt-get install -y --no-install-recommends $(cat test/engines/packages.txt)";
  if (process.env["CI"]) throw new Error(note);
  process.stderr.write(`${note}\n`);
  context.skip(note);
}

/** Runs a program to its end and answers its output. Throws, with what it complained about, if it fails. */
export function run(program: string, args: readonly string[], input = ""): string {
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    input,
    env: ENVIRONMENT,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: 900_000,
  });
  if (error) throw error;
  if (status !== 0)
    throw new Error(`${program} ${args.join(" ")}: ${signal ?? status}\n${stderr}${stdout.slice(-400)}`);
  return stdout;
}

/** Whether a built file is newer than what it is made of. */
function isFresh(product: string, ...sources: string[]): boolean {
  const time = (path: string) => statSync(path).mtimeMs;
  return existsSync(product) && sources.every((source) => time(source) < time(product));
}

/** wasm2c of npm's package wabt, which is newer than Debian's, and where its C of the core lies. */
const NEWER_WASM2C = join(ROOT, "node_modules/wabt/bin/wasm2c");
export const NEWER = join(BUILT, "newer");

/** Translates the core by npm's wasm2c; answers a processor's objects of it, as compileCore(). */
export function compileNewerCore(processor: Processor): string[] {
  mkdirSync(NEWER, { recursive: true });
  const source = join(NEWER, "core.c");
  run(process.execPath, [NEWER_WASM2C, "-n", "dialward", resolve("dist/dialward.wasm"), "-o", source]);
  const flags = ["-iquote", NEWER, "-DDIALWARD_NEWER_WASM2C"];
  const one = { ...processor, name: `${processor.name} with a newer wasm2c`, flags };
  return [compile(one, source), compile(one, join(FIRMWARE, "engine-wasm2c.c"))];
}

/** Translates the modules of a router to C: core.c and radius.c in dist/engines. Without wasm2c it only makes the folder. */
export function translate(): void {
  mkdirSync(BUILT, { recursive: true });
  for (const [name, file, module] of [
    ["dialward", "core.c", "dialward.wasm"],
    ["radius", "radius.c", "radius.router.wasm"],
  ] as const) {
    const wasm = resolve("dist", module);
    if (isFresh(join(BUILT, file), wasm) || missingPrograms("wasm2c").length > 0) continue;
    run("wasm2c", ["-n", name, wasm, "-o", join(BUILT, file)]);
  }
}

const PLAIN = ["-Wall", "-Wextra", "-Werror"];
/** What the C host must stand. */
const STRICT = [...PLAIN, "-Wconversion", "-Wundef", "-Wmissing-prototypes", "-Wshadow"];

/** Compiles one C file for a processor; answers the object's path. */
export function compile(processor: Processor, source: string, ...flags: string[]): string {
  const slug = processor.name.replaceAll(/\W+/g, "-");
  const object = join(BUILT, `${slug}-${source.split("/").at(-1)!.replace(/\.c$/, "")}.o`);
  const headers = readdirSync(FIRMWARE).filter((name) => name.endsWith(".h"));
  if (isFresh(object, source, join(BUILT, "core.h"), ...headers.map((name) => join(FIRMWARE, name))))
    return object;
  // wasm2c's own output is full of what is not used.
  const warnings = source.startsWith(BUILT) ? ["-w"] : source.startsWith(FIRMWARE) ? STRICT : PLAIN;
  const all = [
    "-std=gnu99",
    "-O2",
    ...warnings,
    `-I${FIRMWARE}`,
    `-I${BUILT}`,
    ...(processor.flags ?? []),
    ...flags,
  ];
  run(processor.compiler, [...all, "-c", source, "-o", object]);
  return object;
}

/** Links objects to a static program; where the processor's flags ask for sanitizers, to a dynamic one. */
export function link(processor: Processor, name: string, objects: readonly string[]): string {
  const program = join(BUILT, `${processor.name.replaceAll(/\W+/g, "-")}-${name}`);
  const sanitizers = processor.flags?.filter((flag) => flag.startsWith("-fsanitize")) ?? [];
  run(processor.compiler, [...(sanitizers.length > 0 ? sanitizers : ["-static"]), ...objects, "-o", program]);
  return program;
}

/** The module and its engine for a processor, compiled: objects to link with. */
export function compileCore(processor: Processor): string[] {
  return [compile(processor, join(BUILT, "core.c")), compile(processor, join(FIRMWARE, "engine-wasm2c.c"))];
}

const inFirmware = (names: readonly string[]): string[] => names.map((name) => join(FIRMWARE, `${name}.c`));

/** The host, without its engine. */
export const HOST_FILES = inFirmware([
  "host",
  "profile",
  "mend",
  "spent-log",
  ...["entry", "read", "write"].map((part) => `spent-log-${part}`),
]);

/** What a host that has files is made of, beside the core. */
export const FILES = [...HOST_FILES, ...inFirmware(["users", "lines", "flash-file"])];

const DAEMON = inFirmware([
  ...["radiusd", "radiusd-files", "radiusd-logins", "radiusd-users", "radiusd-clients"],
  "engine-radius-wasm2c",
]);

/** All of dialward-radiusd but the modules. */
export const DAEMON_FILES = [...DAEMON, ...FILES, ...inFirmware(["engine-wasm2c"])];

/** dialward-radiusd and dialward-state for a processor, static: the paths of both. */
export function buildDaemon(processor: Processor, ...flags: string[]): { daemon: string; tool: string } {
  const core = compileCore(processor);
  const files = FILES.map((file) => compile(processor, file, ...flags));
  const own = DAEMON.map((file) => compile(processor, file, ...flags));
  const packets = compile(processor, join(BUILT, "radius.c"));
  const tool = compile(processor, join(FIRMWARE, "state-tool.c"), ...flags);
  return {
    daemon: link(processor, "radiusd", [...own, ...files, ...core, packets]),
    tool: link(processor, "dialward-state", [tool, ...files, ...core]),
  };
}

/** Builds the daemon by the release's own Makefile, dynamic; returns its path. */
export function makeDaemon(processor: Processor, ...settings: string[]): string {
  const folder = join(BUILT, `release-${processor.name}-${settings.length}`);
  const tarball = run("env", [
    "SOURCE_DATE_EPOCH=1767225600",
    process.execPath,
    "host/firmware/release.mjs",
  ]).trim();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run("tar", ["-xzf", tarball, "--strip-components=1", "-C", folder]);
  const tools = [`CC=${processor.compiler}`, `AR=${processor.compiler.replace(/gcc$/, "ar")}`];
  run("make", ["-s", "-C", folder, ...tools, ...settings, "dialward-radiusd"]);
  return join(folder, "dialward-radiusd");
}
