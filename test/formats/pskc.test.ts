// PSKC (RFC 6030): its figures, what vendors write otherwise, and what must not be read as something else.
import { expect, test } from "vitest";
import { formatOf, plan, readAll, readUsers, SECRET, type Options } from "./read.ts";

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

const TIMED = PSKC.replace("pskc:hotp", "pskc:totp").replace(
  "<Counter><PlainValue>42</PlainValue></Counter>",
  "<TimeInterval><PlainValue>60</PlainValue></TimeInterval>",
);

test("PSKC as in RFC 6030, with and without a prefix", async () => {
  expect(formatOf(PSKC)).toBe("pskc");
  const [one] = await readUsers(PSKC);
  expect(one).toMatchObject({
    profile: { name: "UID=jsmith & son", factor: "hotp", secret: SECRET, digits: 8 },
    start: { counter: 42 },
  });
  const prefixed = PSKC.replaceAll("<", "<pskc:")
    .replaceAll("<pskc:/", "</pskc:")
    .replace("<pskc:?", "<?")
    .replace("xmlns=", "xmlns:pskc=");
  expect(await readUsers(prefixed)).toEqual([one]);
  expect(await readUsers(TIMED)).toMatchObject([{ profile: { factor: "totp", period: 60 } }]);
});

test("algorithms in the spellings that vendors write, or refused; never another one", async () => {
  const suite = (text: string) => TIMED.replace("<ResponseFormat", `<Suite>${text}</Suite><ResponseFormat`);
  for (const [text, algorithm] of [
    ["HMAC-SHA256", "sha256"],
    ["HmacSHA256", "sha256"],
    ["SHA-512", "sha512"],
    ["hmac-sha1", "sha1"],
    ["HMAC_SHA512", "sha512"],
  ])
    expect(await readUsers(suite(text!)), text).toMatchObject([{ profile: { algorithm } }]);
  for (const text of ["HMAC-MD5", "SHA224", "HMAC-SHA3-256", "x"])
    expect(await plan(suite(text)), text).toMatchObject([
      { fate: "refused", notes: [expect.stringContaining("algorithm")] },
    ]);
});

test("a user is named by its UserId, in the key or the device, else by the serial number or the key's Id", async () => {
  const name = async (text: string) => (await readAll(text))[0]!.name;
  expect(await name(PSKC.replace("UID=jsmith &amp; son", "CN=ada, O=ACME"))).toBe("ada");
  const bare = PSKC.replace(/<UserId>.*<\/UserId>/, "");
  expect(await name(bare)).toBe("12345678");
  const device = (inner: string) =>
    bare.replace("<KeyPackage>", `<KeyPackage><DeviceInfo>${inner}</DeviceInfo>`);
  expect(await name(device("<SerialNo>T0001</SerialNo>"))).toBe("T0001");
  expect(await name(device("<SerialNo>T0001</SerialNo><UserId>dora</UserId>"))).toBe("dora");
});

const refusals: [string, string | RegExp, string, RegExp][] = [
  ["hexadecimal codes", 'Encoding="DECIMAL"', 'Encoding="HEXADECIMAL"', /hexadecimal/],
  ["check digits", 'Encoding="DECIMAL"', 'Encoding="DECIMAL" CheckDigits="true"', /check digit/],
  ["another algorithm", "pskc:hotp", "pskc:OCRA", /neither/],
  ["bad base64", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "MTIzNDU2Nzg5MDEyMzQ1Njc4O!A=", /base64/],
  ["base64 that is cut", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "MTIzNDU2Nzg5MDEyMzQ1Njc4OT", /base64/],
  ["a counter that is none", ">42<", ">4x2<", /Counter/],
  ["an unknown policy", "</Data>", "</Data><Policy><Fingerprint/></Policy>", /policy/],
  [
    "a PIN before the code that is not there",
    "</Data>",
    '</Data><Policy><PINPolicy PINUsageMode="Prepend"/></Policy>',
    /PIN/,
  ],
  [
    "a PIN that is mixed in",
    "</Data>",
    '</Data><Policy><PINPolicy PINUsageMode="Algorithmic"/></Policy>',
    /PIN/,
  ],
  ["a key for something else", "</Data>", "</Data><Policy><KeyUsage>Encrypt</KeyUsage></Policy>", /KeyUsage/],
];
test.each(refusals)("%s: the row is refused by name", async (_, from, to, message) => {
  expect(await plan(PSKC.replace(from, to))).toMatchObject([
    { fate: "refused", notes: [expect.stringMatching(message)] },
  ]);
});

test("what is left behind is named: issuer, expiry, drift", async () => {
  const policy = (expiry: string) =>
    TIMED.replace(
      "</Data>",
      `<TimeDrift><PlainValue>-4</PlainValue></TimeDrift></Data><Policy><ExpiryDate>${expiry}</ExpiryDate></Policy>`,
    );
  const now = Date.parse("2026-11-29T00:00:00Z") / 1000;
  const [later] = await plan(policy("2030-01-01T00:00:00Z"), { now });
  expect(later!.notes.join("; ")).toMatch(/ExpiryDate.*Issuer/);
  expect(await readUsers(policy("2020-01-01T00:00:00Z"), { now })).toMatchObject([
    { profile: { enabled: false }, start: { drift: -4 } },
  ]);
  const far = policy("2030-01-01T00:00:00Z").replace(">-4<", ">-40<");
  expect((await plan(far, { now }))[0]!.notes.join()).toMatch(/-40 steps/);
});

test("figure 5: a PIN that the device checks stays there, and the PIN's own key is no user", async () => {
  const two = `<KeyPackage><Key Id="123456781" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:pin"><AlgorithmParameters><ResponseFormat Length="4" Encoding="DECIMAL"/></AlgorithmParameters><Data><Secret><PlainValue>MTIzNA==</PlainValue></Secret></Data></Key></KeyPackage>`;
  const policy = (mode: string) =>
    `</Data><Policy><PINPolicy MinLength="4" MaxLength="4" PINKeyId="123456781" PINEncoding="DECIMAL" PINUsageMode="${mode}"/><KeyUsage>OTP</KeyUsage></Policy>`;
  const text = (mode: string) =>
    PSKC.replace("</Data>", policy(mode)).replace("</KeyContainer>", `${two}</KeyContainer>`);
  expect(await readUsers(text("Local"))).toMatchObject([{ profile: { mode: "code" } }]);
  expect(await readUsers(text("Prepend"))).toMatchObject([
    { profile: { mode: "password+code", password: "1234" } },
  ]);
  expect(await plan(text("Append"))).toMatchObject([{ fate: "refused" }]);
});

// Figures 6 and 7 of RFC 6030: a key that was agreed on, and the passphrase "qwerty".
const AGREED = `<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">
  <EncryptionKey><ds:KeyName>Pre-shared-key</ds:KeyName></EncryptionKey>
  <MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"><MACKey>
    <xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
    <xenc:CipherData><xenc:CipherValue>
      ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX
    </xenc:CipherValue></xenc:CipherData>
  </MACKey></MACMethod>
  <KeyPackage>
    <DeviceInfo><Manufacturer>Manufacturer</Manufacturer><SerialNo>987654321</SerialNo></DeviceInfo>
    <CryptoModuleInfo><Id>CM_ID_001</Id></CryptoModuleInfo>
    <Key Id="12345678" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
      <Issuer>Issuer</Issuer>
      <AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>
      <Data>
        <Secret>
          <EncryptedValue>
            <xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
            <xenc:CipherData><xenc:CipherValue>
              AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv
            </xenc:CipherValue></xenc:CipherData>
          </EncryptedValue>
          <ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=</ValueMAC>
        </Secret>
        <Counter><PlainValue>0</PlainValue></Counter>
      </Data>
    </Key>
  </KeyPackage>
</KeyContainer>`;
const DERIVED = AGREED.replace(
  "<ds:KeyName>Pre-shared-key</ds:KeyName>",
  `<DerivedKey><KeyDerivationMethod Algorithm="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2"><PBKDF2-params>
   <Salt><Specified>Ej7/PEpyEpw=</Specified></Salt><IterationCount>1000</IterationCount><KeyLength>16</KeyLength><PRF/>
   </PBKDF2-params></KeyDerivationMethod><MasterKeyName>My Password 1</MasterKeyName></DerivedKey>`,
)
  .replace(
    "ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX",
    "2GTTnLwM3I4e5IO5FkufoOEiOhNj91fhKRQBtBJYluUDsPOLTfUvoU2dStyOwYZx",
  )
  .replace(
    "AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv",
    "oTvo+S22nsmS2Z/RtcoF8Hfh+jzMe0RkiafpoDpnoZTjPYZu6V+A4aEn032yCr4f",
  )
  .replace("Su+NvtQfmvfJzF6bmQiJqoLRExc=", "LP6xMvjtypbfT9PdkJhBZ+D6O4w=");

const key: Options = { key: Buffer.from("12345678901234567890123456789012", "hex") };
const passphrase = (text: string): Options => ({ passphrase: () => Promise.resolve(text) });

test("encrypted under an agreed key or a passphrase", async () => {
  expect(await readUsers(AGREED, key)).toMatchObject([
    { profile: { name: "987654321", secret: SECRET }, start: { counter: 0 } },
  ]);
  expect(await readUsers(DERIVED, passphrase("qwerty"))).toMatchObject([{ profile: { secret: SECRET } }]);
  await expect(readAll(AGREED)).rejects.toThrow(/"Pre-shared-key".*--key-file/);
  await expect(readAll(DERIVED)).rejects.toThrow(/--passphrase-file/);
});

test("a wrong passphrase or key, a changed value or MAC: nothing is taken", async () => {
  const wrong = { key: Buffer.alloc(16, 7) };
  for (const [text, options] of [
    [AGREED.replace("AAECAwQFBgcICQoL", "BAECAwQFBgcICQoL"), key],
    [AGREED.replace("Su+Nvt", "Su+Nvu"), key],
    [AGREED.replace(/<ValueMAC>.*<\/ValueMAC>/, ""), key],
  ] as [string, Options][])
    expect(await plan(text, options)).toMatchObject([{ fate: "refused" }]);
  for (const [text, options] of [
    [AGREED, wrong],
    [AGREED, { key: Buffer.alloc(32, 7) }],
    [DERIVED, passphrase("qwertz")],
  ] as [string, Options][]) {
    const rows = await plan(text, options).catch((error: unknown) => {
      expect(error).toMatchObject({ code: "usage" });
      return [{ fate: "refused" }];
    });
    expect(rows).toMatchObject([{ fate: "refused" }]);
  }
});

test("cut at any place, a container is refused whole", async () => {
  for (let end = PSKC.indexOf("<Key "); end < PSKC.length; end += 7)
    await expect(readAll(PSKC.slice(0, end), { format: "pskc" }), `${end} letters`).rejects.toMatchObject({
      code: "usage",
    });
});

test("entities of its own, other XML, no keys: refused", async () => {
  const bomb =
    `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` +
    PSKC.replace(/^.*\n/, "").replace("UID=jsmith &amp; son", "&b;");
  await expect(readAll(bomb, { format: "pskc" })).rejects.toThrow(/document type/);
  await expect(readAll("<KeyContainer></KeyContainer>", { format: "pskc" })).rejects.toThrow(/KeyContainer/);
  await expect(readAll("<KeyContainer><x/></KeyContainer>", { format: "pskc" })).rejects.toThrow(
    /KeyPackage/,
  );
  await expect(readAll("<html></html>", { format: "pskc" })).rejects.toThrow(/KeyContainer/);
});
