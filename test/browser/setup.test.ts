// From the printed link to a first login without a terminal: password, where the pages listen, a RADIUS client, a user.
import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { openFixture } from "./fixture.ts";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { freePort } from "../free-port.ts";
import { oathtool, PASSWORD, scanQr, secretOf, startBare, told } from "./service.ts";

const { service, browser, page } = await openFixture({
  start: startBare,
  bare: true,
  window: { ignoreHTTPSErrors: true },
});
let lanUrl = "";

const open = (name: string) => page.getByRole("link", { name, exact: true }).first().click();

test("the link opens the set-up once, and a code that is guessed does not", async () => {
  const link = readFileSync(join(service.data, "setup-link"), "utf8").trim();
  expect(service.run(["setup-link"]).out.trim()).toBe(link);
  expect(link).toMatch(/\/setup#([0-9a-f]{4}-){3}[0-9a-f]{4}$/);
  await page.goto(`${link.slice(0, -4)}0000`);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Begin" }).click();
  await told(page, "not the setup code");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url() + (request.headers()["referer"] ?? "")));
  await page.goto("about:blank");
  await page.goto(link);
  expect(page.url()).not.toContain("#");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByRole("heading", { name: "Getting started" }).waitFor();
  expect(asked.filter((one) => one.includes(link.split("#")[1]!))).toEqual([]);
  expect(service.run(["setup-link"]).status).toBe(1);
});

test("the pages come to the LAN, and stay on this machine; a port that is taken is said and not saved", async () => {
  const address = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === "IPv4" && !one.internal)!.address;
  await open("Where these pages listen");
  await page.getByRole("radio", { name: "In the LAN" }).check();
  await page.getByLabel("Address", { exact: true }).selectOption(address);
  await page.getByLabel("Port", { exact: true }).fill("70000");
  await page.getByRole("button", { name: "Save" }).first().click();
  await page.locator("#port-problem").waitFor();
  const port = await freePort();
  await page.getByLabel("Port", { exact: true }).fill(String(port));
  await page.getByRole("button", { name: "Save" }).first().click();
  await told(page, `https://${address}:${port}/`);
  lanUrl = `https://${address}:${port}/`;
  const lan = `127.0.0.0/8,::1,192.168.0.0/16,${address}`;
  expect(service.run(["administrator", "access", "--lan", lan]).status).toBe(0);
  const other = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  await other.goto(`${lanUrl}login`);
  await other.getByLabel("Name").fill("admin");
  await other.getByLabel("Password").fill(PASSWORD);
  await other.getByRole("button", { name: "Log in" }).click();
  await other.getByRole("heading", { name: "Remote dial-in users" }).waitFor();
  const [cookie] = await other.context().cookies();
  expect(cookie).toMatchObject({ name: "__Host-dialward", secure: true });
  await other.goto(`${lanUrl}system`);
  await other.getByText(/39[67] days left/).waitFor();
  await other.getByText("the same as your browser's").waitFor();
});

test("a certificate that is given is looked at, in use, and taken away when that was asked", async () => {
  const make = (days: string) => {
    const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const more = ["-days", days, "-subj", "/CN=given", "-addext", "subjectAltName=DNS:vpn.example.org"];
    const { stdout } = spawnSync("openssl", [...args, ...more, "-keyout", "-", "-out", "-"], {
      encoding: "utf8",
    });
    const at = stdout.indexOf("-----BEGIN CERTIFICATE");
    return { key: stdout.slice(0, at), cert: stdout.slice(at) };
  };
  const [one, other] = [make("30"), make("30")];
  await page.goto(`${service.url}system`);
  await page.getByText("Give a certificate").click();
  const give = async (cert: string, key: string): Promise<void> => {
    await page.getByLabel("Certificate", { exact: true }).fill(cert);
    await page.getByLabel("Private key").fill(key);
    await page.getByRole("button", { name: "Save" }).nth(1).click();
  };
  await give("nonsense", one.key);
  await page.locator("#cert-problem").waitFor();
  await give(one.cert, other.key);
  await page.locator("#key-problem").filter({ hasText: "another certificate" }).waitFor();
  await give(one.cert, one.key);
  await told(page, "in use");
  const shown = (): string =>
    spawnSync("openssl", ["s_client", "-connect", new URL(lanUrl).host, "-showcerts"], {
      input: "",
      encoding: "utf8",
    }).stdout;
  expect(shown()).toContain("CN = given");
  // Its key would be gone for good: it is asked first.
  const replace = async (): Promise<void> => {
    await page.goto(`${service.url}system`);
    await page.getByText("Give a certificate").click();
    await page.getByRole("link", { name: "Make one here in its place" }).click();
  };
  await replace();
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.getByRole("heading", { name: "System" }).waitFor();
  expect(shown()).toContain("CN = given");
  await replace();
  await page.getByRole("button", { name: "Remove it, and make one here" }).click();
  await told(page, "made here");
  expect(shown()).toContain("BEGIN CERTIFICATE");
  expect(shown()).not.toContain("CN = given");
});

test("a RADIUS client with its secret, shown once, asks at once; a first user, and a login that is tried", async () => {
  await page.goto(`${service.url}start`);
  await open("The first VPN daemon");
  await page.getByLabel("Name", { exact: true }).fill("router");
  await page.getByLabel("Its address").fill("not an address");
  await page.getByRole("button", { name: "Add" }).click();
  await page.locator("#address-problem").waitFor();
  await page.getByLabel("Its address").fill("127.0.0.0/8");
  await page.getByRole("button", { name: "Add" }).click();
  await told(page, "may ask now");
  const secret = (await page.locator("#secret").textContent())!.trim();
  for (const daemon of ["strongSwan", "ocserv", "OpenVPN", "pppd", "MikroTik", "hostapd"]) {
    await page.locator("summary", { hasText: daemon }).click();
  }
  expect((await page.locator("pre:has-text('CHANGE-ME')").count()) + 0).toBe(0);
  expect(await page.locator(`pre:has-text("${secret}")`).count()).toBeGreaterThanOrEqual(6);
  await page.goto(`${service.url}clients`);
  expect(await page.content()).not.toContain(secret);
  // A user, and Test a login.
  await page.goto(`${service.url}start`);
  await open("The first user");
  await page.getByLabel("User name").fill("gina");
  await page.getByRole("button", { name: "Continue" }).click();
  const key = secretOf(await scanQr(page));
  await page.getByLabel("Code that the device shows").fill(oathtool(key));
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByRole("button", { name: "OK" }).click();
  await open("Test a login");
  await page.getByLabel("User name").fill("gina");
  await page.getByLabel("What the user types").fill("000000");
  await page.getByRole("button", { name: "Log in" }).click();
  await told(page, "Refused");
  await page.getByLabel("What the user types").fill(oathtool(key, 30));
  await page.getByRole("button", { name: "Log in" }).click();
  await told(page, "Accepted");
  // The new client's secret is in force, with no restart: the loopback's own address is more exact, so ask from another.
  const file = join(service.data, "asked");
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  const { stdout, stderr } = spawnSync(
    "radclient",
    ["-S", file, "-t", "3", "-r", "1", service.radius, "auth"],
    {
      input: `User-Name = "gina"\nUser-Password = "000000"\nPacket-Src-IP-Address = 127.0.0.9\n`,
      encoding: "utf8",
    },
  );
  expect(stdout + stderr).toContain("Access-Reject");
  await page.goto(`${service.url}clients`);
  await page.getByRole("link", { name: "Remove router" }).click();
  await page.getByRole("button", { name: "Remove" }).click();
  await told(page, "is removed");
});
