// 100,000 users: the list, its search, filters, order and pages, and one user from there.
import { expect, test } from "vitest";
import { openFixture } from "./fixture.ts";
import { told } from "./service.ts";

const COUNT = 100_000;

const { service, page } = await openFixture();

test("100,000 users are imported, listed, searched, filtered, and one of them changed", async () => {
  const rows = Array.from({ length: COUNT }, (_, i) => {
    const name = `user${String(i).padStart(6, "0")}`;
    const digits = Array.from(String(i).padStart(7, "0"), (digit) => "ABCDEFGHIJ"[Number(digit)]).join("");
    return `${name},${"A".repeat(25)}${digits},${i % 1000 === 7 ? "false" : "true"}`;
  });
  const list = `name,secret,enabled\n${rows.join("\n")}\n`;
  expect(service.run(["user", "import", "-", "--active"], list)).toMatchObject({ status: 0 });
  await page.goto(`${service.url}users`);
  await page.getByText("100000 users").waitFor();
  await page.getByText("Page 1 of 2000").waitFor();
  await page.getByRole("link", { name: "Next" }).click();
  await page.getByRole("link", { name: "user000050", exact: true }).waitFor();
  await page.getByLabel("Search by name").fill("99999");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("1 of 100000 users").waitFor();
  await page.goto(`${service.url}users`);
  await page.getByLabel("State", { exact: true }).selectOption("disabled");
  await page.getByText("100 of 100000 users").waitFor();
  await page.getByRole("button", { name: "Enable user000007" }).click();
  await told(page, '"user000007" is enabled');
  await page.getByText("99 of 100000 users").waitFor();
  // Whom the command line changes is seen too.
  expect(service.run(["user", "disable", "user000008"]).status).toBe(0);
  await page.reload();
  await page.getByText("100 of 100000 users").waitFor();
  await page.getByRole("link", { name: "user000008", exact: true }).click();
  await page.getByRole("heading", { name: 'Edit "user000008"' }).waitFor();
});
