// Where RADIUS is answered: on this machine alone at first, and on all its addresses once that is chosen on System.
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFixture } from "./fixture.ts";
import { startRadius, told } from "./service.ts";

const { service, page } = await openFixture({ start: startRadius });
const address = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === "IPv4" && !one.internal)!.address;

/** What a router at this machine's address in the LAN hears; undefined: nothing. */
function ask(secret: string): string | undefined {
  const file = join(service.data, "asked");
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  const input = 'User-Name = "nobody"\nUser-Password = "000000"\n';
  const args = ["-S", file, "-t", "2", "-r", "1", `${address}:1812`, "auth"];
  const { stdout, stderr } = spawnSync("radclient", args, { input, encoding: "utf8" });
  return /Received (Access-\w+)/.exec(stdout + stderr)?.[1];
}

async function choose(where: string): Promise<void> {
  await page.goto(`${service.url}system`);
  await page.getByRole("radio", { name: where }).last().check();
  const form = page.locator('form[action="/system/radius"]');
  await form.getByRole("button", { name: "Save" }).click();
}

test("a router elsewhere is told why it hears nothing, and hears once all addresses are chosen", async () => {
  await page.goto(`${service.url}clients`);
  await page.getByLabel("Name", { exact: true }).fill("router");
  await page.getByLabel("Its address").fill(address);
  await page.getByRole("button", { name: "Add" }).click();
  await told(page, "may ask now");
  const secret = (await page.locator("#secret").textContent())!.trim();
  await page.getByText("RADIUS listens on 127.0.0.1:1812 only").waitFor();
  expect(ask(secret)).toBeUndefined();

  // A port that is taken is said, and nothing is saved.
  const other = createSocket("udp4");
  await new Promise<void>((resolve) => other.bind(1812, address, resolve));
  await page.getByRole("link", { name: "Answer on this machine's other addresses too" }).click();
  await choose("On all addresses of this machine");
  await told(page, "RADIUS cannot listen on");
  expect(await page.getByRole("radio", { name: "On this machine only" }).last().isChecked()).toBe(true);
  await new Promise<void>((resolve) => other.close(resolve));

  await choose("On all addresses of this machine");
  await told(page, "RADIUS is answered at");
  expect(ask(secret)).toBe("Access-Reject");
  await page.goto(`${service.url}clients`);
  expect(await page.getByText("daemons on other machines cannot ask").count()).toBe(0);

  await choose("On this machine only");
  await told(page, "RADIUS is answered at 127.0.0.1:1812");
  expect(ask(secret)).toBeUndefined();
});
