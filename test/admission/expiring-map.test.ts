// What is kept for a time is kept for that time, by a clock that never goes back, and memory is bounded.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ExpiringMap } from "../../host/admission/expiring-map.ts";

const MILLISECONDS = 1000;

test("an entry lives for its time from when it was set, whatever comes meanwhile", () => {
  const doings = fc.array(
    fc.record({
      key: fc.integer({ min: 0, max: 5 }),
      set: fc.boolean(),
      after: fc.integer({ min: 0, max: 700 }),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(doings, (all) => {
      let now = 0;
      const map = new ExpiringMap<number, number>(MILLISECONDS, 1000, () => now);
      const model = new Map<number, number>();
      for (const { key, set, after } of all) {
        now += after;
        if (set) {
          map.set(key, now);
          model.set(key, now);
        }
        const since = model.get(key);
        expect(map.get(key)).toBe(since !== undefined && now - since < MILLISECONDS ? since : undefined);
      }
    }),
  );
});

test("what is deleted is gone; of many the youngest are kept, by weight", () => {
  const map = new ExpiringMap<number, number>(MILLISECONDS, 10, () => 0);
  for (let i = 0; i < 1000; i++) map.set(i, i, 1 + (i % 3));
  expect(map.size).toBeLessThanOrEqual(20);
  expect(map.get(999)).toBe(999);
  expect(map.get(0)).toBeUndefined();
  map.delete(999);
  expect(map.get(999)).toBeUndefined();
});
