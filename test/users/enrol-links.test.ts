// Links to enrol, in any order of being made, used, taken back and expiring, with restarts in between.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { EnrolLinks } from "../../host/users/enrol-links.ts";
import { runs } from "../runs.ts";

test("a link is good for its user until it is used, replaced, taken back or too old; restarts change nothing", () => {
  const step = fc.record({
    what: fc.constantFrom("make", "spend", "withdraw", "wait", "restart"),
    user: fc.constantFrom("anna", "bert", "anna2"),
    seconds: fc.integer({ min: 1, max: 5000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 30 }), (steps) => {
      const folder = mkdtempSync(join(tmpdir(), "dialward-links-"));
      let now = 1_800_000_000;
      const open = () => new EnrolLinks(folder, () => now);
      let links = open();
      /** What should be good, by its secret part, and everything that ever was one. */
      const good = new Map<string, { user: string; expires: number }>();
      const all = new Set<string>();
      try {
        for (const { what, user, seconds } of steps) {
          const own = [...good].find(([, one]) => one.user === user);
          if (what === "make") {
            const { secret, expires } = links.make(user, seconds);
            if (own) good.delete(own[0]);
            good.set(secret, { user, expires });
            all.add(secret);
          } else if (what === "spend" && own) {
            expect(links.spend(links.find(own[0])!.hash)).toBe(true);
            good.delete(own[0]);
          } else if (what === "withdraw") {
            links.withdraw(user);
            if (own) good.delete(own[0]);
          } else if (what === "wait") {
            now += seconds;
            for (const [secret, one] of good) if (one.expires <= now) good.delete(secret);
          } else if (what === "restart") links = open();
          for (const secret of all) expect(links.find(secret)?.user).toBe(good.get(secret)?.user);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
    runs(6),
  );
});

test("the file tells no link, and is its owner's; a damaged one is said", () => {
  const folder = mkdtempSync(join(tmpdir(), "dialward-links-"));
  try {
    const { secret } = new EnrolLinks(folder).make("anna", 60);
    const file = join(folder, "enrol-links.json");
    expect(readFileSync(file, "utf8")).not.toContain(secret);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, "[{");
    expect(() => new EnrolLinks(folder).find(secret)).toThrow(/damaged/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
