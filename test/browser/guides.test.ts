// The five guides from top to bottom, as an administrator with a browser and a user with a phone: each test names its
// guide, and each step of it stands as a comment where it is done. The table is in host/web/README.md.
import { createHash } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { openFixture } from "./fixture.ts";
import { motp } from "../codes.ts";
import { account, answerDisconnects, NAS_SECRET } from "./nas.ts";
import { logIn, oathtool, PASSWORD, scanQr, secretOf, startService, told } from "./service.ts";

const nas = await answerDisconnects();
afterAll(() => nas.close());
const client = `[[radius.clients]]\naddress = "127.0.0.1"\nname = "router"\nsecret = "${NAS_SECRET}"\n`;
const { service, browser, page } = await openFixture({
  start: () => startService("", `${client}disconnect = "127.0.0.1:${nas.port}"\n`),
  window: { viewport: { width: 1200, height: 900 } },
});

const button = (name: string) => page.getByRole("button", { name });
const open = (name: string) => page.getByRole("link", { name, exact: true }).click();
const says = (text: string | RegExp) => told(page, text);
const row = (name: string) => page.getByRole("row").filter({ hasText: name });
/** A user's code is good once: the next one of the same device. */
const codeOf = (secret: string, shift = 0) => oathtool(secret, shift);

test("guide 1: VPN with TOTP", async () => {
  // Router setup 1: a new profile; enable it, enter the user name, enable the protocols.
  await open("Remote dial-in users");
  await page.getByRole("link", { name: "New user" }).click();
  await page.getByLabel("Enable this account").check();
  await page.getByLabel("User name").fill("carla");
  for (const type of ["PPTP", "L2TP over IPsec"]) await page.getByLabel(type).uncheck();
  // 2: TOTP is chosen; copy the secret or scan the QR code.
  await expect(page.getByRole("radio", { name: "TOTP" }).isChecked()).resolves.toBe(true);
  await button("Continue").click();
  const shown = (await page.locator("#secret").textContent())!.replace(/\s/g, "");
  const uri = await scanQr(page);
  // 3: the authenticator has the secret, and shows a code.
  expect(secretOf(uri)).toBe(shown);
  expect(uri).toMatch(/^otpauth:\/\/totp\/Dialward:carla\?/);
  // Before Verify: OK cannot be pressed, and nothing is saved.
  expect(await button("OK").isDisabled()).toBe(true);
  expect(service.run(["user", "show", "carla"]).status).toBe(1);
  await page.getByLabel("Code that the device shows").fill("000000");
  await button("Verify").click();
  await says("Not verified");
  expect(await button("OK").isDisabled()).toBe(true);
  // 4: enter the code, Verify, OK.
  const first = codeOf(shown);
  await page.getByLabel("Code that the device shows").fill(first);
  await button("Verify").click();
  await says("Verified");
  expect(service.run(["user", "show", "carla"]).status).toBe(1);
  await button("OK").click();
  await says('"carla" is active');
  expect(await row("carla").textContent()).toContain("active");
  // The secret is shown at enrolment only.
  await row("carla").getByRole("link", { name: "carla", exact: true }).click();
  expect((await page.content()).replace(/\s/g, "")).not.toContain(shown);
  // Client setup 1 and 2: connect with the code; the code that was verified is spent.
  expect(service.dial("carla", first)).toBe(false);
  expect(service.dial("carla", codeOf(shown, 30))).toBe(true);
});

test("guide 1 on paper: a code of each kind of proof that VPN protocols use", async () => {
  for (const [i, proof] of ["chap", "mschapv2", "eap-mschapv2", "eap-md5", "eap-gtc"].entries()) {
    // Each its own: what is spent is remembered by the secret.
    const secret = `${"ABCDE"[i]}EZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ`;
    const name = `by-${proof}`;
    expect(service.run(["user", "add", name, "--secret-file", "-"], `${secret}\n`).status).toBe(0);
    expect(service.run(["user", "verify", name], oathtool(secret)).status).toBe(0);
    expect(service.dial(name, oathtool(secret, 30), proof), proof).toBe(true);
  }
});

test("guide 3: SSL VPN with mOTP and a phone", async () => {
  // The app on the phone makes the secret; 4-digit PIN.
  const [secret, pin] = [createHash("md5").update("shaken").digest("hex").slice(0, 16), "1234"];
  // A profile: enable it, user name, SSL tunnel; tick mOTP, paste the secret, set the PIN; OK.
  await open("Remote dial-in users");
  await page.getByRole("link", { name: "New user" }).click();
  await page.getByLabel("User name").fill("dora");
  await page.getByRole("radio", { name: "mOTP" }).check();
  await page.getByLabel("PIN code").fill(pin);
  await page.getByLabel("Secret", { exact: true }).fill(secret.toUpperCase());
  for (const type of ["IPsec XAuth", "IKEv2 EAP", "OpenVPN", "L2TP over IPsec", "PPTP"]) {
    await page.getByLabel(type).uncheck();
  }
  await button("Continue").click();
  // The other way round works too: the secret can be copied from here into the app.
  expect(await page.locator("#secret").textContent()).toBe(secret);
  await button("OK").click();
  await says('"dora" is active');
  // Connecting: a wrong PIN gives a wrong code; the right one six digits in lower case, good once.
  const now = () => Date.now() / 1000;
  expect(service.dial("dora", motp(secret, "1243", now()))).toBe(false);
  const code = motp(secret, pin, now());
  expect(service.dial("dora", code)).toBe(true);
  expect(service.dial("dora", code)).toBe(false);
  // The status of the VPN: Connection management, live, and Disconnect.
  await open("Connection management");
  await page.getByText("Nobody is connected.").waitFor();
  const about = ['User-Name = "dora"', 'Acct-Session-Id = "s-1"', "NAS-Port-Type = Virtual"];
  const from = ['Calling-Station-Id = "198.51.100.7"', "Framed-IP-Address = 10.9.0.2"];
  account(service.accounting, service.data, ["Acct-Status-Type = Start", ...about, ...from]);
  await row("dora").waitFor();
  const bytes = ["Acct-Input-Octets = 1500000", "Acct-Output-Octets = 250"];
  account(service.accounting, service.data, [
    "Acct-Status-Type = Interim-Update",
    ...about,
    ...from,
    ...bytes,
  ]);
  await page.getByText("1.5 MB / 250 B").waitFor();
  const text = await row("dora").textContent();
  for (const one of ["router", "10.9.0.2", "198.51.100.7"]) expect(text).toContain(one);
  await row("dora").getByRole("link", { name: "Disconnect" }).click();
  await button("Disconnect").click();
  await says("has ended");
  expect(nas.count()).toBe(1);
  account(service.accounting, service.data, ["Acct-Status-Type = Stop", ...about]);
  await page.getByText("Nobody is connected.").waitFor();
});

test("guide 4: troubleshooting mOTP", async () => {
  const [secret, pin] = ["0123456789abcdef0123456789abcdef", "8642"];
  await open("Remote dial-in users");
  await page.getByRole("link", { name: "New user" }).click();
  await page.getByLabel("User name").fill("Emil");
  await page.getByRole("radio", { name: "mOTP" }).check();
  await page.getByLabel("PIN code").fill(pin);
  await page.getByLabel("Secret", { exact: true }).fill(secret);
  await button("Continue").click();
  await button("OK").click();
  await row("Emil").getByRole("link", { name: "Doctor" }).click();
  const ask = async (code: string, name = "Emil"): Promise<string | null> => {
    await page.getByLabel("User name, as it was typed").fill(name);
    await page.getByLabel("Code", { exact: true }).fill(code);
    await page.evaluate(() => document.querySelector(".findings")?.remove());
    await button("Examine").click();
    return page.locator(".findings li").first().getAttribute("data-cause");
  };
  const at = (shift: number, own = pin) => motp(secret, own, Date.now() / 1000 + shift);
  // 1: time settings; a code that expired while the window was open.
  expect(await ask(at(140))).toBe("clock-ahead");
  expect(await page.locator(".findings li").first().textContent()).toMatch(/1[345]0 s ahead/);
  expect(await ask(at(-300))).toBe("clock-behind");
  expect(await ask(at(-90))).toBe("expired");
  // 2: another secret. 3: a wrong PIN, a name in another case. 4: upper case, a mistyped digit.
  expect(await ask(motp("f".repeat(32), pin, Date.now() / 1000))).toBe("wrong-secret");
  expect(await ask(at(0, "8643"))).toBe("wrong-pin");
  expect(await ask(at(0), "emil")).toBe("name-case");
  let upper = at(0);
  for (let shift = 10; !/[a-f]/.test(upper) && shift <= 60; shift += 10) upper = at(shift);
  expect(await ask(upper.toUpperCase())).toBe("upper-case");
  const code = at(0);
  expect(await ask(code.slice(0, 5) + (code[5] === "0" ? "1" : "0"))).toBe("mistyped");
  // And nothing of that was spent.
  expect(service.dial("Emil", code)).toBe(true);
  expect(await ask(code)).toBe("used");
  // The remedy for a clock that cannot be set: two codes, one after the other.
  const now = Date.now() / 1000; // of one instant: a step that begins in between would leave one out
  await page.getByLabel("First code").fill(motp(secret, pin, now + 400));
  await page.getByLabel("The code after it").fill(motp(secret, pin, now + 410));
  await button("Resynchronise").click();
  await says("is resynchronised");
  expect(service.dial("Emil", at(430))).toBe(true);
  // The log says each reason.
  service.dial("Emil", "abcdef");
  // It is written once a second.
  const newest = async () => {
    await open("Log");
    return row("Emil").first().textContent({ timeout: 1000 });
  };
  await expect.poll(newest, { timeout: 30_000 }).toContain("This is no code of now");
  expect(await page.content()).not.toContain("abcdef");
});

test("guide 5: mOTP with the Smart VPN Client's own generator", async () => {
  // The token makes a secret of 32 hexadecimal digits: here as this program's own token, see token.test.ts; then the
  // profile, with its secret and a PIN of 7 digits.
  const secret = createHash("md5").update("smart").digest("hex");
  await open("Remote dial-in users");
  await page.getByRole("link", { name: "New user" }).click();
  await page.getByLabel("User name").fill("fritz");
  await page.getByRole("radio", { name: "mOTP" }).check();
  await page.getByLabel("PIN code").fill("12345678");
  expect(await page.getByLabel("PIN code").inputValue()).toBe("1234567");
  await page.getByLabel("Secret", { exact: true }).fill(secret);
  await button("Continue").click();
  await button("OK").click();
  await says('"fritz" is active');
  expect(service.dial("fritz", motp(secret, "1234567", Date.now() / 1000), "mschapv2")).toBe(true);
  // Enabled, then disabled: the profile's check box.
  await row("fritz").getByRole("button", { name: "Disable" }).click();
  await row("fritz").getByRole("button", { name: "Enable" }).waitFor();
  expect(service.dial("fritz", motp(secret, "1234567", Date.now() / 1000 + 20))).toBe(false);
  await row("fritz").getByRole("button", { name: "Enable" }).click();
  await row("fritz").getByRole("button", { name: "Disable" }).waitFor();
  expect(service.dial("fritz", motp(secret, "1234567", Date.now() / 1000 + 20))).toBe(true);
});

test("waiting time, search, edit, recovery codes, a new secret, removal", async () => {
  await open("Remote dial-in users");
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  service.run(["user", "add", "gerda", "--secret-file", "-"], `${secret}\n`);
  await page.getByLabel("Search by name").fill("GERD");
  await button("Search").click();
  expect(await page.getByRole("row").count()).toBe(2);
  // A user that somebody added at the terminal is pending; the first code is verified here.
  await page.getByRole("link", { name: "gerda", exact: true }).click();
  await page.getByLabel("Code that the device shows").fill(oathtool(secret));
  await button("Verify").click();
  await says("is active");
  await row("gerda").getByRole("link", { name: "gerda", exact: true }).click();
  // Password and code in one.
  await page.getByLabel("What the user types").selectOption("password+code");
  await page.getByLabel("Password", { exact: true }).fill("sesame");
  await button("Save").click();
  await says('"gerda" is saved');
  expect(service.dial("gerda", `sesame${oathtool(secret, 30)}`)).toBe(true);
  await row("gerda").getByRole("link", { name: "gerda", exact: true }).click();
  await page.getByRole("link", { name: "Recovery codes (0 left)" }).click();
  await button("Make new codes").click();
  const codes = await page.locator(".codes code").allTextContents();
  expect(new Set(codes).size).toBe(10);
  expect(service.dial("gerda", codes[0]!)).toBe(false);
  expect(service.dial("gerda", `sesame${codes[3]}`)).toBe(true);
  expect(service.dial("gerda", `sesame${codes[3]}`)).toBe(false);
  await open("Done");
  await row("gerda").getByRole("link", { name: "gerda", exact: true }).click();
  await page.getByRole("link", { name: "Recovery codes (9 left)" }).waitFor();
  // A lost device.
  await button("New secret").click();
  const uri = await scanQr(page);
  await page.getByLabel("Code that the device shows").fill(oathtool(secretOf(uri)));
  await button("Verify").click();
  await button("OK").click();
  await says('"gerda" is active');
  expect(service.dial("gerda", `sesame${oathtool(secret, 30)}`)).toBe(false);
  expect(service.dial("gerda", `sesame${oathtool(secretOf(uri), 30)}`)).toBe(true);
  await row("gerda").getByRole("link", { name: "gerda", exact: true }).click();
  await page.getByRole("link", { name: "Remove", exact: true }).click();
  await button("Remove").click();
  await says("is removed");
  // Five failures: a waiting time of half a minute.
  for (let i = 0; i < 5; i++) service.dial("carla", `00000${i}`);
  await open("Remote dial-in users");
  expect(await row("carla").textContent()).toContain("waits");
  await row("carla").getByRole("button", { name: "End waiting time" }).click();
  expect(await row("carla").textContent()).not.toContain("waits");
});

test("guide 2: remote management with TOTP", async () => {
  // 1: Administrator password, advanced authentication when logging in from "WAN".
  await open("Administrator password");
  await page.getByLabel("Enable advanced authentication").check();
  await button("Save").click();
  // 2, 3: the secret or the QR code, into the authenticator. 4: the code, Verify, OK.
  const uri = await scanQr(page);
  const secret = secretOf(uri);
  expect(await button("OK").isDisabled()).toBe(true);
  await page.getByLabel("Code that the device shows").fill(oathtool(secret));
  await button("Verify").click();
  await button("OK").click();
  await says("a code from now on");
  // From the LAN the password is enough still.
  const lan = await (await browser.newContext()).newPage();
  await logIn(lan, service.url);
  await lan.getByRole("heading", { name: "Remote dial-in users" }).waitFor();
  // 5: Management. It is off: nothing is open, and pings are not answered.
  await open("Management");
  expect(await page.getByLabel("Allow management from the Internet").isChecked()).toBe(false);
  await page.getByText("Rules for nftables").click();
  expect(await page.locator("#rules").textContent()).not.toMatch(/dport.*accept/);
  await page.getByLabel("Allow management from the Internet").check();
  for (const name of ["HTTPS", "TR-069", "SSL VPN"]) await page.getByRole("checkbox", { name }).check();
  await page.getByLabel("Disable ping from the Internet").uncheck();
  await button("OK").click();
  const rules = await page.locator("#rules").textContent();
  expect(rules).toMatch(/tcp dport \{ 443, 8069 \} accept/);
  expect(rules).toMatch(/tcp dport \{ 22 \} drop/);
  expect(rules).not.toContain("echo-request");
  // From now on this browser comes from the WAN: its sessions end, and it takes a code.
  expect(service.run(["administrator", "access", "--lan", "192.0.2.0/24"]).status).toBe(0);
  await page.reload();
  await page.getByRole("heading", { name: "Administrator" }).waitFor();
  const wrong = async (password: string, code: string) => {
    await logIn(page, service.url, password, code);
    await says("Wrong name, password or code.");
  };
  const next = oathtool(secret, 30);
  await wrong("not the password", next);
  await wrong(PASSWORD, "000000");
  await logIn(page, service.url, PASSWORD, next);
  await page.getByRole("heading", { name: "Remote dial-in users" }).waitFor();
  // The same code is not good twice; after five failures there is a waiting time.
  await button("Log out").click();
  await wrong(PASSWORD, next);
  for (let i = 1; i < 6; i++) await wrong(PASSWORD, `00000${i}`);
  await says(/Wait \d+ s/);
  // And with management off again, the pages are closed to the WAN.
  expect(service.run(["management", "--off"]).status).toBe(0);
  await page.goto(service.url);
  await page.getByRole("heading", { name: "Not from here" }).waitFor();
});
