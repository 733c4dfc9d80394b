// Moving in and out on the pages: the plan before the act, all or nothing; sealed files and backups that bring back what
// was there; nothing for who has not typed the password again, and no large upload from strangers.
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { readAddedClients } from "../../host/config/client-file.ts";
import { DialwardError } from "../../host/errors.ts";
import { sealBackup, type BackupLine } from "../../host/store/backup.ts";
import { openPages, PASSWORD } from "./open-pages.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const LIST = `name,secret\nanna,${SECRET}\nbert,JBSWY3DPEHPK3PXP\n`;

function upload(fields: Record<string, string>, name: string, ...files: (string | Buffer)[]): FormData {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) form.append(key, value);
  for (const file of files) form.append(name, new File([new Uint8Array(Buffer.from(file))], "list"));
  return form;
}

async function names(users: Awaited<ReturnType<typeof openPages>>["users"]): Promise<string[]> {
  const found: string[] = [];
  for await (const one of users.list()) found.push("profile" in one ? one.profile.name : one.name);
  return found.toSorted();
}

test("an import is a plan of every row, and then all of it", async () => {
  const { ask, logIn, users, changes, close } = await openPages();
  const csrf = await logIn();
  const { location } = await ask("/users/import", upload({ csrf, active: "yes" }, "files", LIST));
  expect(location).toMatch(/^\/users\/import\/plan\?id=/);
  const plan = await ask(location);
  expect(plan.text).toContain("2 users would be imported.");
  expect(plan.text).toMatch(/anna[\s\S]*taken[\s\S]*bert[\s\S]*taken/);
  expect(plan.text).not.toContain(SECRET);
  expect(await names(users)).toEqual([]);
  const id = new URLSearchParams(location.split("?")[1]).get("id")!;
  // Another administrator does not see it.
  const saved = await ask("/users/import/save", { csrf, id });
  expect(saved.location).toMatch(/^\/users\?told=/);
  expect(await names(users)).toEqual(["anna", "bert"]);
  expect((await users.get("anna")).standing).toBe("active");
  expect((await ask(location)).location).toMatch(/^\/users\/import\?told=/);
  void changes;
  await close();
});

test("one row that is refused stops all; what came between plan and act too; entries of other kinds can be left out", async () => {
  const { ask, logIn, users, close } = await openPages();
  const csrf = await logIn();
  const bad = await ask("/users/import", upload({ csrf }, "files", `${LIST}carl,not base32!\n`));
  const { text } = await ask(bad.location);
  expect(text).toContain("1 of 3 rows are refused");
  const german = await ask(bad.location, undefined, { headers: { "accept-language": "de" } });
  expect(german.text).toMatch(/Zeile 4[\s\S]*secret: Base32 \(Buchstaben/);
  expect(text).toMatch(/<button class="main" disabled/);
  const id = new URLSearchParams(bad.location.split("?")[1]).get("id")!;
  await ask("/users/import/save", { csrf, id });
  expect(await names(users)).toEqual([]);
  const good = await ask("/users/import", upload({ csrf }, "files", LIST));
  await users.add({ name: "bert", secret: SECRET });
  const next = await ask("/users/import/save", {
    csrf,
    id: new URLSearchParams(good.location.split("?")[1]).get("id")!,
  });
  expect((await ask(next.location)).text).toContain("there are such users by now: bert");
  expect(await names(users)).toEqual(["bert"]);
  const steam = `otpauth://totp/dora?secret=${SECRET}\nsteam://ABCDEFGH\n`;
  const refused = await ask("/users/import", upload({ csrf }, "files", steam));
  expect((await ask(refused.location)).text).toContain("refused");
  const left = await ask("/users/import", upload({ csrf, skipUnsupported: "yes" }, "files", steam));
  expect((await ask(left.location)).text).toContain("1 user would be imported; 1 row is left behind");
  await close();
});

test("a file that cannot be read is said at the form, and a stranger's upload is not read", async () => {
  const { ask, logIn, close } = await openPages();
  const large = upload({}, "files", Buffer.alloc(200_000));
  expect((await ask("/users/import", large)).status).toBe(413);
  const csrf = await logIn();
  const back = await ask("/users/import", upload({ csrf, columns: "x" }, "files", "\0\x01nothing"));
  expect(back.location).toMatch(/^\/users\/import\?form=/);
  expect((await ask(back.location)).text).toMatch(/class="note bad"/);
  expect((await ask("/users/import", upload({ csrf }, "files", Buffer.alloc(17 << 20)))).status).toBe(413);
  const backup = await ask("/system/restore", upload({ csrf }, "file", Buffer.alloc(17 << 20)));
  expect([backup.status, backup.text]).toEqual([413, expect.stringContaining("dialward restore")]);
  // Elsewhere forms stay small.
  expect((await ask("/users/new", upload({ csrf }, "files", Buffer.alloc(200_000)))).status).toBe(413);
  await close();
});

test("what is exported sealed imports again; other formats say what they lose; the password is asked for", async () => {
  const { ask, logIn, users, changes, close } = await openPages();
  const csrf = await logIn();
  await users.add({ name: "anna", secret: SECRET, mode: "password+code", password: "sesame", types: "pptp" });
  await users.add({ name: "mia", factor: "motp", secret: "0123456789abcdef", pin: "4711" });
  const { text } = await ask("/users/export?format=otpauth");
  expect(text).toMatch(/mOTP, so these users are left out:\s*<bdi>mia<\/bdi>/);
  expect(text).toMatch(/the fixed password:\s*<bdi>anna<\/bdi>/);
  const phrase = { passphrase: "correct horse", again: "correct horse" };
  const wrong = await ask("/users/export", { csrf, format: "sealed", ...phrase, current: "guess" });
  expect((await ask(wrong.location)).text).toContain("This is not your password.");
  const file = await ask("/users/export", { csrf, format: "sealed", ...phrase, current: PASSWORD });
  expect(file.headers.get("content-disposition")).toContain("attachment");
  expect(file.text).not.toContain(SECRET);
  expect(changes.latest(1)).toMatchObject([{ action: "users exported", what: "2, sealed", by: "admin" }]);
  const uris = await ask("/users/export", { csrf, format: "otpauth", current: PASSWORD, allowWeaker: "yes" });
  expect(uris.text).toContain("otpauth://totp/");
  expect(uris.text).not.toContain("mia");
  await users.remove("anna");
  await users.remove("mia");
  const planned = await ask(
    "/users/import",
    upload({ csrf, passphrase: "correct horse" }, "files", file.bytes),
  );
  const id = new URLSearchParams(planned.location.split("?")[1]).get("id")!;
  await ask("/users/import/save", { csrf, id });
  expect((await users.get("anna")).profile).toMatchObject({ password: "sesame", types: ["pptp"] });
  expect((await users.get("mia")).profile).toMatchObject({ pin: "4711" });
  await close();
});

/** A backup of an installation with one user, HOTP, two administrators and a RADIUS client, and these networks as its LAN. */
async function makeBackupOf(lan: string[]): Promise<Buffer> {
  const there = await openPages();
  await there.users.add({ name: "anna", factor: "hotp", secret: SECRET, active: true });
  await there.administrator.setPassword("admin", "the password there");
  await there.administrator.setPassword("eve", "the password of eve", "helpdesk");
  const settings = there.settings.change((old) => ({
    ...old,
    lan,
    web: { ...old.web, listen: "192.0.2.7:8443", names: ["vpn.example.org"] },
    radius: { everywhere: true },
    log: { level: "debug" },
  }));
  const client = { name: "router", address: "192.0.2.9", secret: "a secret of two" };
  const lines: BackupLine[] = [
    { kind: "made", seconds: 1_700_000_000 },
    { kind: "file", name: "key", text: `${"09".repeat(32)}\n` },
    { kind: "file", name: "settings.json", text: JSON.stringify(settings) },
    { kind: "file", name: "radius-clients.json", text: JSON.stringify([client]) },
  ];
  const stores = [["users", there.store] as const, ["administrator", there.administrator.store] as const];
  for (const [realm, store] of stores)
    for await (const { user, entry } of store.list()) {
      const [profile, state] = [entry.profile, entry.state].map((one) => Buffer.from(one).toString("base64"));
      lines.push({ kind: "user", realm, user, profile: profile!, state: state! });
    }
  await there.close();
  const pieces = sealBackup(lines, { passphrase: "correct horse", cost: 1024 });
  return Buffer.concat(await Readable.from(pieces).toArray());
}

test("a backup of another installation brings its users, under this one's keys; spent codes stay spent", async () => {
  const backup = await makeBackupOf(["127.0.0.0/8"]);
  const here = await openPages();
  const csrf = await here.logIn();
  const wrong = await here.ask("/system/restore", upload({ csrf, opens: "another" }, "file", backup));
  expect((await here.ask(wrong.location)).text).toContain("does not open");
  const before = here.settings.read();
  const done = await here.ask("/system/restore", upload({ csrf, opens: "correct horse" }, "file", backup));
  const { text } = await here.ask(done.location);
  expect(text).toContain("1 user is restored");
  expect(text).toContain("count once more, since counters do not age: anna");
  expect((await here.users.get("anna")).standing).toBe("active");
  expect(here.settings.read()).toEqual(before);
  const again = await here.ask("/system/restore", upload({ csrf, opens: "correct horse" }, "file", backup));
  expect((await here.ask(again.location)).text).toMatch(/class="note bad"/);
  await here.close();
});

test("a backup brings administrators, settings and RADIUS clients too; who is here keeps the password", async () => {
  const backup = await makeBackupOf(["127.0.0.0/8", "10.0.0.0/8"]);
  const here = await openPages();
  const csrf = await here.logIn();
  const sent = { csrf, opens: "correct horse", everything: "yes" };
  const done = await here.ask("/system/restore", upload(sent, "file", backup));
  const { text } = await here.ask(done.location);
  expect(text).toContain("Administrators added: eve. RADIUS clients added: router.");
  expect(here.settings.read()).toMatchObject({
    lan: ["127.0.0.0/8", "10.0.0.0/8"],
    web: { listen: "192.0.2.7:8443", names: ["vpn.example.org"] },
    radius: { everywhere: true },
    log: { level: "debug" },
    accounts: [{ name: "admin" }, { name: "eve", role: "helpdesk" }],
  });
  expect(readAddedClients(here.config.data)).toMatchObject([{ name: "router", secret: "a secret of two" }]);
  const logins = [
    ["admin", PASSWORD, "accept"],
    ["admin", "the password there", "refuse"],
    ["eve", "the password of eve", "accept"],
  ] as const;
  for (const [name, password, outcome] of logins) {
    const login = { name, password, code: "", zone: "lan", source: "127.0.0.1" } as const;
    expect(await here.administrator.login(login), `${name}, ${password}`).toMatchObject({ outcome });
  }
  await here.close();
});

test("a backup whose settings would shut out who restores it changes nothing; what cannot be here is told", async () => {
  const here = await openPages({
    listenAlso: async () => {
      throw new DialwardError(
        "config",
        "The pages cannot listen on 192.0.2.7:8443: EADDRNOTAVAIL. Set web.listen.",
      );
    },
  });
  const csrf = await here.logIn();
  const before = here.settings.read();
  const sent = { csrf, opens: "correct horse", everything: "yes" };
  const out = await makeBackupOf(["10.0.0.0/8"]);
  const back = await here.ask("/system/restore", upload(sent, "file", out));
  expect((await here.ask(back.location)).text).toContain("You would be outside");
  expect([await names(here.users), here.settings.read()]).toEqual([[], before]);
  const done = await here.ask("/system/restore", upload(sent, "file", await makeBackupOf(["127.0.0.0/8"])));
  const { text } = await here.ask(done.location);
  expect(text).toContain("1 user is restored");
  expect(text).toContain("The pages cannot listen on 192.0.2.7:8443");
  expect(here.settings.read()).toMatchObject({ lan: ["127.0.0.0/8"], log: { level: "debug" } });
  expect(here.settings.read().web.listen).toBeUndefined();
  await here.close();
});
