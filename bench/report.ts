// What a run leaves behind: a table on the screen, results.json, and one page with plots, all under dist/bench/.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import type { Finding, Outcome } from "./case.ts";

export const FOLDER = "dist/bench";

export interface Report {
  date: string;
  command: string;
  machine: string;
  system: string;
  engine: string;
  commit: string;
  rounds: number;
  outcomes: readonly Outcome[];
}

/** Says where and when the outcomes were measured. */
export function describe(outcomes: readonly Outcome[], rounds: number, command: string): Report {
  const run = (program: string, ...args: string[]) => {
    try {
      return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
      return "unknown";
    }
  };
  const changed =
    run("git", "status", "--porcelain", "--", "assembly", "host", "bench") === "" ? "" : ", changed";
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 16).replace("T", " ") + " UTC",
    command,
    machine: `${cpu?.model.trim() ?? "unknown"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    engine: `Node ${process.versions.node}, V8 ${process.versions.v8}, OpenSSL ${process.versions.openssl}`,
    commit: run("git", "rev-parse", "--short", "HEAD") + changed,
    rounds,
    outcomes,
  };
}

/** The results of the run before, by question; empty where there are none. */
export function readBefore(): Map<string, number> {
  const file = `${FOLDER}/results.json`;
  if (!existsSync(file)) return new Map();
  const { outcomes } = JSON.parse(readFileSync(file, "utf8")) as Report;
  const findings = outcomes.flatMap((outcome) => outcome.findings);
  return new Map(findings.flatMap(({ question, value }) => (value === undefined ? [] : [[question, value]])));
}

/** Writes results.json, table.md and, where the page's script could be built, index.html; answers their paths. */
export function write(report: Report): string[] {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}/results.json`, JSON.stringify(report, undefined, 1) + "\n");
  writeFileSync(`${FOLDER}/table.md`, printMarkdown(report));
  const written = [`${FOLDER}/results.json`, `${FOLDER}/table.md`];
  if (existsSync(`${FOLDER}/page.js`)) {
    writeFileSync(`${FOLDER}/index.html`, printPage(report));
    written.push(`${FOLDER}/index.html`);
  }
  return written;
}

/** Puts the run's table at the end of bench/README.md in place of the one before. */
export function writeReadme(report: Report): void {
  const file = "bench/README.md";
  const heading = "## Latest table\n";
  const [text = ""] = readFileSync(file, "utf8").split(heading);
  writeFileSync(file, `${text}${heading}\n${printMarkdown(report)}`);
}

/** The findings as lines for a terminal, with the change since the run before. */
export function printTable({ outcomes }: Report, before: ReadonlyMap<string, number>): string {
  const blocks = outcomes.map(({ title, unit, rates, findings, latencies = [] }) => ({
    title,
    rates: rates.map(({ name, perSecond, low, high }) => [
      `    ${name}`,
      `${round(perSecond)} ${unit}/s`,
      `quartiles ${round(low)} to ${round(high)}`,
    ]),
    latencies: latencies.map(({ name, p50, p99, max }) => [
      `    ${name}`,
      `p50 ${p50.toFixed(2)} ms`,
      `p99 ${p99.toFixed(2)} ms`,
      `maximum ${max.toFixed(2)} ms`,
    ]),
    findings: findings.map((finding) => [
      `  ${mark(finding)} ${finding.question}`,
      finding.measured,
      finding.target ?? "",
      change(finding, before),
    ]),
  }));
  const ratesColumns = align(blocks.flatMap(({ rates }) => rates));
  const findingsColumns = align(blocks.flatMap(({ findings }) => findings));
  const latenciesColumns = align(blocks.flatMap(({ latencies }) => latencies));
  return blocks
    .map(({ title, rates, findings, latencies }) =>
      [
        `\n${title}`,
        ...rates.map(ratesColumns),
        ...findings.map(findingsColumns),
        ...latencies.map(latenciesColumns),
      ].join("\n"),
    )
    .join("\n");
}

/** Pads the cells of a row to the widest of their column. */
function align(rows: readonly (readonly string[])[]): (row: readonly string[]) => string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? [];
  return (row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd();
}

function mark({ met, target, measured }: Finding): string {
  if (target !== undefined && measured === "not measured") return "?";
  return met === undefined ? " " : met ? "✓" : "✗";
}

function change({ question, value }: Finding, before: ReadonlyMap<string, number>): string {
  const old = before.get(question);
  if (old === undefined || value === undefined) return "";
  const percent = Math.round(100 * (value / old - 1));
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent)} % since the run before`;
}

/** Three digits that count, grouped. */
function round(perSecond: number): string {
  return Number(perSecond.toPrecision(3)).toLocaleString("en");
}

function printMarkdown({ date, machine, engine, commit, command, outcomes }: Report): string {
  const rows = outcomes
    .flatMap(({ findings }) => findings)
    .map((finding) => {
      const met = { "✓": "met", "✗": "missed", "?": "", " ": "" }[mark(finding)];
      return `| ${finding.question} | ${finding.target ?? ""} | ${finding.measured} | ${met} |`;
    });
  const head = `\`${command}\`, ${date}, commit ${commit}: ${machine}; ${engine}.`;
  const latencies = outcomes
    .flatMap(({ latencies = [] }) => latencies)
    .map(
      ({ name, p50, p99, max }) => `| ${name} | ${p50.toFixed(2)} | ${p99.toFixed(2)} | ${max.toFixed(2)} |`,
    );
  const rates = outcomes.flatMap(({ unit, rates }) =>
    rates.map(({ name, perSecond }) => `| ${name} | ${round(perSecond)} ${unit} |`),
  );
  return [
    head,
    "",
    "| what | target | measured | |",
    "|---|---|---|---|",
    ...rows,
    "",
    "| RADIUS latency, ms | p50 | p99 | maximum |",
    "|---|---|---|---|",
    ...latencies,
    "",
    "| who | a second |",
    "|---|---|",
    ...rates,
    "",
  ].join("\n");
}

function printPage(report: Report): string {
  // A "<" in the data could end the script.
  const data = JSON.stringify(report).replaceAll("<", "\\u003c");
  const style = readFileSync("bench/page.css", "utf8");
  const script = readFileSync(`${FOLDER}/page.js`, "utf8");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dialward: benchmark</title>
<style>
${style}</style>
<main></main>
<script>const report = ${data};</script>
<script>${script}</script>
</html>
`;
}
