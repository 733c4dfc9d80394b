// Back-off by caller: spraying over many users waits; one user's failures, a clock that is set, and a NAS that tells no
// callers apart make nobody else wait; who has logged in from a caller is let in while it is sprayed from.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Admission } from "../../host/admission/admission.ts";
import { Core } from "../../host/core/core.ts";
import type { DialIn } from "../../host/core/dial-in.ts";
import { Sources } from "../../host/admission/source-backoff.ts";
import { Sealer } from "../../host/store/seal.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { runs } from "../runs.ts";

const NOW = 1_800_000_000;
const CALLER = "nas 192.0.2.7";
/** Failures as `users` users, and a clock that counts seconds. */
function failedAs(users: number) {
  let elapsed = 0;
  const sources = new Sources(() => elapsed);
  for (let i = 0; i < users; i++) sources.fail(CALLER, `user${i}`);
  return { sources, pass: (seconds: number) => (elapsed += seconds) };
}

test.each([
  [19, 0],
  [20, 30],
  [21, 60],
  [22, 120],
  [26, 1920],
  [27, 3600],
  [500, 3600],
])("after failures as %i users the wait is %i s", (users, seconds) => {
  const { sources } = failedAs(users);
  expect(sources.waitSeconds(CALLER)).toBe(seconds);
  expect(sources.waitSeconds("nas 192.0.2.8")).toBe(0);
});

test("failures as the same users count once: a client that redials, a user who forgot", () => {
  const { sources } = failedAs(19);
  for (let i = 0; i < 1000; i++) sources.fail(CALLER, `user${i % 19}`);
  expect(sources.waitSeconds(CALLER)).toBe(0);
  sources.fail(CALLER, "another");
  expect(sources.waitSeconds(CALLER)).toBe(30);
});

test("a wait runs down, and failures fade", () => {
  const { sources, pass } = failedAs(22);
  pass(100);
  expect(sources.waitSeconds(CALLER)).toBe(20);
  pass(20);
  expect(sources.waitSeconds(CALLER)).toBe(0);
  pass(10 * 600 - 120); // 22 have become 12
  for (let i = 0; i < 7; i++) sources.fail(CALLER, `later${i}`);
  expect(sources.waitSeconds(CALLER)).toBe(0);
  sources.fail(CALLER, "one more");
  expect(sources.waitSeconds(CALLER)).toBe(30);
});

test("a flood of callers is bounded, and does not push out the one that failed last", () => {
  const { sources } = failedAs(0);
  for (let i = 0; i < 50_000; i++) {
    sources.fail(`nas ${i}`, "user");
    if (i % 1000 === 0) sources.fail(CALLER, `user${i}`);
  }
  expect(sources.size).toBe(10_000);
  expect(sources.waitSeconds(CALLER)).toBe(3600);
});

const key = Buffer.from("12345678901234567890");
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async function service() {
  const core = Core.load();
  const store = new MemoryStore();
  const sealer = new Sealer([Buffer.alloc(32, 7)]);
  const at = { wall: NOW, elapsed: 0 };
  const clock = { seconds: () => at.wall, plausible: () => true };
  const users = new Users(core, store, sealer, clock);
  for (const name of ["alice", "bob"]) await users.add({ name, secret, active: true });
  const sources = new Sources(() => at.elapsed);
  const admission = new Admission(core, store, sealer, { clock, sources });
  const dial = async (user: string, text: string, caller?: string): Promise<string> => {
    const proof = { kind: "clear", text: Buffer.from(text) } as const;
    const dialIn: DialIn = { user, proof, nas: "nas", source: "", caller };
    const { reason, waitSeconds } = await admission.submit(dialIn);
    return reason === "source-must-wait" ? `wait ${waitSeconds}` : reason;
  };
  const spray = async (caller?: string) => {
    for (let i = 0; i < 20; i++) await dial(`user${i}`, "000000", caller);
  };
  return { at, dial, spray, code: (step = 0) => totp(key, at.wall + 30 * step) };
}

test("who has failed as twenty users waits, even with a right code, and others do not", async () => {
  const { dial, spray, code } = await service();
  await spray(CALLER);
  expect(await dial("alice", code(), CALLER)).toBe("wait 30");
  expect(await dial("nobody", code(), CALLER)).toBe("wait 30");
  expect(await dial("alice", code(), "nas 192.0.2.8")).toBe("ok"); // nothing was spent
  expect(await dial("bob", code())).toBe("ok");
});

test("a wait by caller has a door: three right codes, one after the other as the device shows them, let in", async () => {
  const { at, dial, spray, code } = await service();
  await spray(CALLER);
  at.elapsed += 30;
  await dial("one more", "000000", CALLER); // a minute from now on
  const knock = async (user: string, text: () => string) => {
    const answers: string[] = [];
    for (let i = 0; i < 4; i++, at.wall += 30) answers.push(await dial(user, text(), CALLER));
    return answers;
  };
  expect(await knock("alice", code)).toEqual(["wait 60", "wait 60", "ok", "ok"]);
  expect(await knock("bob", () => code(9))).toEqual(Array.from({ length: 4 }, () => "wait 60"));
  expect(await knock("nobody", code)).toEqual(Array.from({ length: 4 }, () => "wait 60"));
});

test("who has logged in from a caller is let in while somebody sprays from it", async () => {
  const { dial, spray, code } = await service();
  expect(await dial("alice", code(-1), CALLER)).toBe("ok");
  await spray(CALLER);
  expect(await dial("bob", code(), CALLER)).toBe("wait 30");
  expect(await dial("alice", code(), CALLER)).toBe("ok");
});

test("a NAS that tells no callers apart keeps nobody out", async () => {
  const { dial, spray, code } = await service();
  await spray();
  expect(await dial("alice", code())).toBe("ok");
});

test("no clock that is set, forward or back, makes anybody wait for longer than before", async () => {
  const step = fc.record({ wall: fc.integer({ min: -2 * 86_400, max: 2 * 86_400 }), elapsed: fc.nat(40) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(5), async (steps, more) => {
      const { at, dial, spray } = await service();
      await spray(CALLER);
      for (let i = 0; i < more; i++) {
        at.elapsed += 3600;
        await dial(`more${i}`, "000000", CALLER);
      }
      const wait = async (): Promise<number> =>
        Number(/^wait (\d+)$/.exec(await dial("alice", "000000", CALLER))?.[1] ?? 0);
      let last = await wait();
      for (const { wall, elapsed } of steps) {
        at.wall += wall;
        at.elapsed += elapsed;
        const now = await wait();
        if (last === 0) return; // her wrong code counts from here on
        expect(now).toBe(Math.max(0, last - elapsed));
        last = now;
      }
    }),
    runs(2),
  );
});
