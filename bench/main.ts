// Runs the cases that are asked for and tells what they found. `npm run bench -- --help` lists the options.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { progress } from "@clack/prompts";
import type { Case, Outcome, Setting } from "./case.ts";
import { KEYS } from "./cases.ts";
import { PROOFS } from "./conversation.ts";
import { hmac } from "./hmac.ts";
import { linear } from "./linear.ts";
import { logins } from "./logins.ts";
import { motp } from "./motp.ts";
import { mschapv2 } from "./mschapv2.ts";
import { Native } from "./native.ts";
import { profile } from "./profile.ts";
import { radius } from "./radius.ts";
import { describe, printTable, readBefore, write } from "./report.ts";
import { totp } from "./totp.ts";

const CASES: readonly Case[] = [totp, hmac, motp, mschapv2, linear, radius, logins];

const HELP = `npm run bench -- [options]
  --short          check every case's answers, measure nothing (a few seconds)
  --only LIST      some of ${CASES.map(({ name }) => name).join(",")}
  --rounds N       interleaved rounds (default 151)
  --wasm FOLDER    take dialward.wasm and dialward.simd.wasm from there (default dist)
  --node PATH      run with another Node
  --profile PROOF  instead: where a login spends its time, for ${PROOFS.join(", ")}
`;

const { values: options } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string" },
    rounds: { type: "string", default: "151" },
    wasm: { type: "string", default: "dist" },
    profile: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const folder = mkdtempSync(`${tmpdir()}/dialward-bench-`);
try {
  await run();
} finally {
  rmSync(folder, { recursive: true });
}

async function run(): Promise<void> {
  const proof = PROOFS.find((one) => one === options.profile);
  const only = options.only?.split(",");
  const rounds = Number(options.rounds);
  const unknown = only?.find((name) => !CASES.some((one) => one.name === name));
  if (options.help) return void process.stdout.write(HELP);
  if (unknown !== undefined || !(rounds >= 1) || (options.profile !== undefined && proof === undefined)) {
    process.stderr.write(HELP);
    process.exitCode = 2;
    return;
  }
  if (proof) return profile(folder, proof);

  const cases = CASES.filter(({ name }) => only?.includes(name) ?? true);
  const ticks = cases.reduce((sum, one) => sum + one.ticks(rounds), 0);
  const bar = openBar(options.short ? cases.length : ticks);
  const read = (name: string) => new WebAssembly.Module(readFileSync(`${options.wasm}/${name}`));
  const setting: Setting = {
    simd: read("dialward.simd.wasm"),
    strict: read("dialward.wasm"),
    short: options.short,
    rounds,
    folder,
    native: (name, flags) => Native.start(`bench/c/${name}.c`, folder, KEYS, flags),
    progress: options.short ? () => {} : bar.advance,
  };
  const outcomes: Outcome[] = [];
  for (const one of cases) {
    outcomes.push(await one.run(setting));
    if (options.short) bar.advance(one.name);
  }
  bar.close();

  if (options.short) process.stdout.write(`${cases.length} cases: every answer is right.\n`);
  else {
    const before = readBefore();
    const report = describe(outcomes, rounds, `npm run bench${argumentsOf()}`);
    process.stdout.write(`${printTable(report, before)}\n\n${report.machine}; ${report.engine}\n`);
    // Some cases alone would hide the others' results.
    if (!only) process.stdout.write(`written: ${write(report).join(", ")}\n`);
  }
  const lacks = outcomes.flatMap(({ lacks = [] }) => lacks);
  for (const { what } of lacks) process.stdout.write(`not measured: ${what}\n`);
  const packages = [...new Set(lacks.flatMap(({ packages }) => packages))];
  if (packages.length > 0) process.stdout.write(`to have it: apt-get install ${packages.join(" ")}\n`);
}

/** A bar on a terminal; elsewhere nothing. */
function openBar(max: number): { advance(text: string): void; close(): void } {
  if (!process.stderr.isTTY) return { advance() {}, close() {} };
  const bar = progress({ max, output: process.stderr });
  bar.start(options.short ? "Checking answers" : "Measuring");
  return { advance: (text) => bar.advance(1, text), close: () => bar.stop("Done") };
}

function argumentsOf(): string {
  const given = process.argv.slice(2);
  return given.length === 0 ? "" : ` -- ${given.join(" ")}`;
}
