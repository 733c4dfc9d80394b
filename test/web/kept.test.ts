// What waits for its author is found by nobody else, and pushed out by nobody else.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Kept } from "../../host/web/kept.ts";

test("each finds the latest of the own things, whatever others keep", () => {
  const owners = ["", "admin", "desk"];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...owners), { maxLength: 60 }), (order) => {
      const kept = new Kept<{ thing: number }>(5, 60_000);
      const ids = order.map((owner, thing) => ({ owner, thing, id: kept.keep(owner, { thing }) }));
      for (const owner of owners) {
        const own = ids.filter((one) => one.owner === owner);
        for (const [i, { id, thing }] of own.entries())
          expect(kept.find(id, owner)?.thing).toBe(i >= own.length - 5 ? thing : undefined);
        for (const { id } of ids.filter((one) => one.owner !== owner))
          expect(kept.find(id, owner)).toBeUndefined();
      }
    }),
  );
});
