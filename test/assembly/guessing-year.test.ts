// The two figures of host/SECURITY.md, in short: what a year of guessing yields, and how long it keeps the owner out.
import { describe, expect, test } from "vitest";
import { ownerTime } from "../../bench/guessed-owner.ts";
import { attackShare } from "../../bench/guesser.ts";
import { FACTORS, randomFrom } from "../../bench/guessing-game.ts";
import { Core } from "../../host/core/core.ts";
import { BINARIES } from "../binaries.ts";

describe("guessing without pause", () => {
  const core = new Core(BINARIES[0]!.module);
  const byName = (name: string) => FACTORS.find((factor) => factor.name === name)!;

  test.each([
    ["TOTP", 0],
    ["TOTP", -0.7],
    ["TOTP", 3.5],
    ["HOTP", 0],
    ["mOTP", 0.4],
    ["mOTP", 11.5],
  ])("%s, device %s steps off: at most one in a hundred a year, beside an owner who logs in daily", (name, off) => {
    const { waits, door, beside } = attackShare(core, byName(name), off, randomFrom(3));
    expect(waits + door + beside).toBeLessThanOrEqual(0.01);
    expect(waits, "and it is counted").toBeGreaterThan(0.0005);
    expect(beside).toBeGreaterThan(0);
  });

  test.each(FACTORS.flatMap(({ name }) => (["clear", "chap", "mschapv2"] as const).map((kind) => [name, kind] as const)))(
    "%s, %s: the owner is in within five minutes beside one guess a second from the same source",
    (name, kind) => {
      const { max } = ownerTime(core, byName(name), kind, 14, randomFrom(4));
      expect(max).toBeLessThanOrEqual(300);
    },
  );
});
