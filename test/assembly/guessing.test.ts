// What guessing costs, and whom it must not cost anything: failures, waits, their door, repeated proofs, clocks that jump.
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { Core, type Enrolment } from "../../host/core/core.ts";
import type { Proof } from "../../host/core/dial-in.ts";
import { BINARIES, clear, User } from "../binaries.ts";
import * as codes from "../codes.ts";
import { prove } from "../kinds.ts";

const SECRET = Buffer.from("12345678901234567890");
const TIME = 1_700_000_010;
const DAY = 86_400;
const STRANGER = 0;
const HOME = 7;
const ELSEWHERE = 99;
/** The longest wait of TOTP's default window: six candidates with the drifted ones. */
const LONGEST = 6 * abi.CANDIDATE_WAIT_SECONDS;

const code = (time: number) => codes.totp(SECRET, time);
let wrongs = 0;
/** In no window of these tests, and never twice the same. */
const wrong = () => `no code ${wrongs++}`;

test("the policy", () => {
  expect([abi.FREE_FAILURES, abi.FIRST_WAIT_SECONDS, abi.LONGEST_WAIT_SECONDS]).toEqual([5, 30, DAY / 2]);
  expect([abi.DOOR_LOOKS, abi.DOOR_CODES, abi.DOOR_SECONDS]).toEqual([3, 3, 120]);
});

describe.each(BINARIES)("$name", ({ module }) => {
  const core = new Core(module);
  const enrol = (enrolment: Partial<Enrolment> = {}) =>
    new User(core, { factor: "totp", secret: SECRET, ...enrolment });

  /** Fails `times` times, each as soon as it may; returns when, and the wait after the last. */
  function fail(user: User, times: number, time: number, source = STRANGER): { time: number; wait: number } {
    let wait = 0;
    for (let n = 0; n < times; n++) {
      time += wait;
      const verdict = user.dial(wrong(), time, { source });
      expect(verdict.reason).toBe("wrong-code");
      wait = verdict.waitSeconds;
    }
    return { time, wait };
  }

  test("five failures are told to wait, each further one twice as long, to a cap", () => {
    const waits = (user: User) => {
      let time = TIME;
      return Array.from({ length: 22 }, () => {
        const { waitSeconds } = user.dial(wrong(), time);
        time += waitSeconds;
        return waitSeconds;
      });
    };
    const doubling = (cap: number) =>
      Array.from({ length: 22 }, (_, n) => (n < 4 ? 0 : Math.min(30 * 2 ** (n - 4), cap)));
    expect(waits(enrol())).toEqual(doubling(LONGEST));
    // The cap follows from the chance of a guess: the candidates, of a million codes.
    expect(waits(enrol({ driftBound: 0 }))).toEqual(doubling(DAY / 2));
    expect(waits(enrol({ factor: "hotp" }))).toEqual(doubling(11 * 14400));
    expect(waits(enrol({ back: 31, forward: 32, driftBound: 99 }))).toEqual(doubling(128 * 14400));
    const motp = { factor: "motp", secret: SECRET.subarray(0, 16), pin: "1234" } as const;
    expect(waits(enrol(motp))).toEqual(doubling(DAY / 2));
    expect(waits(enrol({ ...motp, back: 31, forward: 32, driftBound: 99 }))).toEqual(doubling(8 * 14400));
  });

  test("the wait runs to its second, in which a right code is accepted", () => {
    const user = enrol();
    const { time, wait } = fail(user, 7, TIME);
    expect(wait).toBe(120);
    for (const left of [120, 119, 60, 1]) {
      const at = time + wait - left;
      const waiting = { outcome: "refuse", reason: "must-wait", waitSeconds: left, offset: 0 };
      expect(user.dial(wrong(), at)).toEqual(waiting);
      expect(user.dial(code(TIME), at)).toEqual(waiting);
    }
    expect(user.state.failures).toEqual([7, 0]);
    const end = time + wait;
    expect(user.dial(code(end), end)).toMatchObject({ outcome: "accept", waitSeconds: 0 });
  });

  test("attempts without pause do not move the end of the wait", () => {
    const user = enrol();
    const { time, wait } = fail(user, 8, TIME);
    for (let t = time; t < time + wait; t++)
      for (let n = 0; n < 4; n++)
        expect(user.dial(wrong(), t)).toMatchObject({ reason: "must-wait", waitSeconds: time + wait - t });
    expect(user.dial(code(time + wait), time + wait).outcome).toBe("accept");
  });

  test("a success forgives nothing: whoever guesses beside the owner gains nothing by it", () => {
    for (const source of [STRANGER, HOME]) {
      const user = enrol();
      user.dial(code(TIME - 3000), TIME - 3000, { source });
      const { time, wait } = fail(user, 9, TIME, source);
      expect(user.dial(code(time + wait), time + wait, { source }).outcome).toBe("accept");
      expect(fail(user, 1, time + wait, source).wait).toBe(2 * wait);
    }
  });

  test("a failure is forgotten after the longest wait", () => {
    const user = enrol();
    const { time } = fail(user, 10, TIME);
    const attempt = (after: number) => {
      const kept = user.record.slice();
      const verdict = user.dial(wrong(), time + after);
      user.record = kept;
      return [verdict.reason, verdict.waitSeconds];
    };
    // After n failures the wait is 30 s · 2^(n − 5).
    expect(attempt(LONGEST - 1)).toEqual(["wrong-code", 30 * 2 ** 6]);
    expect(attempt(LONGEST)).toEqual(["wrong-code", 30 * 2 ** 5]);
    expect(attempt(2 * LONGEST - 1)).toEqual(["wrong-code", 30 * 2 ** 5]);
    expect(attempt(4 * LONGEST)).toEqual(["wrong-code", 30 * 2 ** 2]);
    expect(attempt(7 * LONGEST)).toEqual(["wrong-code", 0]);
    expect(attempt(10_000 * DAY)).toEqual(["wrong-code", 0]);
    user.dial(wrong(), time + 4 * LONGEST);
    expect(user.state.failures).toEqual([7, 0]);
  });

  test("nothing locks for ever: after any number of failures the longest wait is enough", () => {
    const user = enrol();
    let { time, wait } = fail(user, 60, TIME);
    expect(wait).toBe(LONGEST);
    expect(user.state.failures[0]).toBeLessThanOrEqual(abi.MOST_FAILURES);
    user.record[abi.RECORD_STATE + abi.STATE_FAILURES] = 255; // the most that a state can hold
    time += wait;
    expect(user.dial(code(time), time).outcome).toBe("accept");
  });

  describe("the same proof again", () => {
    const OTHER = codes.totp(SECRET, TIME + 9000);
    const proofs: [string, (time: number) => Proof][] = [
      ["clear", () => clear(OTHER)],
      ["chap", () => prove("chap", OTHER, 3)],
      ["mschapv2", () => prove("mschapv2", OTHER, 3)],
    ];

    test.each(proofs)("a wrong one (%s) costs once, and does not become right", (_, proof) => {
      const user = enrol();
      expect(user.dial(proof(TIME), TIME).reason).toBe("wrong-code");
      const kept = user.record.slice();
      for (let time = TIME; time < TIME + 12_000; time += 15)
        expect(user.dial(proof(time), time)).toMatchObject({ reason: "wrong-code", waitSeconds: 0 });
      expect(user.record).toEqual(kept);
      // It would have been right on the way: a free look at each step would be a free guess at each.
      expect(enrol().dial(proof(0), TIME + 9000).reason).toBe("ok");
      expect(user.dial(code(TIME + 12_000), TIME + 12_000).reason).toBe("ok");
    });

    test.each(["clear", "chap", "mschapv2"] as const)("the accepted one (%s) costs nothing, for hours", (kind) => {
      const user = enrol();
      const proof = prove(kind, code(TIME), 5);
      expect(user.dial(proof, TIME).reason).toBe("ok");
      const kept = user.record.slice();
      for (let time = TIME; time < TIME + DAY; time += 977) {
        expect(user.dial(proof, time).reason).toBe("code-spent");
        // The client dials anew with its saved code: a new challenge each time.
        expect(user.dial(prove(kind, code(TIME), time % 250), time).reason).toBe("code-spent");
      }
      expect(user.record).toEqual(kept);
    });

    test("another step of the login is another question", () => {
      const user = enrol({ mode: "password-then-code", password: "p" });
      expect(user.dial(code(TIME), TIME).reason, "the code where the password is asked").toBe("wrong-code");
      expect(user.dial("p", TIME).reason).toBe("password-ok");
      expect(user.dial(code(TIME), TIME, { second: true }).reason).toBe("ok");
    });

    test("what is kept of it is another number for every user, and gone after a change and an accept", () => {
      const seen = new Set<number>();
      for (let i = 0; i < 50; i++) {
        const user = new User(core, { factor: "totp", secret: Buffer.from(`1234567890123456789${i}`) });
        user.dial("nearly my password", TIME);
        seen.add(user.state.wrong);
      }
      expect(seen.size).toBe(50);
      const user = enrol({ mode: "password-then-code", password: "old" });
      user.dial("new", TIME);
      expect(user.state.wrong).not.toBe(0);
      const changed = core.enrol(
        { factor: "totp", secret: SECRET, mode: "password-then-code", password: "new" },
        user.record.slice(abi.RECORD_STATE),
      );
      user.record = changed;
      expect(user.state.wrong).toBe(0);
      expect(user.dial("new", TIME).reason).toBe("password-ok");
      const other = enrol();
      other.dial("x", TIME);
      other.dial(code(TIME), TIME);
      expect(other.state.wrong).toBe(0);
    });
  });

  describe("the door of a wait", () => {
    const FACTORS = [
      { name: "TOTP", enrolment: { factor: "totp", secret: SECRET }, period: 30, code: (s: number) => codes.hotp(SECRET, s) },
      {
        name: "mOTP",
        enrolment: { factor: "motp", secret: SECRET.subarray(0, 16), pin: "1234" },
        period: 10,
        code: (s: number) => codes.motp(SECRET.toString("hex", 0, 16), "1234", s * 10),
      },
    ] as const;
    const KINDS = ["clear", "chap", "mschapv2"] as const;
    const rows = FACTORS.flatMap((factor) => KINDS.map((kind) => ({ ...factor, kind })));

    test.each(rows)("$name, $kind: three right codes in a row, beside one guess a second", ({ enrolment, period, code, kind }) => {
      const user = new User(core, enrolment);
      const first = TIME - (TIME % period);
      user.dial(code(first / period - 10), first - 10 * period, { source: HOME });
      const { time } = fail(user, 14, first, HOME);
      const step = Math.ceil(time / period) + 1;
      const got = [];
      for (let t = step * period; t < (step + 3) * period; t++) {
        expect(user.dial(wrong(), t, { source: HOME }).reason).toBe("must-wait");
        if (t % period === 3) got.push(user.dial(prove(kind, code(t / period | 0), t % 200), t, { source: HOME }).reason);
      }
      expect(got).toEqual(["must-wait", "must-wait", "ok"]);
      expect(user.state).toMatchObject({ next: step + 3, failures: [0, 14], door: { codes: 0 } });
      const after = (step + 3) * period;
      expect(user.dial(code(step + 2), after, { source: HOME }).reason, "the door is shut again").toBe("must-wait");
    });

    test("HOTP: three within the look-ahead", () => {
      const user = new User(core, { factor: "hotp", secret: SECRET, counter: 100 });
      const { time } = fail(user, 14, TIME);
      const reasons = [101, 102, 103].map((counter, i) => user.dial(codes.hotp(SECRET, counter), time + i).reason);
      expect(reasons).toEqual(["must-wait", "must-wait", "ok"]);
      expect(user.state.next).toBe(104);
    });

    /** Right codes at these seconds of a wait, TOTP. */
    function knock(user: User, times: readonly number[], of = times) {
      return times.map((t, i) => user.dial(code(of[i]!), t).reason);
    }
    const locked = (enrolment: Partial<Enrolment> = {}) => {
      const user = enrol(enrolment);
      const { time } = fail(user, 14, TIME);
      return { user, time: time + 30 - (time % 30) };
    };

    test("only codes of later steps count, each within two minutes of the one before", () => {
      const { user, time: t } = locked();
      expect(knock(user, [t, t, t + 1, t + 2]), "one code again and again").not.toContain("ok");
      expect(knock(user, [t + 31, t + 32], [t + 1, t - 20]), "earlier codes").not.toContain("ok");
      expect(user.state.door.codes).toBe(1);
      expect(knock(user, [t + 120, t + 150])).toEqual(["must-wait", "ok"]);
      const late = locked();
      expect(knock(late.user, [late.time, late.time + 120, late.time + 241])).not.toContain("ok");
      expect(late.user.state.door.codes, "the last one begins anew").toBe(1);
    });

    test("three proofs in two seconds are looked at, whoever sends them", () => {
      const { user, time: t } = locked();
      const guess = (at: number) => user.dial(wrong(), at, { source: ELSEWHERE });
      for (const at of [t, t + 30]) {
        guess(at);
        guess(at + 1);
        knock(user, [at + 1]);
      }
      guess(t + 60);
      guess(t + 60);
      guess(t + 61);
      const kept = user.record.slice();
      expect(knock(user, [t + 61]), "the fourth of its two seconds").toEqual(["must-wait"]);
      expect(user.record, "and costs nothing, not even a write").toEqual(kept);
      expect(knock(user, [t + 62])).toEqual(["ok"]);
    });

    test("a wait is told without offset, and its first right codes change nothing else", () => {
      const { user, time: t } = locked({ driftBound: 9 });
      const { next, drift, failures } = user.state;
      expect(user.dial(code(t + 30), t)).toMatchObject({ reason: "must-wait", offset: 0 });
      expect(user.state).toMatchObject({ next, drift, failures, active: true });
    });

    test("a code does not follow before its step has begun: nobody guesses ahead beside the owner", () => {
      const { user, time: t } = locked();
      expect(knock(user, [t + 3, t + 4], [t + 3, t + 33])).toEqual(["must-wait", "must-wait"]);
      expect(user.state.door.codes, "the second one begins anew").toBe(1);
      const prompt = locked();
      expect(knock(prompt.user, [t + 3, t + 30, t + 60])).toEqual(["must-wait", "must-wait", "ok"]);
      // A step that was left out has begun as well; one that is typed late, when the next has begun, too.
      const skipped = locked();
      expect(knock(skipped.user, [t, t + 60, t + 120])).toEqual(["must-wait", "must-wait", "ok"]);
      const late = locked();
      expect(knock(late.user, [t, t + 61, t + 95], [t, t + 30, t + 65])).toEqual(["must-wait", "must-wait", "ok"]);
    });

    test("a code that comes sooner than a device shows the next one counts for nothing", () => {
      const { user, time: t } = locked();
      expect(knock(user, [t + 15, t + 34, t + 60, t + 79])).toEqual(["must-wait", "must-wait", "must-wait", "must-wait"]);
      expect(user.state.door.codes, "of the first and the third").toBe(2);
      expect(user.dial(code(t + 90), t + 90).reason).toBe("ok");
      const slow = locked();
      expect(knock(slow.user, [t + 15, t + 35, t + 60])).toEqual(["must-wait", "must-wait", "ok"]);
    });

    test("a caller that the host has wait has the same door, and costs the user nothing", () => {
      for (const right of [true, false]) {
        const user = enrol();
        const at = (second: number) => user.dial(right ? code(TIME + second) : wrong(), TIME + second, { callerWaits: true });
        for (const second of [0, 30]) expect(at(second)).toMatchObject({ reason: "must-wait", waitSeconds: 0 });
        expect(at(60).reason).toBe(right ? "ok" : "must-wait");
        expect(user.state).toMatchObject({ failures: [0, 0], wrong: 0 });
        expect(user.dial(code(TIME + 90), TIME + 90).reason, "elsewhere one code is enough").toBe("ok");
      }
    });

    test("HOTP: a code follows the one before it only", () => {
      const user = new User(core, { factor: "hotp", secret: SECRET, counter: 100 });
      const { time } = fail(user, 14, TIME);
      const reasons = [101, 102, 104, 105, 106].map((counter, i) => user.dial(codes.hotp(SECRET, counter), time + i).reason);
      expect(reasons).toEqual(["must-wait", "must-wait", "must-wait", "must-wait", "ok"]);
    });

    test("neither the password alone nor a spent code opens it", () => {
      const user = enrol({ mode: "password-then-code", password: "p" });
      const { time } = fail(user, 14, TIME);
      for (let i = 0; i < 5; i++) expect(user.dial("p", time + 1 + 30 * i).reason).toBe("must-wait");
      const spent = enrol();
      const end = fail(spent, 8, TIME).time;
      const t = end + 240;
      expect(spent.dial(code(t), t).reason).toBe("ok");
      fail(spent, 1, t);
      expect(spent.dial(code(t), t + 1).reason).toBe("must-wait");
      expect(spent.state.door.codes).toBe(0);
    });
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
    });

    test("failures from a known source are counted apart, and wait as long", () => {
      const user = enrol();
      user.dial(code(TIME), TIME, { source: HOME });
      const { time, wait } = fail(user, 6, TIME + 60, HOME);
      expect(wait).toBe(60);
      expect(user.state.failures).toEqual([0, 6]);
      expect(user.dial(wrong(), time + 30, { source: HOME }).reason).toBe("must-wait");
      expect(user.wouldGet(code(time + 30), time + 30, { source: ELSEWHERE })).toBe("ok");
      expect(user.wouldGet(code(time + wait), time + wait, { source: HOME })).toBe("ok");
    });

    test("a source becomes known by a success only, and is one of the last three", () => {
      const user = enrol();
      fail(user, 3, TIME, 1);
      expect(user.state.sources).toEqual([0, 0, 0]);
      [1, 2, 3, 1, 4].forEach((source, i) => {
        const time = TIME + 100 * (i + 1);
        expect(user.dial(code(time), time, { source }).outcome).toBe("accept");
      });
      expect(user.state.sources).toEqual([4, 2, 3]);
      fail(user, 1, TIME + 1000, 1);
      expect(user.state.failures, "1 is a stranger again").toEqual([4, 0]);
      fail(user, 1, TIME + 1000, 4);
      fail(user, 1, TIME + 1000, 2);
      expect(user.state.failures).toEqual([4, 2]);
    });

    test("no source is never known", () => {
      const user = enrol();
      user.dial(code(TIME), TIME, { source: 0 });
      expect(user.state.sources).toEqual([0, 0, 0]);
      fail(user, 2, TIME, 0);
      expect(user.state.failures).toEqual([2, 0]);
    });
  });

  describe("a clock that jumps", () => {
    test.each([1, 3600, 365 * DAY])("set back by %i s never makes the wait longer than it was", (back) => {
      const user = enrol();
      const { time, wait } = fail(user, 7, TIME);
      const seen = user.dial(wrong(), time + 50).waitSeconds;
      expect(seen).toBe(wait - 50);
      const now = time + 50 - back;
      expect(user.dial(wrong(), now)).toMatchObject({ reason: "must-wait", waitSeconds: seen });
      expect(user.dial(wrong(), now + 10).waitSeconds, "and it runs down").toBe(seen - 10);
      const end = now + seen;
      expect(user.dial(code(end), end).outcome, "to an end").toBe("accept");
    });

    test("nor one for the password, where nothing else is looked at", () => {
      const user = enrol({ mode: "password-then-code", password: "p" });
      const { time, wait } = fail(user, 7, TIME);
      const now = time - 30 * DAY;
      for (let i = 0; i < wait; i += 7)
        expect(user.dial("p", now + i)).toMatchObject({ reason: "must-wait", waitSeconds: wait - i });
      expect(user.dial("p", now + wait).reason).toBe("password-ok");
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
    const { next, drift, sources, active } = user.state;
    const kept = user.record.slice();
    user.record.set(core.unlock(user.record.slice(abi.RECORD_STATE)), abi.RECORD_STATE);
    expect(user.state).toMatchObject({ next, drift, sources, active, failures: [0, 0], elapsed: [0, 0], wrong: 0 });
    expect(user.record.slice(0, abi.RECORD_STATE)).toEqual(kept.slice(0, abi.RECORD_STATE));
    for (const source of [HOME, ELSEWHERE])
      expect(user.wouldGet(code(TIME + 61), TIME + 61, { source })).toBe("ok");
    expect(user.dial(code(TIME), TIME + 30).reason, "what is spent stays spent").toBe("code-spent");
  });

  test("what is refused before the code is looked at counts as no failure", () => {
    const pending = enrol({ active: false });
    const disabled = enrol({ enabled: false });
    const other = enrol({ types: ["openvpn"] });
    const invalid = enrol();
    for (let n = 0; n < 10; n++) {
      expect(pending.dial(wrong(), TIME).reason).toBe("profile-pending");
      expect(disabled.dial(wrong(), TIME).reason).toBe("profile-disabled");
      expect(other.dial(wrong(), TIME, { type: "pptp" }).reason).toBe("type-not-allowed");
      expect(other.dial("1".repeat(65), TIME).reason).toBe("bad-request");
      expect(invalid.dial(code(TIME), TIME, { notValid: true }).reason).toBe("not-valid-now");
    }
    for (const user of [pending, disabled, other, invalid]) expect(user.state.failures).toEqual([0, 0]);
    expect(pending.dial(code(TIME), TIME, { activate: true }).reason).toBe("ok");
    expect(invalid.dial(code(TIME), TIME).reason).toBe("ok");
  });

  test("guesses at an activation, at a password and at its code count as well", () => {
    const pending = enrol({ active: false });
    for (let n = 0; n < 5; n++) pending.dial(wrong(), TIME, { activate: true });
    expect(pending.dial(code(TIME), TIME, { activate: true }).reason).toBe("must-wait");
    const steps = enrol({ mode: "password-then-code", password: "p" });
    for (let n = 0; n < 3; n++) steps.dial(wrong(), TIME);
    for (let n = 0; n < 2; n++) steps.dial(wrong(), TIME, { second: true });
    expect(steps.dial("p", TIME)).toMatchObject({ reason: "must-wait", waitSeconds: 30 });
    expect(steps.dial("p", TIME + 30).reason).toBe("password-ok");
    expect(steps.state.failures, "the password alone is no success").toEqual([5, 0]);
  });
});
