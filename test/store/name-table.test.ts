// Names and their slots: as a Map would have it, whatever is added, changed and removed.
import fc from "fast-check";
import { expect, test } from "vitest";
import { NameTable } from "../../host/store/name-table.ts";

test("it is a map from names to slots", () => {
  const name = fc.oneof(
    fc.constantFrom("a", "b", "ab", "ä", "😀", "__proto__"),
    fc.string({ minLength: 1, maxLength: 16 }),
  );
  const step = fc.record({
    name,
    slot: fc.integer({ min: 1, max: 1000 }),
    remove: fc.boolean(),
    once: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.nat(2000), (steps, more) => {
      const [table, map] = [new NameTable(), new Map<string, number>()];
      for (let i = 0; i < more; i++) {
        table.set(`user${i}`, i + 1);
        map.set(`user${i}`, i + 1);
      }
      for (const { name: typed, slot, remove, once } of steps) {
        const known = Buffer.from(typed).toString(); // what UTF-8 can hold of it
        if (Buffer.byteLength(known) > 64) continue;
        if (remove) {
          table.delete(known);
          map.delete(known);
        } else if (once) {
          if (!map.has(known)) map.set(known, slot);
          expect(table.add(known, slot)).toBe(map.get(known));
        } else {
          table.set(known, slot);
          map.set(known, slot);
        }
        expect(table.slotOf(known)).toBe(map.get(known) ?? 0);
      }
      expect(new Map(table)).toEqual(map);
      expect(table.count).toBe(map.size);
      const bytes = Buffer.from(" user7 ");
      expect(table.slotOfBytes(bytes, 1, 6)).toBe(map.get("user7") ?? 0);
      expect(table.slotOf("x".repeat(100))).toBe(0);
    }),
    { numRuns: 50 },
  );
});
