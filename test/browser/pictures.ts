// Takes the pictures of host/web/README.md: `npm run pictures`. People, codes and connections are made up here.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { motp } from "../codes.ts";
import { account, NAS_SECRET } from "./nas.ts";
import { logIn, oathtool, openBrowser, PASSWORD, scanQr, secretOf, setUp, startService } from "./service.ts";

const FOLDER = new URL("../../host/web/pictures/", import.meta.url).pathname;
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const MOTP_SECRET = "0123456789abcdef0123456789abcdef";

/** What an authenticator app has exported: two accounts, and one that no login here takes. */
const LIST = Buffer.from(
  `otpauth://totp/Office:ben?secret=${SECRET}&issuer=Office\notpauth://totp/mara?secret=${SECRET}&image=m.png\nsteam://ABCDEFGH\n`,
);

mkdirSync(FOLDER, { recursive: true });
const client = `[[radius.clients]]\naddress = "127.0.0.1"\nname = "vigor"\nsecret = "${NAS_SECRET}"\ntype = "ssl-vpn"\n`;
const service = await startService("", client);
const browser = await openBrowser();
const size = { width: 1120, height: 720 };
try {
  const page = await (await browser.newContext({ viewport: size })).newPage();
  await page.goto(readFileSync(join(service.data, "setup-link"), "utf8").trim());
  await take(page, "welcome");
  await setUp(page, service);
  await take(page, "start");
  await users();
  await groups(page);
  await page.goto(`${service.url}users/new`);
  await take(page, "new-user");
  await page.getByLabel("User name").fill("anna.berg");
  await page.getByRole("button", { name: "Continue" }).click();
  const secret = secretOf(await scanQr(page));
  await take(page, "enrol");
  await page.getByLabel("Code that the device shows").fill(oathtool(secret));
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByText("Verified.").waitFor();
  await take(page, "verified");
  await page.getByRole("button", { name: "OK" }).click();
  service.dial("anna.berg", oathtool(secret, 30));
  await page.waitForTimeout(1500);
  await page.goto(`${service.url}users`);
  await take(page, "users");
  await page.goto(`${service.url}users/edit?name=jonas.weber`);
  await take(page, "edit");
  await page.goto(`${service.url}users/link?name=priya`);
  await page.getByRole("button", { name: "Make a link" }).click();
  await take(page, "link");
  await enrol((await page.locator("#link").textContent())!.trim());
  await page.goto(`${service.url}clients`);
  await page.getByLabel("Name", { exact: true }).fill("branch office");
  await page.getByLabel("Its address").fill("192.168.20.1");
  await page.getByRole("button", { name: "Add" }).click();
  await page.locator("summary", { hasText: "strongSwan" }).click();
  await take(page, "clients");
  await page.goto(`${service.url}system`);
  await take(page, "system");
  await page.goto(`${service.url}system/backup`);
  await take(page, "backup");
  await page.goto(`${service.url}users/import`);
  await page.getByLabel("Files").setInputFiles({ name: "phones.txt", mimeType: "text/plain", buffer: LIST });
  await page.getByRole("button", { name: "Show the plan" }).click();
  await page.getByRole("heading", { name: "What would be imported" }).waitFor();
  await take(page, "import");
  await page.goto(`${service.url}users/export?format=pskc`);
  await take(page, "export");
  await page.goto(`${service.url}users/doctor?name=jonas.weber`);
  await page
    .getByLabel("Code", { exact: true })
    .fill(motp(MOTP_SECRET, "4711", Date.now() / 1000 + 140).toUpperCase());
  await page.getByRole("button", { name: "Examine" }).click();
  await page.locator(".findings").waitFor();
  await take(page, "doctor");
  await page.goto(`${service.url}connections`);
  await take(page, "connections");
  await page.goto(`${service.url}log`);
  await take(page, "log");
  await page.goto(`${service.url}administrator`);
  await take(page, "administrator");
  await page.goto(`${service.url}management`);
  await take(page, "management");

  const dark = await (await browser.newContext({ viewport: size, colorScheme: "dark" })).newPage();
  await logIn(dark, service.url);
  await dark.getByRole("heading", { name: "Remote dial-in users" }).waitFor();
  await take(dark, "users-dark");
  const german = await (await browser.newContext({ viewport: size, locale: "de-DE" })).newPage();
  await german.goto(`${service.url}login`);
  await german.getByLabel("Name").fill("admin");
  await german.getByLabel("Passwort").fill(PASSWORD);
  await german.getByRole("button", { name: "Anmelden" }).click();
  await german.getByRole("heading", { name: "Einwahlbenutzer" }).waitFor();
  await take(german, "users-de");
  const phone = await (await browser.newContext({ viewport: { width: 390, height: 760 } })).newPage();
  await logIn(phone, service.url);
  await phone.getByRole("heading", { name: "Remote dial-in users" }).waitFor();
  await phone.screenshot({ path: `${FOLDER}phone.png` });
  await phone.goto(`${service.url}token`);
  await phone.getByLabel("Passphrase").fill("a passphrase of mine");
  await phone.getByRole("button", { name: "Unlock" }).click();
  await phone.getByLabel("Name").fill("Office VPN");
  await phone.getByRole("button", { name: "Add" }).click();
  await phone.getByLabel("PIN", { exact: true }).fill("4711");
  await phone.getByRole("button", { name: "Show code" }).click();
  await phone.locator("#code").waitFor();
  await phone.screenshot({ path: `${FOLDER}token.png` });
} finally {
  await browser.close();
  await service.stop();
}

/** The user's side of a link, as far as the QR code. */
async function enrol(url: string): Promise<void> {
  const user = await (await browser.newContext({ viewport: { width: 390, height: 760 } })).newPage();
  await user.goto(url);
  await user.locator(".qr").waitFor();
  await user.screenshot({ path: `${FOLDER}self.png` });
  await user.close();
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${FOLDER}${name}.png`, fullPage: true });
}

/** A group on its form, the list, and a user who has it. */
async function groups(page: Page): Promise<void> {
  service.run(["group", "save", "Staff", "--attribute", "Framed-Route = 10.1.0.0/16", "--logins", "2"]);
  await page.goto(`${service.url}groups/new`);
  await page.getByLabel("Group", { exact: true }).fill("Sales");
  await page
    .getByLabel("Reply attributes")
    .fill("Framed-Pool = sales\nFilter-Id = sales\n[vigor] Class = inside");
  for (const day of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"])
    await page.getByLabel(day).check();
  await page.getByLabel("Hours").fill("08:00-18:00");
  await page.getByLabel("Time zone").fill("Europe/Berlin");
  await take(page, "group");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("is saved").waitFor();
  const own = ["--groups", "Sales,Staff", "--attribute", "Framed-IP-Address = 10.8.0.7"];
  service.run(["user", "edit", "jonas.weber", ...own]);
  await page.goto(`${service.url}groups`);
  await take(page, "groups");
}

async function users(): Promise<void> {
  const rows = [
    {
      name: "jonas.weber",
      factor: "motp",
      secret: MOTP_SECRET,
      pin: "4711",
      active: true,
      types: ["ssl-vpn"],
    },
    { name: "priya", secret: SECRET },
    { name: "tom.okafor", secret: SECRET, active: true, enabled: false },
    { name: "lena", secret: SECRET, active: true, mode: "password+code", password: "sesame" },
  ];
  service.run(["user", "import", "-"], JSON.stringify({ users: rows }));
  service.dial("lena", `sesame${oathtool(SECRET)}`);
  for (let i = 0; i < 5; i++) service.dial("jonas.weber", "ABCDEF");
  service.dial("priya", "000000");
  service.dial("Lena", "000000");
  const lena = ['User-Name = "lena"', 'Acct-Session-Id = "1"', 'Calling-Station-Id = "198.51.100.23"'];
  const bytes = [
    "Acct-Input-Octets = 48300000",
    "Acct-Output-Octets = 391000000",
    "Framed-IP-Address = 10.9.0.4",
  ];
  account(service.accounting, service.data, ["Acct-Status-Type = Start", ...lena, ...bytes]);
}
