import { createHash } from "node:crypto";
import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { firstUnspent } from "../../host/core/state.ts";
import { MarkFilter } from "../../host/store/mark-filter.ts";
import type { NewUser } from "../../host/store/store.ts";
import { runs } from "../runs.ts";
import { openEmbedded } from "./open.ts";

const markOf = (secret: number): Buffer =>
  createHash("sha256").update(String(secret)).digest().subarray(0, 16);

function user(name: string, secret: number, spent: number): NewUser {
  const mark = { hash: markOf(secret), period: 30 };
  return { user: name, profile: Buffer.from(name), state: Buffer.alloc(48, spent), mark };
}

/** Secrets that are known when an import begins, what was spent of each, and whether its user was removed. */
const known = fc.uniqueArray(
  fc.record({ secret: fc.nat(40), spent: fc.integer({ min: 2, max: 9 }), removed: fc.boolean() }),
  { selector: ({ secret }) => secret, maxLength: 20 },
);
/** The secrets of an import, in the pieces in which they come. */
const imported = fc.array(fc.array(fc.nat(40), { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 12,
});

test("whoever is imported goes on from what was spent with the secret, however many come, in any pieces", async () => {
  await fc.assert(
    fc.asyncProperty(known, imported, async (before, pieces) => {
      const folder = mkdtempSync(join(tmpdir(), "dialward-secrets-"));
      const store = await openEmbedded(join(folder, "data"));
      try {
        await store.create(before.map(({ secret, spent }, i) => user(`k${i}`, secret, spent)));
        for (const [i, { removed }] of before.entries()) if (removed) await store.remove(`k${i}`);
        async function* rows() {
          for (const [i, piece] of pieces.entries())
            yield piece.map((secret, j) => user(`n${i}.${j}`, secret, 1));
        }
        expect(await store.create(rows())).toEqual([]);
        for (const [i, piece] of pieces.entries())
          for (const [j, secret] of piece.entries()) {
            const [entry] = await store.load([`n${i}.${j}`]);
            const spent = before.find((one) => one.secret === secret)?.spent ?? 1;
            expect(firstUnspent(entry!.state)).toBe(firstUnspent(Buffer.alloc(48, spent)));
          }
      } finally {
        await store.close();
        rmSync(folder, { recursive: true });
      }
    }),
    runs(20),
  );
});

test("a mark that was taken in is never new, and hardly any other is not", () => {
  const filter = new MarkFilter();
  let taken = 0;
  for (let i = 0; i < 20_000; i++) if (!filter.add(markOf(i))) taken++;
  expect(taken).toBeLessThan(20);
  for (let i = 0; i < 20_000; i++) expect(filter.add(markOf(i))).toBe(false);
});
