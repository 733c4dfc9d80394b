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

/** Any character of Unicode; the library's own "binary" makes a table of all of them for each file. */
export const anyCharacter = fc
  .integer({ min: 0, max: 0x10_f7ff })
  .map((number) => String.fromCodePoint(number < 0xd800 ? number : number + 0x800));

/** Where it is enough that something fails (test/slow/mechanisms.mjs), the simplest example is not looked for. */
const endOnFailure = process.env["FIRST_FAILURE"] !== undefined;

fc.configureGlobal({ ...runs(20), endOnFailure });
