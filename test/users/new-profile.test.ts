// New profiles: what may be typed, what is filled in, and what is refused by name.
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeProfile, newProfileSchema, readPlain } from "../../host/users/new-profile.ts";
import { runs } from "../runs.ts";

const usage = (message: RegExp) =>
  expect.objectContaining({ code: "usage", message: expect.stringMatching(message) });
const make = (input: object) =>
  makeProfile({ name: "alice", secret: "JBSWY3DPEHPK3PXP", ...input }, 1_800_000_000);

test("what is left out is filled in", () => {
  const { profile, start } = make({});
  expect(profile).toMatchObject({
    factor: "totp",
    mode: "code",
    digits: 6,
    period: 30,
    algorithm: "sha1",
    enabled: true,
  });
  expect(profile.types).toHaveLength(6);
  expect(start).toEqual({ active: false, counter: undefined });
  const motp = make({ factor: "motp", secret: "0123456789ABCDEF", pin: "1234" }).profile;
  expect(motp).toMatchObject({ secret: "0123456789abcdef", period: 10, digits: 6, algorithm: undefined });
  expect(make({ factor: "hotp", counter: 7 }).profile.period).toBeUndefined();
});

test.each([
  [{ colour: "red" }, /^colour: there is no such key/],
  [{ name: "a\tb" }, /^name: /],
  [{ factor: "sms" }, /^factor: /],
  [{ secret: 7 }, /^secret: /],
  [{ factor: "motp", secret: "0123456789abcdef" }, /^pin: /],
  [{ factor: "motp", secret: "0123456789abcdef", pin: "123" }, /^pin: /],
  [{ factor: "motp", secret: "0123456789abcdef", pin: "12345678" }, /^pin: /],
  [{ pin: "1234" }, /^pin: only mOTP/],
  [{ mode: "password+code" }, /^password: /],
  [{ password: "hunter22" }, /^password: (?!.*hunter22)/],
  [{ types: "openvpn,telnet" }, /^types.2: .*pptp/],
  [{ types: [] }, /^types/],
  [{ digits: 6.5 }, /^digits: /],
  [{ factor: "hotp", period: 30 }, /^period: /],
  [{ counter: 1 }, /^counter: /],
])("%j is refused by name", (input, message) => {
  expect(() => make(input)).toThrow(usage(message));
});

test("dial-in types come as a list or as one string", () => {
  expect(make({ types: "openvpn, l2tp" }).profile.types).toEqual(["openvpn", "l2tp"]);
  expect(make({ types: ["pptp"] }).profile.types).toEqual(["pptp"]);
});

test("a plain row is read as the schema reads it, and what the schema refuses is never plain", () => {
  const words = fc.constantFrom(
    "alice",
    "totp",
    "hotp",
    "code",
    "password+code",
    "sha1",
    "JBSWY3DP",
    "\u0007",
    "",
  );
  const numbers = fc.oneof(fc.integer({ min: -1, max: 10 }), fc.constantFrom(0.5, NaN, 2 ** 53));
  const value = fc.option(fc.oneof(words, numbers, fc.boolean(), fc.constant(null), fc.constant(["ppp"])), {
    nil: undefined,
  });
  const fields = ["factor", "pin", "password", "mode", "types", "digits", "period", "counter", "algorithm"];
  const usual = fc.record({ name: words, secret: words }, { noNullPrototype: true });
  const more = fc.dictionary(fc.constantFrom(...fields, "enabled", "active", "next", "constructor"), value, {
    maxKeys: 3,
    noNullPrototype: true,
  });
  let plain = 0;
  fc.assert(
    fc.property(fc.oneof(usual, fc.constant({ name: "alice" }), words), more, (one, others) => {
      const row = typeof one === "string" ? one : { ...one, ...others };
      const read = readPlain(row);
      if (read === undefined) return;
      plain++;
      expect(newProfileSchema.parse(row)).toEqual(read);
    }),
    runs(500),
  );
  expect(plain).toBeGreaterThan(0);
});
