// Random walks for long (test/service/walk.ts): no login is accepted twice, and no owner is kept out beyond the stated time.
// WALK_LOGINS says how many logins (10^6 takes ten minutes), WALK_SEED which.
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FarCodes } from "../../host/admission/far-codes.ts";
import { PROOFS } from "../service/simulated-nas.ts";
import { event, House, STATED_SECONDS } from "../service/walk.ts";

const LOGINS = Number(process.env["WALK_LOGINS"] ?? 2_000);
const SEED = Number(process.env["WALK_SEED"] ?? randomInt(2 ** 30));
const EVENTS = 1000;
/** Nothing is lost with this machine's power: the walk is not about the disk. */
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : undefined;

const { look } = FarCodes.prototype;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  // Every five seconds of these hours it would look through two days of codes, and decides nothing. No spy: that would
  // keep every service that there was.
  FarCodes.prototype.look = async () => {};
});
afterEach(() => {
  vi.useRealTimers();
  FarCodes.prototype.look = look;
});

test(
  `${LOGINS} logins at random: none is accepted twice, and every owner gets in`,
  async () => {
    let [logins, accepts, houses, slowest] = [0, 0, 0, 0];
    for (; logins < LOGINS; houses++) {
      const seed = SEED + houses;
      const events = fc.sample(event, { numRuns: EVENTS, seed });
      const house = new House(MEMORY);
      try {
        await house.open();
        for (const [i, one] of events.entries()) {
          if (one.kind === "restart" && i % 10 !== 0) continue;
          await house.happen(one);
          if (i % 250 !== 249) continue;
          const [user, proof] = [(i + seed) % 4, PROOFS[(i * 7 + seed) % PROOFS.length]!];
          const took = [await house.getsIn(user, proof, false), await house.getsIn(user, proof, true)];
          expect(took, `seed ${seed}, event ${i}: ${proof} of user ${user}`).not.toContain(undefined);
          slowest = Math.max(slowest, took[1] ?? Infinity);
        }
        await house.settle();
        expect(house.faults, `seed ${seed}`).toEqual([]);
      } finally {
        await house.close();
      }
      logins += house.logins;
      accepts += house.accepts;
    }
    const walks = `${houses} walks, seeds from ${SEED}`;
    console.log(
      `${walks}: ${logins} packets, ${accepts} accepts, the slowest owner ${slowest} s of ${STATED_SECONDS}`,
    );
  },
  Math.max(600_000, LOGINS * 20),
);
