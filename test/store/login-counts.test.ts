// Counts of logins: against a plain list of what happened, over restarts; and changes by administrators.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { actAs, actor, Changes } from "../../host/store/changes.ts";
import { silentLog } from "../../host/log/log.ts";
import type { Reason } from "../../host/core/dial-in.ts";
import { LoginCounts } from "../../host/store/login-counts.ts";
import { runs } from "../runs.ts";

const HOUR = 3_600_000;
const dialIn = { user: "u", source: "", proof: { kind: "clear", text: Buffer.alloc(0) } } as const;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-counts-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("hours, days and reasons add up to what happened, whatever is restarted in between", () => {
  const event = fc.record({
    minutes: fc.integer({ min: 0, max: 3000 }),
    reason: fc.constantFrom<Reason[]>("ok", "wrong-code", "must-wait"),
    restart: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      rmSync(join(folder, "login-counts.json"), { force: true });
      let now = 1_800_000_000_000;
      let counts = new LoginCounts(folder, () => now);
      const seen: { hour: number; reason: string }[] = [];
      for (const { minutes, reason, restart } of events) {
        now += minutes * 60_000;
        const outcome = reason === "ok" ? ("accept" as const) : ("refuse" as const);
        counts.note({ time: now, dialIn, verdict: { outcome, reason, waitSeconds: 0, offset: 0 } });
        seen.push({ hour: Math.floor(now / HOUR), reason });
        if (!restart) continue;
        counts.save();
        counts = new LoginCounts(folder, () => now);
      }
      counts.save();
      const last = Math.floor(now / HOUR);
      for (const [count, hours] of [
        [24, 1],
        [31, 24],
      ] as const) {
        counts.spans(count, hours).forEach((span, i) => {
          const from = last + 1 - (count - i) * hours;
          expect(span.from).toBe(from * HOUR);
          const mine = seen.filter(({ hour }) => hour >= from && hour < from + hours);
          const accepted = mine.filter(({ reason }) => reason === "ok").length;
          expect([span.accepted, span.refused]).toEqual([accepted, mine.length - accepted]);
        });
      }
      const wrong = seen.filter(
        ({ hour, reason }) => hour > last - 31 * 24 && reason === "wrong-code",
      ).length;
      expect(new Map(counts.refusals(31 * 24)).get("wrong-code") ?? 0).toBe(wrong);
    }),
    runs(6),
  );
});

test("a damaged file begins anew, a line that was cut off is left out", () => {
  writeFileSync(join(folder, "login-counts.json"), "{");
  expect(new LoginCounts(folder).refusals(24)).toEqual([]);
  const changes = new Changes(folder, silentLog);
  changes.note("user added", "anna", "berta");
  appendFileSync(join(folder, "changes.log"), '{"time":');
  expect(changes.latest(5)).toMatchObject([{ by: "berta", action: "user added", what: "anna" }]);
});

test("who acts goes along, through what waits, and two at once are told apart", async () => {
  const who = async (): Promise<string | undefined> => {
    await new Promise((resolve) => setImmediate(resolve));
    return actor();
  };
  expect(await Promise.all([actAs("anna", who), actAs("berta", who), who()])).toEqual([
    "anna",
    "berta",
    undefined,
  ]);
});
