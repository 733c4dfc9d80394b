// Guide 5 from the user's side: the token as a page makes a secret of 32 digits and shows codes, also without a network.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openFixture } from "./fixture.ts";
import { oathtool } from "./service.ts";

const { service, browser, context, page } = await openFixture({ bare: true });

async function unlock(passphrase: string): Promise<void> {
  await page.getByLabel("Passphrase").fill(passphrase);
  await page.getByRole("button", { name: "Unlock" }).click();
}

/** Shows a code and reads it. */
async function show(pin?: string): Promise<string> {
  if (pin !== undefined) await page.getByLabel("PIN", { exact: true }).fill(pin);
  await page.getByRole("button", { name: "Show code" }).click();
  await page.locator("#code").waitFor();
  return (await page.locator("#code").textContent())!;
}

test("the token makes a secret, the profile gets it, and its code logs in", async () => {
  await page.goto(`${service.url}token`);
  await unlock("a passphrase of mine");
  await page.getByLabel("Name").fill("office");
  await page.getByRole("button", { name: "Add" }).click();
  const secret = (await page.locator("#made-secret").textContent())!;
  expect(secret).toMatch(/^[0-9a-f]{32}$/);
  const users = JSON.stringify({
    users: [{ name: "ida", factor: "motp", secret, pin: "4711", active: true }],
  });
  expect(service.run(["user", "import", "-"], users).status).toBe(0);
  expect(service.dial("ida", await show("4712"))).toBe(false);
  const code = await show("4711");
  expect(service.dial("ida", code)).toBe(true);
  expect(service.dial("ida", code)).toBe(false);
  expect(await page.getByRole("progressbar", { name: "Time left" }).isVisible()).toBe(true);
  // Neither the secret nor the PIN lies in the browser's storage in clear: what is sealed is base64, whose digits chance
  // chooses, and so all that is not sealed is looked at.
  const kept = JSON.stringify(await page.evaluate("Object.entries(localStorage)"));
  expect(kept).not.toContain(secret);
  expect(kept.replace(/[A-Za-z0-9+/_=-]{16,}/g, "")).not.toContain("4711");
});

test("TOTP likewise, as oathtool has it", async () => {
  await page.getByText("New token").click();
  await page.getByLabel("Name").fill("phone");
  await page.getByLabel("Kind").selectOption("totp");
  await page.getByLabel("Secret").fill("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByLabel("Token", { exact: true }).selectOption("phone");
  const before = oathtool("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  const code = await show();
  expect([before, oathtool("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]).toContain(code);
});

test("without a network it works still, and a wrong passphrase does not open it", async () => {
  await page.reload();
  await page.evaluate("navigator.serviceWorker.ready.then(() => true)");
  await page.reload();
  await page.getByLabel("Passphrase").waitFor();
  await context.setOffline(true);
  await page.reload();
  await unlock("another passphrase");
  await page.getByText("The passphrase is wrong.").waitFor();
  await unlock("a passphrase of mine");
  await page.getByLabel("Token", { exact: true }).selectOption("office");
  const code = await show("4711");
  await context.setOffline(false);
  // What the page shows is what any other program makes of the secret; the profile's own is not told again.
  const shown = service.run(["doctor", "ida", "--json"], `${code}\n`);
  expect(JSON.parse(shown.out).findings[0].cause).toMatch(/^(right|used)$/);
  expect(code).toMatch(/^[0-9a-f]{6}$/);
});

test("the page runs no script but its own, and WebAssembly", async () => {
  const answer = await context.request.get(`${service.url}token/`);
  const policy = answer.headers()["content-security-policy"]!;
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
  expect(policy).not.toContain("'unsafe");
  const core = await (await context.request.get(`${service.url}token/core.wasm`)).body();
  expect(core.equals(readFileSync(new URL("../../dist/dialward.wasm", import.meta.url)))).toBe(true);
});

test("it is an app that can be installed, and works without a network from the first visit on", async () => {
  const first = await browser.newContext();
  const app = await first.newPage();
  await app.goto(`${service.url}token/`);
  await app.getByText("it works without a network").waitFor();
  await first.setOffline(true);
  await app.reload();
  await app.getByLabel("Passphrase").waitFor();
  await first.setOffline(false);
  const manifest = (await (await first.request.get(`${service.url}token/manifest.webmanifest`)).json()) as {
    display: string;
    icons: { src: string; sizes: string }[];
  };
  expect(manifest.display).toBe("standalone");
  for (const { src } of manifest.icons)
    expect((await first.request.get(`${service.url}token/${src}`)).status(), src).toBe(200);
});

test("where the certificate is not trusted, it says why it does not work without a network", async () => {
  const other = await (await browser.newContext()).newPage();
  // As browsers refuse it there.
  await other.addInitScript(() => {
    navigator.serviceWorker.register = () => Promise.reject(new DOMException("SSL", "SecurityError"));
  });
  await other.goto(`${service.url}token/`);
  await other.getByText("does not trust the page's certificate").waitFor();
});

test("what a QR code says can be pasted, and a saved copy recovers all by its passphrase", async () => {
  const one = await (await browser.newContext({ acceptDownloads: true })).newPage();
  await one.goto(`${service.url}token/`);
  await one.getByLabel("Passphrase").fill("the first passphrase");
  await one.getByRole("button", { name: "Unlock" }).click();
  await one.getByLabel("What the QR code says").fill("https://example.org/");
  await one.getByRole("button", { name: "Take it" }).click();
  await one.getByText("This is no otpauth").waitFor();
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  await one
    .getByLabel("What the QR code says")
    .fill(`otpauth://totp/Office:ida?secret=${secret}&issuer=Office`);
  await one.getByRole("button", { name: "Take it" }).click();
  expect(await one.getByLabel("Name").inputValue()).toBe("Office:ida");
  await one.getByRole("button", { name: "Add" }).click();
  await one.getByRole("button", { name: "Show code" }).waitFor();
  const download = one.waitForEvent("download");
  await one.getByRole("link", { name: "Save a copy" }).click();
  const file = await (await download).path();
  expect(readFileSync(file, "utf8")).not.toContain(secret);
  const two = await (await browser.newContext()).newPage();
  await two.goto(`${service.url}token/`);
  await two.getByText("Recover from a copy").click();
  await two.getByLabel("The copy that was saved").setInputFiles(file);
  await two.getByLabel("Passphrase").fill("the first passphrase");
  await two.getByRole("button", { name: "Unlock" }).click();
  const before = oathtool(secret);
  await two.getByRole("button", { name: "Show code" }).click();
  await two.locator("#code").waitFor();
  expect([before, oathtool(secret)]).toContain(await two.locator("#code").textContent());
});
