// Recovery codes: what they are, by node:crypto; that each is good once, whatever else holds; and what they leave alone.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { Core, type Enrolment } from "../../host/core/core.ts";
import { recoveryCodesLeft, stateOf } from "../../host/core/state.ts";
import { BINARIES, Page, requestBytes, User } from "../binaries.ts";
import * as codes from "../codes.ts";
import { runs } from "../runs.ts";

fc.configureGlobal({ seed: 20250102 });

const SECRET = Buffer.from("12345678901234567890");
const MOTP = "0123456789abcdef";
const PIN = "4711";
const TIME = 1_700_000_010;
/** Code i of a generation, by node:crypto. */
function expected(e: Enrolment, generation: number, i: number): string {
  const motp = Buffer.from(Buffer.from(e.secret).toString("hex") + (e.pin ?? ""));
  return codes.recovery(e.factor, e.factor === "motp" ? motp : e.secret, generation, i, e.algorithm);
}

const USERS: Enrolment[] = [
  { factor: "totp", secret: SECRET },
  { factor: "totp", secret: Buffer.alloc(64, 7), algorithm: "sha256", digits: 8 },
  { factor: "totp", secret: Buffer.alloc(1, 9), algorithm: "sha512" },
  { factor: "hotp", secret: SECRET, counter: 5 },
  { factor: "motp", secret: Buffer.from(MOTP, "hex"), pin: PIN },
  { factor: "motp", secret: Buffer.from(MOTP + MOTP, "hex"), pin: "1234567" },
];

describe.each(BINARIES)("$name", ({ module }) => {
  const core = new Core(module);
  const user = (e: Partial<Enrolment> = {}) =>
    new User(core, { factor: "totp", secret: SECRET, recovery: 1, ...e });
  const codesOf = ({ record }: User) => core.recoveryCodes(record);

  test.each(USERS)("$factor $algorithm: sixty bits of the user's own key", (e) => {
    for (const recovery of [1, 2, 63, 64, 255])
      expect(core.recoveryCodes(core.enrol({ ...e, recovery }))).toEqual(
        Array.from({ length: 10 }, (_, i) => expected(e, recovery, i)),
      );
    expect(core.recoveryCodes(core.enrol(e))).toEqual([]);
  });

  test.each(USERS)("$factor $algorithm: each is good once, and the device loses nothing", (e) => {
    const one = user(e);
    const before = one.state;
    codesOf(one).forEach((text, i) => {
      const now = TIME + i;
      expect(one.dial(text, now)).toEqual({ outcome: "accept", reason: "recovered", waitSeconds: 0, offset: 0 });
      const kept = one.record.slice();
      expect(one.dial(text, now)).toMatchObject({ outcome: "refuse", reason: "code-spent" });
      expect(one.record).toEqual(kept);
      expect(recoveryCodesLeft(stateOf(one.record), 1)).toBe(9 - i);
    });
    expect(one.state).toEqual({ ...before, recovered: one.state.recovered });
  });

  test("typed in any case, with or without dashes or spaces, and with the letters that are taken for others", () => {
    fc.assert(
      fc.property(fc.nat(9), fc.array(fc.constantFrom("", " ", "-", "--"), { minLength: 11, maxLength: 11 }), fc.infiniteStream(fc.boolean()), (i, gaps, upper) => {
        const one = user();
        const plain = codesOf(one)[i]!.replaceAll("-", "");
        const typed = [...plain].map((c, at) => {
          const like = c === "1" ? "l" : c === "0" ? "o" : c;
          const turned = upper.next().value ? like.toUpperCase() : c;
          return turned + (gaps[at] ?? "");
        });
        expect(one.dial(`${typed.join("")}\0`.slice(0, 64), TIME).reason, typed.join("")).toBe("recovered");
      }),
      runs(10),
    );
  });

  test("nothing that differs from one is one", () => {
    const one = user();
    const [code = ""] = codesOf(one);
    for (const text of [code.slice(1), `${code}0`, `0${code}`, ` ${code}`, `${code}u`, code.replace("-", "."), code.replace("-", "\0")]) {
      const got = one.wouldGet(text, TIME);
      expect(got, text).toBe("wrong-code");
    }
    for (let at = 0; at < code.length; at++) {
      if (code[at] === "-") continue;
      for (const letter of codes.LETTERS) {
        if (letter === code[at]) continue;
        expect(one.wouldGet(code.slice(0, at) + letter + code.slice(at + 1), TIME)).toBe("wrong-code");
      }
    }
    expect(user({ recovery: 2 }).dial(code, TIME).reason, "of another generation").toBe("wrong-code");
    expect(user({ recovery: 0 }).dial(expected({ factor: "totp", secret: SECRET }, 0, 0), TIME).reason).toBe("wrong-code");
  });

  test("a new generation ends the one before, with its used codes", () => {
    const one = user();
    codesOf(one).slice(0, 4).forEach((code) => one.dial(code, TIME));
    const old = codesOf(one)[7]!;
    one.record = core.enrol({ factor: "totp", secret: SECRET, recovery: 2 }, stateOf(one.record).slice());
    expect(recoveryCodesLeft(stateOf(one.record), 2)).toBe(10);
    expect(one.dial(old, TIME).reason).toBe("wrong-code");
    for (const code of codesOf(one)) expect(one.dial(code, TIME).reason).toBe("recovered");
  });

  test("considered during a wait, which goes on", () => {
    const one = user();
    for (let i = 0; i < 9; i++) one.dial(`x${i}`, TIME + 1000 * i);
    const now = TIME + 8001;
    const { failures, elapsed } = one.state;
    expect(one.dial(codesOf(one)[0]!, now).reason).toBe("recovered");
    expect(one.dial(codesOf(one)[0]!, now).reason).toBe("must-wait");
    expect(one.dial(codesOf(one)[1]!.replace(/.$/, "z"), now).reason).toBe("must-wait");
    expect(one.state).toMatchObject({ failures, elapsed: [elapsed[0] + 1, elapsed[1]] });
  });

  test("goes around nothing else: standing, types, validity, pending, and what is in front of it", () => {
    const [code = ""] = codesOf(user());
    expect(user({ enabled: false }).dial(code, TIME).reason).toBe("profile-disabled");
    expect(user({ types: ["pptp"] }).dial(code, TIME, { type: "l2tp" }).reason).toBe("type-not-allowed");
    expect(user().dial(code, TIME, { notValid: true }).reason).toBe("not-valid-now");
    expect(user({ active: false }).dial(code, TIME).reason).toBe("profile-pending");
    const verified = user({ active: false });
    expect(verified.dial(code, TIME, { activate: true }).reason, "it verifies no device").toBe("wrong-code");
    expect(verified.state.active).toBe(false);
    for (const mode of ["password+code", "password-then-code"] as const) {
      const both = user({ mode, password: "pässword" });
      for (const text of [code, `pässwort${code}`, `pässword ${code}`, `ässword${code}`, `${code}pässword`])
        expect(both.wouldGet(text, TIME), text).toBe("wrong-code");
      expect(both.wouldGet(`pässword${code}`, TIME)).toBe("recovered");
      expect(both.wouldGet(`pässword${code.replaceAll("-", "")}`, TIME)).toBe("recovered");
    }
    const steps = user({ mode: "password-then-code", password: "p" });
    expect(steps.dial(code, TIME, { second: true }).reason).toBe("recovered");
    const long = user({ mode: "password+code", password: "0123456789abcdef0123456789abcdef" });
    expect(long.dial(`0123456789abcdef0123456789abcdef${code}`, TIME).reason).toBe("recovered");
  });

  test("a password that looks like one is a password", () => {
    const one = user({ mode: "password+code", password: "abcdefghjkmn", recovery: 0 });
    expect(one.dial(`abcdefghjkmn${codes.totp(SECRET, TIME)}`, TIME).reason).toBe("ok");
    const then = user({ mode: "password-then-code", password: "abcd-efgh-jkmn" });
    expect(then.dial("abcd-efgh-jkmn", TIME).reason).toBe("password-ok");
  });

  test("two of one code in a batch: the first", () => {
    const one = user();
    const [code = ""] = codesOf(one);
    const proof = { kind: "clear", text: Buffer.from(code) } as const;
    const request = { record: 0, time: TIME, source: 0, dialIn: { user: "", source: "", proof } };
    expect(core.verify([one.record], [request, request, request]).map(({ reason }) => reason)).toEqual([
      "recovered",
      "code-spent",
      "code-spent",
    ]);
  });

  test("generate names no code beyond the tenth, and none where there are none", () => {
    const page = new Page(module);
    page.record(0).set(core.enrol({ factor: "totp", secret: SECRET, recovery: 1 }));
    page.record(1).set(core.enrol({ factor: "totp", secret: SECRET }));
    [9, 10, 2 ** 34, 0].forEach((time, r) => {
      const record = r === 3 ? 1 : 0;
      page.request(r).set(requestBytes({ record, time, flags: abi.FLAG_RECOVERY }));
    });
    expect(page.verbs.generate(4)).toBe(abi.STATUS_OK);
    const bad = abi.VERDICT_BAD_REQUEST;
    expect([0, 1, 2, 3].map((r) => page.verdict(r))).toEqual([abi.VERDICT_ACCEPT, bad, bad, bad]);
  });
});
