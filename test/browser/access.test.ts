// The pages for everybody: axe-core on each of them, light and dark, at a desktop's and a phone's width, and long names.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { openFixture } from "./fixture.ts";
import { logIn, startService } from "./service.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** 64 letters without a place to break, and a name that turns what stands around it. */
const LONG = "w".repeat(64);
const TURNING = "eve\u202egnp";

const { service, browser } = await openFixture({ start: () => startService(`enrol = "127.0.0.1:0"`) });
for (const name of [LONG, TURNING]) service.run(["user", "add", name]);
const rules = ["--attribute", `Reply-Message = "${LONG}"`, "Class = x", "--hours", "08:00-18:00"];
service.run(["group", "save", LONG, ...rules]);
service.run(["user", "edit", LONG, "--groups", LONG]);
service.dial(LONG, "000000");
service.dial(TURNING, "000000");

const at = (path: string, name: string) => `${path}?name=${encodeURIComponent(name)}`;
const PATHS = [
  ...["start", "users", "users/new", "connections", "log", "clients", "test", "administrator", "management"],
  ...["groups", "groups/new", at("groups/edit", LONG)],
  ...[
    "system",
    "system/backup",
    "users/import",
    "users/export?format=otpauth",
    at("users/edit", LONG),
    at("users/doctor", TURNING),
    at("users/link", LONG),
  ],
  ...[at("users/recovery", LONG), at("users/remove", LONG), "token/", "nothing-here"],
];

/** What axe-core finds, each as its rule and the first place. */
async function findings(page: Page): Promise<string[]> {
  const found = await page.evaluate(
    `(() => { ${AXE}; return axe.run(document, { resultTypes: ["violations"] }); })()`,
  );
  const { violations } = found as { violations: { id: string; nodes: { html: string }[] }[] };
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

/** What reaches beyond the window, where the page can be moved to it: elements with their classes. */
const TOO_WIDE = `document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("main *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.tagName + " " + one.className + " " + one.textContent.trim().slice(0, 40))`;

test.each([
  ["light", 1200],
  ["dark", 1200],
  ["light", 360],
] as const)(
  "axe-core finds nothing on any page, %s, %i wide, and none is wider than the window",
  async (colorScheme, width) => {
    // Its script is put into the page here, which the pages' own policy forbids.
    const page = await (
      await browser.newContext({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true })
    ).newPage();
    await logIn(page, service.url);
    await page.getByRole("heading", { name: "Remote dial-in users" }).waitFor();
    for (const path of PATHS) {
      await page.goto(service.url + path);
      // The token's page shows what it is once its script has looked.
      await page.getByRole("heading", { level: 1 }).waitFor();
      expect(await findings(page), path).toEqual([]);
      expect(await page.evaluate(TOO_WIDE), path).toEqual([]);
    }
  },
);

test("a name ends where it ends: its mark is shown as a number, and turns nothing", async () => {
  const page = await browser.newPage();
  await logIn(page, service.url);
  await page.goto(`${service.url}users?q=eve`);
  expect(await page.locator("bdi").first().textContent()).toBe("eve\\u202egnp");
  expect(await page.locator("body").innerText()).not.toContain("\u202e");
  await page.goto(service.url + at("users/edit", TURNING));
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe('Edit "eve\\u202egnp"');
});

test("a whole task by keyboard: log in, search, open, change, save", async () => {
  const page = await browser.newPage();
  await page.goto(service.url);
  await page.keyboard.type("admin");
  await page.keyboard.press("Tab");
  await page.keyboard.type("correct horse battery");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Remote dial-in users" }).waitFor();
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.type("www");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=www/);
  await page.getByRole("link", { name: LONG, exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Enable this account").focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: "is saved" }).waitFor();
  expect(service.run(["user", "show", LONG]).out).toContain("disabled");
});
