// A code is spent once: whatever window, clock or drift say, a step is accepted only after the last accepted one.
// Rows are numbered by the author's hand, as in the replay tests of WireGuard.
import { beforeEach, describe, expect, test } from "vitest";
import { RECORD_STATE, STATE_BYTES } from "../../assembly/abi.ts";
import { Core, type CoreRequest } from "../../host/core/core.ts";
import type { Reason } from "../../host/core/dial-in.ts";
import { BINARIES, clear, User } from "../binaries.ts";
import * as codes from "../codes.ts";

const SECRET = Buffer.from("12345678901234567890");
const MOTP_SECRET = "0123456789abcdef";
const PIN = "4711";
/** The clock's step in most rows: T's step counts from here. */
const BASE = 50_000_000;

interface Factor {
  name: string;
  period: number;
  enrol: (core: Core) => User;
  code: (step: number) => string;
}
const WINDOW = { back: 8, forward: 8, driftBound: 4, active: true };
const FACTORS: Factor[] = [
  {
    name: "TOTP",
    period: 30,
    enrol: (core) => new User(core, { factor: "totp", secret: SECRET, ...WINDOW }),
    code: (step) => codes.hotp(SECRET, step),
  },
  {
    name: "mOTP",
    period: 10,
    enrol: (core) =>
      new User(core, { factor: "motp", secret: Buffer.from(MOTP_SECRET, "hex"), pin: PIN, ...WINDOW }),
    code: (step) => codes.motp(MOTP_SECRET, PIN, step * 10),
  },
];
const SPENT = "code-spent";
const WRONG = "wrong-code";

function request(code: string, time: number, record = 0): CoreRequest {
  return { record, time, source: 0, dialIn: { user: "", source: "", proof: clear(code) } };
}

describe.each(BINARIES)("$name", ({ module }) => {
  const core = new Core(module);

  describe.each(FACTORS)("$name", ({ period, enrol, code }) => {
    let user: User;
    beforeEach(() => {
      user = enrol(core);
    });

    /** Row n: the code of a step, typed at the clock's step `clock`, both counted from BASE. */
    function T(n: number, step: number, expected: Reason, clock = 0): void {
      const { reason } = user.dial(code(BASE + step), (BASE + clock) * period);
      expect(reason, `row ${n}`).toBe(expected);
    }

    test("steps of one window", () => {
      T(1, 0, "ok");
      T(2, 0, SPENT);
      T(3, 1, "ok");
      T(4, 1, SPENT);
      T(5, 0, SPENT);
      T(6, -1, SPENT);
      T(7, 3, "ok");
      T(8, 2, SPENT);
      T(9, 3, SPENT);
      T(10, 4, "ok");
      T(11, 8, "ok");
      T(12, 8, SPENT);
      T(13, 9, "ok"); // the drift of row 11 moved the window by its bound
      T(14, 9, SPENT);
    });

    test("the earlier edge, then the later", () => {
      T(1, -8, "ok");
      T(2, -8, SPENT);
      T(3, -9, SPENT); // moved by drift: in the window, but before row 1
      T(4, -7, "ok");
      T(5, 4, "ok");
      T(6, -4, SPENT);
      T(7, -7, SPENT); // moved again, but the clock's window stays
      T(8, 5, "ok");
    });

    test("as the clock goes on", () => {
      T(1, 0, "ok", 0);
      T(2, 0, SPENT, 1);
      T(3, 0, SPENT, 8);
      T(4, 0, SPENT, 9); // no longer in the window, but the last accepted step
      T(5, 9, "ok", 9);
      T(6, 9, SPENT, 9);
      T(7, 10, "ok", 9);
      T(8, 100, "ok", 100);
      T(9, 10, WRONG, 100); // an earlier one is not looked for any more
      T(10, 100, SPENT, 1_000_000);
    });

    test("with the clock set back", () => {
      T(1, 1000, "ok", 1000);
      T(2, 1000, SPENT, 1000);
      T(3, 995, SPENT, 995);
      T(4, 999, SPENT, 995);
      T(5, 1000, SPENT, 995); // the spent code again, in an older window
      T(6, 0, SPENT, 0);
      T(7, 1, SPENT, 0);
      T(8, 1000, SPENT, 999);
      T(9, 1001, "ok", 1000);
      T(10, 1001, SPENT, 996);
    });

    test("at the first step of all", () => {
      for (const [step, expected] of [
        [0, "ok"],
        [0, SPENT],
        [1, "ok"],
        [0, SPENT],
        [1, SPENT],
      ] as const) {
        expect(user.dial(code(step), 0).reason).toBe(expected);
      }
    });

    test("the same code several times in one batch", () => {
      const requests = Array.from({ length: 64 }, () => request(code(BASE), BASE * period));
      const reasons = core.verify([user.record], requests).map(({ reason }) => reason);
      expect(reasons).toEqual(["ok", ...Array<Reason>(63).fill(SPENT)]);
      expect(user.state.next).toBe(BASE + 1);
    });

    test("several codes in one batch, in their order", () => {
      const steps = [0, 2, 1, 2, 3, 0];
      const requests = steps.map((step) => request(code(BASE + step), BASE * period));
      expect(core.verify([user.record], requests).map(({ reason }) => reason)).toEqual([
        "ok",
        "ok",
        SPENT,
        SPENT,
        "ok",
        SPENT,
      ]);
    });

    test("two users who share a key: each may use the code once", () => {
      const other = enrol(core);
      const time = BASE * period;
      const requests = [0, 1, 1, 0].map((record) => request(code(BASE), time, record));
      expect(core.verify([user.record, other.record], requests).map(({ reason }) => reason)).toEqual([
        "ok",
        "ok",
        SPENT,
        SPENT,
      ]);
    });

    test("a spent code changes nothing, and costs nothing", () => {
      T(1, 0, "ok");
      const state = user.record.slice();
      for (let n = 2; n < 100; n++) T(n, 0, SPENT);
      expect(user.record).toEqual(state);
      T(100, 20, WRONG);
      const failed = user.record.slice();
      expect(user.state.failures).toEqual([1, 0]);
      for (let n = 101; n < 200; n++) T(n, 0, SPENT);
      expect(user.record).toEqual(failed);
    });

    test("a wrong code spends nothing", () => {
      const { next } = user.state;
      T(1, 20, WRONG);
      expect(user.state.next).toBe(next);
      T(2, 0, "ok");
    });

    test("a change of key keeps what is spent; a new state does not", () => {
      T(1, 0, "ok");
      const fresh = enrol(core);
      const state = user.record.slice(RECORD_STATE, RECORD_STATE + STATE_BYTES);
      fresh.record.set(state, RECORD_STATE);
      user = fresh;
      T(2, 0, SPENT);
      user = enrol(core);
      T(3, 0, "ok");
    });
  });

  describe("HOTP", () => {
    let user: User;
    beforeEach(() => {
      user = new User(core, { factor: "hotp", secret: SECRET, counter: 100, forward: 10 });
    });

    function T(n: number, counter: number, expected: Reason, next: number): void {
      expect(user.dial(codes.hotp(SECRET, counter), n).reason, `row ${n}`).toBe(expected);
      expect(user.state.next, `row ${n}`).toBe(next);
    }

    test("each counter once, and none that was passed over", () => {
      T(1, 100, "ok", 101);
      T(2, 100, SPENT, 101);
      T(3, 101, "ok", 102);
      T(4, 105, "ok", 106);
      T(5, 102, WRONG, 106);
      T(6, 105, SPENT, 106);
      T(7, 117, WRONG, 106);
      T(8, 116, "ok", 117);
      T(9, 99, WRONG, 117);
    });

    test("the same code several times in one batch", () => {
      const requests = [100, 100, 101, 100, 103, 102, 101].map((c) => request(codes.hotp(SECRET, c), 0));
      expect(core.verify([user.record], requests).map(({ reason }) => reason)).toEqual([
        "ok",
        SPENT,
        "ok",
        SPENT,
        "ok",
        SPENT,
        SPENT,
      ]);
      expect(user.state.next).toBe(104);
    });
  });
});
