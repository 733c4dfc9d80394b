// Runs the cases that are asked for, each in a process of its own, and tells what they found.
// `npm run bench -- --help` lists the options.

import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { progress } from "@clack/prompts";
import { before } from "./before.ts";
import { middle, type Case, type Outcome, type Setting } from "./case.ts";
import { KEYS } from "./cases.ts";
import { PROOFS } from "./conversation.ts";
import { earlier } from "./earlier.ts";
import { guessing } from "./guessing.ts";
import { hmac } from "./hmac.ts";
import { linear } from "./linear.ts";
import { logins } from "./logins.ts";
import { motp } from "./motp.ts";
import { million } from "./million.ts";
import { mschapv2 } from "./mschapv2.ts";
import { Native } from "./native.ts";
import { pages } from "./pages.ts";
import { profile } from "./profile.ts";
import { radius } from "./radius.ts";
import { describe, printTable, readBefore, write, writeReadme } from "./report.ts";
import { store } from "./store.ts";
import { totp } from "./totp.ts";

const CASES: readonly Case[] = [
  ...[totp, hmac, motp, mschapv2, linear],
  ...[radius, logins, earlier, pages, store, million, guessing],
];

const HELP = `npm run bench -- [options]
  --short          check every case's answers, measure nothing (a few seconds)
  --only LIST      some of ${CASES.map(({ name }) => name).join(",")}
  --rounds N       interleaved rounds (default 505)
  --users N        users of the case million (default 1000000)
  --dist FOLDER    measure another build than dist: its dialward.mjs and both files of the core
  --against DIR    with a built tree of an earlier commit: logins, before and now (cases before, earlier)
  --node PATH      run with another Node
  --readme         put the table into bench/README.md
  --profile PROOF  instead: where a login spends its time, for ${PROOFS.join(", ")}
`;

const { values: options } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string" },
    rounds: { type: "string", default: "505" },
    users: { type: "string", default: "1000000" },
    dist: { type: "string", default: "dist" },
    against: { type: "string" },
    profile: { type: "string" },
    readme: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
    // Not for people: this process runs one case and tells its parent.
    apart: { type: "string" },
  },
});

const folder = mkdtempSync(`${tmpdir()}/dialward-bench-`);
try {
  const apart = [...CASES, before].find(({ name }) => name === options.apart);
  await (apart ? runHere(apart) : run());
} finally {
  rmSync(folder, { recursive: true });
}

async function run(): Promise<void> {
  const proof = PROOFS.find((one) => one === options.profile);
  const only = options.only?.split(",");
  const rounds = Number(options.rounds);
  const possible = options.against === undefined ? CASES : [...CASES, before];
  const unknown = only?.find((name) => !possible.some((one) => one.name === name));
  if (options.help) return void process.stdout.write(HELP);
  if (unknown !== undefined || !(rounds >= 1) || (options.profile !== undefined && proof === undefined)) {
    process.stderr.write(HELP);
    process.exitCode = 2;
    return;
  }
  if (proof) return profile(options.dist, folder, proof);

  const cases = possible.filter(({ name }) => only?.includes(name) ?? true);
  // A case that is run in several processes shares its rounds among them.
  const passes = options.short ? 1 : Math.max(...cases.map(({ processes = 1 }) => processes));
  const roundsOf = ({ processes = 1 }: Case) => Math.ceil(rounds / (options.short ? 1 : processes));
  const ticks = cases.reduce((sum, one) => sum + one.ticks(roundsOf(one)) * (one.processes ?? 1), 0);
  const bar = openBar(options.short ? cases.length : ticks);
  const found = new Map<Case, Outcome[]>();
  for (let pass = 0; pass < passes; pass++) {
    for (const one of cases.filter(({ processes = 1 }) => pass < processes)) {
      try {
        const outcome = await runApart(one, roundsOf(one), options.short ? () => {} : bar.advance);
        found.set(one, [...(found.get(one) ?? []), outcome]);
      } catch (error) {
        process.exitCode = 1;
        process.stderr.write(`case ${one.name} failed: ${(error as Error).message}\n`);
      }
      if (options.short) bar.advance(one.name);
    }
  }
  bar.close();
  const outcomes = [...found.values()].map(middle);

  if (options.short)
    process.stdout.write(`${outcomes.length} of ${cases.length} cases: every answer is right.\n`);
  else {
    const before = readBefore();
    const report = describe(outcomes, rounds, `npm run bench${argumentsOf()}`);
    process.stdout.write(`${printTable(report, before)}\n\n${report.machine}; ${report.engine}\n`);
    // Some cases alone would hide the others' results.
    if (outcomes.length === CASES.length) {
      process.stdout.write(`written: ${write(report).join(", ")}\n`);
      if (options.readme) writeReadme(report);
    }
  }
  const lacks = outcomes.flatMap(({ lacks = [] }) => lacks);
  for (const { what } of lacks) process.stdout.write(`not measured: ${what}\n`);
  const packages = [...new Set(lacks.flatMap(({ packages }) => packages))];
  if (packages.length > 0) process.stdout.write(`to have it: apt-get install ${packages.join(" ")}\n`);
}

/** What the process of a case tells its parent. */
type Message = { progress: string } | { outcome: Outcome } | { failure: string };

/** A case in a process of its own: no other case has filled its heap or warmed its code. */
function runApart(one: Case, rounds: number, advance: (text: string) => void): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const own = ["--apart", one.name, "--rounds", String(rounds)];
    const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), ...own]);
    child.on("message", (message: Message) => {
      if ("progress" in message) advance(message.progress);
      else if ("outcome" in message) resolve(message.outcome);
      else reject(new Error(message.failure));
    });
    child.on("exit", (code, signal) => reject(new Error(`its process ended: ${code ?? signal}`)));
  });
}

async function runHere(one: Case): Promise<void> {
  const tell = (message: Message) => process.send?.(message);
  const read = (name: string) => new WebAssembly.Module(readFileSync(`${options.dist}/${name}`));
  const setting: Setting = {
    simd: read("dialward.simd.wasm"),
    strict: read("dialward.wasm"),
    short: options.short,
    rounds: Number(options.rounds),
    users: Number(options.users),
    dist: options.dist,
    against: options.against,
    folder,
    native: (name, flags) => Native.start(`bench/c/${name}.c`, folder, KEYS, flags),
    progress: (progress) => tell({ progress }),
  };
  try {
    tell({ outcome: await one.run(setting) });
  } catch (error) {
    tell({ failure: (error as Error).stack ?? String(error) });
  }
  process.disconnect();
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
