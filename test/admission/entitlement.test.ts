// What a user may do beyond a right code: hours, logins at one time, a group that is gone, and a password elsewhere.
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { Admission } from "../../host/admission/admission.ts";
import { Entitlements } from "../../host/admission/entitlement.ts";
import { Core } from "../../host/core/core.ts";
import type { DialIn } from "../../host/core/dial-in.ts";
import type { Directory, DirectoryAnswer } from "../../host/directory/directory.ts";
import { Groups } from "../../host/groups/groups.ts";
import { Sealer } from "../../host/store/seal.ts";
import type { Session } from "../../host/store/store.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { runs } from "../runs.ts";

const KEY = Buffer.from("12345678901234567890"); // RFC 6238 appendix B
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const MONDAY_NOON = Date.parse("2026-11-30T12:00:00Z") / 1000;

const core = Core.load();
const sealer = new Sealer([Buffer.alloc(32, 7)]);
let store: MemoryStore;
let users: Users;
let groups: Groups;
let sessions: Session[];
let ended: string[];
let time: number;
let answer: DirectoryAnswer;
let asked: string[];
const clock = { seconds: () => time, plausible: () => true };
const directory: Directory = {
  async check(user, password) {
    asked.push(`${user} ${password}`);
    return answer;
  },
};

beforeEach(() => {
  store = new MemoryStore();
  users = new Users(core, store, sealer, clock);
  groups = new Groups({
    read: () => store.document("groups"),
    write: (document) => store.saveDocument("groups", document),
  });
  sessions = [];
  ended = [];
  asked = [];
  time = MONDAY_NOON;
});

function admit(): Admission {
  const entitlements = new Entitlements({
    groups,
    sessions: async () => sessions,
    members: async () => new Set(["alice", "bob"]),
    end: ({ id }) => ended.push(id),
    directory: true,
  });
  return new Admission(core, store, sealer, { clock, entitlements, directory });
}

const add = (name: string, more: object = {}) => users.add({ name, secret: SECRET, active: true, ...more });
const codeAt = (step: number) => totp(KEY, time + step * 30);
const connect = (id: string, user: string, since: number, updated = MONDAY_NOON): void =>
  void sessions.push({
    id,
    user,
    nas: "nas",
    since,
    updated,
    bytesIn: 0,
    bytesOut: 0,
    acctSessionId: id,
  });

async function dial(
  admission: Admission,
  user: string,
  text: string,
  more: Partial<DialIn> = {},
): Promise<string> {
  const proof = { kind: "clear", text: Buffer.from(text) } as const;
  const verdict = await admission.submit({ user, proof, source: "nas", nas: "nas", ...more });
  const brought = verdict.attributes?.map(({ name, value }) => `${name} = ${value}`).join("; ") ?? "";
  return `${verdict.reason} ${brought}`.trim();
}

test("a group's hours let in and end the session; outside them a right code is refused, and not spent", async () => {
  await groups.save({
    name: "Sales",
    attributes: ["Framed-IP-Address = 10.0.0.7"],
    valid: { days: ["Mon", "Tue", "Wed", "Thu", "Fri"], hours: "08:00-18:00" },
  });
  await add("alice", { groups: ["Sales"] });
  const admission = admit();
  time = MONDAY_NOON + 6 * 3600; // 18:00
  const code = codeAt(0);
  expect(await dial(admission, "alice", code)).toBe("not-valid-now");
  expect(await admission.look("alice")).toBe("not-valid-now");
  time -= 10; // 17:59:50
  expect(await dial(admission, "alice", code)).toBe("ok Framed-IP-Address = 10.0.0.7; Session-Timeout = 10");
  expect(await admission.look("alice")).toBe("ok");
});

test("guesses outside the hours cost the user nothing", async () => {
  await add("alice", { valid: { hours: "08:00-11:00" } });
  const admission = admit();
  for (let i = 0; i < 20; i++) expect(await dial(admission, "alice", "000000")).toBe("not-valid-now");
  time = MONDAY_NOON - 3 * 3600;
  expect(await dial(admission, "alice", codeAt(0))).toMatch(/^ok/);
});

test("one login too many is refused, or the oldest ends: stated by user or group, however many are connected", async () => {
  const shape = fc.record({
    logins: fc.integer({ min: 1, max: 4 }),
    connected: fc.array(fc.constantFrom("alice", "bob", "carol"), { maxLength: 8 }),
    onLimit: fc.constantFrom("refuse-newest", "disconnect-oldest"),
    group: fc.boolean(),
  });
  await groups.save({ name: "both" });
  await fc.assert(
    fc.asyncProperty(shape, async ({ logins, connected, onLimit, group }) => {
      store.entries.clear();
      sessions = [];
      ended = [];
      connected.forEach((user, i) => connect(`${user}-${i}`, user, i));
      await groups.save(group ? { name: "both", groupLogins: logins, onLimit } : { name: "both" });
      await add("alice", { groups: ["both"], ...(!group && { logins, onLimit }) });
      const mine = sessions.filter(({ user }) => user === "alice" || (group && user === "bob"));
      const over = Math.max(0, mine.length + 1 - logins);
      const told = await dial(admit(), "alice", codeAt(0));
      if (over > 0 && onLimit === "refuse-newest") expect(told).toBe("too-many-logins");
      else {
        expect(told).toBe("ok");
        expect(ended).toEqual(mine.slice(0, over).map(({ id }) => id));
      }
    }),
    runs(6),
  );
});

test("a session of which nothing is heard any more does not count: after three hours where the NAS tells in between", async () => {
  await add("alice", { logins: 1 });
  const hour = 3600;
  const since = MONDAY_NOON - 30 * hour;
  for (const [updated, counts] of [
    [since, false],
    [MONDAY_NOON - 4 * hour, false],
    [MONDAY_NOON - 2 * hour, true],
  ] as const) {
    sessions = [];
    connect("a", "alice", since, updated);
    expect(await dial(admit(), "alice", codeAt(0))).toBe(counts ? "too-many-logins" : "ok");
    time += 30;
  }
  sessions = [];
  connect("a", "alice", time - 20 * hour, time - 20 * hour);
  expect(await dial(admit(), "alice", codeAt(0))).toBe("too-many-logins");
});

test("outside the hours the core itself says so, and keeps the state as it was", async () => {
  await add("alice", { valid: { hours: "08:00-11:00" } });
  const [before] = await store.load(["alice"]);
  const admission = admit();
  for (const text of [codeAt(0), "000000", codeAt(0)])
    expect(await dial(admission, "alice", text)).toBe("not-valid-now");
  await users.setEnabled("alice", false);
  expect(await dial(admission, "alice", codeAt(0)), "what holds always goes first").toBe("profile-disabled");
  const [after] = await store.load(["alice"]);
  expect(Buffer.from(after!.state)).toEqual(Buffer.from(before!.state));
});

test("a wrong code ends nobody's session", async () => {
  connect("a", "alice", 1);
  await add("alice", { logins: 1, onLimit: "disconnect-oldest" });
  expect(await dial(admit(), "alice", "000000")).toBe("wrong-code");
  expect(ended).toEqual([]);
});

test("a group that is gone or cannot be read refuses: what it forbade is not forgotten", async () => {
  await add("alice", { groups: ["Sales"] });
  const admission = admit();
  const code = codeAt(0);
  expect(await dial(admission, "alice", code)).toBe("group-missing");
  store.documents.set("groups", Buffer.from("{"));
  groups = new Groups({ read: () => store.document("groups"), write: async () => {} });
  expect(await dial(admit(), "alice", code)).toBe("group-missing");
});

test("the directory has the password: right and the code, wrong, no answer; it never hears of the code", async () => {
  await add("alice", { mode: "password+code", passwordFrom: "directory" });
  const admission = admit();
  answer = "unreachable";
  for (let i = 0; i < 20; i++)
    expect(await dial(admission, "alice", `secret${codeAt(0)}`)).toBe("directory-unreachable");
  answer = "wrong";
  expect(await dial(admission, "alice", `secreT${codeAt(0)}`)).toBe("wrong-code");
  answer = "right";
  expect(await dial(admission, "alice", "secret000000")).toBe("wrong-code");
  expect(await dial(admission, "alice", `secret${codeAt(0)}`)).toBe("ok");
  expect(await dial(admission, "alice", `secret${codeAt(0)}`)).toBe("code-spent");
  expect(new Set(asked)).toEqual(new Set(["alice secret", "alice secreT"]));
});

test("in two steps the directory is asked in the first one alone", async () => {
  await add("alice", { mode: "password-then-code", passwordFrom: "directory" });
  const admission = admit();
  answer = "wrong";
  expect(await dial(admission, "alice", "secreT")).toBe("wrong-code");
  answer = "right";
  expect(await dial(admission, "alice", "secret")).toBe("password-ok");
  expect(await dial(admission, "alice", codeAt(0), { second: true })).toBe("ok");
  expect(asked).toHaveLength(2);
});

test("CHAP cannot be checked by a directory, and says so; users without one never ask it", async () => {
  await add("alice", { mode: "password+code", passwordFrom: "directory" });
  await add("bob", {});
  const proof = { kind: "chap", id: 1, challenge: Buffer.alloc(16), response: Buffer.alloc(16) } as const;
  expect(await dial(admit(), "alice", "", { proof })).toBe("clear-proof-needed");
  expect(await dial(admit(), "bob", codeAt(0))).toBe("ok");
  expect(asked).toEqual([]);
});
