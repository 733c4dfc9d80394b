// The doctor names each cause that the guides list, and resynchronisation follows a device; codes are node:crypto's.
import { beforeEach, expect, test } from "vitest";
import { Admission } from "../../host/admission/admission.ts";
import { Core } from "../../host/core/core.ts";
import type { DialInType } from "../../host/core/dial-in.ts";
import { Sealer } from "../../host/store/seal.ts";
import { Users } from "../../host/users/users.ts";
import { hotp, motp, totp } from "../codes.ts";
import { MemoryStore } from "../store/memory-store.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
const MOTP = { factor: "motp", secret: "0123456789abcdef0123456789abcdef", pin: "4711" };

let now: number;
let plausible: boolean;
let moved: number;
let users: Users;
let admission: Admission;

beforeEach(() => {
  now = 1_800_000_000;
  plausible = true;
  moved = 0;
  const clock = { seconds: () => now, plausible: () => plausible, moved: () => moved };
  const [core, store, sealer] = [Core.load(), new MemoryStore(), new Sealer([Buffer.alloc(32, 7)])];
  users = new Users(core, store, sealer, clock);
  admission = new Admission(core, store, sealer, { clock });
});

const add = (given: object = {}) => users.add({ name: "alice", secret: SECRET, active: true, ...given });
const dialIn = (code: string, source = "here") =>
  admission.submit({
    user: "alice",
    proof: { kind: "clear", text: Buffer.from(code) },
    source,
    caller: source,
  });
async function causes(code: string, name = "alice", type?: DialInType, synchronised?: boolean) {
  const findings = await users.help.diagnose(name, code, type, async () => synchronised);
  // Whatever is wrong: no code that would be accepted is told.
  for (const { text } of findings) expect(text).not.toMatch(/\b(\d{6}|(?=[a-f]*\d)[0-9a-f]{6})\b/);
  return findings.map(({ cause, seconds }) => (seconds === undefined ? cause : `${cause} ${seconds}`));
}

test("the device's clock is 140 s ahead or behind", async () => {
  await add(MOTP);
  const code = (time: number) => motp(MOTP.secret, MOTP.pin, time);
  expect(await causes(code(now + 140))).toEqual(["clock-ahead 140"]);
  expect(await causes(code(now - 140))).toEqual(["clock-behind 140", "expired 140"]);
  expect(await causes(code(now + 86_400))).toEqual(["clock-ahead 86400"]);
  expect(await causes(code(now - 86_400))).toEqual(["clock-behind 86400", "expired 86400"]);
  expect((await causes(code(now + 86_420)))[0]).toMatch(/^wrong-/);
});

test("an expired code, told apart from a clock that is behind by how late it is", async () => {
  await add();
  expect(await causes(totp(KEY, now - 60))).toEqual(["expired 60", "clock-behind 60"]);
  expect(await causes(totp(KEY, now - 30))).toEqual(["right"]);
});

test("a code that has been used already", async () => {
  await add();
  expect((await dialIn(totp(KEY, now))).outcome).toBe("accept");
  expect(await causes(totp(KEY, now))).toEqual(["used"]);
  expect(await causes(totp(KEY, now - 30))).toEqual(["used"]);
  expect(await causes(totp(KEY, now + 30))).toEqual(["right"]);
});

test("upper case, spaces, a wrong length, letters", async () => {
  await add({ ...MOTP });
  const code = motp(MOTP.secret, MOTP.pin, now);
  expect(code).toMatch(/[a-f]/);
  expect(await causes(code.toUpperCase())).toEqual(["upper-case"]);
  expect(await causes(`${code.slice(0, 3)} ${code.slice(3)}`)).toEqual(["right"]);
  expect(await causes(code.slice(1))).toEqual(["not-a-code"]);
  expect(await causes(`${code.slice(1)}o`)).toEqual(["not-a-code"]);
});

test("a mistyped digit and two swapped ones", async () => {
  await add();
  const code = totp(KEY, now);
  expect(await causes(code.slice(0, 5) + ((Number(code[5]) + 5) % 10))).toEqual(["mistyped"]);
  const [a, b, ...rest] = code;
  expect(a).not.toBe(b);
  expect(await causes([b, a, ...rest].join(""))).toEqual(["mistyped"]);
});

test("a name that differs in case only, and one that nobody has", async () => {
  await add({ name: "Alice" });
  expect(await causes("000000", "alice")).toEqual(["name-case"]);
  expect(await causes("000000", "Alice ")).toEqual(["name-case"]);
  expect(await causes("000000", "bob")).toEqual(["unknown-user"]);
});

test("disabled, pending, not allowed there, waiting", async () => {
  const code = () => totp(KEY, now);
  await add({ active: false, types: ["openvpn"] });
  expect(await causes(code())).toEqual(["pending"]);
  expect(await causes(code(), "alice", "pptp")).toEqual(["pending", "type-not-allowed"]);
  await users.setEnabled("alice", false);
  expect(await causes(code())).toEqual(["disabled"]);
  await users.remove("alice");
  await add();
  for (let i = 0; i < 5; i++) await dialIn(`abcde${i}`);
  expect(await causes(code())).toEqual(["waiting 30"]);
  expect((await users.get("alice")).waitSeconds).toBe(30);
  now += 30;
  expect(await causes(code())).toEqual(["right"]);
});

test("the wait of a source that the user has logged in from is seen too", async () => {
  await add();
  await dialIn(totp(KEY, now));
  for (let i = 0; i < 6; i++) await dialIn(`abcde${i}`);
  expect((await users.get("alice")).waitSeconds).toBeGreaterThan(0);
});

test("this machine's clock: not set, or not synchronised", async () => {
  await add();
  expect(await causes(totp(KEY, now + 3600), "alice", undefined, false)).toEqual([
    "clock-ahead 3600",
    "router-clock",
  ]);
  expect(await causes(totp(KEY, now), "alice", undefined, false)).toEqual(["right"]);
  plausible = false;
  expect(await causes(totp(KEY, now))).toEqual(["router-clock"]);
});

test("a wrong PIN, another secret, an app that knows only SHA-1", async () => {
  await add(MOTP);
  expect(await causes(motp(MOTP.secret, "4712", now))).toEqual(["wrong-pin"]);
  expect(await causes(motp("f".repeat(32), "4711", now))).toEqual(["wrong-secret", "wrong-pin"]);
  await users.remove("alice");
  await add({ algorithm: "sha256" });
  expect(await causes(totp(KEY, now))).toEqual(["other-settings"]);
  expect(await causes(totp(Buffer.from("another"), now, 6, "sha256"))).toEqual(["wrong-secret"]);
});

test("password and code in one", async () => {
  await add({ mode: "password+code", password: "Sesame" });
  const code = totp(KEY, now);
  expect(await causes(`Sesame${code}`)).toEqual(["right"]);
  expect(await causes(code)).toEqual(["password"]);
  expect(await causes(`sesame${code}`)).toEqual(["password"]);
  expect(await causes(`Sesame${totp(KEY, now + 3600)}`)).toEqual(["clock-ahead 3600"]);
  expect(await causes(`Sesame${code.slice(0, 3)} ${code.slice(3)}`)).toEqual(["spaces"]);
});

test("the code before the password, whether or not the password is right", async () => {
  await add({ mode: "password+code", password: "Sesame" });
  const code = totp(KEY, now);
  expect(await causes(`${code}Sesame`)).toEqual(["code-first"]);
  expect(await causes(`${code}sesame`)).toEqual(["code-first", "password"]);
  expect(await causes(`${totp(KEY, now + 3600)}Sesame`)).toEqual(["code-first", "clock-ahead 3600"]);
});

test("an identifier or a password before the code, where there is none", async () => {
  await add();
  const code = totp(KEY, now);
  expect(await causes(`ubhe00123456${code}`)).toEqual(["identifier"]);
  expect(await causes(`Sesame${code}`)).toEqual(["identifier"]);
  await users.remove("alice");
  await add({ mode: "password+code", password: "Sesame" });
  expect(await causes(`Sesameubhe00123456${code}`)).toEqual(["identifier"]);
});

test("digits of other scripts", async () => {
  await add();
  for (const zero of ["\u0660", "\u06f0", "\u0966", "\uff10", "\u{1d7d8}"])
    expect(
      await causes(
        totp(KEY, now).replace(/./g, (d) => String.fromCodePoint(zero.codePointAt(0)! + Number(d))),
      ),
    ).toEqual(["other-digits"]);
});

test("a domain or realm around a name that exists, or missing from it", async () => {
  await add();
  await add({ name: "bob@example.org" });
  expect(await causes("000000", "CORP\\alice")).toEqual(["name-domain"]);
  expect(await causes("000000", "alice@corp.example")).toEqual(["name-domain"]);
  expect(await causes("000000", "CORP\\Alice@corp.example")).toEqual(["name-domain"]);
  expect(await causes("000000", "bob")).toEqual(["name-domain"]);
  expect(await causes("000000", "bob@")).toEqual(["name-domain"]);
  expect(await causes("000000", "CORP\\")).toEqual(["unknown-user"]);
  expect(await causes("000000", "@corp.example")).toEqual(["unknown-user"]);
});

test("this machine's clock has moved, where a code looks wrong by it", async () => {
  moved = 90;
  await add();
  expect(await causes(totp(KEY, now - 90))).toEqual(["clock-moved 90", "expired 90", "clock-behind 90"]);
  expect(await causes(totp(KEY, now))).toEqual(["right"]);
});

test("a code that an administrator verifies: typed as apps show it, or refused with what the doctor finds", async () => {
  await add({ active: false });
  const verify = async (code: string) => {
    const { reason, findings } = await users.help.verify("alice", code, admission);
    return [reason, ...findings.map(({ cause }) => cause)];
  };
  expect(await verify(`Sesame${totp(KEY, now)}`)).toEqual(["wrong-code", "identifier"]);
  expect((await verify(totp(KEY, now + 3600)))[1]).toBe("clock-ahead");
  const code = totp(KEY, now);
  expect(await verify(`${code.slice(0, 3)} \u2013${code.slice(3)}\0`)).toEqual(["ok"]);
  await add({ name: "bob", ...MOTP, active: false });
  const draft = await users.draft({ name: "carl", ...MOTP });
  const upper = motp(MOTP.secret, MOTP.pin, now).toUpperCase();
  expect(draft.verify(upper).reason).toBe("wrong-code");
  expect((await draft.diagnose(upper)).map(({ cause }) => cause)).toEqual(["upper-case"]);
  expect(draft.verify(upper.toLowerCase().replace(/^.../, "$& ")).reason).toBe("ok");
});

test("HOTP: used, and pressed too often", async () => {
  await add({ factor: "hotp", counter: 50 });
  expect(await causes(hotp(KEY, 50))).toEqual(["right"]);
  expect(await causes(hotp(KEY, 49))).toEqual(["used"]);
  expect(await causes(hotp(KEY, 300))).toEqual(["counter-ahead"]);
});

test.each([0, 140, -140, 3600, -3600, 86_400, -86_300])(
  "a TOTP device that is %i s off is followed",
  async (off) => {
    await add();
    const code = (time: number) => totp(KEY, time + off);
    if (Math.abs(off) > 100) expect((await dialIn(code(now))).reason).toBe("wrong-code");
    const pair = [code(now), code(now + 30)] as const;
    now += 30;
    expect((await users.help.resync("alice", pair)).offset).toBe(
      Math.floor((now + off) / 30) - Math.floor(now / 30),
    );
    for (const used of pair) expect((await dialIn(used)).reason).toBe("code-spent");
    expect(await causes(code(now + 60))).not.toEqual(["right"]);
    // And it is still followed two logins later.
    for (const wait of [30, 600]) {
      now += wait;
      expect((await dialIn(code(now))).outcome).toBe("accept");
    }
    // The true time counts as well, once it is later than what is spent.
    const right = now + 30 > now + off ? "accept" : "refuse";
    if (Math.abs(off) > 100) expect((await dialIn(totp(KEY, now + 30))).outcome).toBe(right);
  },
);

test("an mOTP device that is a day off, and one that has to type the PIN in between", async () => {
  await add(MOTP);
  const code = (time: number) => motp(MOTP.secret, MOTP.pin, time + 80_000);
  const pair = [code(now), code(now + 70)] as const;
  now += 75;
  await users.help.resync("alice", pair);
  now += 20;
  expect((await dialIn(code(now))).outcome).toBe("accept");
});

test("a HOTP device that was pressed 500 times is followed", async () => {
  await add({ factor: "hotp" });
  expect((await dialIn(hotp(KEY, 500))).outcome).toBe("refuse");
  await users.help.resync("alice", [hotp(KEY, 500), hotp(KEY, 501)]);
  expect((await dialIn(hotp(KEY, 501))).outcome).toBe("refuse");
  expect((await dialIn(hotp(KEY, 502))).outcome).toBe("accept");
});

test("codes in the wrong order, strange ones, and spent ones change nothing", async () => {
  await add();
  const refused = { code: "refused" };
  await expect(users.help.resync("alice", [totp(KEY, now), totp(KEY, now - 30)])).rejects.toMatchObject(
    refused,
  );
  await expect(users.help.resync("alice", ["000000", "000001"])).rejects.toMatchObject(refused);
  await dialIn(totp(KEY, now));
  const spent = [totp(KEY, now - 30), totp(KEY, now)] as const;
  await expect(users.help.resync("alice", spent)).rejects.toMatchObject(refused);
  expect((await users.get("alice")).profile.driftBound).toBeUndefined();
  expect((await dialIn(totp(KEY, now + 30))).outcome).toBe("accept");
});
