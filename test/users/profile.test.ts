// Profiles: what is kept, what an authenticator scans.
import { expect, test } from "vitest";
import {
  isName,
  newSecret,
  otpauthUri,
  parseSecret,
  formatSecret,
  toEnrolment,
} from "../../host/users/profile.ts";
import { makeProfile } from "../../host/users/new-profile.ts";

const usage = (message: RegExp) =>
  expect.objectContaining({ code: "usage", message: expect.stringMatching(message) });
const make = (input: object) =>
  makeProfile({ name: "alice", secret: "JBSWY3DPEHPK3PXP", ...input }, 1_800_000_000);

// RFC 4648 section 10.
test.each([
  ["MY======", "f"],
  ["MZXQ====", "fo"],
  ["MZXW6===", "foo"],
  ["MZXW6YQ=", "foob"],
  ["MZXW6YTB", "fooba"],
  ["MZXW6YTBOI======", "foobar"],
])("base32 %s is %s", (text, plain) => {
  expect(parseSecret("totp", text).toString()).toBe(plain);
  expect(formatSecret("totp", Buffer.from(plain))).toBe(text.replace(/=+$/, ""));
});

test("a secret may be typed in groups, in lower case, with dashes", () => {
  const key = parseSecret("totp", "JBSWY3DPEHPK3PXP");
  expect(parseSecret("totp", "jbsw y3dp-ehpk 3pxp")).toEqual(key);
  expect(parseSecret("motp", "0123 4567-89AB CDEF")).toEqual(Buffer.from("0123456789abcdef", "hex"));
  expect(formatSecret("motp", parseSecret("motp", "0123456789ABCDEF"))).toBe("0123456789abcdef");
});

test.each([
  ["totp", ""],
  ["totp", "JBSWY3DPEHPK3PX0"],
  ["totp", "JBS"],
  ["totp", "A".repeat(8 * 13)],
  ["motp", "0123456789abcde"],
  ["motp", "0123456789abcdeg"],
  ["motp", "0123456789abcdef01"],
] as const)("a %s secret of %j is refused, and not repeated", (factor, text) => {
  expect(() => parseSecret(factor, text)).toThrow(usage(/^secret: /));
  if (text) expect(() => parseSecret(factor, text)).toThrow(usage(new RegExp(`^(?!.*${text})`)));
});

test("a new secret is 160 random bits, for mOTP 32 hexadecimal digits", () => {
  expect(parseSecret("totp", newSecret("totp"))).toHaveLength(20);
  expect(newSecret("motp")).toMatch(/^[0-9a-f]{32}$/);
  expect(newSecret("hotp")).not.toBe(newSecret("hotp"));
});

test.each([
  ["alice", true],
  ["älva o'neill", true],
  ["ü".repeat(32), true],
  ["ü".repeat(33), false],
  ["", false],
  ["a\nb", false],
  ["a\u007f", false],
  ["\ud800", false],
])("the name %j: %s", (name, right) => {
  expect(isName(name)).toBe(right);
});

test("the enrolment holds the key as bytes", () => {
  const { profile, start } = make({ mode: "password+code", password: "pw", active: true });
  const enrolment = toEnrolment(profile, start);
  expect(enrolment).toEqual({
    factor: "totp",
    algorithm: "sha1",
    digits: 6,
    mode: "password+code",
    types: profile.types,
    enabled: true,
    password: "pw",
    period: 30,
    active: true,
    secret: Buffer.from("48656c6c6f21deadbeef", "hex"),
  });
});

// The example of the Key URI format's own description is Example:alice@google.com, JBSWY3DPEHPK3PXP.
test("the otpauth URI carries what the authenticator must know", () => {
  const uri = new URL(otpauthUri(make({ name: "alice o'neill@home" }).profile));
  expect([uri.protocol, uri.host]).toEqual(["otpauth:", "totp"]);
  expect(decodeURIComponent(uri.pathname)).toBe("/Dialward:alice o'neill@home");
  expect(Object.fromEntries(uri.searchParams)).toEqual({
    secret: "JBSWY3DPEHPK3PXP",
    issuer: "Dialward",
    algorithm: "SHA1",
    digits: "6",
    period: "30",
  });
  expect(otpauthUri(make({ factor: "hotp", counter: 5 }).profile, 5)).toMatch(
    /^otpauth:\/\/hotp\/.*&counter=5$/,
  );
  const motp = make({ factor: "motp", secret: "0123456789abcdef", pin: "1234" }).profile;
  expect(otpauthUri(motp)).toBe("motp://Dialward:alice?secret=0123456789abcdef");
});
