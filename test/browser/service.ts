// The built program as a service on free ports of loopback, a browser before it, and the tools of the user's side.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";

const CLOCK = new URL("../../test/browser/clock.mjs", import.meta.url).pathname;
const PROGRAM = new URL("../../dist/dialward.mjs", import.meta.url).pathname;
export const PASSWORD = "correct horse battery";

/** A running service. */
export interface Running {
  data: string;
  url: string;
  radius: string;
  accounting: string;
  stop(): Promise<void>;
  /** Puts its clock right, or 16 minutes ahead where it is right: sessions end by then. */
  moveClock(): void;
  /** Runs a command on the same data, as an administrator at the terminal; answers its exit status and output. */
  run(args: string[], input?: string): { status: number | null; out: string };
  /** Dials in through RADIUS, as a VPN daemon would; true if the code is accepted. */
  dial(user: string, code: string, proof?: string): boolean;
}

const RADIUS = `[radius]\nlisten = "127.0.0.1:0"\naccounting = "127.0.0.1:0"\n`;

/** Starts `dialward serve`; `toml` is added to the configuration. Its clock is off by `shift` seconds. */
export function startService(toml = "", more = "", shift = 0): Promise<Running> {
  return startWith(`${RADIUS}${more}\n[web]\nlisten = "127.0.0.1:0"\n${toml}\n`, shift);
}

/** Starts it with nothing said about RADIUS: it is answered on its own ports, so one such test at a time. */
export function startRadius(): Promise<Running> {
  return startWith('[web]\nlisten = "127.0.0.1:0"\n');
}

/** Starts `dialward serve` with nothing said about the pages: they are on their own port, so one such test at a time. */
export function startBare(): Promise<Running> {
  return startWith(RADIUS);
}

async function startWith(toml: string, shift = 0): Promise<Running> {
  const data = mkdtempSync(join(tmpdir(), "dialward-browser-"));
  const config = join(data, "dialward.toml");
  writeFileSync(config, `data = "state"\n${toml}`);
  const child = spawn(process.execPath, ["--import", CLOCK, PROGRAM, "--config", config, "serve"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, SHIFT_SECONDS: String(shift) },
  });
  const out = await untilReady(child);
  const [, url = ""] = /^pages +(\S+)$/m.exec(out) ?? [];
  const [, address = ""] = /^RADIUS +(\S+)$/m.exec(out) ?? [];
  const [, accounting = ""] = /^accounting +(\S+)$/m.exec(out) ?? [];
  const run = (args: string[], input = "") => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, "--config", config, ...args], {
      input,
      encoding: "utf8",
    });
    return { status, out: stdout + stderr };
  };
  return {
    data: join(data, "state"),
    url,
    radius: address,
    accounting,
    run,
    dial: (user, code, proof = "pap") =>
      run(["dial", user, "--server", address, "--proof", proof], `${code}\n`).status === 0,
    moveClock: () => void child.kill("SIGUSR2"),
    async stop() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(data, { recursive: true });
    },
  };
}

function untilReady(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = "";
    let err = "";
    child.stderr!.on("data", (chunk) => (err += chunk));
    child.stdout!.on("data", (chunk) => {
      out += chunk;
      if (/^ready$/m.test(out)) resolve(out);
    });
    child.once("close", () => reject(new Error(`serve ended: ${err}`)));
  });
}

/** Debian's chromium, without a word to the network. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Opens the printed link, and chooses the administrator's password there. */
export async function setUp(page: Page, service: Running): Promise<void> {
  await page.goto(readFileSync(join(service.data, "setup-link"), "utf8").trim());
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByRole("heading", { name: "Getting started" }).waitFor();
}

/** Logs in with name, password and, from the WAN, a code. */
export async function logIn(page: Page, url: string, password = PASSWORD, code?: string): Promise<void> {
  await page.goto(`${url}login`);
  await page.getByLabel("Name").fill("admin");
  await page.getByLabel("Password").fill(password);
  if (code !== undefined) await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** Waits until the page says `text`: of what was done, or of what is wrong. */
export async function told(page: Page, text: string | RegExp): Promise<void> {
  const notes = page.getByRole("status").or(page.getByRole("alert"));
  await notes.filter({ hasText: text }).first().waitFor();
}

/** The QR code on a page, read from a screenshot by zbarimg. */
export async function scanQr(page: Page): Promise<string> {
  await page.locator(".qr").waitFor();
  const picture = await page.screenshot();
  const { status, stdout } = spawnSync("zbarimg", ["--raw", "--quiet", "-"], { input: picture });
  if (status !== 0) throw new Error("zbarimg finds no QR code in the screenshot");
  return stdout.toString().trim();
}

/** A code that is made in the last seconds of a step would be judged in the next one: waits for that then. */
const SPARE_SECONDS = 8;

/** The code of a secret by oathtool; `shift` in seconds is a device whose clock is off. */
export function oathtool(secret: string, shift = 0): string {
  const left = 30 - ((Date.now() / 1000) % 30);
  if (left < SPARE_SECONDS) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, left * 1000 + 50);
  const now = new Date(Date.now() + shift * 1000).toISOString().slice(0, 19).replace("T", " ");
  const { status, stdout, stderr } = spawnSync("oathtool", ["--totp", "-b", "-", "-N", `${now} UTC`], {
    input: `${secret.replace(/\s/g, "")}\n`,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`oathtool: ${stderr}`);
  return stdout.trim();
}

/** What an authenticator takes from a scanned URI. */
export function secretOf(uri: string): string {
  return new URL(uri).searchParams.get("secret") ?? "";
}
