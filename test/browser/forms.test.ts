// Nothing is lost: two tabs, two administrators, sessions that end, changes by others, errors, Back and Reload.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { openFixture } from "./fixture.ts";
import { logIn, oathtool, PASSWORD, scanQr, secretOf, told } from "./service.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

const { service, browser, context, page } = await openFixture();

const begin = async (tab: Page, name: string): Promise<string> => {
  await tab.goto(`${service.url}users/new`);
  await tab.getByLabel("User name").fill(name);
  await tab.getByRole("button", { name: "Continue" }).click();
  return secretOf(await scanQr(tab));
};
const verify = async (tab: Page, code: string): Promise<void> => {
  await tab.getByLabel("Code that the device shows").fill(code);
  await tab.getByRole("button", { name: "Verify" }).click();
  await told(tab, "Verified");
};

test("two tabs that enrol two users: OK in each saves its own", async () => {
  const second = await context.newPage();
  const first = { tab: page, name: "anton", secret: await begin(page, "anton") };
  const other = { tab: second, name: "berta", secret: await begin(second, "berta") };
  await verify(first.tab, oathtool(first.secret));
  // After Verify the next key press saves.
  expect(await page.evaluate("document.activeElement.textContent.trim()")).toBe("OK");
  await first.tab.getByRole("button", { name: "OK" }).click();
  await told(first.tab, '"anton" is active');
  await verify(other.tab, oathtool(other.secret));
  await other.tab.getByRole("button", { name: "OK" }).click();
  await told(other.tab, '"berta" is active');
  for (const { name, secret } of [first, other])
    expect(service.dial(name, oathtool(secret, 30)), name).toBe(true);
  // Back to a page whose profile is saved says so, and Reload of the message does nothing again.
  await second.goBack();
  await told(second, "This page is over");
  await second.reload();
  await second.getByRole("heading", { name: "Remote dial-in users" }).waitFor();
  await second.close();
});

test("what somebody else changed meanwhile is shown beside what was typed, and not overwritten", async () => {
  service.run(["user", "add", "clara", "--secret-file", "-"], `${SECRET}\n`);
  await page.goto(`${service.url}users/edit?name=clara`);
  await page.getByLabel("PPTP").uncheck();
  expect(service.run(["user", "disable", "clara"]).status).toBe(0);
  await page.getByRole("button", { name: "Save" }).click();
  await told(page, 'Somebody else changed "clara" meanwhile');
  const differs = page.locator("tr.differs");
  expect(await differs.filter({ hasText: "Enable this account" }).textContent()).toMatch(/no\s*yes/);
  expect(service.run(["user", "show", "clara"]).out).toContain("disabled");
  expect(await page.getByLabel("PPTP").isChecked()).toBe(false);
  await page.getByLabel("Enable this account").uncheck();
  await page.getByRole("button", { name: "Save" }).click();
  await told(page, '"clara" is saved');
  expect(service.run(["user", "show", "clara"]).out).toContain("disabled");
});

test("two administrators: who saves second sees both side by side, and the log tells who did what", async () => {
  await page.goto(`${service.url}administrator`);
  await page.getByText("Another administrator").click();
  await page.locator("#newName").fill("berta");
  await page.getByLabel("First password").fill(PASSWORD);
  await page.locator("#role").selectOption("all");
  await page.getByRole("button", { name: "Add" }).click();
  await told(page, '"berta" can log in now');
  service.run(["user", "add", "emil", "--secret-file", "-"], `${SECRET}\n`);
  const berta = await (await browser.newContext()).newPage();
  await berta.goto(`${service.url}login?next=${encodeURIComponent("/users/edit?name=emil")}`);
  await berta.getByLabel("Name").fill("berta");
  await berta.getByLabel("Password").fill(PASSWORD);
  await berta.getByRole("button", { name: "Log in" }).click();
  await berta.getByRole("heading", { name: 'Edit "emil"' }).waitFor();
  // Two tabs of the first administrator, and the other one's browser, show the same form.
  const tab = await context.newPage();
  for (const one of [page, tab]) await one.goto(`${service.url}users/edit?name=emil`);
  await page.getByLabel("L2TP").uncheck();
  await page.getByRole("button", { name: "Save" }).click();
  await told(page, '"emil" is saved');
  for (const [one, type] of [
    [berta, "PPTP"],
    [tab, "SSL VPN"],
  ] as const) {
    await one.getByLabel(type).uncheck();
    await one.getByRole("button", { name: "Save" }).click();
    await told(one, 'Somebody else changed "emil" meanwhile');
    const types = one.locator("tr.differs").filter({ hasText: "Allowed dial-in types" });
    const [now = "", yours = ""] = await types.locator("td").allTextContents();
    expect(now).not.toContain("L2TP");
    expect(now).toContain(type);
    expect(yours).toContain("L2TP");
    expect(yours).not.toContain(type);
  }
  await berta.getByLabel("L2TP").uncheck();
  await berta.getByRole("button", { name: "Save" }).click();
  await told(berta, '"emil" is saved');
  await berta.goto(`${service.url}log`);
  const changes = berta.getByRole("row").filter({ hasText: "user edited" }).filter({ hasText: "emil" });
  expect(await changes.filter({ hasText: "berta" }).count()).toBe(1);
  expect(await changes.filter({ hasText: "admin" }).count()).toBe(1);
  await tab.close();
});

test("a session that ends under a form: after the login all that was typed is there, and is saved then", async () => {
  await page.goto(`${service.url}users/new`);
  await page.getByLabel("User name").fill("frieda");
  await page.getByRole("radio", { name: "mOTP" }).check();
  await page.getByLabel("PIN code").fill("4711");
  await page.getByLabel("PPTP").uncheck();
  service.moveClock();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "Administrator" }).waitFor();
  await page.getByLabel("Name").fill("admin");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await told(page, "here is what you typed");
  expect(await page.getByLabel("User name").inputValue()).toBe("frieda");
  expect(await page.getByRole("radio", { name: "mOTP" }).isChecked()).toBe(true);
  expect(await page.getByLabel("PPTP").isChecked()).toBe(false);
  expect(service.run(["user", "show", "frieda"]).status).toBe(1);
  await page.getByLabel("PIN code").fill("4711");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "OK" }).click();
  await told(page, '"frieda" is active');
});

test("what is wrong stands at its field, and everything typed stays", async () => {
  await page.goto(`${service.url}users/new`);
  await page.getByLabel("User name").fill("dieter");
  await page.getByRole("radio", { name: "mOTP" }).check();
  await page.getByLabel("Secret", { exact: true }).fill("not hexadecimal");
  await page.getByLabel("PPTP").uncheck();
  await page.getByRole("button", { name: "Continue" }).click();
  await told(page, "see the fields below");
  expect(await page.locator("#pin-problem").textContent()).toContain("needs a PIN");
  expect(await page.locator("#secret-problem").textContent()).toContain("hexadecimal digits");
  expect(await page.getByLabel("PIN code").getAttribute("aria-describedby")).toContain("pin-problem");
  expect(await page.getByLabel("User name").inputValue()).toBe("dieter");
  expect(await page.getByLabel("Secret", { exact: true }).inputValue()).toBe("not hexadecimal");
  expect(await page.getByRole("radio", { name: "mOTP" }).isChecked()).toBe(true);
  expect(await page.getByLabel("PPTP").isChecked()).toBe(false);
  // A name that is taken is said at the name.
  await page.getByLabel("User name").fill("clara");
  await page.getByLabel("PIN code").fill("1234");
  await page.getByLabel("Secret", { exact: true }).fill("0123456789abcdef");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.locator("#name-problem").filter({ hasText: "already" }).waitFor();
});

test("a page that is asked for without a session is there after the login, with its query", async () => {
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(`${service.url}users?q=clara&state=disabled`);
  await stranger.getByLabel("Name").fill("admin");
  await stranger.getByLabel("Password").fill(PASSWORD);
  await stranger.getByRole("button", { name: "Log in" }).click();
  await stranger.getByRole("link", { name: "clara", exact: true }).waitFor();
  expect(stranger.url()).toBe(`${service.url}users?q=clara&state=disabled`);
});

test("a button that is pressed twice sends its form once", async () => {
  await page.goto(`${service.url}users/edit?name=clara`);
  await page.getByLabel("L2TP").uncheck();
  await page.getByRole("button", { name: "Save" }).dblclick();
  // Not that somebody else has changed it meanwhile.
  await told(page, '"clara" is saved');
  expect(service.run(["user", "show", "clara"]).out).not.toContain("l2tp");
});

test("recovery codes: Reload shows the same ones", async () => {
  await page.goto(`${service.url}users/recovery?name=clara`);
  await page.getByRole("button", { name: "Make new codes" }).click();
  const codes = await page.locator(".codes code").allTextContents();
  await page.reload();
  expect(await page.locator(".codes code").allTextContents()).toEqual(codes);
});

test("a live page is no sign of a person", async () => {
  const other = await (await browser.newContext()).newPage();
  await logIn(other, service.url);
  await other.goto(`${service.url}connections`);
  await other.waitForResponse((answer) => answer.url().includes("/connections/list"));
  await other.context().clearCookies();
  await told(other, "You are logged out");
});
