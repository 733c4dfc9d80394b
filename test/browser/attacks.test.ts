// What must not work in a browser: forms of other sites, script in names, stolen and old sessions.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { openFixture } from "./fixture.ts";
import { logIn, PASSWORD, told } from "./service.ts";

const { service, browser, context, page } = await openFixture();

const exists = (name: string) => service.run(["user", "show", name]).status === 0;
const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  context.request.post(`${service.url}${path}`, { form: fields, headers, maxRedirects: 0 });
const csrf = async () => (await page.locator('input[name="csrf"]').first().getAttribute("value"))!;

test("a form of another site, sent by the administrator's own browser", async () => {
  service.run(["user", "add", "victim"]);
  const evil = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(`<form id="f" method="post" action="${service.url}users/remove"><input name="name" value="victim"></form>
      <script>document.getElementById("f").submit()</script>`);
  });
  await new Promise<void>((resolve) => evil.listen(0, "127.0.0.1", resolve));
  try {
    // The same host at another port is the same site for cookies: only the token and the origin tell them apart.
    for (const host of ["127.0.0.1", "localhost"]) {
      const other = await context.newPage();
      await other.goto(`http://${host}:${(evil.address() as AddressInfo).port}/`);
      await other.waitForURL(/users\/remove|login/);
      expect(await other.textContent("body")).toMatch(/came from another site|Log in/);
      await other.close();
    }
  } finally {
    evil.close();
  }
  expect(exists("victim")).toBe(true);
});

test("a form without the token, with another session's, and with the right one", async () => {
  await page.goto(`${service.url}users`);
  const token = await csrf();
  const other = await browser.newContext();
  const otherPage = await other.newPage();
  await logIn(otherPage, service.url);
  const others = (await otherPage.locator('input[name="csrf"]').first().getAttribute("value"))!;
  expect(others).not.toBe(token);
  for (const fields of [{}, { csrf: "" }, { csrf: others }]) {
    expect((await post("users/remove", { name: "victim", ...fields })).status()).toBe(403);
  }
  const origin = { origin: "http://example.org" };
  expect((await post("users/remove", { name: "victim", csrf: token }, origin)).status()).toBe(403);
  expect(exists("victim")).toBe(true);
  expect((await post("users/remove", { name: "victim", csrf: token })).status()).toBe(303);
  expect(exists("victim")).toBe(false);
});

test("script in names stays text on every page", async () => {
  const name = `<img src=x onerror=alert(1)>"'&`;
  const script = `</td><script>alert(2)</script>`;
  for (const one of [name, script]) expect(service.run(["user", "add", one]).status).toBe(0);
  service.dial(name, "000000");
  service.dial(`javascript:alert(3)<svg/onload=alert(3)>`, "000000");
  let alarms = 0;
  page.on("dialog", (dialog) => {
    alarms++;
    void dialog.dismiss();
  });
  await page.waitForTimeout(1500);
  const at = `?name=${encodeURIComponent(name)}`;
  for (const path of [
    "users",
    `users/edit${at}`,
    `users/doctor${at}`,
    "log",
    `users?q=${encodeURIComponent(script)}`,
  ]) {
    await page.goto(service.url + path);
    await page.waitForTimeout(200);
    expect(await page.locator("main img, main script, main svg[onload]").count(), path).toBe(0);
  }
  await page.goto(`${service.url}users`);
  expect(await page.getByRole("link", { name, exact: true }).count()).toBe(1);
  await page.getByRole("button", { name: `Disable ${name}` }).click();
  await told(page, name);
  expect(alarms).toBe(0);
});

test("the policy forbids script that gets in all the same", async () => {
  await page.goto(`${service.url}users`);
  const ran = await page.evaluate(() => {
    const node = document.createElement("div");
    node.innerHTML = `<img src="data:," onerror="window.ran = 1">`;
    document.body.append(node);
    const script = document.createElement("script");
    script.textContent = "window.ran = 2";
    document.body.append(script);
    return (window as unknown as { ran?: number }).ran;
  });
  await page.waitForTimeout(200);
  expect(ran).toBeUndefined();
  expect(await page.evaluate("window.ran")).toBeUndefined();
  const answer = await context.request.get(`${service.url}users`);
  expect(answer.headers()["content-security-policy"]).toMatch(
    /^default-src 'none'; style-src 'self'; script-src 'self';/,
  );
  expect(answer.headers()["content-security-policy"]).not.toContain("unsafe");
});

test("no script reads the cookie; it opens nothing after logout, elsewhere, or under another name", async () => {
  const thief = await browser.newContext();
  const stolenPage = await context.newPage();
  await logIn(stolenPage, service.url);
  expect(await stolenPage.evaluate("document.cookie")).toBe("");
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ name: "dialward", httpOnly: true, sameSite: "Strict", path: "/" });
  const value = cookie!.value;
  const opens = async (cookieHeader: string, headers: Record<string, string> = {}) => {
    const answer = await thief.request.get(`${service.url}users`, {
      headers: { cookie: cookieHeader, ...headers },
      maxRedirects: 0,
    });
    return answer.status() === 200;
  };
  expect(await opens(`dialward=${value}`)).toBe(true);
  // From another address, as a proxy tells it, or from the other zone.
  expect(await opens(`dialward=${value}`, { "x-real-ip": "192.168.7.7" })).toBe(false);
  expect(await opens(`dialward=${value}`, { "x-forwarded-for": "127.0.0.1" })).toBe(false);
  expect(await opens(`dialward=${value.slice(0, -1)}`)).toBe(false);
  expect(await opens(`dialward=`)).toBe(false);
  await stolenPage.getByRole("button", { name: "Log out" }).click();
  expect(await opens(`dialward=${value}`)).toBe(false);
});

test("a session that was there before the login is not the one after it", async () => {
  const fresh = await browser.newContext();
  const planted = "planted-by-somebody-else-0000000000000000000";
  await fresh.addCookies([{ name: "dialward", value: planted, url: service.url }]);
  const freshPage = await fresh.newPage();
  await logIn(freshPage, service.url);
  const [cookie] = await fresh.cookies();
  expect(cookie!.value).not.toBe(planted);
  await freshPage.getByRole("link", { name: "Administrator password" }).click();
  // A new password ends the other sessions, and takes the old one.
  const second = await (await browser.newContext()).newPage();
  await logIn(second, service.url);
  await freshPage.getByLabel("Current password").fill("wrong");
  await freshPage.getByLabel("New password", { exact: true }).fill("another good password");
  await freshPage.getByLabel("New password again").fill("another good password");
  await freshPage.getByRole("button", { name: "Change password" }).click();
  await told(freshPage, "This is not your password");
  await freshPage.getByLabel("Current password").fill(PASSWORD);
  await freshPage.getByLabel("New password", { exact: true }).fill("another good password");
  await freshPage.getByLabel("New password again").fill("another good password");
  await freshPage.getByRole("button", { name: "Change password" }).click();
  await told(freshPage, "is changed");
  await second.goto(`${service.url}users`);
  await second.getByRole("heading", { name: "Administrator" }).waitFor();
});

test("guessing the password waits, and a right one does not help until then", async () => {
  const other = await (await browser.newContext()).newPage();
  for (let i = 0; i < 6; i++) await logIn(other, service.url, `guess number ${i}`);
  await logIn(other, service.url, "another good password");
  await told(other, "Too many attempts");
  expect(service.run(["administrator", "unlock"]).status).toBe(0);
  await logIn(other, service.url, "another good password");
  await other.getByRole("heading", { name: "Remote dial-in users" }).waitFor();
});

test("the login leads on within this host only", async () => {
  for (const next of ["//example.org/", "https://example.org/", "/\\example.org", "javascript:alert(1)"]) {
    const other = await (await browser.newContext()).newPage();
    await other.goto(`${service.url}login?next=${encodeURIComponent(next)}`);
    await other.getByLabel("Name").fill("admin");
    await other.getByLabel("Password").fill("another good password");
    await other.getByRole("button", { name: "Log in" }).click();
    await other.getByRole("heading", { name: "Remote dial-in users" }).waitFor();
    expect(other.url()).toBe(`${service.url}users`);
  }
});
