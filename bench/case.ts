// The shape of a case, and of what it answers: one case for each question of the table in README.md.

import type { Native } from "./native.ts";
import { measure, median, type Line, type Measured, type Side } from "./rounds.ts";

/** One line of the table: how many times as fast the core is as its peer, or another figure with a bound. */
export interface Finding {
  /** What is compared, in words. */
  question: string;
  /** What is wanted, for example "≥ 6 ×"; undefined for information only. */
  target?: string | undefined;
  /** The figure, as it is printed. */
  measured: string;
  /** Whether the target is met; undefined without one, or where it was not measured. */
  met?: boolean | undefined;
  /** The figure as a number, for comparing one run with the next. */
  value?: number;
}

/** Straight lines to draw: cost in microseconds of a batch against its size or window. */
export interface Series {
  title: string;
  x: string;
  y: string;
  points: readonly { name: string; x: number; y: number }[];
  lines: readonly ({ name: string } & Line)[];
}

/** Milliseconds from a login's due moment to its last reply. */
export interface Latency {
  name: string;
  p50: number;
  p99: number;
  max: number;
}

export interface Outcome {
  title: string;
  /** What one unit is, for example "validations"; rates are units a second. */
  unit: string;
  rates: readonly { name: string; perSecond: number; low: number; high: number }[];
  findings: readonly Finding[];
  series?: readonly Series[];
  latencies?: readonly Latency[];
  /** What was not measured, because it is not installed. */
  lacks?: readonly Lack[];
}

export interface Lack {
  what: string;
  /** Debian's packages that have it. */
  packages: readonly string[];
}

export interface Setting {
  /** The two files that ship. */
  simd: WebAssembly.Module;
  strict: WebAssembly.Module;
  /** Check answers only; measure nothing. */
  short: boolean;
  rounds: number;
  /** How many users many are. */
  users: number;
  /** Where dialward.mjs and the two files of the core are. */
  dist: string;
  /** The built tree of an earlier commit, where one was given. */
  against?: string | undefined;
  /** A temporary folder. */
  folder: string;
  /** Starts a C program of bench/c/ with the users' keys; undefined where it cannot be built. */
  native(name: string, flags?: readonly string[]): Promise<Native | undefined>;
  progress(text: string): void;
}

export interface Case {
  name: string;
  /** In how many processes it is run, spread over the whole run; 1 where it does not say. */
  processes?: number;
  /** How often it tells of its progress. */
  ticks(rounds: number): number;
  run(setting: Setting): Promise<Outcome>;
}

/** A case whose answers have been checked: measured, unless only they were asked for; then its C program ends. */
export async function conclude(
  setting: Setting,
  name: string,
  { title, unit, lacks = [] }: Pick<Outcome, "title" | "unit" | "lacks">,
  sides: readonly Side[],
  native: Native | undefined,
  findings: (measured: readonly Measured[]) => readonly Finding[],
): Promise<Outcome> {
  try {
    if (setting.short) return { title, unit, rates: [], findings: [], lacks };
    const measured = await measure(sides, setting.rounds, () => setting.progress(name));
    return { title, unit, rates: rates(measured), findings: findings(measured), lacks };
  } finally {
    native?.stop();
  }
}

/** Rates with the quartiles of the rounds. */
export function rates(measured: readonly Measured[]): Outcome["rates"] {
  return measured.map(({ name, rounds, nanoseconds }) => {
    const sorted = [...rounds].sort((a, b) => a - b);
    const at = (share: number) => 1e9 / sorted[Math.floor(share * (sorted.length - 1))]!;
    return { name, perSecond: 1e9 / nanoseconds, low: at(0.75), high: at(0.25) };
  });
}

/** A finding: how many times as fast as the peer the core is, the median over the rounds. */
export function ratio(
  question: string,
  measured: readonly Measured[],
  core: string,
  peer: string,
  least?: number,
): Finding {
  const rounds = (name: string) => measured.find((side) => side.name === name)?.rounds;
  const ours = rounds(core);
  const theirs = rounds(peer);
  const target = least === undefined ? undefined : `≥ ${least} ×`;
  if (ours === undefined || theirs === undefined) return { question, target, measured: "not measured" };
  // Within a round all sides meet the same machine; from round to round it changes its speed.
  const times = median(ours.map((nanoseconds, round) => theirs[round]! / nanoseconds));
  return {
    question,
    target,
    measured: `${times >= 10 ? times.toFixed(1) : times.toFixed(2)} ×`,
    met: least === undefined ? undefined : times >= least,
    value: times,
  };
}

/** A figure that must not be above `most`. */
export function atMost(
  question: string,
  value: number,
  most: number | undefined,
  print: string,
  unit: string,
): Finding {
  const met = most === undefined ? undefined : value <= most;
  return {
    question,
    target: most === undefined ? undefined : `≤ ${most} ${unit}`,
    measured: print,
    met,
    value,
  };
}

/**
 * Processes for a comparison: its figures depend on where code and data happen to lie in memory, and on what the machine's
 * neighbours do at that time.
 */
export const SEVERAL = 5;

/** Of each figure the middle one of a case's processes. */
export function middle(outcomes: readonly Outcome[]): Outcome {
  const first = outcomes[0]!;
  const each = <T>(list: (outcome: Outcome) => readonly T[], value: (figure: T) => number): T[] =>
    list(first).map((_, i) => {
      const figures = outcomes.map((outcome) => list(outcome)[i]!).sort((a, b) => value(a) - value(b));
      return figures[Math.floor(figures.length / 2)]!;
    });
  return {
    ...first,
    rates: each(
      ({ rates }) => rates,
      ({ perSecond }) => perSecond,
    ),
    findings: each(
      ({ findings }) => findings,
      ({ value = 0 }) => value,
    ),
    latencies: each(
      ({ latencies = [] }) => latencies,
      ({ p50 }) => p50,
    ),
  };
}
