// This machine's clock has moved where many users' devices change together; how people type, drifting devices and one
// device that is set say nothing about it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ClockWatch } from "../../host/admission/clock-watch.ts";

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

test("what is remembered is bounded", () => {
  const watch = new ClockWatch();
  for (let i = 0; i < 100_000; i++) watch.note(`user${i}`, 0, 0, 30);
  expect(watch.size).toBeLessThanOrEqual(20_000);
});
