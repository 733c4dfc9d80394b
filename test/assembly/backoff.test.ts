// Back-off: what failures cost, what ends a wait, and the chance that is left to somebody who guesses for a year.
import { describe, expect, test } from "vitest";
import { FIRST_WAIT_SECONDS, FREE_FAILURES, LONGEST_WAIT_SECONDS, RECORD_STATE } from "../../assembly/abi.ts";
import { Core, type Enrolment } from "../../host/core/core.ts";
import { BINARIES, User } from "../binaries.ts";
import * as codes from "../codes.ts";

const SECRET = Buffer.from("12345678901234567890");
const TIME = 1_700_000_010;
const DAY = 86_400;
const STRANGER = 0;
const HOME = 7;
const ELSEWHERE = 99;

const code = (time: number) => codes.totp(SECRET, time);
/** In no window of these tests. */
const WRONG = "no code";

test("the policy", () => {
  expect([FREE_FAILURES, FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS]).toEqual([5, 30, DAY]);
});

describe.each(BINARIES)("$name", ({ module }) => {
  const core = new Core(module);
  const enrol = (enrolment: Partial<Enrolment> = {}) =>
    new User(core, { factor: "totp", secret: SECRET, ...enrolment });

  /** Fails `times` times, each as soon as it may; answers when, and the wait after the last. */
  function fail(user: User, times: number, time: number, source = STRANGER): { time: number; wait: number } {
    let wait = 0;
    for (let n = 0; n < times; n++) {
      time += wait;
      const verdict = user.dial(WRONG, time, { source });
      expect(verdict.reason).toBe("wrong-code");
      wait = verdict.waitSeconds;
    }
    return { time, wait };
  }

  test("five failures are told to wait, each further one twice as long, to a day", () => {
    const user = enrol();
    const waits = [];
    let time = TIME;
    for (let n = 1; n <= 20; n++) {
      const verdict = user.dial(WRONG, time);
      expect(verdict.reason).toBe("wrong-code");
      waits.push(verdict.waitSeconds);
      time += verdict.waitSeconds;
    }
    const doubling = [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 30720, 61440, DAY];
    expect(waits).toEqual([0, 0, 0, 0, ...doubling, DAY, DAY, DAY]);
  });

  test("the wait runs to its second, in which a right code is accepted and before which none is looked at", () => {
    const user = enrol();
    const { time, wait } = fail(user, 7, TIME);
    expect(wait).toBe(120);
    for (const left of [120, 119, 60, 1]) {
      const at = time + wait - left;
      const kept = user.record.slice();
      expect(user.dial(code(at), at)).toMatchObject({
        reason: "must-wait",
        outcome: "refuse",
        waitSeconds: left,
      });
      expect(user.dial(WRONG, at)).toMatchObject({ reason: "must-wait", waitSeconds: left });
      expect(user.record, "an attempt during the wait costs nothing").toEqual(kept);
    }
    expect(user.dial(code(time + wait), time + wait)).toMatchObject({ outcome: "accept", waitSeconds: 0 });
  });

  test("a success ends it all", () => {
    const user = enrol();
    const { time, wait } = fail(user, 9, TIME);
    expect(user.dial(code(time + wait), time + wait).outcome).toBe("accept");
    expect(user.state).toMatchObject({ failures: [0, 0], since: [0, 0] });
    expect(fail(user, 4, time + wait).wait).toBe(0);
    expect(fail(user, 1, time + wait).wait).toBe(30);
  });

  test("a failure is forgotten each day", () => {
    const user = enrol();
    const { time } = fail(user, 10, TIME);
    const attempt = (after: number) => {
      const kept = user.record.slice();
      const verdict = user.dial(WRONG, time + after);
      user.record = kept;
      return [verdict.reason, verdict.waitSeconds];
    };
    // After n failures the wait is 30 s · 2^(n − 5).
    expect(attempt(DAY - 1)).toEqual(["wrong-code", 30 * 2 ** 6]);
    expect(attempt(DAY)).toEqual(["wrong-code", 30 * 2 ** 5]);
    expect(attempt(2 * DAY - 1)).toEqual(["wrong-code", 30 * 2 ** 5]);
    expect(attempt(4 * DAY)).toEqual(["wrong-code", 30 * 2 ** 2]);
    expect(attempt(6 * DAY)).toEqual(["wrong-code", 30]);
    expect(attempt(7 * DAY)).toEqual(["wrong-code", 0]);
    expect(attempt(10 * DAY)).toEqual(["wrong-code", 0]);
    expect(attempt(10_000 * DAY)).toEqual(["wrong-code", 0]);
    user.dial(WRONG, time + 4 * DAY);
    expect(user.state.failures).toEqual([7, 0]);
  });

  test("nothing locks for ever: after any number of failures a day is enough", () => {
    const user = enrol();
    let { time, wait } = fail(user, 300, TIME);
    expect(wait).toBe(DAY);
    user.record[RECORD_STATE + 1] = 255; // the most that a state can hold
    time += wait;
    expect(user.dial(code(time), time).outcome).toBe("accept");
  });

  test("attempts without pause do not move the end of the wait", () => {
    const user = enrol();
    const { time, wait } = fail(user, 8, TIME);
    for (let t = time; t < time + wait; t++) {
      expect(user.dial(WRONG, t)).toMatchObject({ reason: "must-wait", waitSeconds: time + wait - t });
    }
    expect(user.dial(code(time + wait), time + wait).outcome).toBe("accept");
  });

  describe("known sources and strangers", () => {
    test("a stranger who fails does not keep the user out from where they have logged in", () => {
      const user = enrol();
      expect(user.dial(code(TIME), TIME, { source: HOME }).outcome).toBe("accept");
      const { time } = fail(user, 12, TIME + 60, ELSEWHERE);
      expect(user.dial(code(time), time, { source: ELSEWHERE }).reason).toBe("must-wait");
      expect(user.dial(code(time), time, { source: STRANGER }).reason).toBe("must-wait");
      expect(user.dial(code(time), time, { source: HOME }).outcome).toBe("accept");
      expect(user.state.failures, "and a success at home does not help the stranger").toEqual([12, 0]);
      expect(user.dial(WRONG, time, { source: ELSEWHERE }).reason).toBe("must-wait");
    });

    test("failures from a known source are counted apart, and wait as long", () => {
      const user = enrol();
      user.dial(code(TIME), TIME, { source: HOME });
      const { time, wait } = fail(user, 6, TIME + 60, HOME);
      expect(wait).toBe(60);
      expect(user.state.failures).toEqual([0, 6]);
      expect(user.dial(code(time + 30), time + 30, { source: HOME }).reason).toBe("must-wait");
      expect(user.wouldGet(code(time + 30), time + 30, { source: ELSEWHERE })).toBe("ok");
      user.dial(code(time + wait), time + wait, { source: HOME });
      expect(user.state.failures).toEqual([0, 0]);
    });

    test("a source becomes known by a success only, and is one of the last four", () => {
      const user = enrol();
      fail(user, 3, TIME, 1);
      expect(user.state.sources).toEqual([0, 0, 0, 0]);
      for (const source of [1, 2, 3, 4, 1, 5]) {
        const time = TIME + 1000 * (source + (user.state.sources.includes(source) ? 10 : 0));
        expect(user.dial(code(time), time, { source }).outcome).toBe(source === 5 ? "refuse" : "accept");
      }
      expect(user.state.sources).toEqual([1, 2, 3, 4]);
      const time = TIME + 100_000;
      expect(user.dial(code(time), time, { source: 5 }).outcome).toBe("accept");
      expect(user.state.sources).toEqual([5, 2, 3, 4]);
      fail(user, 1, time, 1);
      expect(user.state.failures, "1 is a stranger again").toEqual([1, 0]);
      fail(user, 1, time, 5);
      fail(user, 1, time, 2);
      expect(user.state.failures).toEqual([1, 2]);
    });

    test("no source is never known", () => {
      const user = enrol();
      user.dial(code(TIME), TIME, { source: 0 });
      expect(user.state.sources).toEqual([0, 0, 0, 0]);
      fail(user, 2, TIME, 0);
      expect(user.state.failures).toEqual([2, 0]);
    });
  });

  describe("a clock that jumps", () => {
    test.each([1, 3600, 365 * DAY])("set back by %i s never makes the wait longer than it was", (back) => {
      const user = enrol();
      const { time, wait } = fail(user, 7, TIME);
      const verdict = user.dial(WRONG, time - back);
      expect(verdict.reason).toBe("must-wait");
      expect(verdict.waitSeconds).toBeLessThanOrEqual(wait);
      const again = user.dial(WRONG, time - back + 10);
      expect(again.waitSeconds, "and it runs down").toBe(verdict.waitSeconds - 10);
      const end = time - back + verdict.waitSeconds;
      expect(user.dial(code(end), end).outcome, "to an end").toBe("accept");
    });

    test("set forward lets the wait end, and set right again does not bring it back", () => {
      const user = enrol();
      const { time } = fail(user, 12, TIME);
      expect(user.wouldGet(code(time + 400 * DAY), time + 400 * DAY)).toBe("ok");
      fail(user, 1, time + 400 * DAY);
      expect(user.state.failures).toEqual([1, 0]);
      expect(user.dial(code(time), time)).toMatchObject({ outcome: "accept" });
    });
  });

  test("unlock ends the wait of both counts, and nothing else", () => {
    const user = enrol();
    user.dial(code(TIME), TIME, { source: HOME });
    fail(user, 8, TIME + 60, HOME);
    fail(user, 9, TIME + 60, ELSEWHERE);
    const before = user.state;
    const kept = user.record.slice();
    user.record.set(core.unlock(user.record.slice(RECORD_STATE)), RECORD_STATE);
    expect(user.state).toEqual({ ...before, failures: [0, 0], since: [0, 0] });
    expect(user.record.slice(0, RECORD_STATE)).toEqual(kept.slice(0, RECORD_STATE));
    for (const source of [HOME, ELSEWHERE])
      expect(user.wouldGet(code(TIME + 61), TIME + 61, { source })).toBe("ok");
    expect(user.dial(code(TIME), TIME + 30).reason, "what is spent stays spent").toBe("code-spent");
  });

  test("what is refused before the code is looked at counts as no failure", () => {
    const pending = enrol({ active: false });
    const disabled = enrol({ enabled: false });
    const other = enrol({ types: ["openvpn"] });
    for (let n = 0; n < 10; n++) {
      expect(pending.dial(WRONG, TIME).reason).toBe("profile-pending");
      expect(disabled.dial(WRONG, TIME).reason).toBe("profile-disabled");
      expect(other.dial(WRONG, TIME, { type: "pptp" }).reason).toBe("type-not-allowed");
      expect(other.dial("1".repeat(65), TIME).reason).toBe("bad-request");
    }
    for (const user of [pending, disabled, other]) expect(user.state.failures).toEqual([0, 0]);
    expect(pending.dial(code(TIME), TIME, { activate: true }).reason).toBe("ok");
  });

  test("guesses at an activation, at a password and at its code count as well", () => {
    const pending = enrol({ active: false });
    for (let n = 0; n < 5; n++) pending.dial(WRONG, TIME, { activate: true });
    expect(pending.dial(code(TIME), TIME, { activate: true }).reason).toBe("must-wait");
    const steps = enrol({ mode: "password-then-code", password: "p" });
    for (let n = 0; n < 3; n++) steps.dial("q", TIME);
    for (let n = 0; n < 2; n++) steps.dial(WRONG, TIME, { second: true });
    expect(steps.dial("p", TIME)).toMatchObject({ reason: "must-wait", waitSeconds: 30 });
    expect(steps.dial("p", TIME + 30).reason).toBe("password-ok");
    expect(steps.state.failures, "the password alone is no success").toEqual([5, 0]);
  });
});

// The chance of guessing: an attempt hits with at most the candidates of its window over all codes.
describe("a year of guessing without pause", () => {
  const core = new Core(BINARIES[0]!.module);
  const YEAR = 365 * DAY;

  /** Attempts that the core looks at in a year from `sources` in turn; `daily` logs the user in, once a day. */
  function countAttempts(sources: number[], daily?: number): number {
    const user = new User(core, { factor: "totp", secret: SECRET });
    user.dial(code(TIME), TIME, { source: HOME });
    const nextTry = new Map(sources.map((source) => [source, TIME]));
    let nextLogin = daily === undefined ? Infinity : TIME + DAY;
    let attempts = 0;
    for (;;) {
      const [source, soonest] = [...nextTry].reduce((a, b) => (b[1] < a[1] ? b : a));
      const time = Math.min(soonest, nextLogin);
      if (time >= TIME + YEAR) return attempts;
      if (time === nextLogin) {
        // The user waits like everybody, and then logs in.
        const verdict = user.dial(code(time), time, { source: daily! });
        nextLogin = verdict.outcome === "accept" ? nextLogin + DAY : time + Math.max(verdict.waitSeconds, 1);
        if (verdict.outcome === "accept") for (const s of sources) nextTry.set(s, time);
        continue;
      }
      const verdict = user.dial(WRONG, time, { source });
      if (verdict.reason === "wrong-code") attempts++;
      nextTry.set(source, time + verdict.waitSeconds);
    }
  }

  const FACTORS = [
    { name: "TOTP, 6 digits, ±1 step", candidates: 3, codes: 1e6 },
    { name: "mOTP, ±60 s", candidates: 13, codes: 16 ** 6 },
    { name: "HOTP, 6 digits, look-ahead 10", candidates: 11, codes: 1e6 },
  ];

  test.each([
    ["as a stranger", [ELSEWHERE], undefined],
    ["as a stranger and from a known source at once", [ELSEWHERE, HOME], undefined],
    ["as a stranger, while the user logs in at home every day", [ELSEWHERE], HOME],
  ] as const)("%s: at most one in a hundred", (name, sources, daily) => {
    const attempts = countAttempts([...sources], daily);
    // Each attempt adds a failure, a day takes one, and from 18 failures on a day must pass: no order of attempts does better.
    expect(attempts).toBeLessThanOrEqual(sources.length * (365 + 18));
    expect(attempts).toBeGreaterThan(sources.length * 365);
    for (const factor of FACTORS) {
      const chance = (attempts * factor.candidates) / factor.codes;
      console.log(`${name}: ${attempts} attempts, ${factor.name}: ${(100 * chance).toFixed(3)} %`);
      expect(chance, factor.name).toBeLessThanOrEqual(0.01);
    }
  });
});
