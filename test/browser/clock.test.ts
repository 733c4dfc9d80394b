// A clock that is wrong: the administrator gets in by password and reads why nobody else does; set, it judges codes again.
import { expect, test } from "vitest";
import { openFixture } from "./fixture.ts";
import { oathtool, startService } from "./service.ts";

const TEN_YEARS = 10 * 365 * 86_400;
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

const { service, page } = await openFixture({ start: () => startService("", "", -TEN_YEARS) });

test("every page says that the clock is not set, and System how far it is off", async () => {
  const users = [{ name: "anna", secret: SECRET, active: true }];
  expect(service.run(["user", "import", "-"], JSON.stringify({ users })).status).toBe(0);
  for (const path of ["users", "users/new", "connections", "log", "clients", "administrator", "system"]) {
    await page.goto(service.url + path);
    await page.getByRole("alert").filter({ hasText: "clock is not set" }).waitFor();
  }
  await page.getByText(/off from your browser's by -3\d{8} s/).waitFor();
  expect(service.dial("anna", oathtool(SECRET))).toBe(false);
  await page.goto(`${service.url}log`);
  await page
    .getByRole("row")
    .filter({ hasText: "anna" })
    .filter({ hasText: /clock is not set/ })
    .first()
    .waitFor();
});

test("once it is set the warning goes, and codes are judged", async () => {
  service.moveClock();
  // Ten years of idleness end the session.
  await page.goto(`${service.url}system`);
  await page.getByLabel("Name").fill("admin");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("the same as your browser's").waitFor();
  expect(await page.getByRole("alert").count()).toBe(0);
  expect(service.dial("anna", oathtool(SECRET))).toBe(true);
});
