// The first login of a user without a device: the link for who has shown the password, and for nobody else; guessing the
// password counts and waits as guessing a code does, and by the password alone nobody gets in.
import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { Admission } from "../../host/admission/admission.ts";
import { Core } from "../../host/core/core.ts";
import type { DialIn, Proof, Verdict } from "../../host/core/dial-in.ts";
import { Entitlements } from "../../host/admission/entitlement.ts";
import { Groups } from "../../host/groups/groups.ts";
import { Sealer } from "../../host/store/seal.ts";
import { EnrolLinks } from "../../host/users/enrol-links.ts";
import { Invitations } from "../../host/users/invitations.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { runs } from "../runs.ts";
import { MemoryStore } from "../store/memory-store.ts";

const KEY = Buffer.from("12345678901234567890"); // RFC 6238 appendix B
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const URL = "https://vpn.example.org:8444";

const core = Core.load();
const sealer = new Sealer([Buffer.alloc(32, 7)]);
let store: MemoryStore;
let users: Users;
let links: EnrolLinks;
let admission: Admission;
let time: number;
const clock = { seconds: () => time, plausible: () => true };

beforeEach(() => {
  time = 1_800_000_000;
  store = new MemoryStore();
  users = new Users(core, store, sealer, clock);
  links = new EnrolLinks(mkdtempSync(join(tmpdir(), "dialward-first-")), () => time);
  const invitations = new Invitations(links, URL, "Office");
  admission = new Admission(core, store, sealer, { clock, invite: (user) => invitations.invite(user) });
});

const clear = (text: string): Proof => ({ kind: "clear", text: Buffer.from(text) });
const dial = (user: string, text: string, more: Partial<DialIn> = {}, by = admission): Promise<Verdict> =>
  by.submit({ user, proof: clear(text), source: "nas", nas: "nas", ...more });

test.each(["password+code", "password-then-code"])("%s: the right password brings the link", async (mode) => {
  await users.add({ name: "anna", secret: SECRET, mode, password: "sesame" });
  const verdict = await dial("anna", "sesame");
  expect(verdict).toMatchObject({ outcome: "refuse", reason: "profile-pending" });
  const [, secret = ""] = /15 minutes: https:\/\/vpn\.example\.org:8444\/enrol#([\w-]{43})$/.exec(
    verdict.message!,
  )!;
  expect(links.find(secret)).toMatchObject({ user: "anna", proved: true });
  // A daemon that tries again does not make it void; a quarter of an hour later there is another one.
  expect((await dial("anna", "sesame")).message).toBe(verdict.message);
  time += 901;
  expect(links.find(secret)).toBeUndefined();
  const later = (await dial("anna", "sesame")).message!;
  expect(later).not.toBe(verdict.message);
  // Once it is used, the next is another one too.
  links.spend(links.of("anna")!.hash);
  expect((await dial("anna", "sesame")).message).not.toBe(later);
});

test("nothing for others: a wrong password, a code, CHAP, a user who is active, disabled, of another type, or has none", async () => {
  await users.add({ name: "anna", secret: SECRET, mode: "password+code", password: "sesame", types: "pptp" });
  await users.add({ name: "code", secret: SECRET });
  await users.add({
    name: "active",
    secret: SECRET,
    mode: "password+code",
    password: "sesame",
    active: true,
  });
  await users.add({
    name: "disabled",
    secret: SECRET,
    mode: "password+code",
    password: "sesame",
    enabled: false,
  });
  const challenge = Buffer.alloc(16, 3);
  const response = createHash("md5").update(Buffer.of(1)).update("sesame").update(challenge).digest();
  const tried: [string, string | Proof, Partial<DialIn>?][] = [
    ["anna", "Sesame"],
    ["anna", ""],
    ["anna", `sesame${totp(KEY, time)}`],
    ["anna", "sesame", { type: "openvpn" }],
    ["anna", "sesame", { second: true }],
    ["anna", { kind: "chap", id: 1, challenge, response }],
    ["code", ""],
    ["code", totp(KEY, time)],
    ["active", "sesame"],
    ["disabled", "sesame"],
    ["nobody", "sesame"],
  ];
  for (const [user, proof, more] of tried) {
    const given = typeof proof === "string" ? clear(proof) : proof;
    const verdict = await dial(user, "", { proof: given, ...more });
    expect(verdict.outcome, user).toBe("refuse");
    expect(verdict.message, `${user} ${JSON.stringify(proof)}`).toBeUndefined();
  }
  expect(links.of("anna")).toBeUndefined();
});

test("where it is not configured, pending users are refused as ever, and nothing is counted", async () => {
  await users.add({ name: "anna", secret: SECRET, mode: "password+code", password: "sesame" });
  const plain = new Admission(core, store, sealer, { clock });
  const before = store.entries.get("anna")!.state;
  expect((await dial("anna", "sesame", {}, plain)).message).toBeUndefined();
  expect((await dial("anna", "wrong", {}, plain)).reason).toBe("profile-pending");
  expect(store.entries.get("anna")!.state).toEqual(before);
});

test("guessing the password waits, and brings no link during the wait", async () => {
  await users.add({ name: "anna", secret: SECRET, mode: "password-then-code", password: "sesame" });
  let reason = "";
  for (let i = 0; i < 12 && reason !== "must-wait"; i++) ({ reason } = await dial("anna", `guess ${i}`));
  expect(reason).toBe("must-wait");
  for (let i = 0; i < 3; i++) expect((await dial("anna", "sesame")).message).toBeUndefined();
  await users.unlock("anna");
  expect((await dial("anna", "sesame")).message).toContain("/enrol#");
});

test("what else comes in the same batch is judged as ever, in any order", async () => {
  await users.add({ name: "anna", secret: SECRET, mode: "password+code", password: "sesame" });
  await users.add({ name: "bert", secret: "JBSWY3DPEHPK3PXP", mode: "password-then-code", password: "open" });
  await users.add({ name: "carl", secret: SECRET, active: true });
  const kinds = {
    link: ["anna", "sesame"],
    wrong: ["bert", "sesame"],
    other: ["carl", "000000"],
    nobody: ["dora", "sesame"],
  } satisfies Record<string, [string, string]>;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])), {
        minLength: 1,
        maxLength: 8,
      }),
      async (all) => {
        const verdicts = await Promise.all(all.map((one) => dial(...kinds[one])));
        all.forEach((one, i) => {
          expect(verdicts[i]!.outcome).toBe("refuse");
          expect(verdicts[i]!.message !== undefined, one).toBe(one === "link");
        });
        for (const name of ["anna", "bert"]) expect((await users.get(name)).standing).toBe("pending");
        for (const name of ["bert", "carl"]) await users.unlock(name);
      },
    ),
    runs(40),
  );
});

test("by the link's device the user gets in, and the password alone brings nothing any more", async () => {
  await users.add({ name: "anna", secret: SECRET, mode: "password-then-code", password: "sesame" });
  const { message } = await dial("anna", "sesame");
  expect(links.spend(links.find(message!.split("#")[1]!)!.hash)).toBe(true);
  await users.help.verify("anna", `sesame${totp(KEY, time)}`, admission).catch(() => {});
  const draft = await users.draft(
    {
      name: "anna",
      secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
      mode: "password-then-code",
      password: "sesame",
    },
    true,
  );
  expect(
    draft.verify(totp(Buffer.from("48656c6c6f21deadbeef48656c6c6f21deadbeef", "hex"), time)).outcome,
  ).toBe("accept");
  await users.save(draft, () => true);
  expect(await dial("anna", "sesame")).toMatchObject({ outcome: "continue", reason: "password-ok" });
});

test("a user whose password is in the directory shows that one", async () => {
  const groups = new Groups({
    read: () => store.document("groups"),
    write: (document) => store.saveDocument("groups", document),
  });
  const entitlements = new Entitlements({
    groups,
    sessions: async () => [],
    members: async () => new Set<string>(),
    end: () => {},
    directory: true,
  });
  const asked: string[] = [];
  const directory = {
    check: async (user: string, password: string) => {
      asked.push(`${user} ${password}`);
      return password === "domain secret" ? ("right" as const) : ("wrong" as const);
    },
  };
  const invitations = new Invitations(links, URL, "Office");
  const invite = (user: string): string | undefined => invitations.invite(user);
  const by = new Admission(core, store, sealer, { clock, invite, directory, entitlements });
  await users.add({ name: "anna", secret: SECRET, mode: "password+code", passwordFrom: "directory" });
  expect((await dial("anna", "domain secre", {}, by)).message).toBeUndefined();
  expect((await dial("anna", "domain secret", {}, by)).message).toContain("/enrol#");
  expect(asked).toEqual(["anna domain secre", "anna domain secret"]);
});
