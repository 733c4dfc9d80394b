// Once, and only guesses cost: random walks through the real service. `npx vitest run … -t walk` prints the seed; with
// WALK_SEED it walks the same way again. The long one is test/slow/walk.test.ts.
import { randomInt } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runs } from "../runs.ts";
import { PROOFS } from "./simulated-nas.ts";
import { event, House } from "./walk.ts";

const SEED = Number(process.env["WALK_SEED"] ?? randomInt(2 ** 30));

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "performance"] }));
afterEach(() => void vi.useRealTimers());

test("an owner with the right device gets in, whatever has been, and while somebody guesses from the same caller", async () => {
  console.log(`seed ${SEED}`);
  const took: number[] = [];
  const owner = fc.record({ user: fc.nat(3), proof: fc.constantFrom(...PROOFS) });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), owner, async (events, { user, proof }) => {
      const house = new House();
      try {
        await house.open();
        for (const one of events) await house.happen(one);
        const quiet = await house.getsIn(user, proof, false);
        const attacked = await house.getsIn(user, proof, true);
        expect([quiet, attacked], `${proof} of user ${user}`).not.toContain(undefined);
        took.push(attacked!);
        expect(house.faults).toEqual([]);
      } finally {
        await house.close();
      }
    }),
    { seed: SEED, ...runs(1) },
  );
  console.log(`while somebody guessed: ${took.toSorted((a, b) => a - b).join(", ")} s`);
});

test("no code is accepted twice, whatever the NAS, the clock and the administrator do", async () => {
  console.log(`seed ${SEED}`);
  let accepts = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 10, maxLength: 60 }), async (events) => {
      const house = new House();
      try {
        await house.open();
        for (const one of events) await house.happen(one);
        await house.settle();
      } finally {
        await house.close();
      }
      accepts += house.accepts;
      expect(house.faults).toEqual([]);
    }),
    { seed: SEED, ...runs(4) },
  );
  expect(accepts).toBeGreaterThan(0);
});
