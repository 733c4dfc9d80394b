// Moving in and out: files of other programs, as their authors document them or write them, and what is not right in
// such a file. Vectors: RFC 6030 section 5 and 6, RFC 4226 appendix D's key, published migration codes.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import encodeQR from "qr";
import { afterEach, beforeEach, expect, test } from "vitest";
import { guessFormat, type Format } from "../../host/formats/format.ts";
import { readRows } from "../../host/formats/read.ts";
import { makeProfile } from "../../host/users/profile.ts";
import { totp } from "../codes.ts";
import { runCommand } from "../command.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/** Reads a text, in the format that it is taken for, and checks that each row is one that can be stored. */
function read(text: string, format: Format, name?: string) {
  const bytes = Buffer.from(text);
  if (format !== "google-authenticator" || name) expect(guessFormat(bytes)).toBe(format);
  const rows = readRows(bytes, format, "the file", name);
  return rows.map((row) => makeProfile(row, 0));
}

// Figure 2 of RFC 6030.
const PSKC = `<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" Id="exampleID1" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">
  <KeyPackage>
    <Key Id="12345678" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
      <Issuer>Issuer-A</Issuer>
      <AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>
      <Data>
        <Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>
        <Counter><PlainValue>42</PlainValue></Counter>
      </Data>
      <UserId>UID=jsmith &amp; son</UserId>
    </Key>
  </KeyPackage>
</KeyContainer>`;

test("PSKC as in RFC 6030, with and without a prefix", () => {
  const [one] = read(PSKC, "pskc");
  expect(one).toMatchObject({
    profile: { name: "UID=jsmith & son", factor: "hotp", secret: SECRET, digits: 8 },
    start: { counter: 42 },
  });
  const prefixed = PSKC.replaceAll("<", "<pskc:")
    .replaceAll("<pskc:/", "</pskc:")
    .replace("<pskc:?", "<?")
    .replace("xmlns=", "xmlns:pskc=");
  expect(read(prefixed, "pskc")).toEqual([one]);
  const timed = PSKC.replace("pskc:hotp", "pskc:totp")
    .replace("Counter>", "TimeInterval>")
    .replace("</Counter", "</TimeInterval")
    .replace(">42<", ">60<");
  expect(read(timed, "pskc")[0]).toMatchObject({ profile: { factor: "totp", period: 60 } });
});

test("PSKC with an encrypted key, an entity bomb, or no keys is refused", () => {
  const encrypted = PSKC.replace(
    "<PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue>",
    "<EncryptedValue><x/></EncryptedValue>",
  );
  expect(() => read(encrypted, "pskc")).toThrow(/encrypted/);
  expect(() => read("<KeyContainer></KeyContainer>", "pskc")).toThrow(/KeyPackage/);
  const bomb =
    `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` +
    PSKC.replace(/^.*\n/, "").replace("UID=jsmith &amp; son", "&b;");
  try {
    for (const { profile } of read(bomb, "pskc")) expect(profile.name).toBe("&b;");
  } catch (error) {
    expect(error).toMatchObject({ code: "usage" });
  }
});

test("OATH Toolkit's users file", () => {
  const hex = "3132333435363738393031323334353637383930";
  const text = `# comment\nHOTP/T30/6\tada\t-\t${hex}\nHOTP bob 1234 ${hex} 7 969429 2026-01-01T00:00:00L\nHOTP/T60 carl - ${hex}\nMOTP dora 4711 0123456789abcdef\n`;
  expect(read(text, "oath")).toMatchObject([
    { profile: { name: "ada", factor: "totp", secret: SECRET, digits: 6, period: 30, mode: "code" } },
    {
      profile: { name: "bob", factor: "hotp", mode: "password+code", password: "1234" },
      start: { counter: 7 },
    },
    { profile: { name: "carl", factor: "totp", period: 60 } },
    { profile: { name: "dora", factor: "motp", pin: "4711", secret: "0123456789abcdef" } },
  ]);
  expect(() => read(`HOTP eve - xyz${hex}\n`, "oath")).toThrow("Line 1 has no hexadecimal secret.");
  expect(() => read(`HOTP eve + ${hex}\n`, "oath")).toThrow(/PIN elsewhere/);
});

test("google-authenticator's files for TOTP and HOTP", () => {
  const file = `${SECRET}\n" RATE_LIMIT 3 30\n" WINDOW_SIZE 17\n" DISALLOW_REUSE\n" TOTP_AUTH\n12345678\n87654321\n`;
  expect(guessFormat(Buffer.from(file))).toBe("google-authenticator");
  expect(read(file, "google-authenticator", "ada")).toMatchObject([
    { profile: { name: "ada", factor: "totp", secret: SECRET } },
  ]);
  const counted = file.replace("TOTP_AUTH", "HOTP_COUNTER 23");
  expect(read(counted, "google-authenticator", "ada")).toMatchObject([
    { profile: { factor: "hotp" }, start: { counter: 23 } },
  ]);
  expect(() => read(file, "google-authenticator")).toThrow(/--name/);
});

test("FreeRADIUS's users file", () => {
  const text = `# users\nada  TOTP-Secret := "${SECRET}"\n\tReply-Message := "hello"\n"bob jones" Cleartext-Password := "se\\"same", TOTP-Secret := "${SECRET}"\ncarl Cleartext-Password := "x"\nDEFAULT Auth-Type := Reject\n`;
  expect(read(text, "freeradius")).toMatchObject([
    { profile: { name: "ada", factor: "totp", secret: SECRET, mode: "code" } },
    { profile: { name: "bob jones", mode: "password+code", password: 'se"same' } },
  ]);
});

test("CSV with commas, semicolons, quotation marks", () => {
  const text = `name,factor,secret,pin,types,digits\nada,totp,${SECRET},,openvpn pptp,8\n"Smith, ""Jo""",motp,0123456789abcdef,4711,,\n`;
  expect(read(text, "csv")).toMatchObject([
    { profile: { name: "ada", digits: 8, types: ["openvpn", "pptp"] } },
    { profile: { name: 'Smith, "Jo"', factor: "motp", pin: "4711" } },
  ]);
  expect(read(`\uFEFFname;secret\r\nada;${SECRET}\r\n`, "csv")).toMatchObject([{ profile: { name: "ada" } }]);
  expect(() => readRows(Buffer.from("a,b\n1,2\n"), "csv", "f")).toThrow("Line 1 must name the columns");
});

test("otpauth URIs, and the migration code of Google Authenticator", () => {
  const uris = `otpauth://totp/ACME%20Co:john@example.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co&algorithm=SHA256&digits=8&period=60
otpauth://hotp/bob?secret=${SECRET}&counter=5
otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC
`;
  expect(read(uris, "otpauth")).toMatchObject([
    { profile: { name: "john@example.com", algorithm: "sha256", digits: 8, period: 60 } },
    { profile: { name: "bob", factor: "hotp", secret: SECRET }, start: { counter: 5 } },
    { profile: { name: "alice@google.com", factor: "totp", secret: "JBSWY3DPEHPK3PXP", digits: 6 } },
  ]);
});

test("damaged migration codes are told, whatever is cut off or changed", () => {
  const data = Buffer.from("CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC", "base64");
  for (let end = 0; end < data.length; end++) {
    const uri = `otpauth-migration://offline?data=${encodeURIComponent(data.subarray(0, end).toString("base64"))}`;
    expect(() => read(uri, "otpauth"), `${end} bytes`).toThrow(expect.objectContaining({ code: "usage" }));
  }
  for (let at = 0; at < data.length; at++) {
    const changed = Buffer.from(data);
    changed[at]! ^= 0xff;
    const uri = `otpauth-migration://offline?data=${encodeURIComponent(changed.toString("base64"))}`;
    try {
      read(uri, "otpauth");
    } catch (error) {
      expect(error).toMatchObject({ code: "usage" });
    }
  }
});

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "dialward-formats-"));
});
afterEach(() => rmSync(data, { recursive: true }));

const run = (args: string[], input: string | Buffer = "") => runCommand(["--data", data, ...args], input);

test("imported with --active the device goes on at once; without, it is pending", async () => {
  const uri = `otpauth://totp/ada?secret=${SECRET}\n`;
  expect(await run(["user", "import", "-"], uri)).toMatchObject({ status: 0, err: "" });
  expect((await run(["user", "show", "ada"])).out).toContain("pending");
  await run(["user", "remove", "ada"]);
  expect((await run(["user", "import", "-", "--active"], uri)).status).toBe(0);
  expect((await run(["user", "show", "ada"])).out).toContain("active");
  const code = totp(Buffer.from("12345678901234567890"), Date.now() / 1000);
  expect((await run(["user", "verify", "ada"], code)).status).toBe(0);
});

test("what cannot be read imports nothing, and is not repeated", async () => {
  const bad = await run(
    ["user", "import", "-"],
    `otpauth://totp/ada?secret=${SECRET}\notpauth://totp/bob?secret=NOT0BASE32\n`,
  );
  expect(bad.status).toBe(1);
  expect(bad.err).toContain('row 2 "bob": secret');
  expect(bad.err + bad.out).not.toMatch(/NOT0BASE32|GEZDG/);
  expect((await run(["user", "list", "--json"])).out.trim()).toBe("[]");
  expect((await run(["user", "import", "-"], "what is this?")).err).toContain("--format");
});

test("export takes a confirmation, and another server reads it: otpauth and PSKC there and back", async () => {
  const users = [
    { name: "ada", secret: SECRET, algorithm: "sha256", digits: 8, period: 60 },
    { name: "Bob & Söhne", factor: "hotp", secret: SECRET, counter: 12 },
    { name: "dora", factor: "motp", secret: "0123456789abcdef", pin: "4711" },
  ];
  expect((await run(["user", "import", "-"], JSON.stringify({ users }))).status).toBe(0);
  const refused = await run(["user", "export"], "yes\n");
  expect(refused).toMatchObject({ status: 2, out: "" });
  const uris = (await run(["user", "export", "ada", "Bob & Söhne", "--reveal-secrets"])).out;
  expect(read(uris, "otpauth")).toMatchObject([
    { profile: { name: "ada", secret: SECRET, algorithm: "sha256", digits: 8, period: 60 } },
    { profile: { name: "Bob & Söhne", factor: "hotp" }, start: { counter: 12 } },
  ]);
  const file = join(data, "out.xml");
  const written = await run(["user", "export", "--format", "pskc", "--out", file, "--reveal-secrets"]);
  expect(written).toMatchObject({ status: 0, err: expect.stringContaining("mOTP") });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(read(readFileSync(file, "utf8"), "pskc")).toMatchObject([
    { profile: { name: "Bob & Söhne", factor: "hotp", secret: SECRET }, start: { counter: 12 } },
    { profile: { name: "ada", secret: SECRET, algorithm: "sha256", digits: 8, period: 60 } },
  ]);
  expect((await run(["user", "export", "--out", file, "--reveal-secrets"])).status).toBe(2);
});

test("a picture that is no picture, or holds no QR code", async () => {
  const file = join(data, "picture.gif");
  writeFileSync(file, encodeQR(`otpauth://totp/ada?secret=${SECRET}`, "gif"));
  expect(guessFormat(readFileSync(file))).toBe("qr");
  expect(await run(["user", "import", "-"], Buffer.from("\x89PNG\r\n\x1a\nnothing", "latin1"))).toMatchObject(
    {
      status: 2,
      err: expect.stringMatching(/QR code/),
    },
  );
});
