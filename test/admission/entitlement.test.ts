// What a user may do beyond a right code: hours, logins at one time, a group that is gone, and a password elsewhere.
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { Admission } from "../../host/admission/admission.ts";
import { Entitlements } from "../../host/admission/entitlement.ts";
import { Core } from "../../host/core/core.ts";
import * as abi from "../../assembly/abi.ts";
import type { DialIn, Login, Verdict } from "../../host/core/dial-in.ts";
import type { Directory, DirectoryAnswer } from "../../host/directory/directory.ts";
import { Groups } from "../../host/groups/groups.ts";
import { Sealer } from "../../host/store/seal.ts";
import type { Session } from "../../host/store/store.ts";
import { newSecret, parseSecret } from "../../host/users/profile.ts";
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

function admit(connected = async () => sessions): Admission {
  const entitlements = new Entitlements({
    groups,
    sessions: connected,
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
  expect((await admission.look("alice", "nas")).reason).toBe("not-valid-now");
  time -= 10; // 17:59:50
  expect(await dial(admission, "alice", code)).toBe("ok Framed-IP-Address = 10.0.0.7; Session-Timeout = 10");
  expect((await admission.look("alice", "nas")).reason).toBe("ok");
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

test("a list of sessions that cannot be read refuses those who have a limit, and nobody beside them", async () => {
  await add("alice", { logins: 1 });
  await users.add({ name: "bob", secret: newSecret("totp"), active: true });
  const { secret } = (await users.get("bob")).profile;
  const unreadable = async (): Promise<Session[]> => Promise.reject(new Error("another program's key"));
  const admission = admit(unreadable);
  const bob = totp(parseSecret("totp", secret), time);
  const both = [dial(admission, "alice", codeAt(0)), dial(admission, "bob", bob)];
  expect(await Promise.all(both)).toEqual(["store-unavailable", "ok"]);
  expect(await dial(admit(), "alice", codeAt(0))).toBe("ok");
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

test("a session that goes on is none too many: OpenVPN's REAUTH, and EAP's last word", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.boolean(), async (logins, group) => {
      store.entries.clear();
      sessions = [];
      const more = { onLimit: "refuse-newest" } as const;
      await groups.save(group ? { name: "both", groupLogins: logins, ...more } : { name: "both" });
      await add("alice", { groups: ["both"], attributes: ["Class = x"], ...(!group && { logins, ...more }) });
      const admission = admit();
      for (let i = 1; i < logins; i++) connect(`${i}`, "alice", i);
      // The keys of MS-CHAPv2 are handed over when the peer has acknowledged; OpenVPN asks again and again.
      expect(await dial(admission, "alice", codeAt(0))).toBe("ok Class = 0x78");
      connect("last", "alice", logins);
      const looked = await admission.look("alice", "nas", "openvpn");
      expect([looked.reason, looked.attributes?.map(({ name }) => name)]).toEqual(["ok", ["Class"]]);
      expect(await dial(admission, "alice", codeAt(1))).toBe("too-many-logins");
    }),
    runs(6),
  );
});

test("who guesses cannot make the directory count more failures than the core does", async () => {
  await add("alice", { mode: "password+code", passwordFrom: "directory" });
  const admission = admit();
  answer = "wrong";
  const guess = (i: number) => dial(admission, "alice", `guess${i}${codeAt(0)}`, { caller: "nas far" });
  // At once, and then one by one: once the user waits, nobody is asked.
  await Promise.all(Array.from({ length: 12 }, (_, i) => guess(i)));
  for (let i = 12; i < 40; i++) await guess(i);
  const counted = asked.length;
  expect(counted).toBeLessThan(12);
  expect(await guess(99)).toBe("must-wait");
  expect(asked).toHaveLength(counted);
  time += 86_400;
  answer = "right";
  expect(await dial(admission, "alice", `secret${codeAt(0)}`, { caller: "nas far" })).toBe("ok");
});

test("a client that redials with the same wrong password asks the directory once", async () => {
  await add("alice", { mode: "password+code", passwordFrom: "directory" });
  const admission = admit();
  answer = "wrong";
  const text = `old${codeAt(0)}`;
  for (let i = 0; i < 20; i++) expect(await dial(admission, "alice", text)).toBe("wrong-code");
  expect(asked).toHaveLength(1);
});

test("the directory is not asked of who may not dial in: disabled, of another type, outside the hours, too many", async () => {
  const bars: [object, Partial<DialIn>][] = [
    [{ enabled: false }, {}],
    [{ types: ["l2tp"] }, { type: "openvpn" }],
    [{ valid: { hours: "01:00-02:00" } }, {}],
    [{ logins: 1, onLimit: "refuse-newest" }, {}],
  ];
  connect("a", "alice", 1);
  answer = "right";
  for (const [more, dialIn] of bars) {
    store.entries.clear();
    await add("alice", { mode: "password+code", passwordFrom: "directory", ...more });
    expect(await dial(admit(), "alice", `secret${codeAt(0)}`, dialIn)).not.toMatch(/^ok/);
  }
  expect(asked).toEqual([]);
});

test("a recovery code lets in during a wait, with the directory's password before it", async () => {
  await add("alice", { mode: "password+code", passwordFrom: "directory" });
  const [code] = await users.help.recoveryCodes("alice");
  const admission = admit();
  answer = "wrong";
  for (let i = 0; i < 30; i++) await dial(admission, "alice", `guess${i}000000`);
  asked = [];
  answer = "right";
  expect(await dial(admission, "alice", `secret${code}`)).toBe("recovered");
  expect(asked).toEqual(["alice secret"]);
});

test("each user is read once for a login, where a directory is set and has nothing of the user too", async () => {
  await add("bob", {});
  store.loads.length = 0;
  expect(await dial(admit(), "bob", codeAt(0))).toBe("ok");
  expect(store.loads).toEqual([["bob"]]);
});

test("a proof that a door has laid out is judged by what it says, whoever was asked before in its place", async () => {
  await add("alice", { mode: "password+code", passwordFrom: "directory" });
  await add("bob", {});
  const admission = admit();
  answer = "right";
  const request = new Uint8Array(abi.REQUEST_BYTES);
  const proof = { kind: "laid-out", request, result: new Uint8Array(abi.RESULT_BYTES) } as const;
  const lay = (text: string): void => {
    request.fill(0);
    request[abi.REQUEST_PROOF] = abi.PROOF_CLEAR;
    request[abi.REQUEST_LENGTH] = text.length;
    request.set(Buffer.from(text), abi.REQUEST_TEXT);
  };
  // One object for all logins of a slot, as the RADIUS door has it.
  const slot: Login = { user: "", proof, source: "nas", nas: "nas", decide: () => {} };
  for (const [user, text] of [
    ["alice", `secret${codeAt(0)}`],
    ["bob", codeAt(0)],
    ["alice", `secret${codeAt(1)}`],
  ] as const) {
    lay(text);
    slot.user = user;
    const verdict = await new Promise<Verdict>((decide) => {
      slot.decide = decide;
      admission.admit(slot);
    });
    expect(verdict.reason).toBe("ok");
  }
});

test("CHAP cannot be checked by a directory, and says so; users without one never ask it", async () => {
  await add("alice", { mode: "password+code", passwordFrom: "directory" });
  await add("bob", {});
  const proof = { kind: "chap", id: 1, challenge: Buffer.alloc(16), response: Buffer.alloc(16) } as const;
  expect(await dial(admit(), "alice", "", { proof })).toBe("clear-proof-needed");
  expect(await dial(admit(), "bob", codeAt(0))).toBe("ok");
  expect(asked).toEqual([]);
});
