// The doctor and the login agree: whatever keeps a right code out, the doctor names it, and nothing else keeps it out.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Admission } from "../../host/admission/admission.ts";
import { entitledFindings } from "../../host/admission/entitled-findings.ts";
import { Entitlements } from "../../host/admission/entitlement.ts";
import { Core } from "../../host/core/core.ts";
import { bounded, type DirectoryAnswer } from "../../host/directory/directory.ts";
import { ON_LIMIT } from "../../host/groups/group.ts";
import { Groups } from "../../host/groups/groups.ts";
import { DAYS } from "../../host/groups/validity.ts";
import { listConfigured, silentClients } from "../../host/radius/client-report.ts";
import { Sealer } from "../../host/store/seal.ts";
import type { Session } from "../../host/store/store.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { runs } from "../runs.ts";
import { MemoryStore } from "../store/memory-store.ts";

const KEY = Buffer.from("12345678901234567890"); // RFC 6238 appendix B
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const core = Core.load();
const sealer = new Sealer([Buffer.alloc(32, 7)]);

/** An installation at `time` with its doctor. */
function open(time: number, answer: DirectoryAnswer | undefined, silent: readonly string[] = []) {
  const store = new MemoryStore();
  const sessions: Session[] = [];
  const clock = { seconds: () => time, plausible: () => true };
  const groups = new Groups({
    read: () => store.document("groups"),
    write: (document) => store.saveDocument("groups", document),
  });
  const directory =
    answer &&
    bounded({
      async check(_user, _password, why) {
        if (answer === "unreachable") why("ECONNREFUSED");
        return answer;
      },
    });
  const entitlements = new Entitlements({
    groups,
    sessions: async () => sessions,
    members: async () => new Set(["alice", "bob"]),
    end: () => {},
    directory: directory !== undefined,
  });
  const looked = { groups, entitlements, directory, silent: async () => silent };
  const users = new Users(core, store, sealer, clock, undefined, undefined, (profile, now) =>
    entitledFindings(looked, profile, now),
  );
  const admission = new Admission(core, store, sealer, {
    clock,
    entitlements,
    ...(directory && { directory }),
  });
  const dial = async (user: string, text: string) =>
    (
      await admission.submit({
        user,
        proof: { kind: "clear", text: Buffer.from(text) },
        source: "n",
        nas: "n",
      })
    ).reason;
  const causes = async (user: string, text: string) =>
    (await users.help.diagnose(user, text, undefined, async () => true)).map(({ cause }) => cause);
  const connect = (id: string, more: Pick<Session, "user" | "nas" | "since"> & Partial<Session>): void =>
    void sessions.push({ id, acctSessionId: id, updated: more.since, bytesIn: 0, bytesOut: 0, ...more });
  return { groups, users, dial, causes, connect };
}

const REMARKS = ["no-accounting", "directory-password", "directory-unreachable"];

test("whatever keeps a right code out, the doctor names it first", async () => {
  const rules = fc.record(
    {
      valid: fc.record(
        {
          hours: fc.constantFrom("08:00-18:00", "22:00-06:00", "00:00-12:00"),
          days: fc.subarray([...DAYS], { minLength: 1 }),
          zone: fc.constantFrom("UTC", "Asia/Tokyo"),
        },
        { requiredKeys: [] },
      ),
      logins: fc.integer({ min: 1, max: 2 }),
      onLimit: fc.constantFrom(...ON_LIMIT),
    },
    { requiredKeys: [] },
  );
  const shape = fc.record({
    time: fc.integer({ min: 1_800_000_000, max: 1_800_604_800 }),
    own: rules,
    group: rules,
    groupLogins: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    its: fc.constantFrom([], ["Sales"], ["Sales"], ["Sales", "gone"]),
    connected: fc.array(fc.constantFrom("alice", "bob", "carol"), { maxLength: 3 }),
    elsewhere: fc.boolean(),
    answer: fc.constantFrom("right" as const, "unreachable" as const, undefined),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ time, own, group, groupLogins, its, connected, elsewhere, answer }) => {
      const there = open(time, answer);
      await there.groups.save({ name: "Sales", ...group, ...(groupLogins && { groupLogins }) });
      const password = elsewhere ? { mode: "password+code", passwordFrom: "directory" } : {};
      await there.users.add({
        name: "alice",
        secret: SECRET,
        active: true,
        groups: its,
        ...own,
        ...password,
      });
      for (const [i, user] of connected.entries())
        there.connect(`s${i}`, { user, nas: "n", since: time - 60 });
      const text = (elsewhere ? "secret" : "") + totp(KEY, time);
      const reason = await there.dial("alice", text);
      // Another code: the first may be spent.
      const [first] = await there.causes("alice", (elsewhere ? "secret" : "") + totp(KEY, time + 30));
      if (reason === "ok") expect([...REMARKS, "right"]).toContain(first);
      // The directory is asked before the user is looked at; the doctor says all that is in the way.
      else if (reason === "directory-unreachable")
        expect(await there.causes("alice", text)).toContain(
          answer ? "directory-unreachable" : "no-directory",
        );
      else expect(first).toBe(reason);
    }),
    runs(100),
  );
});

test("what it says names hours, group, sessions and what the directory answered", async () => {
  const there = open(1_800_000_000, "unreachable", ["office"]); // a Friday, 08:00 UTC
  await there.groups.save({ name: "Sales" });
  const elsewhere = { mode: "password+code", passwordFrom: "directory" };
  await there.users.add({ name: "alice", secret: SECRET, active: true, groups: ["Sales"], ...elsewhere });
  expect(await there.dial("alice", `secret${totp(KEY, 1_800_000_000)}`)).toBe("directory-unreachable");
  // Outside the hours nobody asks it.
  await there.groups.save({ name: "Sales", valid: { days: ["Mon"], hours: "09:00-10:00" }, groupLogins: 1 });
  there.connect("s", { user: "bob", nas: "home", since: 1_799_999_000, callingStation: "192.0.2.7" });
  const texts = (await there.users.help.diagnose("alice", "secret000000", undefined, async () => true)).map(
    ({ text }) => text,
  );
  const all = texts.join("\n");
  expect(all).toContain('Mon, 09:00-10:00, UTC (group "Sales")');
  expect(all).toContain("bob through home from 192.0.2.7 since 2027-01-15T07:43Z");
  expect(all).toContain("ECONNREFUSED");
  expect(all).toContain("does not hold at office");
  expect(all).not.toContain("secret0");
});

test("a NAS that has sent logins and no accounting is told, and none that was not heard or has a session", async () => {
  const sessions: Session[] = [];
  const store = { sessions: async () => sessions };
  const configured = listConfigured([{ name: "a", address: "192.0.2.1" }])[0]!;
  const b = { ...configured, name: "b", messageAuthenticator: "always" as const };
  expect(await silentClients(store, [configured, b, { ...b, name: "c", accounting: true }])).toEqual(["b"]);
  sessions.push({
    ...{ id: "s", user: "bob", nas: "b", acctSessionId: "1", since: 1, updated: 1, bytesIn: 0, bytesOut: 0 },
  });
  expect(await silentClients(store, [b])).toEqual([]);
});
