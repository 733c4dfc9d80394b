// The gate behind Debian's nginx: a router's own interface that asks strangers from the WAN for password and code.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../free-port.ts";
import { oathtool, openBrowser, PASSWORD, startService, told, type Running } from "./service.ts";

let service: Running;
let router: Server;
let nginx: ChildProcess;
let folder: string;
let browser: Browser;
let port: number;
let secret: string;

beforeAll(async () => {
  // nginx runs on this machine: its X-Real-IP is believed, and the pages lie under a path of their own.
  service = await startService(`proxies = ["127.0.0.1"]\npath = "/dialward"`);
  expect(service.run(["administrator", "password", "--password-file", "-"], `${PASSWORD}\n`).status).toBe(0);
  router = createServer((request, answer) => answer.end(`the router's own page ${request.url}`));
  await listening(router);
  port = await freePort();
  folder = mkdtempSync(join(tmpdir(), "dialward-nginx-"));
  writeFileSync(join(folder, "nginx.conf"), configuration());
  nginx = spawn("nginx", ["-p", folder, "-c", "nginx.conf", "-e", "error.log"], { stdio: "ignore" });
  while (!(await fetch(`http://127.0.0.1:${port}/dialward/login`).catch(() => undefined))) {
    if (nginx.exitCode !== null) throw new Error(`nginx has ended with status ${nginx.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  nginx?.kill("SIGQUIT");
  router?.close();
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** As in host/web/README.md. */
function configuration(): string {
  const pages = service.url;
  return `daemon off; pid nginx.pid; events {}
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  # Where the client is, for the test: it cannot have another address on loopback.
  map $http_x_test_from $from { default $remote_addr; "~." $http_x_test_from; }
  server {
    listen 127.0.0.1:${port};
    location / {
      auth_request /dialward-auth;
      error_page 401 = @login;
      proxy_pass http://127.0.0.1:${(router.address() as AddressInfo).port};
    }
    location = /dialward-auth {
      internal;
      proxy_pass ${pages}auth;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header X-Real-IP $from;
    }
    location @login { return 303 /dialward/login?next=$request_uri; }
    location /dialward/ {
      proxy_pass ${pages};
      proxy_set_header Host $http_host;
      proxy_set_header X-Real-IP $from;
    }
  }
}
`;
}

const WAN = { "x-test-from": "203.0.113.9" };
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${port}${path}`, { headers, redirect: "manual" });

test("from the LAN the router's interface is there at once", async () => {
  const answer = await get("/status");
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("the router's own page /status");
});

test("from the WAN it is not, and with management off there is not even a login", async () => {
  const answer = await get("/status", WAN);
  expect(answer.status).toBe(303);
  expect(answer.headers.get("location")).toContain("/dialward/login?next=/status");
  expect((await get("/dialward/login", WAN)).status).toBe(403);
});

test("a cookie that is made up, and a client that names itself, do not pass", async () => {
  expect((await get("/status", { ...WAN, cookie: "dialward-gate=0000" })).status).toBe(303);
  expect(
    (await get("/status", { ...WAN, "x-real-ip": "127.0.0.1", "x-forwarded-for": "127.0.0.1" })).status,
  ).toBe(303);
});

test("password and code open it, from that address only, until logout", async () => {
  expect(service.run(["management", "--allow", "https"]).status).toBe(0);
  secret = await enrol();
  const context = await browser.newContext({ extraHTTPHeaders: WAN });
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${port}/status?tab=2&row=7`);
  await page.getByRole("heading", { name: "Administrator" }).waitFor();
  await page.getByLabel("Name").fill("admin");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByLabel("Code").fill("000000");
  await page.getByRole("button", { name: "Log in" }).click();
  await told(page, "Wrong name, password or code.");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByLabel("Code").fill(oathtool(secret, 30));
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("the router's own page /status?tab=2&row=7").waitFor();
  // One cookie opens the pages and goes to them alone; the router's own pages see one that passes the gate only.
  const cookies = await context.cookies();
  const own = cookies.find(({ name }) => name === "__Secure-dialward")!;
  const passing = cookies.find(({ name }) => name === "dialward-gate")!;
  expect(own).toMatchObject({ httpOnly: true, secure: true, sameSite: "Strict", path: "/dialward" });
  expect(passing).toMatchObject({ httpOnly: true, secure: true, sameSite: "Strict", path: "/" });
  const stolen = { cookie: `dialward-gate=${passing.value}` };
  const opens = async (value: string) =>
    (await get("/dialward/users", { ...WAN, cookie: `__Secure-dialward=${value}` })).status === 200;
  expect([await opens(own.value), await opens(passing.value)]).toEqual([true, false]);
  expect((await get("/status", { ...WAN, ...stolen })).status).toBe(200);
  expect((await get("/status", { "x-test-from": "203.0.113.10", ...stolen })).status).toBe(303);
  // The pages work under their path too.
  await page.goto(`http://127.0.0.1:${port}/dialward/`);
  await page.getByRole("link", { name: "Log", exact: true }).click();
  await page.getByRole("heading", { name: "Log" }).waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Administrator" }).waitFor();
  expect((await get("/status", { ...WAN, ...stolen })).status).toBe(303);
});

test("a proxy that does not say who the client is makes nobody a friend", async () => {
  expect((await fetch(`${service.url}auth`)).status).toBe(401);
  expect((await fetch(`${service.url}auth`, { headers: { "x-real-ip": "192.168.1.7" } })).status).toBe(204);
});

/** Enrols the administrator's code at the terminal, as `dialward administrator code` does. */
async function enrol(): Promise<string> {
  const program = new URL("../../dist/dialward.mjs", import.meta.url).pathname;
  const child = spawn(process.execPath, [program, "--data", service.data, "administrator", "code"]);
  let shown = "";
  const made = await new Promise<string>((resolve) => {
    child.stderr.on("data", (chunk) => {
      shown += chunk;
      const [, found] = /^secret +(\S+)$/m.exec(shown) ?? [];
      if (found) resolve(found);
    });
  });
  child.stdin.end(`${oathtool(made)}\n`);
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  return made;
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}
