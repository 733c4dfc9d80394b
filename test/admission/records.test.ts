// Records that are kept: always of the profile that is stored now, whatever was changed meanwhile, and nowhere once the
// user is gone.
import fc from "fast-check";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Admission } from "../../host/admission/admission.ts";
import { makeRoom, Records } from "../../host/admission/record-cache.ts";
import * as abi from "../../assembly/abi.ts";
import { Core } from "../../host/core/core.ts";
import { Sealer } from "../../host/store/seal.ts";
import type { EmbeddedStore } from "../../host/store/embedded.ts";
import type { Entry } from "../../host/store/store.ts";
import {
  encodeProfile,
  formatSecret,
  newSecret,
  parseSecret,
  toEnrolment,
} from "../../host/users/profile.ts";
import { makeProfile } from "../../host/users/new-profile.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { openEmbedded } from "../store/open.ts";
import { runs } from "../runs.ts";

const core = Core.load();
const sealer = new Sealer([Buffer.alloc(32, 7)]);
const START = 1_800_000_000;
const NAMES = ["alice", "bob", "carol"];
const SECRETS = ["one secret of twenty", "two secret of twenty", "three secret, twenty"].map((text) =>
  Buffer.from(text),
);

test("a record is the one of the entry that it is asked for, with or without slots, however few are kept", async () => {
  const state = Buffer.alloc(48);
  const step = fc.record({
    act: fc.constantFrom("read", "change", "forget", "warm"),
    user: fc.constantFrom("alice", "bob", "carol", "dora", "eve"),
    digits: fc.constantFrom(6, 7, 8),
    groups: fc.option(fc.constantFrom(["staff"], ["boss"]), { nil: undefined }),
  });
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      fc.array(step, { maxLength: 60, size: "max" }),
      (slots, kept, steps) => {
        const records = new Records(core, sealer, kept);
        const entries = new Map<
          string,
          Entry & { record: Uint8Array; groups: readonly string[] | undefined }
        >();
        let standing = 0;
        const change = ({ user, digits, groups }: (typeof steps)[number]) => {
          const input = { name: user, secret: newSecret("totp"), digits, ...(groups && { groups }) };
          const { profile } = makeProfile(input, 0);
          entries.set(user, {
            profile: sealer.seal(user, encodeProfile(profile)),
            state,
            revision: 1,
            // As a slot is given to someone else once nobody has it.
            ...(slots && { slot: 5000 * (1 + [...entries.keys()].indexOf(user)), standing: ++standing }),
            record: core.enrol(toEnrolment(profile), state),
            groups,
          });
        };
        for (const one of steps) {
          const entry = entries.get(one.user);
          if (one.act === "change" || entry === undefined) change(one);
          else if (one.act === "forget") records.forget(one.user);
          else if (one.act === "warm") records.warm(one.user, entry);
          else {
            const room = makeRoom();
            const rules = records.read(one.user, entry, room);
            expect(Buffer.from(room.record)).toEqual(Buffer.from(entry.record));
            expect(rules?.groups).toEqual(entry.groups);
          }
        }
      },
    ),
    runs(60),
  );
});

test("a known record reads no profile, and a slot that was wiped has none", () => {
  const { profile } = makeProfile({ name: "alice", secret: newSecret("totp") }, 0);
  const sealed = sealer.seal("alice", encodeProfile(profile));
  let reads = 0;
  const entry: Entry = {
    get profile() {
      reads++;
      return sealed;
    },
    ...{ state: Buffer.alloc(48), revision: 1, slot: 9, standing: 3 },
  };
  const records = new Records(core, sealer);
  for (let i = 0; i < 3; i++) records.read("alice", entry, makeRoom());
  expect(reads).toBe(1);
  records.wipe(9);
  records.read("alice", entry, makeRoom());
  expect(reads).toBe(2);
});

interface World {
  store: EmbeddedStore;
  users: Users;
  admission(): Admission;
}

async function openWorld(
  folder: string,
  clock: { seconds(): number; plausible(): boolean },
  kept: boolean,
): Promise<World> {
  const store = await openEmbedded(folder);
  const admit = () => new Admission(core, store, sealer, { clock });
  const one = admit();
  return { store, users: new Users(core, store, sealer, clock), admission: () => (kept ? one : admit()) };
}

test("who is let in is the same with records that are kept as with none, whatever is changed and whenever it is warmed", async () => {
  const step = fc.record({
    act: fc.constantFrom(
      "login",
      "login",
      "login",
      "add",
      "remove",
      "disable",
      "enable",
      "secret",
      "edit",
      "warm",
      "reseal",
    ),
    user: fc.constantFrom(...NAMES),
    /** Mostly the one that the user begins with. */
    secret: fc.oneof(
      { arbitrary: fc.constant(0), weight: 4 },
      { arbitrary: fc.constantFrom(1, 2), weight: 1 },
    ),
    later: fc.oneof(fc.constant(true), fc.boolean()),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), "dialward-records-"));
      let time = START;
      const clock = { seconds: () => time, plausible: () => true };
      const worlds = [
        await openWorld(join(folder, "kept"), clock, true),
        await openWorld(join(folder, "none"), clock, false),
      ];
      const act = async (
        { store, users, admission }: World,
        { act, user, secret }: Pick<(typeof steps)[number], "act" | "user" | "secret">,
      ) => {
        const key = SECRETS[(NAMES.indexOf(user) + secret) % SECRETS.length]!;
        try {
          if (act === "login") {
            const proof = { kind: "clear", text: Buffer.from(totp(key, time)) } as const;
            return (await admission().submit({ user, proof, source: "" })).reason;
          }
          if (act === "add") await users.add({ name: user, secret: formatSecret("totp", key), active: true });
          else if (act === "remove") await users.remove(user);
          else if (act === "warm") await admission().warm();
          else if (act === "secret")
            await users.save(
              await users.draft({ name: user, secret: formatSecret("totp", key), active: true }, true),
              () => true,
            );
          else if (act === "reseal") {
            const [entry] = await store.load([user]);
            const profile = entry && sealer.seal(user, sealer.open(user, entry.profile));
            if (entry && profile) await store.reseal([{ user, revision: entry.revision, profile }]);
          } else if (act === "edit") await users.edit(user, { mode: "password+code", password: "sesame" });
          else await users.setEnabled(user, act === "enable");
          return "done";
        } catch (error) {
          return String((error as { code?: string }).code);
        }
      };
      try {
        const told: string[][] = [];
        const begun = NAMES.map((user) => ({ act: "add", user, secret: 0, later: false }) as const);
        for (const world of worlds) {
          const answers: Promise<string>[] = [];
          time = START;
          for (const one of [...begun, ...steps]) {
            if (one.later) time += 30;
            const answer = act(world, one);
            answers.push(answer);
            if (one.act !== "warm") await answer; // else what comes next meets it on its way
          }
          told.push(await Promise.all(answers));
        }
        expect(told[0]).toEqual(told[1]);
      } finally {
        for (const { store } of worlds) await store.close();
        rmSync(folder, { recursive: true });
      }
    }),
    runs(8),
  );
});

/** How often the bytes that are told, each as one more by `ADDED`, stand in this process's memory. */
const ADDED = 0x35;

/**
 * Reads a page at a time: a longer read that comes to its own buffer finds there what it has just put down, and counts
 * it again. What is looked for must not stand in memory because it is looked for: four of its bytes are.
 */
function countInMemory(told: Uint8Array): number {
  const PAGE = 4096;
  const first = told.subarray(0, 4).map((byte) => byte - ADDED);
  const memory = openSync("/proc/self/mem", "r");
  const carried = told.length - 1; // of the page before: what is looked for may stand across two
  const bytes = Buffer.alloc(carried + PAGE);
  let found = 0;
  try {
    for (const line of readFileSync("/proc/self/maps", "latin1").split("\n")) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (from === undefined || to === undefined) continue;
      const end = Number.parseInt(to, 16);
      bytes.fill(0);
      for (let at = Number.parseInt(from, 16); at < end; at += PAGE) {
        try {
          readSync(memory, bytes, carried, PAGE, at);
        } catch {
          bytes.fill(0); // none of the process's own, or gone by now
          continue;
        }
        const before = found;
        for (let i = bytes.indexOf(first); i >= 0; i = bytes.indexOf(first, i + 1))
          if (told.every((byte, k) => ((bytes[i + k]! + ADDED) & 0xff) === byte)) found++;
        if (found > before) bytes.fill(0);
        else bytes.copyWithin(0, PAGE);
      }
    }
  } finally {
    closeSync(memory);
  }
  return found;
}

test("a key is in memory once, and nowhere when its user was changed or is gone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dialward-records-"));
  const store = await openEmbedded(folder);
  try {
    const users = new Users(core, store, sealer);
    const admission = new Admission(core, store, sealer);
    for (const end of ["removed", "disabled", "edited"]) {
      const secret = newSecret("totp");
      const { profile } = makeProfile({ name: end, secret, active: true }, 0);
      const record = core.enrol(toEnrolment(profile));
      const told = record.subarray(abi.RECORD_KEY, abi.RECORD_KEY + 40).map((byte) => byte + ADDED);
      record.fill(0);
      await users.add({ name: end, secret, active: true });
      const code = totp(parseSecret("totp", secret), Date.now() / 1000);
      const proof = { kind: "clear", text: Buffer.from(code) } as const;
      expect((await admission.submit({ user: end, proof, source: "" })).reason).toBe("ok");
      expect(await admission.look(end, "nas")).toEqual({ reason: "ok" });
      await new Promise((resolve) => setImmediate(resolve)); // the batch is wiped when its verdicts have left
      expect(countInMemory(told)).toBe(1);
      if (end === "removed") await users.remove(end);
      else if (end === "disabled") await users.setEnabled(end, false);
      else await users.edit(end, { types: ["openvpn"] });
      expect([end, countInMemory(told)]).toEqual([end, 0]);
    }
    await admission.close();
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
});
