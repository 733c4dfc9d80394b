// The same user: the name exactly, but for what a client's configuration leaves out; and who was probably meant.
import fc from "fast-check";
import { expect, test } from "vitest";
import { howMeant, otherNames, readUserName } from "../../host/users/user-name.ts";

test.each([
  ["alice", {}, "alice"],
  ["CORP\\Alice@a.example", {}, "CORP\\Alice@a.example"],
  ["CORP\\Alice@a.example", { domain: "strip" }, "Alice@a.example"],
  ["CORP\\Alice@a.example", { realm: "strip" }, "CORP\\Alice"],
  ["CORP\\Alice@a.example", { domain: "strip", realm: "strip", case: "fold" }, "alice"],
  ["A\\B\\alice", { domain: "strip" }, "alice"],
  ["alice@a@b", { realm: "strip" }, "alice@a"],
  ["@a.example", { realm: "strip" }, ""],
  ["CORP\\", { domain: "strip" }, ""],
] as const)("%j with %j is %j", (sent, policy, name) => {
  expect(readUserName(sent, policy)).toBe(name);
});

test("by default every name is another user, and no policy makes one of two plain names", () => {
  fc.assert(fc.property(fc.string(), (name) => readUserName(name, {}) === name));
  const plain = fc.stringMatching(/^[a-z0-9.]{1,12}$/);
  fc.assert(
    fc.property(plain, plain, plain, (user, realm, domain) => {
      const policy = { realm: "strip", domain: "strip", case: "fold" } as const;
      for (const sent of [
        user,
        `${user}@${realm}`,
        `${domain}\\${user}`,
        `${domain}\\${user.toUpperCase()}@${realm}`,
      ]) {
        expect(readUserName(sent, policy)).toBe(user);
        if (sent !== user) expect(otherNames(sent)).toContain(user);
        expect(howMeant(sent, user)).toBe(sent === user ? "case" : "domain");
        expect(howMeant(sent, `${user}x`)).toBeUndefined();
      }
      expect(howMeant(` ${user.toUpperCase()}`, user)).toBe("case");
    }),
  );
});

test("a name has few others, and is not among them", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (name) => {
      const others = otherNames(name);
      expect(others.length).toBeLessThan(16);
      expect(others).not.toContain(name);
    }),
  );
});
