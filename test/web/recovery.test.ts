// Recovery codes on the pages: shown again they are the same, made anew they are others; who looked is noted.
import { expect, test } from "vitest";
import { openPages } from "./open-pages.ts";

test("shown again without making new ones, and made anew only where that is asked for", async () => {
  const { ask, logIn, users, changes, close } = await openPages();
  const csrf = await logIn();
  await users.add({ name: "anna", secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", active: true });
  const of = async (form: Record<string, string>): Promise<string[]> => {
    const { location } = await ask("/users/recovery", { csrf, name: "anna", ...form });
    return [...(await ask(location)).text.matchAll(/<li><code>([^<]+)/g)].map(([, code]) => code!);
  };
  expect((await ask("/users/recovery?name=anna")).text).not.toContain("Show them");
  const first = await of({ renew: "yes" });
  expect(first).toHaveLength(10);
  expect((await ask("/users/recovery?name=anna")).text).toContain("Show them");
  expect(await of({})).toEqual(first);
  expect(changes.latest(1)).toMatchObject([{ action: "recovery codes shown", what: "anna", by: "admin" }]);
  const second = await of({ renew: "yes" });
  expect(second).toHaveLength(10);
  expect(second.filter((code) => first.includes(code))).toEqual([]);
  await close();
});
