// How often a property is tried with random values: briefly in `npm test`, longer in `npm run test:slow`. The suites load
// this before each file, so that it holds for properties that do not say how often, too.
import fc from "fast-check";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** How many times as often as in `npm test`. */
    runsFactor: number;
  }
}

/** Options of fc.assert for a property that `npm test` tries `count` times. */
export function runs(count: number): { numRuns: number } {
  return { numRuns: count * (inject("runsFactor") ?? 1) };
}

fc.configureGlobal(runs(20));
