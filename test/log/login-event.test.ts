// The log's line of a login: written by hand, and to say what JSON would, whatever names are in it, on any terminal.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DIAL_IN_TYPES, type Reason, type Verdict } from "../../host/core/dial-in.ts";
import { loginBytes, writeLogin } from "../../host/log/login-event.ts";
import { runs } from "../runs.ts";

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

test("it is JSON that can be shown, in the room that was asked for, and has nothing of the proof", () => {
  const odd = fc.constantFrom(
    "\ud800",
    "\udfff",
    "\0",
    '"',
    "\\",
    "\n",
    "\u2028",
    "\u202e",
    "\x7f",
    "é",
    "a",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ maxLength: 40 }),
    fc.array(odd).map((all) => all.join("")),
  );
  const shape = fc.record({
    time: fc.integer({ min: 0, max: 4e12 }),
    login: fc.option(text, { nil: undefined }),
    user: text,
    nas: fc.option(text, { nil: undefined }),
    source: text,
    type: fc.constantFrom(undefined, ...DIAL_IN_TYPES),
    reason: fc.constantFrom<Reason[]>("ok", "must-wait", "unknown-user"),
    waitSeconds: fc.constantFrom(0, 1, 18_270),
    outcome: fc.constantFrom<Verdict["outcome"][]>("accept", "continue", "refuse"),
    at: fc.integer({ min: 0, max: 100 }),
  });
  fc.assert(
    fc.property(shape, ({ time, login, user, nas, source, type, reason, waitSeconds, outcome, at }) => {
      const proof = { kind: "clear", text: Buffer.from("the code") } as const;
      const id = { ...(login !== undefined && { login }), ...(nas !== undefined && { nas }) };
      const dialIn = { user, source, proof, type, ...id };
      const event = { time, dialIn, verdict: { outcome, reason, waitSeconds, offset: 0 } };
      const bytes = Buffer.alloc(at + loginBytes(event));
      const end = writeLogin(bytes, at, event);
      const first = { level: "info", time: new Date(time).toISOString(), login, user, nas, source, type };
      const line = { ...first, reason, wait: waitSeconds || undefined, msg: outcome };
      expect(end).toBeLessThanOrEqual(bytes.length);
      const written = bytes.toString("utf8", at, end);
      const json = JSON.stringify(line);
      expect(JSON.parse(written)).toEqual(JSON.parse(json));
      expect(written.slice(0, -1)).not.toMatch(UNPRINTABLE);
      if (!UNPRINTABLE.test(json)) expect(written).toBe(`${json}\n`);
    }),
    runs(50),
  );
});
