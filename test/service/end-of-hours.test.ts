// Who is connected when the hours end is asked to leave, nobody else is, and a NAS that does not do it is told once.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Reason } from "../../host/core/dial-in.ts";
import type { Log } from "../../host/log/log.ts";
import { EndOfHours } from "../../host/service/end-of-hours.ts";
import type { Session } from "../../host/store/store.ts";
import { runs } from "../runs.ts";

const session = (id: string, user: string): Session => ({
  ...{ id, user, nas: "n", acctSessionId: id, since: 1, updated: 1, bytesIn: 0, bytesOut: 0 },
});

test("the sessions of those whose hours are over end, and no others; what cannot be ended is said once", async () => {
  const reasons = fc.constantFrom<Reason>(
    "ok",
    "not-valid-now",
    "unknown-user",
    "store-unavailable",
    "profile-disabled",
  );
  const shape = fc.record({
    of: fc.record({ alice: reasons, bob: reasons }),
    connected: fc.array(fc.constantFrom("alice" as const, "bob" as const), { maxLength: 6 }),
    outcome: fc.constantFrom("disconnected", "no-answer", "not-offered", "gone"),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ of, connected, outcome }) => {
      const sessions = connected.map((user, i) => session(`${i}`, user));
      const warned: object[] = [];
      const ended: string[] = [];
      const log = {
        info() {},
        debug() {},
        error() {},
        warn: (fields: object) => warned.push(fields),
      } as unknown as Log;
      const hours = new EndOfHours({
        sessions: async () => sessions,
        admission: { look: async (user) => ({ reason: of[user as "alice" | "bob"] }) },
        end: async (id) => {
          ended.push(id);
          if (outcome === "gone") throw new Error("there is no such session");
          return { outcome, text: "" };
        },
        log,
      });
      const over = sessions
        .filter(({ user }) => of[user as "alice" | "bob"] === "not-valid-now")
        .map(({ id }) => id);
      await hours.sweep();
      expect(ended).toEqual(over);
      await hours.sweep();
      const stays = outcome === "no-answer" || outcome === "not-offered";
      expect(warned).toHaveLength(stays ? over.length : 0);
    }),
    runs(50),
  );
});

test("a store that cannot be read ends nobody's session, and the log says so", async () => {
  const said: string[] = [];
  const hours = new EndOfHours({
    sessions: () => Promise.reject(new Error("EIO")),
    admission: { look: async () => ({ reason: "not-valid-now" }) },
    end: () => expect.fail("nobody is ended"),
    log: { error: (_: object, text: string) => said.push(text) } as unknown as Log,
  });
  await hours.sweep();
  expect(said).toEqual(["it could not be seen whose hours are over"]);
});
