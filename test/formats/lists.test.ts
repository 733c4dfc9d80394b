// CSV and other lines: as spreadsheets, PAM modules and FreeRADIUS write them. Secrets are those of the RFCs.
import fc from "fast-check";
import { expect, test } from "vitest";
import { hotp, motp, totp } from "../codes.ts";
import { formatOf, HEX, plan, readAll, readUsers, SECRET } from "./read.ts";

const KEY = Buffer.from(HEX, "hex");

test("a long file has the lines that it has, and no letter of it is cut in two", async () => {
  // Pieces of the text end at other letters each time.
  for (const before of ["", " ", " ".repeat(30), " ".repeat(31)]) {
    const names = Array.from({ length: 2000 }, (_, i) => "\u{1F511}".repeat(14) + i);
    const lines = names.map((name) => `"${name}",${SECRET}`);
    const comment = `# ${"for the night shift ".repeat(500)}\n`;
    const rows = await readAll(`${comment}name,secret${before}\n\n${lines.join("\n")}`, { format: "csv" });
    expect(rows.map(({ name }) => name)).toEqual(names);
    expect(rows.map(({ place }) => place)).toEqual(names.map((_, i) => `line ${i + 4}`));
  }
});

test("CSV with commas, semicolons, tabs, quotation marks", async () => {
  const text = `name,factor,secret,pin,types,digits\nada,totp,${SECRET},,openvpn pptp,8\n"Smith, ""Jo""" ,motp,0123456789abcdef,4711,,\n`;
  expect(await readUsers(text)).toMatchObject([
    { profile: { name: "ada", digits: 8, types: ["openvpn", "pptp"] } },
    { profile: { name: 'Smith, "Jo"', factor: "motp", pin: "4711" } },
  ]);
  for (const separator of [";", "\t", "|"])
    expect(
      await readUsers(
        `sep=;\r\nname${separator}secret\r\nada${separator}${SECRET}\r\n`.slice(separator === ";" ? 0 : 7),
      ),
    ).toMatchObject([{ profile: { name: "ada" } }]);
});

test("CSV without a header takes --columns; secrets in hexadecimal and base64 are told", async () => {
  const columns = ["name", "secret"];
  expect(await readUsers(`ada,${SECRET}\n`, { format: "csv", columns })).toMatchObject([
    { profile: { secret: SECRET } },
  ]);
  expect(await readUsers(`ada,${HEX}\n`, { format: "csv", columns, secretEncoding: "hex" })).toMatchObject([
    { profile: { secret: SECRET } },
  ]);
  const base64 = KEY.toString("base64");
  expect(
    await readUsers(`ada,${base64}\n`, { format: "csv", columns, secretEncoding: "base64" }),
  ).toMatchObject([{ profile: { secret: SECRET } }]);
  expect(await plan(`ada,${HEX}\n`, { format: "csv", columns })).toMatchObject([
    { fate: "refused", notes: [expect.stringContaining("--secret-encoding hex")] },
  ]);
  await expect(readUsers(`ada,${SECRET}\n`, { format: "csv" })).rejects.toThrow(
    /Line 1 must name the columns/,
  );
});

test("every cell of a CSV file is taken, refused or named as left behind", async () => {
  const heads = [..."name user User_Name login secret Seed digits note note nothing".split(" "), "", ""];
  const cell = fc.constantFrom("", "ada", "eve", SECRET, "6", "8");
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(heads.length - 1), { minLength: 1 }),
      fc.array(cell, { maxLength: 14 }),
      async (order, cells) => {
        const columns = ["name", "secret", ...order.map((at) => heads[at]!)];
        const line = ["eve", SECRET, ...cells];
        const [row] = await plan(`# by hand\n\n${columns.join(",")}\n${line.join(",")}\n`);
        if (row!.fate === "refused") return;
        const said = row!.notes.join("; ");
        for (const [i, value] of line.entries()) {
          if (value === "" || i < 2) continue;
          const head = columns[i]!.toLowerCase().replace("_", " ");
          // A second column of the same meaning says the same.
          if (["name", "user", "user name", "login"].includes(head)) expect(value).toBe("eve");
          else if (["secret", "seed"].includes(head)) expect(value).toBe(SECRET);
          else if (head !== "digits")
            expect(said).toMatch(columns.indexOf(columns[i]!) === i && head ? head : `column ${i + 1}`);
        }
      },
    ),
  );
});

test("a CSV file's first line is no user where --columns is given besides; blank cells behind are nothing", async () => {
  const columns = ["name", "secret"];
  for (const head of ["name,secret", "Login,Seed"])
    expect(await readUsers(`${head}\nada,${SECRET},,\n`, { format: "csv", columns })).toMatchObject([
      { profile: { name: "ada", secret: SECRET } },
    ]);
  expect(await readAll(`sep=;\r\nname;secret\r\nada;${SECRET}\r\n`)).toMatchObject([{ place: "line 3" }]);
  expect(await readUsers(`user,seed\nada,0x${HEX}\n`, { secretEncoding: "hex" })).toMatchObject([
    { profile: { secret: SECRET } },
  ]);
});

test("Microsoft Entra ID's layout, as Token2 and Deepnet deliver it", async () => {
  const text = `upn,serial number,secret key,time interval,manufacturer,model\nada@example.com,60234567,${SECRET},30,Token2,c202\n`;
  expect(await readUsers(text)).toMatchObject([
    { profile: { name: "ada@example.com", secret: SECRET, period: 30 } },
  ]);
  expect(await plan(text)).toMatchObject([
    { notes: ["left behind: serial number", "left behind: manufacturer, model"] },
  ]);
  const unassigned = text.replace("upn,", "").replace("ada@example.com,", "");
  expect(await readUsers(unassigned)).toMatchObject([{ profile: { name: "60234567" } }]);
});

test("OATH Toolkit's users file: the counter is the last one that was used", async () => {
  const text = `# comment
HOTP/T30/6\tada\t-\t${HEX}
HOTP/E\tbob\t1234\t${HEX}\t7\t${hotp(KEY, 7)}\t2009-12-07T17:25:42L
HOTP/T60 carl - ${HEX}
HOTP/E/8 dora 4711 ${HEX} 5
`;
  expect(formatOf(text)).toBe("oath");
  expect(await readUsers(text)).toMatchObject([
    { profile: { name: "ada", factor: "totp", secret: SECRET, digits: 6, period: 30, mode: "code" } },
    {
      profile: { name: "bob", factor: "hotp", mode: "password+code", password: "1234" },
      start: { counter: 8 },
    },
    { profile: { name: "carl", factor: "totp", period: 60 } },
    // Nobody has logged in yet: this one is the first that is accepted.
    { profile: { name: "dora", digits: 8 }, start: { counter: 5 } },
  ]);
});

test("mod_authn_otp's users file: the counter is the next one, and mOTP is there", async () => {
  const motpHex = "0123456789abcdef0123456789abcdef";
  const text = `HOTP\tbarney\t1234\t${HEX} 21 0 ${hotp(KEY, 20)} 2009-06-12T17:52:32L 192.168.1.1
HOTP/T\tjoe\t999999\t${HEX} -2 2 883913 2009-06-04T21:17:03L 10.1.1.153
MOTP fred 4711 ${motpHex} 0 0 ${motp(motpHex, "4711", 1000)} 2009-06-04T21:17:03L 10.1.1.1
`;
  expect(formatOf(text)).toBe("mod-authn-otp");
  expect(await readUsers(text, { now: 1010 })).toMatchObject([
    { profile: { name: "barney" }, start: { counter: 21 } },
    { profile: { name: "joe", factor: "totp", password: "999999" }, start: { drift: -2 } },
    { profile: { name: "fred", factor: "motp", secret: motpHex, pin: "4711" }, start: { counter: 101 } },
  ]);
  const types = ["MOTP/E", "MOTP/T30", "MOTP/T10/8", "OCRA"].map((type) => `${type} fred 4711 ${motpHex}`);
  for (const one of types)
    expect(await plan(`HOTP ada - ${HEX}\n${one}\n`, { format: "mod-authn-otp" })).toMatchObject([
      { fate: "taken" },
      { fate: "refused" },
    ]);
  expect(await plan(`HOTP eve + ${HEX}\n`)).toMatchObject([
    { fate: "refused", notes: [expect.stringContaining("PIN")] },
  ]);
  expect(await plan(`HOTP eve - ${HEX}zz\n`)).toMatchObject([
    { fate: "refused", notes: [expect.stringContaining("secret")] },
  ]);
});

test("a code that was used a moment ago is spent, whatever either file's clock says", async () => {
  const now = 1_796_000_000;
  for (const behind of [-1, 0, 1, 3]) {
    const step = Math.floor(now / 30) - behind;
    const text = `HOTP/T30 ada - ${HEX} 0 ${totp(KEY, step * 30)} 2001-01-01T00:00:00L\n`;
    expect(await readUsers(text, { now })).toMatchObject([{ start: { counter: step + 1 } }]);
  }
});

test("google-authenticator's files: spent steps, HOTP, and what is left behind by name", async () => {
  const file = `${SECRET}\n" RATE_LIMIT 3 30\n" WINDOW_SIZE 17\n" DISALLOW_REUSE 59866666 59866668\n" TIME_SKEW -1\n" TOTP_AUTH\n12345678\n87654321\n`;
  expect(formatOf(file)).toBe("google-authenticator");
  expect(await readUsers(file, { name: "ada" })).toMatchObject([
    { profile: { name: "ada", factor: "totp", secret: SECRET }, start: { counter: 59866669, drift: -1 } },
  ]);
  const [row] = await plan(file, { name: "ada" });
  expect(row!.notes.join("; ")).toMatch(/2 emergency codes.*RATE_LIMIT, WINDOW_SIZE/);
  const counted = file.replace("TOTP_AUTH", "HOTP_COUNTER 23");
  expect(await readUsers(counted, { name: "ada" })).toMatchObject([
    { profile: { factor: "hotp" }, start: { counter: 23 } },
  ]);
  expect(await plan(file)).toMatchObject([{ fate: "refused", notes: [expect.stringContaining("--name")] }]);
  expect(await plan(`${file}what is this\n`, { name: "ada" })).toMatchObject([{ fate: "refused" }]);
});

test("FreeRADIUS 3: quoting as it has it, passwords in clear, Reject", async () => {
  const text = `# users
ada  TOTP-Secret := "${SECRET}"  # a comment
\tReply-Message := "hello",
\tFramed-IP-Address = 10.0.0.7
"bob jones" Cleartext-Password := "se\\"same\\041", TOTP-Secret := '${SECRET}'
carl Cleartext-Password := 'it\\'s', TOTP-Secret := ${SECRET}
dora Auth-Type := Reject, TOTP-Secret := "${SECRET}"
erik Cleartext-Password := "x"
DEFAULT Auth-Type := Reject
$INCLUDE users.other
`;
  expect(formatOf(text)).toBe("freeradius");
  const rows = await plan(text);
  expect(rows.map(({ fate }) => fate)).toEqual([
    "changed",
    "taken",
    "taken",
    "taken",
    "left",
    "left",
    "left",
  ]);
  expect(rows[0]!.notes).toEqual(["left behind: what it replies (Reply-Message, Framed-IP-Address)"]);
  const users = await readUsers(text.replace(/^erik[^]*/m, ""));
  expect(users).toMatchObject([
    { profile: { name: "ada", factor: "totp", secret: SECRET, mode: "code" } },
    { profile: { name: "bob jones", mode: "password+code", password: 'se"same!' } },
    { profile: { name: "carl", password: "it's" } },
    { profile: { name: "dora", enabled: false } },
  ]);
});

test("FreeRADIUS 4: attributes with dots, keys as octets", async () => {
  const text = `ada  Password.Cleartext := "hello", TOTP.Secret := "${SECRET}" # comment\nbob  control.TOTP.Key := 0x${HEX}\n`;
  expect(await readUsers(text)).toMatchObject([
    { profile: { name: "ada", password: "hello", secret: SECRET } },
    { profile: { name: "bob", secret: SECRET } },
  ]);
});

test.each([
  ["a hash of the password", 'Crypt-Password := "$6$x$abcdefgh", ', /crypt-password/],
  ["an NT hash of version 4", "Password.NT := 0x8846f7eaee8fb117ad06bdd830b7586c, ", /password\.nt/],
  ["a condition", 'Calling-Station-Id == "4711", ', /calling-station-id/],
  ["a program", "Cleartext-Password := `/bin/pw`, ", /program/],
  ["what cannot be understood", "Cleartext-Password ?? x, ", /column/],
])("FreeRADIUS: %s makes the row refused by name", async (_, item, message) => {
  expect(await plan(`ada ${item}TOTP-Secret := "${SECRET}"\n`)).toMatchObject([
    { name: "ada", fate: "refused", notes: [expect.stringMatching(message)] },
  ]);
});
