// A task from top to bottom, without JavaScript: an administrator gives "Sales" a network and working hours, adds a user,
// sees what results, sees the login pass within the hours and refused outside them, and why.
import { expect, test } from "vitest";
import { openFixture } from "./fixture.ts";
import { logIn, oathtool, told } from "./service.ts";

const HOUR = 3600;

const { service, browser } = await openFixture();
const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
await logIn(page, service.url);

const button = (name: string) => page.getByRole("button", { name, exact: true });
const open = (name: string) => page.getByRole("link", { name, exact: true }).click();
const says = (text: string | RegExp) => told(page, text);
/** `08:00` of the time that is so many hours from now, in UTC. */
const clock = (hours: number): string =>
  new Date(Date.now() + hours * HOUR * 1000).toISOString().slice(11, 16);

test("Sales gets a network and hours; its user is let in within them, refused outside, and it is said why", async () => {
  await open("Groups");
  await open("New group");
  await page.getByLabel("Group", { exact: true }).fill("Sales");
  await page
    .getByLabel("Reply attributes")
    .fill("Framed-Pool = sales\nFramed-IP-Netmask = 255.255.255\nFilter-Id = sales");
  await page.getByLabel("Hours").fill(`${clock(-1)} - ${clock(2)}`);
  await page.getByLabel("One login too many").selectOption("disconnects the oldest");
  await button("Save").click();
  // What is wrong stands at its field, and the rest is as it was typed.
  await page.getByText("Line 2: Framed-IP-Netmask: wants an IPv4 address").waitFor();
  expect(await page.getByLabel("One login too many").inputValue()).toBe("disconnect-oldest");
  await page
    .getByLabel("Reply attributes")
    .fill("Framed-Pool = sales\nFilter-Id = sales\n[loopback] Class = here");
  await button("Save").click();
  await says('The group "Sales" is saved.');

  await open("Remote dial-in users");
  await open("New user");
  await page.getByLabel("User name").fill("sally");
  await page.getByLabel("Group 1").selectOption("Sales");
  await page.locator("summary", { hasText: "Reply attributes, hours and limits of its own" }).click();
  await page.getByLabel("Reply attributes").fill("Framed-IP-Address = 10.8.0.77");
  await button("Continue").click();
  const secret = (await page.locator("#secret").textContent())!;
  await page.getByLabel("Code that the device shows").fill(oathtool(secret));
  await button("Verify").click();
  await button("OK").click();
  await says('"sally" is active.');

  await open("Groups");
  await page
    .getByRole("row")
    .filter({ hasText: "Sales" })
    .getByRole("link", { name: "1", exact: true })
    .click();
  await open("sally");
  const results = page.getByRole("region", { name: "What results" });
  await results.getByRole("row", { name: "Framed-IP-Address 10.8.0.77 the user" }).waitFor();
  await results.getByRole("row", { name: 'Framed-Pool "sales" group Sales' }).waitFor();
  await results.getByRole("row", { name: "Class, to loopback" }).waitFor();
  await results.getByRole("row", { name: /May dial in .* now: yes group Sales/ }).waitFor();

  const dialled = service.run(["dial", "sally", "--server", service.radius], `${oathtool(secret, 30)}\n`);
  expect(dialled.out).toMatch(/accepted\n.*Framed-IP-Address = 10\.8\.0\.77/s);
  for (const line of ['Framed-Pool = "sales"', 'Filter-Id = "sales"', "Class = 0x68657265"])
    expect(dialled.out).toContain(line);
  // The session ends with the hours, two hours from now at most.
  const left = Number(/Session-Timeout = (\d+)/.exec(dialled.out)?.[1]);
  expect(left).toBeGreaterThan(HOUR);
  expect(left).toBeLessThanOrEqual(2 * HOUR);

  await open("Groups");
  await open("Sales");
  await page.getByLabel("Hours").fill(`${clock(2)}-${clock(4)}`);
  await button("Save").click();
  await says("is saved");
  // Another process reads groups again within two seconds; the pages' own holds at once.
  await open("Test a login");
  await page.getByLabel("User name").fill("sally");
  await page.getByLabel("What the user types").fill(oathtool(secret, 60));
  await button("Log in").click();
  await says("Refused: the user or its group may not dial in at this time.");
  await page.getByText(`${clock(2)}-${clock(4)}, UTC (group "Sales")`).waitFor();
  await page.goto(`${service.url}users/doctor?name=sally`);
  await page.getByLabel("Code", { exact: true }).fill(oathtool(secret, 60));
  await button("Examine").click();
  await page.locator('[data-cause="not-valid-now"]').waitFor();
  await open("Log");
  await page
    .getByRole("row")
    .filter({ hasText: "The user or its group may not dial in at this time." })
    .first()
    .waitFor();
  await page
    .getByRole("row", { name: /group saved Sales/ })
    .first()
    .waitFor();

  // The code was not spent: within the hours it is good.
  await open("Groups");
  await page.getByRole("link", { name: /Remove/ }).click();
  await says('1 user is in the group "Sales"');
  await open("Sales");
  await page.getByLabel("Hours").fill("");
  await button("Save").click();
  await says("is saved");
  expect(service.dial("sally", oathtool(secret, 60))).toBe(true);
});
