// Measures several things that do the same work, in turns, so that noise of the machine meets all of them alike.

/** One thing to be measured: `run` does so many units of work and answers nanoseconds. */
export interface Side {
  name: string;
  /** What one call of run(1) does, counted in the unit of the case (for example 64 validations). */
  unitsPerRun: number;
  /** Leaves garbage behind: measured for longer in a round, so that its collection falls into most of them. */
  garbage?: boolean;
  run(times: number): number | Promise<number>;
}

export interface Measured {
  name: string;
  /** Nanoseconds for a unit, in each round. */
  rounds: number[];
  /** The median of the rounds. */
  nanoseconds: number;
}

/** How long one side runs in one round: well below a scheduler's time slice, so that most rounds are undisturbed. */
const CHUNK_NANOSECONDS = 1e6;
const GARBAGE_CHUNK_NANOSECONDS = 1e7;
/** The engine compiles the core a second time, optimised, while it runs; on a busy machine that takes a while. */
const WARM_UP_NANOSECONDS = 1e9;

/** Nanoseconds of processor time that `work` takes, with its garbage's collection and without what other programs take. */
export function busyNanoseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
}

/** Warms every side up, finds how much work fills a chunk, and measures in interleaved rounds, changing their order. */
export async function measure(
  sides: readonly Side[],
  rounds: number,
  progress: () => void = () => {},
  warmUp = WARM_UP_NANOSECONDS,
): Promise<Measured[]> {
  const times: number[] = [];
  for (const side of sides) {
    const chunk = side.garbage ? GARBAGE_CHUNK_NANOSECONDS : CHUNK_NANOSECONDS;
    let n = 1;
    let spent = 0;
    while (spent < warmUp) {
      const took = await side.run(n);
      spent += took;
      if (took < chunk / 2) n *= 2;
    }
    times.push(n);
  }
  const measured: Measured[] = sides.map(({ name }) => ({ name, rounds: [], nanoseconds: 0 }));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < sides.length; i++) {
      const which = (i + round) % sides.length;
      const side = sides[which]!;
      const n = times[which]!;
      measured[which]!.rounds.push((await side.run(n)) / (n * side.unitsPerRun));
    }
    progress();
    // Lets the progress bar be drawn, and garbage be collected, outside the measured time.
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const side of measured) side.nanoseconds = median(side.rounds);
  return measured;
}

/** The middle one. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which a share of the values lies, by the nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

export interface Line {
  slope: number;
  intercept: number;
  /** Share of the variance that the line explains: 1 is a straight line. */
  r2: number;
}

/** The least-squares line through points. */
export function fitLine(points: readonly (readonly [number, number])[]): Line {
  const n = points.length;
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / n;
  const x = mean((p) => p[0]);
  const y = mean((p) => p[1]);
  const xy = mean((p) => (p[0] - x) * (p[1] - y));
  const xx = mean((p) => (p[0] - x) ** 2);
  const yy = mean((p) => (p[1] - y) ** 2);
  const slope = xy / xx;
  return { slope, intercept: y - slope * x, r2: xy ** 2 / (xx * yy) };
}
