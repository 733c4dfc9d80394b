// Users enrol themselves by a link, on a phone, at an address where the pages are not; and what must not work with links.
import type { BrowserContext } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import { openFixture } from "./fixture.ts";
import { motp } from "../codes.ts";
import { oathtool, scanQr, secretOf, startService, told } from "./service.ts";
import { freePort } from "../free-port.ts";
import { startSmtp } from "./smtp.ts";

const smtp = await startSmtp();
afterAll(() => smtp.close());
const enrol = await freePort();
const toml = `enrol = "127.0.0.1:${enrol}"
enrolUrl = "http://127.0.0.1:${enrol}"
enrolAtLogin = true
[mail]
host = "127.0.0.1"
port = ${smtp.port}
tls = "never"
from = "vpn@example.org"
`;
const { service, browser, page } = await openFixture({ start: () => startService(toml) });

const phone = (): Promise<BrowserContext> =>
  browser.newContext({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });

/** A user whom the administrator gives a link, and the link. */
async function giveLink(name: string, fill: () => Promise<void> = async () => {}): Promise<string> {
  await page.goto(`${service.url}users/new`);
  await page.getByLabel("User name").fill(name);
  await fill();
  await page.getByRole("button", { name: "Let the user enrol" }).click();
  await page.getByRole("button", { name: "Make a link" }).click();
  return (await page.locator("#link").textContent())!.trim();
}

test("a user with a phone: PIN, secret, first code, recovery codes; the administrator sees no secret", async () => {
  const url = await giveLink("anna", () => page.getByRole("radio", { name: "mOTP" }).check());
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/enrol#[\w-]{43}$/);
  expect(new URL(url).port).not.toBe(new URL(service.url).port);
  // The sheet's QR code is the link.
  expect(await scanQr(page)).toBe(url);
  const user = await (await phone()).newPage();
  const asked: string[] = [];
  user.on("request", (request) => asked.push(`${request.url()} ${request.headers()["referer"] ?? ""}`));
  await user.goto(url);
  await user.getByText("Hello, anna").waitFor();
  expect(user.url()).not.toContain("#");
  await user.getByLabel("PIN code").fill("4711");
  await user.getByRole("button", { name: "Continue" }).click();
  const secret = (await user.locator("#secret").textContent())!.trim();
  expect(secret).toMatch(/^[0-9a-f]{32}$/);
  await user.getByLabel("Code", { exact: true }).fill("000000");
  await user.getByRole("button", { name: "Finish" }).click();
  await told(user, "Not verified");
  // Reload loses nothing.
  await user.reload();
  expect((await user.locator("#secret").textContent())!.trim()).toBe(secret);
  await user.getByLabel("Code", { exact: true }).fill(motp(secret, "4711", Date.now() / 1000));
  await user.getByRole("button", { name: "Finish" }).click();
  await told(user, "Done");
  const codes = await user.locator(".codes code").allTextContents();
  expect(codes).toHaveLength(10);
  await user.reload();
  expect(await user.locator(".codes code").allTextContents()).toEqual(codes);
  expect(service.dial("anna", motp(secret, "4711", Date.now() / 1000 + 20))).toBe(true);
  // No wider than the phone, and no request named the link's secret part.
  expect(await user.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  const part = url.split("#")[1]!;
  expect(asked.filter((one) => one.includes(part))).toEqual([]);
  await page.goto(`${service.url}users/edit?name=anna`);
  expect(await page.content()).not.toContain(secret);
});

test("by e-mail, with a password of the user's own", async () => {
  await page.goto(`${service.url}users/new`);
  await page.getByLabel("User name").fill("bert");
  await page.getByLabel("What the user types").selectOption("password+code");
  await page.getByRole("button", { name: "Let the user enrol" }).click();
  await page.getByLabel("Send it by e-mail to").fill("bert@example.org");
  const mail = smtp.mail();
  await page.getByRole("button", { name: "Make a link" }).click();
  await told(page, "Sent to bert@example.org");
  const { to, text } = await mail;
  expect(to).toBe("bert@example.org");
  const url = /http:\S+/.exec(text)![0];
  const user = await (await phone()).newPage();
  await user.goto(url);
  await user.getByLabel("Password", { exact: true }).fill("open sesame");
  await user.getByLabel("Password again").fill("open sesam");
  await user.getByRole("button", { name: "Continue" }).click();
  await told(user, "differ");
  await user.getByLabel("Password", { exact: true }).fill("open sesame");
  await user.getByLabel("Password again").fill("open sesame");
  await user.getByRole("button", { name: "Continue" }).click();
  const secret = secretOf(await scanQr(user));
  await user.getByLabel("Code", { exact: true }).fill(oathtool(secret));
  await user.getByRole("button", { name: "Finish" }).click();
  await told(user, "Done");
  expect(service.dial("bert", `open sesame${oathtool(secret, 30)}`)).toBe(true);
});

test("a lost device is void at once, and the new one takes its place", async () => {
  const old = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  service.run(["user", "add", "cleo", "--secret-file", "-"], `${old}\n`);
  expect(service.run(["user", "verify", "cleo"], oathtool(old)).status).toBe(0);
  await page.goto(`${service.url}users/link?name=cleo`);
  await page.getByLabel("The device is lost").check();
  await page.getByRole("button", { name: "Make a link" }).click();
  const url = (await page.locator("#link").textContent())!.trim();
  expect(service.dial("cleo", oathtool(old, 30))).toBe(false);
  const user = await (await phone()).newPage();
  await user.goto(url);
  const secret = secretOf(await scanQr(user));
  expect(secret).not.toBe(old);
  await user.getByLabel("Code", { exact: true }).fill(oathtool(secret));
  await user.getByRole("button", { name: "Finish" }).click();
  await told(user, "Done");
  expect(service.dial("cleo", oathtool(secret, 30))).toBe(true);
});

test("guessed, used, withdrawn and replaced links open nothing; two browsers with one link end as one device", async () => {
  const url = await giveLink("dora");
  const opens = async (link: string): Promise<boolean> => {
    const stranger = await (await phone()).newPage();
    await stranger.goto(link);
    await stranger
      .getByText(/Hello|not good any more/)
      .first()
      .waitFor();
    return (await stranger.getByText("Hello").count()) > 0;
  };
  expect(await opens(url.replace(/.$/, (letter) => (letter === "A" ? "B" : "A")))).toBe(false);
  expect(await opens(`${url.split("#")[0]}#x`)).toBe(false);
  const first = await (await phone()).newPage();
  await first.goto(url);
  const lost = secretOf(await scanQr(first));
  // The second takes over: what the first had begun is void.
  const second = await (await phone()).newPage();
  await second.goto(url);
  const secret = secretOf(await scanQr(second));
  await first.getByLabel("Code", { exact: true }).fill(oathtool(lost));
  await first.getByRole("button", { name: "Finish" }).click();
  await told(first, "not good any more");
  await second.getByLabel("Code", { exact: true }).fill(oathtool(secret));
  await second.getByRole("button", { name: "Finish" }).click();
  await told(second, "Done");
  expect(await opens(url)).toBe(false);
  // A newer link, and one that is taken back.
  const older = await giveLink("emma");
  await page.goto(`${service.url}users/link?name=emma`);
  await page.getByRole("button", { name: "Make a link" }).click();
  const newer = (await page.locator("#link").textContent())!.trim();
  expect(await opens(older)).toBe(false);
  expect(await opens(newer)).toBe(true);
  await page.goto(`${service.url}users/link?name=emma`);
  await page.getByRole("button", { name: "Take it back" }).click();
  await told(page, "void");
  expect(await opens(newer)).toBe(false);
});

test("at the first login the right password brings a link, and the password stays", async () => {
  const row = { name: "gert", mode: "password+code", password: "open sesame" };
  service.run(["user", "import", "-"], JSON.stringify({ users: [{ ...row, secret: "JBSWY3DPEHPK3PXP" }] }));
  const dialled = (typed: string): string =>
    service.run(["dial", "gert", "--server", service.radius], `${typed}\n`).out;
  expect(dialled("open sesam")).not.toContain("http");
  const [url = ""] = /http:[^\s)]+/.exec(dialled("open sesame")) ?? [];
  expect(url).toMatch(/\/enrol#[\w-]{43}$/);
  // Whoever tries again does not make it void.
  expect(dialled("open sesame")).toContain(url);
  const user = await (await phone()).newPage();
  await user.goto(url);
  const secret = secretOf(await scanQr(user));
  expect(dialled("open sesame")).toContain(url);
  await user.getByLabel("Code", { exact: true }).fill(oathtool(secret));
  await user.getByRole("button", { name: "Finish" }).click();
  await told(user, "Done");
  expect(dialled("open sesame")).not.toContain("http");
  expect(service.dial("gert", `open sesame${oathtool(secret, 30)}`)).toBe(true);
  expect(JSON.stringify(service.run(["log", "--json"]))).not.toContain(url.split("#")[1]);
});

test("where users enrol there is nothing else", async () => {
  const at = new URL(await giveLink("fred")).origin;
  for (const path of ["/users", "/login", "/setup", "/auth", "/administrator", "/connections/list"])
    expect((await fetch(at + path, { redirect: "manual" })).status, path).toBe(404);
  expect((await fetch(`${at}/token/`)).status).toBe(200);
  const answer = await fetch(`${at}/enrol`);
  expect(answer.headers.get("referrer-policy")).toBe("same-origin");
  expect(answer.headers.get("content-security-policy")).not.toContain("unsafe");
});

test("a link that has expired opens nothing, also where its steps had begun", async () => {
  await giveLink("hans");
  await page.goto(`${service.url}users/link?name=hans`);
  await page.getByLabel("Good for").selectOption("hour");
  await page.getByRole("button", { name: "Make a link" }).click();
  const url = (await page.locator("#link").textContent())!.trim();
  const begun = await (await phone()).newPage();
  await begun.goto(url);
  await begun.getByText("Hello").waitFor();
  // Five times 16 minutes: the link was good for an hour.
  for (let i = 0; i < 5; i++) {
    service.moveClock();
    await begun.request.get(`${new URL(url).origin}/enrol`);
    await begun.waitForTimeout(200);
  }
  const late = await (await phone()).newPage();
  await expect
    .poll(async () => {
      await late.goto(url);
      await late
        .getByText(/Hello|not good any more/)
        .first()
        .waitFor();
      return late.getByText("not good any more").count();
    })
    .toBe(1);
  await begun.getByLabel("Code", { exact: true }).fill("000000");
  await begun.getByRole("button", { name: "Finish" }).click();
  await told(begun, "not good any more");
});
