// The spent log: the specification's vectors; torn at every byte, every bit turned, kills and full files; what is read
// is what was answered, or somebody is refused by name.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { repair, sealEntry } from "../../host/store/spent-entry.ts";
import { SpentLog, type SpentLogOptions } from "../../host/store/spent-log.ts";
import { States } from "../../host/store/states.ts";
import { runs } from "../runs.ts";
import vectors from "../../host/store/spent-log.vectors.json" with { type: "json" };

interface Case {
  name: string;
  users: number[];
  files?: Record<string, string>;
  expect: {
    refused?: number;
    torn?: boolean;
    damaged?: number[];
    states?: Record<string, { revision: number; fill: number }>;
    profiles?: Record<string, number>;
  };
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-spent-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const state = (fill: number): Buffer => Buffer.alloc(48, fill);
const at = (name: string): string => join(folder, "spent", name);

/** Opens the log as a start does, with these users in the store of profiles. */
async function start(
  users: readonly number[] = [],
  options: SpentLogOptions = {},
  profiles = new Map<number, number>(),
) {
  const states = new States();
  const { log, reading } = SpentLog.open(join(folder, "spent"), states, options);
  for (const user of users) states.check(user, profiles.get(user) ?? 1000, reading.lost);
  await log.begin(reading);
  return { log, reading, states };
}

/** What was read, by user: the byte that its state is full of, or "damaged". */
function told(states: States): Record<string, number | "damaged"> {
  const all: Record<string, number | "damaged"> = {};
  for (let slot = 1; slot <= states.last; slot++)
    if (states.has(slot)) all[slot] = states.isDamaged(slot) ? "damaged" : states.at(slot)[0]!;
  return all;
}

function append(log: SpentLog, states: States, batch: readonly (readonly [number, number])[]): void {
  for (const [user, fill] of batch) log.add(user, 1, state(fill));
  log.commit();
  for (const [user, fill] of batch) states.put(user, 1, state(fill));
}

for (const one of vectors.cases.filter((each) => "files" in each) as unknown as Case[])
  test(`vector: ${one.name}`, async () => {
    mkdirSync(join(folder, "spent"));
    for (const [name, hex] of Object.entries(one.files!)) writeFileSync(at(name), Buffer.from(hex, "hex"));
    const { refused, torn, damaged = [], profiles = {} } = one.expect;
    if (refused !== undefined) {
      const before = readdirSync(join(folder, "spent"));
      await expect(start(one.users)).rejects.toThrow(`newer version of Dialward (format ${refused}`);
      expect(readdirSync(join(folder, "spent"))).toEqual(before);
      return;
    }
    const revisions = new Map(Object.entries(profiles).map(([id, revision]) => [Number(id), revision]));
    const { log, reading, states } = await start(one.users, { logEntries: 8 }, revisions);
    expect(reading.torn).toBe(torn);
    const check = (found: States): void => {
      for (const user of one.users)
        expect([user, found.isDamaged(user)]).toEqual([user, damaged.includes(user)]);
      for (const [id, { fill, revision }] of Object.entries(one.expect.states!)) {
        const slot = Number(id);
        if (damaged.includes(slot)) continue;
        expect([slot, found.at(slot), found.revision(slot)]).toEqual([slot, state(fill), revision]);
      }
    };
    check(states);
    await log.close();
    // What was repaired, dropped and lost is so for good.
    const again = await start(one.users, { logEntries: 8 }, revisions);
    expect(again.reading).toMatchObject({ clean: true, torn: false, lost: false });
    check(again.states);
    await again.log.close();
  });

test("what was appended is read again, over many logs and checkpoints, and two pairs of files are kept", async () => {
  SpentLog.create(join(folder, "spent"));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(200)), { maxLength: 12 }), {
        maxLength: 20,
      }),
      fc.boolean(),
      async (batches, checkpoint) => {
        const { log, states } = await start([], { logEntries: 16 });
        const known = told(states);
        for (const batch of batches) {
          append(log, states, batch);
          for (const [user, fill] of batch) known[user] = fill;
        }
        if (checkpoint) await log.checkpoint();
        await log.close();
        const again = await start([], { logEntries: 16 });
        expect(again.reading).toMatchObject({ clean: true, lost: false });
        expect(told(again.states)).toEqual(known);
        for (let i = 0; i < 2; i++) await again.log.checkpoint();
        await again.log.close();
        const files = readdirSync(join(folder, "spent")).filter((name) => !name.endsWith(".draft"));
        expect(files.filter((name) => name.endsWith(".checkpoint"))).toHaveLength(2);
        expect(files).toHaveLength(4);
      },
    ),
    runs(3),
  );
});

/** Two batches in one log: users 1 to 3, then 2 and 1 again. */
async function twoBatches(): Promise<{ file: string; bytes: Buffer }> {
  SpentLog.create(join(folder, "spent"));
  const { log, states } = await start([], { logEntries: 12 });
  append(log, states, [[1, 11], [2, 21], [3, 31]]); // prettier-ignore
  append(log, states, [[2, 22], [1, 12]]); // prettier-ignore
  await log.close();
  const file = at(`${log.sequence.toString(16).padStart(8, "0")}.log`);
  return { file, bytes: readFileSync(file) };
}

const FIRST = { 1: 11, 2: 21, 3: 31 };
const BOTH = { 1: 12, 2: 22, 3: 31 };

test("torn at every byte: the batch that was cut is dropped whole or in part, what is before it stays", async () => {
  const { file, bytes } = await twoBatches();
  const end = 6 * 64;
  expect(bytes.subarray(end).every((byte) => byte === 0)).toBe(true);
  for (let cut = 4 * 64; cut < end; cut++) {
    const torn = Buffer.from(bytes);
    torn.fill(0, cut, end);
    writeFileSync(file, torn);
    const states = new States();
    const { reading } = SpentLog.open(join(folder, "spent"), states);
    const whole = cut >= 5 * 64;
    // The last byte of an entry may be one bit from what it was.
    const found = told(states);
    expect([cut, [FIRST, { ...FIRST, 2: 22 }, BOTH]]).toEqual([cut, expect.arrayContaining([found])]);
    if (whole) expect(found[2]).toBe(22);
    expect([cut, reading.lost]).toEqual([cut, false]);
  }
});

test("every bit turned: repaired, wherever it is", async () => {
  const { file, bytes } = await twoBatches();
  // Each of an entry's bits by itself, and every one in turn in some entry of the file.
  const entry = bytes.subarray(64, 128);
  for (let bit = 0; bit < 8 * 64; bit++) {
    const rotten = Buffer.from(entry);
    rotten[bit >> 3]! ^= 1 << (bit & 7);
    expect([bit, repair(rotten), rotten.equals(entry)]).toEqual([bit, true, true]);
  }
  for (let bit = 0; bit < 8 * 64 * 7; bit += 13) {
    const rotten = Buffer.from(bytes);
    rotten[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(file, rotten);
    const states = new States();
    const { reading } = SpentLog.open(join(folder, "spent"), states);
    expect([bit, told(states), reading.lost, reading.torn]).toEqual([bit, BOTH, false, false]);
  }
});

test("any bytes overwritten in the first batch: nobody is taken back, who may be is refused", async () => {
  const { file, bytes } = await twoBatches();
  fc.assert(
    fc.property(fc.nat(3 * 64 - 1), fc.uint8Array({ minLength: 1, maxLength: 100 }), (from, noise) => {
      const rotten = Buffer.from(bytes);
      rotten.set(noise.subarray(0, 3 * 64 - from), 64 + from);
      writeFileSync(file, rotten);
      const states = new States();
      const { reading } = SpentLog.open(join(folder, "spent"), states);
      states.check(3, 1, reading.lost);
      expect(told(states)).toEqual({
        ...BOTH,
        3: expect.toSatisfy((one) => one === 31 || one === "damaged"),
      });
    }),
  );
});

test("any file of the folder overwritten, cut or gone: refused, or as it was", async () => {
  SpentLog.create(join(folder, "spent"));
  const { log, states } = await start([], { logEntries: 8 });
  for (let i = 0; i < 10; i++) append(log, states, [[1 + (i % 3), 10 + i], [4, 50 + i]]); // prettier-ignore
  await log.checkpoint();
  append(log, states, [[1, 99]]);
  append(log, states, [[5, 98]]);
  await log.close();
  const right = told(states);
  const users = [1, 2, 3, 4, 5];
  const files = readdirSync(join(folder, "spent")).filter((name) => !name.endsWith(".draft"));
  const saved = new Map(files.map((name) => [name, readFileSync(at(name))]));
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.constantFrom("gone", "cut", "noise"),
      fc.nat(1024),
      fc.uint8Array({ min: 1, minLength: 8, maxLength: 200 }),
      (name, kind, from, noise) => {
        for (const [each, bytes] of saved) writeFileSync(at(each), bytes);
        const bytes = Buffer.from(saved.get(name)!);
        if (kind === "gone") rmSync(at(name));
        else if (kind === "cut") writeFileSync(at(name), bytes.subarray(0, from));
        else {
          bytes.set(noise.subarray(0, Math.max(0, bytes.length - from)), Math.min(from, bytes.length));
          writeFileSync(at(name), bytes);
        }
        const found = new States();
        let reading;
        try {
          ({ reading } = SpentLog.open(join(folder, "spent"), found));
        } catch {
          return; // noise that reads as a newer version
        }
        for (const user of users) found.check(user, 1, reading.lost || reading.sequence < log.sequence);
        const read = told(found);
        // The one exception: rot at the very end of the newest log looks like a batch that was torn.
        if (reading.torn) for (const user of [1, 5]) delete read[user];
        for (const user of Object.keys(read))
          expect([read[user], "damaged"]).toContain(read[user] === "damaged" ? "damaged" : right[user]);
      },
    ),
    runs(50),
  );
});

test("a batch larger than a log, and a log that is full to its last entry", async () => {
  SpentLog.create(join(folder, "spent"));
  const { log, states } = await start([], { logEntries: 4 });
  const many = Array.from({ length: 300 }, (_, i) => [i + 1, i % 200] as const);
  append(log, states, many);
  for (let i = 0; i < 600; i++) append(log, states, [[1, i % 200]]);
  append(log, states, []);
  await log.close();
  const again = await start();
  expect(told(again.states)).toEqual(told(states));
  expect(again.states.count).toBe(300);
  await again.log.close();
});

test("a checkpoint that is not whole tells nothing, whatever is sound in it", async () => {
  SpentLog.create(join(folder, "spent"));
  const { log, states } = await start();
  append(log, states, [[1, 10], [2, 20]]); // prettier-ignore
  await log.checkpoint();
  await log.close();
  // A sound entry of a user who was never there, and one that is not sound behind it.
  const checkpoint = at("00000002.checkpoint");
  const forged = Buffer.alloc(128, 77);
  sealEntry(forged, 0, 3, 1, false);
  writeFileSync(checkpoint, Buffer.concat([readFileSync(checkpoint), forged]));
  const again = await start();
  expect(told(again.states)).toEqual({ 1: 10, 2: 20 });
  await again.log.close();
});
