// Which steps a window takes in: every step around every edge, for each factor, width, drift and form of a code.
// (RFC 6238 section 5.2, RFC 4226 section 7.2)
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { Core, type Enrolment } from "../../host/core/core.ts";
import { BINARIES, User } from "../binaries.ts";
import * as codes from "../codes.ts";

const SECRET = Buffer.from("12345678901234567890");
const MOTP_SECRET = "0123456789abcdef";
const PIN = "4711";
/** A multiple of 30 and of 10. */
const TIME = 1_700_000_010;
/** Steps that are tried beyond each edge. */
const RANGE = 3;

const totp = (step: number, digits = 6) => codes.hotp(SECRET, step, digits);
const motp = (step: number) => codes.motp(MOTP_SECRET, PIN, step * 10);

interface Factor {
  name: string;
  enrolment: Enrolment;
  period: number;
  code: (step: number) => string;
}
const TOTP: Factor = { name: "TOTP", enrolment: { factor: "totp", secret: SECRET }, period: 30, code: totp };
const MOTP: Factor = {
  name: "mOTP",
  enrolment: { factor: "motp", secret: Buffer.from(MOTP_SECRET, "hex"), pin: PIN },
  period: 10,
  code: motp,
};

/** The offsets at which a code is taken, of all from `from` to `to` steps around the clock's. */
function taken(user: User, factor: Factor, time: number, from: number, to: number): number[] {
  const step = Math.floor(time / factor.period);
  const found: number[] = [];
  for (let offset = from; offset <= to; offset++) {
    const kept = user.record.slice();
    const verdict = user.dial(factor.code(step + offset), time);
    if (verdict.outcome === "accept") {
      expect(verdict.offset).toBe(offset);
      found.push(offset);
    } else expect(verdict).toMatchObject({ reason: "wrong-code" });
    user.record = kept;
  }
  return found;
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

const WIDTHS: [number, number][] = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
  [2, 5],
  [6, 6],
  [7, 1],
  [31, 32],
  [63, 0],
  [0, 63],
];

describe.each(BINARIES)("$name", ({ module }) => {
  const core = new Core(module);

  describe.each([TOTP, MOTP])("$name", (factor) => {
    test.each(WIDTHS)("%i steps back, %i forward: exactly these", (back, forward) => {
      const user = new User(core, { ...factor.enrolment, back, forward });
      for (const time of [TIME, TIME + factor.period - 1]) {
        expect(taken(user, factor, time, -back - RANGE, forward + RANGE)).toEqual(range(-back, forward));
      }
    });

    test("the step begins and ends with its second", () => {
      const user = new User(core, { ...factor.enrolment, back: 0, forward: 0 });
      const code = factor.code(TIME / factor.period);
      expect(user.wouldGet(code, TIME - 1)).toBe("wrong-code");
      expect(user.wouldGet(code, TIME)).toBe("ok");
      expect(user.wouldGet(code, TIME + factor.period - 1)).toBe("ok");
      expect(user.wouldGet(code, TIME + factor.period)).toBe("wrong-code");
    });

    test.each([1, -1])("drift follows the token by %i step a time, and stops at its bound", (way) => {
      const bound = 3;
      const user = new User(core, { ...factor.enrolment, back: 1, forward: 1, driftBound: bound });
      for (let login = 1; login <= bound + 3; login++) {
        const time = TIME + login * 100 * factor.period;
        const before = way * Math.min(login - 1, bound) + 0; // not -0
        expect(user.state.drift).toBe(before);
        // The window around the clock, and the one around the drift.
        const steps = [...new Set([...range(-1, 1), ...range(before - 1, before + 1)])];
        expect(taken(user, factor, time, -bound - RANGE, bound + RANGE)).toEqual(steps.sort((a, b) => a - b));
        expect(user.dial(factor.code(time / factor.period + before + way), time).offset).toBe(before + way);
      }
      expect(user.state.drift).toBe(way * bound);
      // Back to a clock that is right, in one login within the window.
      const late = TIME + 1000 * factor.period;
      user.dial(factor.code(late / factor.period + way * (bound - 1)), late);
      expect(user.state.drift).toBe(way * (bound - 1));
    });

    test.each([1, -1])("a bound that is lowered holds at once, whatever drift of %i the state says", (way) => {
      const enrolment = { ...factor.enrolment, back: 1, forward: 1 };
      const user = new User(core, { ...enrolment, driftBound: 9 });
      const state = Buffer.from(user.record.slice(abi.RECORD_STATE));
      state.writeInt16LE(way * 7, abi.STATE_DRIFT);
      user.record = core.enrol({ ...enrolment, driftBound: 2 }, state);
      const steps = [...new Set([...range(-1, 1), ...range(2 * way - 1, 2 * way + 1)])];
      expect(taken(user, factor, TIME, -12, 12)).toEqual(steps.sort((a, b) => a - b));
    });

    test("without a drift bound the window stays", () => {
      const user = new User(core, { ...factor.enrolment, back: 2, forward: 2, driftBound: 0 });
      user.dial(factor.code(TIME / factor.period + 2), TIME);
      const later = TIME + 100 * factor.period;
      expect(user.state.drift).toBe(0);
      expect(taken(user, factor, later, -5, 5)).toEqual([-2, -1, 0, 1, 2]);
    });

    test("in the first step of all times there is no step before", () => {
      const user = new User(core, { ...factor.enrolment, back: 3, forward: 3 });
      for (const step of [0, 1, 2, 3]) expect(user.wouldGet(factor.code(step), 0)).toBe("ok");
      expect(user.wouldGet(factor.code(4), 0)).toBe("wrong-code");
    });

    test.each([9, 10, 99, 100, 99_999_999, 100_000_000])(
      "a window around step %i, where digits are added",
      (step) => {
        const user = new User(core, { ...factor.enrolment, back: 6, forward: 6 });
        expect(taken(user, factor, step * factor.period, -9, 9)).toEqual(range(-6, 6));
      },
    );

    test("far in the future", () => {
      const user = new User(core, { ...factor.enrolment, back: 1, forward: 1 });
      const last = 2 ** 35 - (2 ** 35 % factor.period) - factor.period;
      expect(taken(user, factor, last, -4, 4)).toEqual([-1, 0, 1]);
      expect(user.dial(factor.code(last / factor.period), 2 ** 35).reason).toBe("bad-request");
    });
  });

  test("the defaults: TOTP 1 step each way, mOTP 60 seconds, HOTP 10 ahead", () => {
    expect(taken(new User(core, TOTP.enrolment), TOTP, TIME, -9, 9)).toEqual([-1, 0, 1]);
    expect(taken(new User(core, MOTP.enrolment), MOTP, TIME, -9, 9)).toEqual(range(-6, 6));
    const user = new User(core, { factor: "hotp", secret: SECRET, counter: 5 });
    expect(range(0, 20).filter((counter) => user.wouldGet(totp(counter), 0) === "ok")).toEqual(range(5, 15));
  });

  test("a negative step's code is not taken", () => {
    // Step -1 as RFC 4226's counter of eight bytes is 2^64 - 1; RFC 6238 knows no such step.
    const key = Buffer.from("a key whose step -1 must not open the door");
    const user = new User(core, { factor: "totp", secret: key, back: 1, forward: 1 });
    const minusOne = core.generate(new User(core, { factor: "totp", secret: key, t0: 30 }).record, 0);
    expect(minusOne).not.toBe(codes.hotp(key, 0));
    expect(user.dial(minusOne, 0).outcome).toBe("refuse");
    expect(user.dial(codes.hotp(key, 0), 0).outcome).toBe("accept");
  });

  test("T0 moves step 0", () => {
    const t0 = TIME - 60 * 30;
    const user = new User(core, { factor: "totp", secret: SECRET, t0, back: 1, forward: 1 });
    for (const [time, step] of [
      [TIME, 60],
      [TIME - 1, 59],
      [t0, 0],
      [t0 + 29, 0],
      [t0 + 30, 1],
    ] as const) {
      expect(core.generate(user.record, time)).toBe(totp(step));
      for (const offset of [-2, -1, 0, 1, 2]) {
        if (step + offset < 0) continue;
        const expected = Math.abs(offset) <= 1 ? "ok" : "wrong-code";
        expect(user.wouldGet(totp(step + offset), time), `step ${step} ${offset}`).toBe(expected);
      }
    }
    expect(user.wouldGet(totp(0), t0 - 1), "T0 is in the next step").toBe("ok");
    expect(user.wouldGet(totp(0), t0 - 61)).toBe("wrong-code");
    expect(user.wouldGet(totp(0), 0), "T0 is far ahead").toBe("wrong-code");
  });

  test.each([1, 7, 60, 3600])("a period of %i s", (period) => {
    const user = new User(core, { factor: "totp", secret: SECRET, period, back: 1, forward: 2 });
    const factor = { ...TOTP, period };
    const time = 1e9 - (1e9 % period);
    expect(taken(user, factor, time, -4, 5)).toEqual([-1, 0, 1, 2]);
    expect(taken(user, factor, time + period - 1, -4, 5)).toEqual([-1, 0, 1, 2]);
  });

  test.each([0, 1, 10, 63])("HOTP looks %i ahead, and never back", (forward) => {
    const user = new User(core, { factor: "hotp", secret: SECRET, counter: 100, forward });
    const ahead = range(90, 110 + forward).filter((counter) => user.wouldGet(totp(counter), 0) === "ok");
    expect(ahead).toEqual(range(100, 100 + forward));
    expect(user.dial(totp(100 + forward), 0)).toMatchObject({ outcome: "accept", offset: forward });
    expect(user.state.next).toBe(101 + forward);
    expect(user.wouldGet(totp(101 + forward), 0)).toBe("ok");
    expect(user.wouldGet(totp(102 + 2 * forward), 0)).toBe("wrong-code");
  });

  test("HOTP counters beyond 32 bits, at any time of day", () => {
    const counter = 2 ** 32 - 2;
    const user = new User(core, { factor: "hotp", secret: SECRET, counter, forward: 4 });
    for (const offset of [0, 1, 2, 3, 4]) {
      expect(user.wouldGet(totp(counter + offset), offset * 1e9)).toBe("ok");
    }
    expect(user.dial(totp(counter + 4), 0).outcome).toBe("accept");
    expect(user.state.next).toBe(2 ** 32 + 3);
  });

  test.each(["sha1", "sha256", "sha512"] as const)(
    "6, 7 and 8 digits of %s, with leading zeros",
    (algorithm) => {
      const found = new Set<string>();
      for (const digits of [6, 7, 8]) {
        const user = new User(core, {
          factor: "totp",
          secret: SECRET,
          algorithm,
          digits,
          back: 0,
          forward: 0,
        });
        for (let step = 1; step < 1500; step++) {
          const code = codes.hotp(SECRET, step, digits, algorithm);
          if (!code.startsWith("0") && step > 20) continue;
          expect(core.generate(user.record, step * 30)).toBe(code);
          expect(user.wouldGet(code, step * 30)).toBe("ok");
          if (!code.startsWith("0")) continue;
          found.add(`${digits}${/^0*/.exec(code)![0]}`);
          expect(user.wouldGet(code.replace(/^0+/, ""), step * 30)).toBe("wrong-code");
          expect(user.wouldGet(code.slice(1), step * 30)).toBe("wrong-code");
          expect(user.wouldGet(`0${code}`, step * 30)).toBe("wrong-code");
        }
      }
      expect([...found]).toEqual(expect.arrayContaining(["60", "600", "70", "700", "80", "800"]));
    },
  );

  describe("only the exact form of a code is taken", () => {
    const code = totp(TIME / 30);
    const forms: [string, string | Buffer][] = [
      ["nothing", ""],
      ["one digit less", code.slice(0, 5)],
      ["one digit more", `${code}0`],
      ["a digit too many in front", `0${code}`],
      ["a space behind", `${code} `],
      ["a space in front", ` ${code}`],
      ["a plus sign", `+${code}`],
      ["a plus sign in place of the first digit", `+${code.slice(1)}`],
      ["a new line", `${code}\n`],
      ["a zero byte in the middle", `${code.slice(0, 3)}\0${code.slice(3)}`],
      ["a zero byte in front", `\0${code}`],
      ["a dash behind", `${code}-`],
      ["a dot in the middle", `${code.slice(0, 3)}.${code.slice(3)}`],
      ["nothing but spaces", "      "],
      ["full-width digits", code.replace(/\d/g, (d) => String.fromCharCode(0xff10 + Number(d)))],
      ["Arabic digits", code.replace(/\d/g, (d) => String.fromCharCode(0x660 + Number(d)))],
      ["hexadecimal digits beyond 9", `${code.slice(0, 5)}:`],
      ["a slash", `/${code.slice(1)}`],
      ["the high bit set", Buffer.from(code).map((byte) => byte | 128) as Buffer],
      ["the longest text", code.repeat(11).slice(0, 64)],
      ["zeros", "\0\0\0\0\0\0"],
    ];
    test.each(forms)("%s", (_, text) => {
      const user = new User(core, TOTP.enrolment);
      const proof = { kind: "clear", text: Buffer.from(text) } as const;
      expect(user.dial(proof, TIME).reason).toBe("wrong-code");
      expect(user.dial(code, TIME).reason).toBe("ok");
    });

    test("spaces and dashes between the digits, and zero bytes behind, do not count", () => {
      const user = new User(core, TOTP.enrolment);
      const [a, b] = [code.slice(0, 3), code.slice(3)];
      const spaced = [`${a} ${b}`, `${a}-${b}`, `${a} - ${b}`, [...code].join(" "), `${code}\0`, `${a} ${b}\0\0\0`, `${code}\0xyz`];
      for (const text of spaced) expect(user.wouldGet(text, TIME), text).toBe("ok");
      const motpUser = new User(core, MOTP.enrolment);
      const right = motp(TIME / 10);
      expect(motpUser.wouldGet(`${right.slice(0, 2)} ${right.slice(2)}\0`, TIME)).toBe("ok");
      // Not where a password stands in the same text.
      const both = new User(core, { ...TOTP.enrolment, mode: "password+code", password: "p" });
      for (const text of spaced) expect(both.wouldGet(`p${text}`, TIME), text).toBe("wrong-code");
      const second = new User(core, { ...TOTP.enrolment, mode: "password-then-code", password: "p" });
      for (const text of spaced) expect(second.wouldGet(text, TIME, { second: true }), text).toBe("ok");
      expect(second.wouldGet("p\0", TIME)).toBe("wrong-code");
    });

    test("longer than any text is a bad request", () => {
      const user = new User(core, TOTP.enrolment);
      expect(user.dial("1".repeat(65), TIME).reason).toBe("bad-request");
      expect(user.dial("1".repeat(300), TIME).reason).toBe("bad-request");
    });

    test("mOTP in lower case only, each of its digits", () => {
      const user = new User(core, MOTP.enrolment);
      const letters = new Set<string>();
      for (let step = TIME / 10; letters.size < 6; step++) {
        const right = motp(step);
        if (!/[a-f]/.test(right)) continue;
        for (const letter of right.match(/[a-f]/g)!) letters.add(letter);
        expect(user.wouldGet(right, step * 10)).toBe("ok");
        expect(user.wouldGet(right.toUpperCase(), step * 10)).toBe("wrong-code");
        expect(
          user.wouldGet(
            right.replace(/[a-f]/, (c) => c.toUpperCase()),
            step * 10,
          ),
        ).toBe("wrong-code");
        expect(user.wouldGet(right.replace(/[a-f]/, "g"), step * 10)).toBe("wrong-code");
        expect(user.wouldGet(`0x${right}`, step * 10)).toBe("wrong-code");
        expect(user.wouldGet(`${right} `, step * 10)).toBe("wrong-code");
      }
    });
  });

  describe("modes", () => {
    const right = totp(TIME / 30);
    const password = "pässwörd";

    test("password and code in one: both, whole, in this order", () => {
      const user = new User(core, { ...TOTP.enrolment, mode: "password+code", password });
      expect(user.wouldGet(password + right, TIME)).toBe("ok");
      for (const text of [
        right,
        password,
        right + password,
        `${password} ${right}`,
        `${password.slice(0, -1)}${right}`,
        `p${password.slice(1, -1)}D${right}`,
        `${password}${totp(TIME / 30 + 2)}`,
        `x${password.slice(1)}${right}`,
      ]) {
        expect(user.wouldGet(text, TIME), text).toBe("wrong-code");
      }
      expect(user.dial(right, TIME, { second: true }).reason).toBe("bad-request");
    });

    test("the longest password with the longest code", () => {
      const long = "0123456789abcdef0123456789abcdef";
      const user = new User(core, { ...TOTP.enrolment, mode: "password+code", password: long, digits: 8 });
      expect(user.wouldGet(long + totp(TIME / 30, 8), TIME)).toBe("ok");
      expect(user.wouldGet(`${long.slice(0, 31)}e${totp(TIME / 30, 8)}`, TIME)).toBe("wrong-code");
    });

    test("password, then code: each in its own step, and only the code is spent", () => {
      const user = new User(core, { ...TOTP.enrolment, mode: "password-then-code", password });
      const before = user.record.slice();
      expect(user.dial(password, TIME)).toMatchObject({ outcome: "continue", reason: "password-ok" });
      expect(user.record).toEqual(before);
      expect(user.wouldGet(right, TIME)).toBe("wrong-code");
      expect(user.wouldGet(password, TIME, { second: true })).toBe("wrong-code");
      expect(user.wouldGet(password.toUpperCase(), TIME)).toBe("wrong-code");
      expect(user.wouldGet("", TIME)).toBe("wrong-code");
      expect(user.dial(right, TIME, { second: true })).toMatchObject({ outcome: "accept", reason: "ok" });
      expect(user.dial(right, TIME, { second: true }).reason).toBe("code-spent");
    });

    test("code alone: a second step is a bad request", () => {
      const user = new User(core, TOTP.enrolment);
      expect(user.dial(right, TIME, { second: true }).reason).toBe("bad-request");
    });
  });
});
