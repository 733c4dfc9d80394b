// Back-off by source: spraying over many users waits, whoever has no calling station does not, nothing lasts for ever.
import { expect, test } from "vitest";
import { Admission } from "../../host/admission/admission.ts";
import { Core } from "../../host/core/core.ts";
import type { DialIn } from "../../host/core/dial-in.ts";
import { Sources } from "../../host/admission/source-backoff.ts";
import { Sealer } from "../../host/store/seal.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { MemoryStore } from "../store/memory-store.ts";

const NOW = 1_800_000_000;
const failTimes = (sources: Sources, times: number, now = NOW) => {
  for (let i = 0; i < times; i++) sources.fail("nas 192.0.2.7", now);
};

test.each([
  [19, 0],
  [20, 30],
  [21, 60],
  [22, 120],
  [26, 1920],
  [27, 3600],
  [500, 3600],
])("after %i failures the wait is %i s", (failures, seconds) => {
  const sources = new Sources();
  failTimes(sources, failures);
  expect(sources.waitSeconds("nas 192.0.2.7", NOW)).toBe(seconds);
  expect(sources.waitSeconds("nas 192.0.2.8", NOW)).toBe(0);
});

test("a wait runs down, failures fade, and a clock that was set back makes nobody wait for longer", () => {
  const sources = new Sources();
  failTimes(sources, 22);
  expect(sources.waitSeconds("nas 192.0.2.7", NOW + 100)).toBe(20);
  expect(sources.waitSeconds("nas 192.0.2.7", NOW + 120)).toBe(0);
  expect(sources.waitSeconds("nas 192.0.2.7", NOW - 86_400)).toBe(120);
  sources.fail("nas 192.0.2.7", NOW + 10 * 600); // 22 have become 12, and one more
  expect(sources.waitSeconds("nas 192.0.2.7", NOW + 10 * 600)).toBe(0);
  failTimes(sources, 7, NOW + 10 * 600);
  expect(sources.waitSeconds("nas 192.0.2.7", NOW + 10 * 600)).toBe(30);
});

test("a flood of sources is bounded, and does not push out the one that failed last", () => {
  const sources = new Sources();
  for (let i = 0; i < 50_000; i++) {
    sources.fail(`nas ${i}`, NOW);
    if (i % 1000 === 0) sources.fail("nas 192.0.2.7", NOW);
  }
  expect(sources.size).toBe(10_000);
  expect(sources.waitSeconds("nas 192.0.2.7", NOW)).toBe(3600);
});

const key = Buffer.from("12345678901234567890");
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/** Fails over 20 users from `source`, and then logs in as alice with a right code from each of `later`. */
async function spray(source: string, later: readonly string[]): Promise<string[]> {
  const core = Core.load();
  const store = new MemoryStore();
  const sealer = new Sealer([Buffer.alloc(32, 7)]);
  const clock = { seconds: () => NOW, plausible: () => true };
  await new Users(core, store, sealer, clock).add({ name: "alice", secret, active: true });
  const admission = new Admission(core, store, sealer, { clock });
  const dialIn = (user: string, text: string, from: string): DialIn => {
    return { user, proof: { kind: "clear", text: Buffer.from(text) }, nas: "nas", source: from };
  };
  for (let i = 0; i < 20; i++) await admission.submit(dialIn(`user${i}`, "000000", source));
  const reasons: string[] = [];
  for (const [i, from] of later.entries()) {
    const verdict = await admission.submit(dialIn("alice", totp(key, NOW + 30 * (i - 1)), from));
    reasons.push(verdict.reason === "source-must-wait" ? `wait ${verdict.waitSeconds}` : verdict.reason);
  }
  return reasons;
}

test("who has failed over twenty users waits, even with a right code, and others do not", async () => {
  expect(await spray("nas 192.0.2.7", ["nas 192.0.2.7", "nas 192.0.2.8", "nas"])).toEqual([
    "wait 30",
    "ok",
    "ok",
  ]);
});

test("a NAS that tells no calling station keeps nobody out", async () => {
  expect(await spray("nas", ["nas", "nas 192.0.2.7"])).toEqual(["ok", "ok"]);
});
