// This machine's clock has moved where many users' devices change together; how people type, drifting devices and one
// device that is set say nothing about it.
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { Admission } from "../../host/admission/admission.ts";
import { ClockWatch } from "../../host/admission/clock-watch.ts";
import { Core } from "../../host/core/core.ts";
import { Sealer } from "../../host/store/seal.ts";
import { formatSecret } from "../../host/users/profile.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { MemoryStore } from "../store/memory-store.ts";

/** Devices that are off each by its own, on a clock that moves, and users who type up to a step late. */
class House {
  readonly told: number[] = [];
  readonly watch: ClockWatch;
  readonly #before: number[];
  readonly #off: readonly number[];
  elapsed = 0;
  clock = 0;

  constructor(off: readonly number[]) {
    this.watch = new ClockWatch(
      (seconds) => this.told.push(seconds),
      () => this.elapsed,
    );
    this.#off = off;
    this.#before = off.map((seconds) => this.steps(seconds));
  }

  steps(seconds: number): number {
    return Math.floor(seconds / 30) * 30;
  }

  /** User `i` logs in with a code of the step that its device was in `late` seconds ago. */
  login(i: number, late = 0): void {
    const ahead = this.steps(this.#off[i]! - this.clock - late);
    this.watch.note(`user${i}`, ahead, this.#before[i]!, 30);
    this.#before[i] = ahead; // as the state follows
  }
}

const offsets = fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 20, maxLength: 60 });

test("a move of two steps and more is told once, by about as much, when twelve users have logged in after it", () => {
  const moves = fc.integer({ min: 60, max: 90 }).chain((by) => fc.constantFrom(by, -by));
  fc.assert(
    fc.property(offsets, moves, (off, by) => {
      const house = new House(off);
      off.forEach((_, i) => house.login(i));
      expect(house.told).toEqual([]);
      house.clock += by;
      for (let i = 0; i < 12; i++) house.login(i);
      expect(house.told).toHaveLength(1);
      expect(Math.abs(house.told[0]! - by)).toBeLessThan(30);
      expect(house.watch.moved).toBe(house.told[0]);
      // Those who log in for the first time after it tell of no other move, nor do the same once more.
      off.forEach((_, i) => house.login(i));
      expect(house.told).toHaveLength(1);
      house.elapsed += 86_400;
      expect(house.watch.moved).toBe(0);
    }),
  );
});

test("a clock that drifts slowly is noticed, though each login follows it", () => {
  const house = new House(Array.from({ length: 20 }, (_, i) => i));
  for (let day = 0; day < 35; day++) {
    house.clock += 3;
    for (let i = 0; i < 20; i++) house.login(i);
  }
  expect(house.told.length).toBeGreaterThan(0);
});

test("devices that drift or are set each by itself, few users, and typing late tell nothing", () => {
  const logins = fc.array(fc.tuple(fc.nat(10), fc.integer({ min: -300, max: 300 })), { maxLength: 300 });
  fc.assert(
    fc.property(logins, (all) => {
      // Up to nine users, however their devices change.
      const watch = new ClockWatch(() => expect.unreachable());
      for (const [user, ahead] of all) watch.note(`user${user % 9}`, ahead, 0, 30);
    }),
  );
  fc.assert(
    fc.property(offsets, fc.array(fc.tuple(fc.nat(19), fc.nat(10)), { maxLength: 300 }), (off, all) => {
      const house = new House(off.map((seconds) => Math.floor(seconds / 30) * 30 + 10)); // 10 s into a step
      for (const [user, late] of all) house.login(user, late);
      expect(house.told).toEqual([]);
    }),
  );
});

test("a clock that is hours off, so that nobody gets in, is told once three users agree", async () => {
  const core = Core.load();
  const [store, sealer] = [new MemoryStore(), new Sealer([Buffer.alloc(32, 7)])];
  const now = 1_800_000_000;
  const clock = { seconds: () => now, plausible: () => true };
  const users = new Users(core, store, sealer, clock);
  const told: number[] = [];
  const clockWatch = new ClockWatch((seconds) => told.push(seconds));
  let elapsed = performance.now();
  const later = vi.spyOn(performance, "now").mockImplementation(() => (elapsed += 6000));
  const admission = new Admission(core, store, sealer, { clock, clockWatch });
  try {
    for (const [i, name] of ["ann", "ben", "cid", "dot"].entries()) {
      const key = Buffer.alloc(20, i + 1);
      await users.add({ name, secret: formatSecret("totp", key), active: true });
      const proof = { kind: "clear", text: Buffer.from(totp(key, now + 7200)) } as const;
      for (const user of ["nobody", name])
        expect((await admission.submit({ user, proof, source: "" })).outcome).toBe("refuse");
      const before = told.length;
      if (i === 2) await vi.waitFor(() => expect(told.length).toBe(before + 1));
    }
    expect(told).toEqual([-7200]);
    expect(clockWatch.moved).toBe(-7200);
    // The search leaves the records as they are.
    const proof = { kind: "clear", text: Buffer.from(totp(Buffer.alloc(20, 1), now)) } as const;
    expect((await admission.submit({ user: "ann", proof, source: "" })).reason).toBe("ok");
  } finally {
    later.mockRestore();
  }
});

test("what is remembered is bounded", () => {
  const watch = new ClockWatch();
  for (let i = 0; i < 100_000; i++) watch.note(`user${i}`, 0, 0, 30);
  expect(watch.size).toBeLessThanOrEqual(20_000);
});
