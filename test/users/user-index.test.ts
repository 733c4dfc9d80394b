// The list of users in memory: against a plain model, whatever is added, changed, removed or judged, here or by others.
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Admission } from "../../host/admission/admission.ts";
import { Core } from "../../host/core/core.ts";
import { Sealer } from "../../host/store/seal.ts";
import { ranked } from "../../host/users/ranked.ts";
import { UserIndex } from "../../host/users/user-index.ts";
import { FILTERS, ORDERS } from "../../host/users/user-query.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { runs } from "../runs.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
const NAMES = ["anna", "Anna", "bert", "berta", "cleo", "Ünal"];

// Time passes where a step says so, and nowhere else.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

test("the index says what the store says, in every filter, order and page", async () => {
  const step = fc.record({
    what: fc.constantFrom(
      "add",
      "remove",
      "disable",
      "enable",
      "wrong",
      "right",
      "pass",
      "add elsewhere",
      "remove elsewhere",
      "group",
    ),
    name: fc.constantFrom(...NAMES),
    caller: fc.constantFrom(undefined, "nas 203.0.113.7"),
  });
  const asked = fc.record({
    text: fc.constantFrom("", "an", "ER", "ü", "x"),
    filter: fc.option(fc.constantFrom(...FILTERS), { nil: undefined }),
    factor: fc.option(fc.constantFrom("totp" as const, "motp" as const), { nil: undefined }),
    group: fc.option(fc.constantFrom("Sales", "even"), { nil: undefined }),
    order: fc.constantFrom(...ORDERS),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.array(asked, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      async (steps, queries, large) => {
        const [core, store, sealer] = [Core.load(), new MemoryStore(), new Sealer([Buffer.alloc(32, 9)])];
        const last = new Map<string, number>();
        // Told of what is done here; "elsewhere" is another service on the same store, of which nobody tells.
        const index: UserIndex = new UserIndex(new Users(core, store, sealer), (name) => last.get(name), {
          ...(large && { small: -1 }),
          turn: 2,
        });
        const users = new Users(core, store, sealer, undefined, (_, [...names]) =>
          names.forEach((name) => index.noteChange(name)),
        );
        const elsewhere = new Users(core, store, sealer);
        const admission = new Admission(core, store, sealer, {
          note: (event) => {
            index.noteVerdict(event);
            if (event.verdict.outcome === "accept")
              last.set(event.dialIn.user, Math.floor(event.time / 1000));
          },
        });
        const dial = (user: string, code: string, caller: string | undefined) =>
          admission.submit({ user, source: "a", caller, proof: { kind: "clear", text: Buffer.from(code) } });
        // A large store is not looked through at each visit: what others do is seen later.
        if (large) await index.query({ text: "", order: "name", from: 0, count: 10 });
        for (const [i, { what, name, caller }] of steps.entries()) {
          if (large && what.endsWith("elsewhere")) continue;
          const by = what.endsWith("elsewhere") ? elsewhere : users;
          const factor = name.startsWith("b")
            ? { factor: "motp", pin: "1234", secret: "0123456789abcdef" }
            : {};
          try {
            if (what.startsWith("add"))
              await by.add({ name, secret: SECRET, active: i % 2 === 0, ...factor });
            if (what.startsWith("remove")) await by.remove(name);
            if (what === "group") await users.edit(name, { groups: i % 2 ? ["Sales"] : ["even", "Sales"] });
            if (what === "disable" || what === "enable") await users.setEnabled(name, what === "enable");
          } catch {
            // there is one already, or none
          }
          if (what === "wrong") for (let k = 0; k < 6; k++) await dial(name, `no ${i} ${k}`, caller);
          if (what === "right") await dial(name, totp(KEY, Date.now() / 1000), caller);
          if (what === "pass") vi.advanceTimersByTime(30_000);
          // Somebody looks in between.
          if (i % 5 === 0) await index.query({ text: "", order: "name", from: 0, count: 10 });
        }
        const all: {
          name: string;
          groups: readonly string[];
          state: string;
          factor: string;
          waits: boolean;
          last: number;
        }[] = [];
        for await (const one of elsewhere.list())
          if (!("problem" in one))
            all.push({
              name: one.profile.name,
              groups: one.profile.groups ?? [],
              state: one.standing,
              factor: one.profile.factor,
              waits: one.waitSeconds > 0,
              last: last.get(one.profile.name) ?? 0,
            });
        const byGroup = await index.byGroup();
        for (const group of ["Sales", "even"]) {
          const its = all.flatMap((one) => (one.groups.includes(group) ? [one.name] : [])).toSorted();
          expect([...(byGroup.get(group) ?? [])].toSorted()).toEqual(its);
          const members = await index.members(group);
          expect(NAMES.filter((name) => members.has(name)).toSorted()).toEqual(its);
        }
        for (const query of queries) {
          const wanted = all.filter(
            (one) =>
              one.name.toLowerCase().includes(query.text.toLowerCase()) &&
              (query.factor === undefined || one.factor === query.factor) &&
              (query.group === undefined || one.groups.includes(query.group)) &&
              (query.filter === undefined ||
                (query.filter === "waits"
                  ? one.waits
                  : query.filter === "never"
                    ? one.last === 0
                    : one.state === query.filter)),
          );
          const seen: string[] = [];
          for (let from = 0; from < 12; from += 2) {
            const { rows, found, total } = await index.query({ ...query, from, count: 2 });
            expect([found, total]).toEqual([wanted.length, all.length]);
            seen.push(...rows.map(({ name }) => name));
          }
          expect(seen.toSorted()).toEqual(wanted.map(({ name }) => name).toSorted());
          if (query.order === "name")
            expect(seen.map((name) => name.toLowerCase())).toEqual(
              seen.map((name) => name.toLowerCase()).toSorted(),
            );
          else {
            const times = seen.map((name) => last.get(name) ?? 0);
            expect(times).toEqual(times.toSorted((a, b) => (query.order === "longest" ? a - b : b - a)));
          }
        }
        await admission.close();
      },
    ),
    runs(20),
  );
});

test("who is let in at home is still shown to wait where strangers have guessed", async () => {
  const [core, store, sealer] = [Core.load(), new MemoryStore(), new Sealer([Buffer.alloc(32, 9)])];
  const users = new Users(core, store, sealer);
  const index = new UserIndex(users, () => undefined, { small: -1 });
  const admission = new Admission(core, store, sealer, {
    note: (event) => index.noteVerdict(event),
  });
  const dial = async (code: string, caller?: string) => {
    const proof = { kind: "clear", text: Buffer.from(code) } as const;
    return (await admission.submit({ user: "anna", source: "a", caller, proof })).reason;
  };
  const waiting = async () =>
    (await index.query({ text: "", filter: "waits", order: "name", from: 0, count: 1 })).found;
  await users.add({ name: "anna", secret: SECRET, active: true });
  expect(await dial(totp(KEY, Date.now() / 1000), "home")).toBe("ok");
  expect(await waiting()).toBe(0);
  for (let i = 0; i < 9; i++) {
    await dial(`no ${i}`);
    if (i >= 4) vi.advanceTimersByTime(30_000 * 2 ** (i - 4) * (i < 8 ? 1 : 0));
  }
  expect(await waiting()).toBe(1);
  expect(await dial(totp(KEY, Date.now() / 1000), "home")).toBe("ok");
  expect(await waiting()).toBe(1);
  await admission.close();
});

test("a page out of sorted pieces is that of the whole order", () => {
  const key = fc.oneof(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -(2 ** 51), max: 2 ** 51 }));
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(70),
      fc.integer({ min: 1, max: 20 }),
      (keys, size, from, count) => {
        const pieces = Array.from({ length: Math.ceil(keys.length / size) }, (_, i) =>
          Float64Array.from(keys.slice(i * size, (i + 1) * size)).sort(),
        );
        const whole = Float64Array.from(keys).sort();
        expect([...ranked(pieces, from, count)]).toEqual([...whole.subarray(from, from + count)]);
      },
    ),
    runs(500),
  );
});

test("who comes or goes while a search is under way is no harm to it", async () => {
  const [core, store, sealer] = [Core.load(), new MemoryStore(), new Sealer([Buffer.alloc(32, 9)])];
  const users = new Users(core, store, sealer);
  const index = new UserIndex(users, () => undefined, { small: -1, turn: 2 });
  const find = (text: string) => index.query({ text, order: "name", from: 0, count: 9 });
  for (const name of NAMES) await users.add({ name, secret: SECRET, active: true });
  await find("");
  for (const change of [() => users.remove("cleo"), () => users.add({ name: "cleo", secret: SECRET })]) {
    const before = (await find("")).total;
    const under = find("a");
    await new Promise((resolve) => setImmediate(resolve)); // it is between two pieces
    await change();
    index.noteChange("cleo");
    const after = find("");
    expect(await under).toMatchObject({ total: before });
    expect((await after).total).not.toBe(before);
  }
});
