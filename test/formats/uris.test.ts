// otpauth:// URIs in the forms that apps give them, and the migration codes of Google Authenticator.
import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../runs.ts";
import { formatOf, plan, readAll, readUsers, SECRET } from "./read.ts";

test("URIs as apps write them: issuer in all forms, upper case, entities, algorithm and period", async () => {
  const uris = `# exported
otpauth://totp/ACME%20Co:john@example.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co&algorithm=SHA256&digits=8&period=60
otpauth://hotp/bob?secret=${SECRET}&counter=5
OTPAUTH://TOTP/ACME:CARL?SECRET=${SECRET}&ISSUER=ACME
otpauth://totp/ACME%3Adora?secret=${SECRET.toLowerCase()}&amp;issuer=ACME&amp;digits=8
otpauth://totp/erik%?secret=${SECRET}&issuer=ACME+Co&algorithm=HmacSHA512
otpauth://totp/Fr%C3%A9d%20d%27%C3%89?secret=${SECRET}&period=30&counter=0
`;
  expect(formatOf(uris)).toBe("otpauth");
  expect(await readUsers(uris)).toMatchObject([
    { profile: { name: "john@example.com", algorithm: "sha256", digits: 8, period: 60 } },
    { profile: { name: "bob", factor: "hotp", secret: SECRET }, start: { counter: 5 } },
    { profile: { name: "CARL", secret: SECRET } },
    { profile: { name: "dora", secret: SECRET, digits: 8 } },
    { profile: { name: "erik%", algorithm: "sha512" } },
    { profile: { name: "Fréd d'É" } },
  ]);
});

test("what makes codes stands there once: the last of two is not taken for the one that was meant", async () => {
  for (const more of ["&secret=MFRGGZDFMZTWQ2LK", "&digits=6&digits=8", "&Period=30&period=60"])
    expect(await plan(`otpauth://totp/ada?secret=${SECRET}${more}`), more).toMatchObject([
      { fate: "refused", notes: [expect.stringContaining("stands there twice")] },
    ]);
  const same = `otpauth://totp/ada?secret=${SECRET}&secret=${SECRET}&tag=a&tag=b`;
  expect(await plan(same)).toMatchObject([{ fate: "changed", notes: ["left behind: tag"] }]);
});

test("issuers and names with colons and blanks in them come apart as they were put together", async () => {
  const issuers = fc.oneof(
    fc.constantFrom("ACME: VPN", "a:b:c", "Straße 1", "50% : off"),
    fc.stringMatching(/^[A-Za-z0-9]([ :%A-Za-z0-9]{0,10}[A-Za-z0-9])?$/),
  );
  const names = fc.stringMatching(/^[^\s:%]([ :%@.A-Za-z0-9]{0,10}[^\s:%])?$/);
  const writings = [
    (text: string) => encodeURIComponent(text),
    (text: string) => encodeURIComponent(text).replaceAll("%20", " ").replaceAll("%3A", ":"),
    (text: string) => encodeURIComponent(text).replaceAll("%3A", "%3a"),
  ];
  await fc.assert(
    fc.asyncProperty(
      issuers,
      names,
      fc.constantFrom(...writings),
      fc.constantFrom(":", "%3A", ":%20", ": "),
      async (issuer, name, write, between) => {
        const label = write(issuer) + between + write(name);
        const uri = `otpauth://totp/${label}?secret=${SECRET}&issuer=${encodeURIComponent(issuer)}`;
        expect(await readAll(uri)).toMatchObject([{ name }]);
        // Without an issuer before it, the whole label is the name, but for what stands before a colon.
        const bare = `otpauth://totp/${write(name.replaceAll(":", "-"))}?secret=${SECRET}`;
        expect(await readAll(bare)).toMatchObject([{ name: name.replaceAll(":", "-") }]);
      },
    ),
    runs(200),
  );
});

test.each([
  ["an empty label", `otpauth://totp/?secret=${SECRET}`, /--name/],
  ["an algorithm of others", `otpauth://totp/ada?secret=${SECRET}&algorithm=MD5`, /algorithm/],
  ["digits that are no number", `otpauth://totp/ada?secret=${SECRET}&digits=six`, /digits/],
  ["HOTP without a counter", `otpauth://hotp/ada?secret=${SECRET}`, /counter/],
  ["no secret", "otpauth://totp/ada", /secret/],
  ["Steam's codes", `otpauth://steam/ada?secret=${SECRET}`, /neither totp nor hotp/],
  ["an mOTP URI, which has no PIN", "motp://Dialward:ada?secret=0123456789abcdef", /PIN/],
  ["what is no URI", "something else", /otpauth/],
])("%s is refused by name", async (_, line, message) => {
  expect(await plan(`otpauth://totp/eve?secret=${SECRET}\n${line}\n`)).toMatchObject([
    { fate: "taken" },
    { row: 2, place: "line 2", fate: "refused", notes: [expect.stringMatching(message)] },
  ]);
});

test("an empty label takes the given name; unknown parameters are named; Ente's bin stays behind", async () => {
  expect(await readUsers(`otpauth://totp/?secret=${SECRET}`, { name: "ada" })).toMatchObject([
    { profile: { name: "ada" } },
  ]);
  expect(await plan(`otpauth://totp/ada?secret=${SECRET}&image=https%3A%2F%2Fexample.com`)).toMatchObject([
    { fate: "changed", notes: ["left behind: image"] },
  ]);
  const display = (trashed: boolean) =>
    `&codeDisplay=${encodeURIComponent(JSON.stringify({ pinned: false, trashed, lastUsedAt: 0, tapCount: 0, tags: [] }))}`;
  const ente = `otpauth://totp/ACME:ada?secret=${SECRET}&issuer=ACME&algorithm=SHA1&digits=6&period=30${display(false)}
otpauth://totp/ACME:bob?secret=${SECRET}&issuer=ACME&algorithm=SHA1&digits=6&period=30${display(true)}
`;
  expect(await plan(ente)).toMatchObject([
    { name: "ada", fate: "changed", notes: ["left behind: issuer"] },
    { name: "bob", fate: "left" },
  ]);
});

// Published with the description of the format by others: "Hello!" and 0xDEADBEEF as a secret.
const PUBLISHED = "CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC";

test("the migration code of Google Authenticator", async () => {
  expect(await readUsers(`otpauth-migration://offline?data=${PUBLISHED}\n`)).toMatchObject([
    { profile: { name: "alice@google.com", factor: "totp", secret: "JBSWY3DPEHPK3PXP", digits: 6 } },
  ]);
});

/** One part of a batch, with the account of `PUBLISHED` under another name. */
function part(index: number, size: number, id: number): string {
  const name = `Example:user${index}`;
  const account = Buffer.concat([
    Buffer.from("0a0a48656c6c6f21deadbeef", "hex"),
    Buffer.from([0x12, name.length]),
    Buffer.from(name),
    Buffer.from("20012801 3002".replace(" ", ""), "hex"),
  ]);
  const message = Buffer.concat([
    Buffer.from([0x0a, account.length]),
    account,
    Buffer.from([0x10, 2, 0x18, size, 0x20, index, 0x28, id]),
  ]);
  return `otpauth-migration://offline?data=${encodeURIComponent(message.toString("base64"))}`;
}

test("all parts of a batch are there, in any order and more than once, or it is said which are missing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc
        .integer({ min: 1, max: 6 })
        .chain((size) => fc.tuple(fc.constant(size), fc.array(fc.nat(size - 1), { maxLength: 12 }))),
      async ([size, order]) => {
        fc.pre(order.length > 0);
        const seen = new Set(order);
        const text = order.map((index) => part(index, size, 7)).join("\n");
        const missing = Array.from({ length: size }, (_, i) => i).filter((i) => !seen.has(i));
        if (missing.length === 0) {
          const names = (await readAll(text)).map(({ name }) => name).toSorted();
          expect(names).toEqual(Array.from({ length: size }, (_, i) => `user${i}`));
        } else {
          const numbers = missing.map((i) => i + 1).join(", ");
          await expect(readAll(text)).rejects.toThrow(new RegExp(`missing: number ${numbers}\\.`));
        }
      },
    ),
  );
});

test("damaged migration codes are told, whatever is cut off or changed", async () => {
  const data = Buffer.from(PUBLISHED, "base64");
  const uri = (bytes: Buffer) =>
    `otpauth-migration://offline?data=${encodeURIComponent(bytes.toString("base64"))}`;
  for (let end = 0; end < data.length; end++)
    await expect(readAll(uri(data.subarray(0, end))), `${end} bytes`).rejects.toMatchObject({
      code: "usage",
    });
  for (let at = 0; at < data.length; at++) {
    const changed = Buffer.from(data);
    changed[at]! ^= 0xff;
    await readAll(uri(changed)).catch((error: unknown) => expect(error).toMatchObject({ code: "usage" }));
  }
});
