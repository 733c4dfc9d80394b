// Out and in again: what is exported is what is imported, for each format as far as it can hold a user; and a sealed file
// opens whole, with its passphrase, or not at all.
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Core } from "../../host/core/core.ts";
import { DIAL_IN_TYPES } from "../../host/core/dial-in.ts";
import { lossesOf, writeUris } from "../../host/formats/outward.ts";
import { ON_LIMIT, type Group } from "../../host/groups/group.ts";
import { DAYS } from "../../host/groups/validity.ts";
import { writePskc } from "../../host/formats/pskc-write.ts";
import { sealUsers } from "../../host/formats/sealed.ts";
import { Sealer } from "../../host/store/seal.ts";
import type { MovedUser } from "../../host/users/moved.ts";
import { ALGORITHMS, formatSecret } from "../../host/users/profile.ts";
import { Users } from "../../host/users/users.ts";
import { CHEAP_SCRYPT } from "../command.ts";
import { runs } from "../runs.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { formatOf, readAll } from "./read.ts";

const PASSPHRASE = "correct horse battery";

const names = fc.oneof(
  fc.constantFrom(
    " ",
    " anna",
    "anna\u3000",
    "cn=anna",
    "Büro: anna",
    "a&amp;b",
    "100%25",
    "<anna>",
    '"anna"',
  ),
  fc.stringMatching(/^[a-z0-9.@_-]{1,20}$/),
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
    .filter((name) => /^[^\p{Cc}\p{Cs}]+$/u.test(name) && Buffer.byteLength(name) <= 64),
);
const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const passwords = fc.oneof(
  fc.record({ mode: fc.constant("code" as const) }),
  fc.record({
    mode: fc.constantFrom("password+code" as const, "password-then-code" as const),
    password: fc.string({ minLength: 1, maxLength: 8 }),
  }),
  fc.record({
    mode: fc.constantFrom("password+code" as const, "password-then-code" as const),
    passwordFrom: fc.constant("directory" as const),
  }),
);
const factors = fc.oneof(
  fc.record({
    factor: fc.constant("totp" as const),
    secret: bytes(1, 64).map((key) => formatSecret("totp", key)),
    digits: fc.integer({ min: 6, max: 8 }),
    period: fc.integer({ min: 1, max: 3600 }),
    algorithm: fc.constantFrom(...ALGORITHMS),
    next: fc.option(fc.integer({ min: 1, max: 2 ** 40 }), { nil: undefined }),
    drift: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  }),
  fc.record({
    factor: fc.constant("hotp" as const),
    secret: bytes(1, 64).map((key) => formatSecret("totp", key)),
    digits: fc.integer({ min: 6, max: 8 }),
    algorithm: fc.constantFrom(...ALGORITHMS),
    counter: fc.integer({ min: 0, max: 2 ** 50 }),
  }),
  fc.record({
    factor: fc.constant("motp" as const),
    secret: bytes(8, 16)
      .filter(({ length }) => length % 8 === 0)
      .map((key) => formatSecret("motp", key)),
    pin: fc.stringMatching(/^[0-9]{4,7}$/),
    digits: fc.constant(6),
    period: fc.constant(10),
    next: fc.option(fc.integer({ min: 1, max: 2 ** 40 }), { nil: undefined }),
    drift: fc.option(fc.integer({ min: -12, max: -1 }), { nil: undefined }),
  }),
);
/** What a user or a group brings and asks. */
const rules = fc.record(
  {
    attributes: fc.array(
      fc.constantFrom("Framed-IP-Address = 10.0.0.7", 'Class = "ü, \\"x\\""', "[office] Filter-Id = inside"),
      { minLength: 1, maxLength: 3 },
    ),
    valid: fc.record(
      {
        from: fc.nat(2 ** 30),
        until: fc.integer({ min: 2 ** 30 + 1, max: 2 ** 31 }),
        days: fc.subarray([...DAYS], { minLength: 1 }),
        hours: fc.constantFrom("08:00-18:00", "22:00-06:00"),
        zone: fc.constantFrom("UTC", "Europe/Berlin"),
      },
      { requiredKeys: [] },
    ),
    logins: fc.integer({ min: 1, max: 9 }),
    onLimit: fc.constantFrom(...ON_LIMIT),
  },
  { requiredKeys: [] },
);
const groups = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom("Sales", "büro", "all"), rules, fc.option(fc.integer({ min: 1, max: 9 })))
    .map(([name, more, most]): Group => ({ name, ...more, ...(most && { groupLogins: most }) })),
  { selector: ({ name }) => name, maxLength: 3 },
);

/** A user with all that a profile and a state can hold. */
const users = fc
  .tuple(
    names,
    factors,
    passwords,
    fc.record({
      types: fc.subarray([...DIAL_IN_TYPES], { minLength: 1 }),
      enabled: fc.boolean(),
      active: fc.boolean(),
      created: fc.integer({ min: 0, max: 2 ** 34 }),
    }),
    fc.option(
      fc.record({
        recovery: fc.integer({ min: 1, max: 255 }),
        recovered: fc.option(fc.integer({ min: 1, max: 1023 }), { nil: undefined }),
      }),
      { nil: {} },
    ),
    rules,
    fc.option(fc.array(fc.constantFrom("Sales", "büro"), { minLength: 1, maxLength: 2 }), { nil: undefined }),
  )
  .map(([name, factor, mode, more, codes, own, its]) =>
    plain({ name, ...factor, ...mode, ...more, ...codes, ...own, groups: its }),
  );

/** What is undefined is not there. */
function plain(user: object): MovedUser {
  return JSON.parse(JSON.stringify(user)) as MovedUser;
}

const byName = (a: MovedUser, b: MovedUser): number =>
  Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));
const core = Core.load();

/** What an installation exports that was given these rows. */
async function through(rows: readonly unknown[]): Promise<MovedUser[]> {
  const there = new Users(core, new MemoryStore(), new Sealer([Buffer.alloc(32, 7)]));
  expect(await there.import(rows)).toEqual([]);
  const out: MovedUser[] = [];
  for await (const user of there.export([])) out.push(plain(user));
  return out.toSorted(byName);
}

async function seal(all: readonly object[], groups: readonly Group[] = []): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const more = { about: { service: "Office" }, groups };
  for await (const piece of sealUsers(all, more, PASSPHRASE, CHEAP_SCRYPT)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const passphrase = { passphrase: () => Promise.resolve(PASSPHRASE) };
const taken = async (...given: Parameters<typeof readAll>) =>
  (await readAll(...given)).map(({ user, refused }) => user ?? expect.fail(refused));

test("what is exported is what was imported, and imports again to the same", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(users, { selector: ({ name }) => name, maxLength: 6 }), async (rows) => {
      const out = await through(rows);
      expect(out).toEqual(rows.toSorted(byName));
      expect(await through(out)).toEqual(out);
    }),
    runs(15),
  );
});

test("a sealed file brings back everything of everyone, and the groups", async () => {
  const all = fc.uniqueArray(users, { selector: ({ name }) => name, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(all, groups, async (rows, its) => {
      const file = await seal(rows, its);
      expect(formatOf(file)).toBe("sealed");
      const heard: unknown[] = [];
      expect(await taken(file, { ...passphrase, group: (group) => heard.push(group) })).toEqual(rows);
      expect(heard).toEqual(its);
    }),
    runs(10),
  );
});

test("otpauth and PSKC bring back whom they can hold, and say beforehand what they cannot", async () => {
  await fc.assert(
    fc.asyncProperty(users, async (user) => {
      for (const format of ["otpauth", "pskc"] as const) {
        const losses = lossesOf(user, format);
        if (losses.impossible.length > 0) continue;
        const files =
          format === "otpauth"
            ? [writeUris([user], "Office 1")]
            : [await writePskc([user], "Office", PASSPHRASE, 1000), await writePskc([user], "Office")];
        for (const file of files) {
          expect(formatOf(file)).toBe(format);
          const [row] = await through(
            (await taken(file, passphrase)).map((one) => ({ ...one, active: true })),
          );
          const same = losses.weaker.length + losses.lost.length === 0;
          const { created: _created, ...rest } = row!;
          const { created: _then, ...all } = user;
          if (same) expect(rest).toEqual(all);
          else expect(rest).not.toEqual(all);
        }
      }
    }),
    runs(30),
  );
});

test("files of any length: pieces that end within a line, at its end, and one byte beyond", async () => {
  const about = JSON.stringify({ about: { service: "Office" } }).length + 1;
  for (const length of [65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 200_000]) {
    const pad = length - about - JSON.stringify({ user: { name: "", secret: "" } }).length - 1;
    const file = await seal([{ name: "a".repeat(pad), secret: "" }]);
    const [row] = await readAll(file, passphrase);
    expect(row!.user!.name, `${length} bytes`).toHaveLength(pad);
  }
});

test("another passphrase, a byte that was changed, a piece left out, moved, or cut: nothing is read", async () => {
  const rows = Array.from({ length: 3000 }, (_, i) => ({
    name: `user${i}`,
    secret: randomBytes(20).toString("hex"),
  }));
  const file = await seal(rows);
  expect(await readAll(file, passphrase)).toHaveLength(3000);
  const refused = async (changed: Buffer, given = passphrase) =>
    expect(readAll(changed, { format: "sealed", ...given })).rejects.toMatchObject({ code: "usage" });
  await refused(file, { passphrase: () => Promise.resolve("correct horse batter") });
  await fc.assert(
    fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const changed = Buffer.from(file);
      changed[at]! ^= change;
      await refused(changed);
      await refused(file.subarray(0, at));
    }),
    runs(15),
  );
  const from = file.indexOf(10, file.indexOf(10) + 1) + 1;
  const whole = 65_536 + 16;
  const [head, one, two, rest] = [
    file.subarray(0, from),
    file.subarray(from, from + whole),
    file.subarray(from + whole, from + 2 * whole),
    file.subarray(from + 2 * whole),
  ];
  for (const pieces of [
    [head, two, one, rest],
    [head, two, rest],
    [head, one, rest],
    [head, one, two],
    [head, one, one, two, rest],
    [head, rest],
    [head],
    [file, rest],
  ])
    await refused(Buffer.concat(pieces));
  const newer = Buffer.concat([
    Buffer.from("dialward sealed users 2\n"),
    file.subarray(file.indexOf(10) + 1),
  ]);
  await expect(readAll(newer, passphrase)).rejects.toThrow(/newer version/);
});
