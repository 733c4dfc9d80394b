// States by slot: whatever is put, lost, distrusted and dropped, each slot tells what was done to it last, and how many
// are there and damaged.
import fc from "fast-check";
import { expect, test } from "vitest";
import { States } from "../../host/store/states.ts";
import { runs } from "../runs.ts";

const LOST = Buffer.alloc(48, 0xff);

test("each slot is what was done to it last, near others and far from them", () => {
  const step = fc.record({
    act: fc.constantFrom("put", "put lost", "lose", "check", "renew", "drop", "clear"),
    // Of three pieces, and at their ends.
    slot: fc.constantFrom(1, 2, 3, 4095, 4096, 4097, 12_000),
    revision: fc.integer({ min: 0, max: 5 }),
    byte: fc.integer({ min: 0, max: 254 }),
    lost: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const states = new States();
      let model = new Map<number, { state: Buffer; revision: number; damaged: boolean }>();
      const seen = new Set<number>([0]);
      for (const { act, slot, revision, byte, lost } of steps) {
        const known = model.get(slot);
        const [version, standing] = [states.version(slot), states.standing(slot)];
        const gone = { state: LOST, revision: known?.revision ?? 0, damaged: true };
        if (act === "put") {
          states.put(slot, revision, Buffer.concat([LOST, Buffer.alloc(48, byte)]), 48);
          model.set(slot, { state: Buffer.alloc(48, byte), revision, damaged: false });
        } else if (act === "put lost") {
          states.put(slot, revision, LOST);
          model.set(slot, { state: LOST, revision, damaged: true });
        } else if (act === "lose") {
          states.lose(slot);
          model.set(slot, { ...gone, revision: states.revision(slot) });
        } else if (act === "check") {
          states.check(slot, revision, lost);
          if (lost || !known) model.set(slot, { ...gone, revision: states.revision(slot) });
          else if (known.revision > revision) model.set(slot, { ...known, damaged: true });
        } else if (act === "renew") {
          states.renew(slot);
          expect(states.standing(slot)).toBe(states.version(slot));
        } else if (act === "drop") {
          states.drop(slot);
          model.delete(slot);
        } else {
          states.clear();
          model = new Map();
        }
        // A version that was told never comes back, and a new profile has a standing of its own.
        if (states.version(slot) !== version && act !== "clear")
          expect(seen.has(states.version(slot))).toBe(false);
        const fresh = act === "renew" || (!known && model.has(slot));
        if (act !== "clear") expect(states.standing(slot) !== standing).toBe(fresh);
        seen.add(states.version(slot));
        for (const slot of [1, 2, 3, 4094, 4095, 4096, 4097, 12_000, 900_000]) {
          const one = model.get(slot);
          expect([states.has(slot), states.isDamaged(slot)]).toEqual([
            one !== undefined,
            one?.damaged ?? false,
          ]);
          if (one) expect([states.at(slot), states.revision(slot)]).toEqual([one.state, one.revision]);
        }
        expect(states.count).toBe(model.size);
        expect(states.damaged).toBe([...model.values()].filter(({ damaged }) => damaged).length);
      }
    }),
    runs(15),
  );
  expect(() => new States().put(2 ** 40, 1, LOST)).toThrow("no user has the id");
});
