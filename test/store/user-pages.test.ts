// Users' rows in pages: a map from slots to rows, whatever is put and taken away in one write; another version's is told.
import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataFolder } from "../../host/store/data-folder.ts";
import { Realm } from "../../host/store/realm.ts";
import { UserPages } from "../../host/store/user-pages.ts";
import { idOf, importNumberOf, revisionOf, type UserRow } from "../../host/store/user-row.ts";
import { isName } from "../../host/users/profile.ts";
import { anyCharacter, runs } from "../runs.ts";

let path: string;
let folder: DataFolder;

beforeEach(async () => {
  path = join(mkdtempSync(join(tmpdir(), "dialward-pages-")), "data");
  folder = await DataFolder.open(path, { create: true });
});
afterEach(async () => {
  await folder.close();
  rmSync(join(path, ".."), { recursive: true });
});

test("what was put last is there, by slot, in any order and any number of writes", async () => {
  const number = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const change = fc.record({
    slot: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 2 ** 40 })),
    user: fc.oneof(
      fc.constantFrom("alice", "a".repeat(64)),
      fc.string({ unit: anyCharacter }).filter(isName),
    ),
    row: fc.option(
      fc.record({
        revision: number,
        period: number,
        importNumber: number,
        hash: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes)),
      }),
      { nil: undefined, freq: 3 },
    ),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(change, { maxLength: 20 }), { maxLength: 6 }), async (writes) => {
      // A place of its own for each run in the one database.
      const realm = new Realm(folder, `${run++}` as "u");
      const pages = new UserPages(realm);
      const model = new Map<number, { user: string; row: UserRow }>();
      for (const changes of writes) {
        const rows = pages.change();
        for (const { slot, user, row } of changes)
          if (row === undefined) {
            rows.remove(slot);
            model.delete(slot);
          } else {
            rows.put(user, { id: slot, ...row });
            model.set(slot, { user, row: { id: slot, ...row } });
          }
        await folder.write(rows.writes(), false);
      }
      const slots = writes.flat().map(({ slot }) => slot);
      expect(await pages.rows(slots)).toEqual(slots.map((slot) => model.get(slot)?.row));
      for (const [slot, { user, row }] of model) expect(pages.row(user, slot)).toEqual(row);
      expect(() => pages.row("somebody else", slots[0] ?? 1)).toThrow("is gone");
      const all: unknown[] = [];
      for await (const some of pages.all()) all.push(...some.map(([user, row]) => ({ user, row })));
      const inOrder = (some: Iterable<unknown>) => [...some].map((one) => JSON.stringify(one)).sort();
      expect(inOrder(all)).toEqual(inOrder(model.values()));
      const told: string[] = [];
      await pages.scan((page, from, to) => {
        told.push(
          `${page.toString("utf8", from, to)} ${idOf(page, to)} ${revisionOf(page, to)} ${importNumberOf(page, to)}`,
        );
      });
      const expected = Array.from(
        model.values(),
        ({ user, row }) => `${user} ${row.id} ${row.revision} ${row.importNumber}`,
      );
      expect(told.sort()).toEqual(expected.sort());
    }),
    runs(40),
  );
});

test("a page that was cut short is told, and is no page without users", async () => {
  const pages = new UserPages(new Realm(folder, "u"));
  const rows = pages.change();
  rows.put("alice", { id: 1, revision: 1, period: 30, hash: Buffer.alloc(16), importNumber: 0 });
  const [write] = rows.writes();
  if (write?.type !== "put") throw new Error("nothing is put");
  for (let length = 1; length < write.value.length; length++) {
    await folder.write([{ ...write, value: write.value.subarray(0, length) }], false);
    expect(() => pages.row("alice", 1)).toThrow("damaged");
    await expect(pages.scan(() => {})).rejects.toThrow("damaged");
  }
});

test("a database of another version is refused by name", async () => {
  for (const [version, who] of [
    ["1", "an older"],
    ["3", "a newer"],
  ] as const) {
    await folder.write([{ type: "put", key: "version", value: Buffer.from(version) }]);
    await folder.close();
    await expect(DataFolder.open(path)).rejects.toThrow(`${who} version of Dialward (version ${version}`);
    rmSync(join(path, "profiles"), { recursive: true });
    folder = await DataFolder.open(path, { create: true });
  }
});
