// The rule set of "management from the Internet" with real packets: a router and two hosts in network namespaces, one
// on its LAN, one beyond its WAN. Loaded by the program itself, through `dialward management --install`.
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const PROGRAM = new URL("../../dist/dialward.mjs", import.meta.url).pathname;
const [ROUTER, LAN, WAN] = [`dw-r-${process.pid}`, `dw-l-${process.pid}`, `dw-w-${process.pid}`];
const ip = (...args: string[]) => execFileSync("ip", args, { stdio: "pipe" });
const within = (space: string, ...command: string[]) =>
  spawnSync("ip", ["netns", "exec", space, ...command], { encoding: "utf8" });

let data: string;
let listener: ChildProcess;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "dialward-firewall-"));
  execFileSync(process.execPath, [PROGRAM, "--data", data, "init"]);
  for (const space of [ROUTER, LAN, WAN]) ip("netns", "add", space);
  link(LAN, "lan0", "192.168.5.1", "192.168.5.9");
  link(WAN, "wan0", "203.0.113.1", "203.0.113.9");
  ip("-n", ROUTER, "link", "set", "lo", "up");
  // Every port that the rules speak of has a listener, and one that they do not.
  const listen = `for (const port of [443, 8069, 22, 8080]) require("net").createServer((s) => s.end("hello")).listen(port, () => console.log(port))`;
  listener = spawn("ip", ["netns", "exec", ROUTER, process.execPath, "-e", listen], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  await new Promise<void>((resolve) => {
    listener.stdout!.on("data", (chunk) => {
      out += chunk;
      if (out.trim().split("\n").length === 4) resolve();
    });
  });
});
afterAll(() => {
  listener?.kill();
  for (const space of [ROUTER, LAN, WAN]) spawnSync("ip", ["netns", "del", space]);
  rmSync(data, { recursive: true });
});

function link(space: string, device: string, router: string, host: string): void {
  ip("link", "add", device, "netns", ROUTER, "type", "veth", "peer", "name", "eth0", "netns", space);
  ip("-n", ROUTER, "addr", "add", `${router}/24`, "dev", device);
  ip("-n", space, "addr", "add", `${host}/24`, "dev", "eth0");
  ip("-n", ROUTER, "link", "set", device, "up");
  ip("-n", space, "link", "set", "eth0", "up");
}

const management = (...args: string[]) => {
  const { status, stderr } = within(ROUTER, process.execPath, PROGRAM, "--data", data, "management", ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
};
/** Seconds after which nobody answers: a busy machine needs longer than the packets. */
const PATIENCE = 5;
const pings = (space: string, address: string) =>
  within(space, "ping", "-c", "1", "-w", `${PATIENCE}`, address).status === 0;
/** The ports that a host reaches. */
function reaches(space: string, address: string): number[] {
  const connect = `const net = require("net"); for (const port of [22, 443, 8069, 8080]) { const s = net.connect(port, "${address}"); s.setTimeout(${PATIENCE * 1000}, () => s.destroy()); s.on("error", () => {}); s.on("data", () => console.log(port)); }`;
  return within(space, process.execPath, "-e", connect)
    .stdout.trim()
    .split("\n")
    .filter(Boolean)
    .map(Number)
    .sort((a, b) => a - b);
}

test("without rules everything is reached from everywhere", () => {
  expect(reaches(WAN, "203.0.113.1")).toEqual([22, 443, 8069, 8080]);
  expect(pings(WAN, "203.0.113.1")).toBe(true);
});

test("off by default: closed to the WAN, open to the LAN, other traffic as before", () => {
  management("--install");
  expect(reaches(WAN, "203.0.113.1")).toEqual([8080]);
  expect(pings(WAN, "203.0.113.1")).toBe(false);
  expect(reaches(LAN, "192.168.5.1")).toEqual([22, 443, 8069, 8080]);
  expect(pings(LAN, "192.168.5.1")).toBe(true);
});

test("the chosen services and no others, pings as chosen", () => {
  management("--allow", "https,tr069", "--ping");
  expect(reaches(WAN, "203.0.113.1")).toEqual([443, 8069, 8080]);
  expect(pings(WAN, "203.0.113.1")).toBe(true);
  management("--allow", "ssh", "--no-ping");
  expect(reaches(WAN, "203.0.113.1")).toEqual([22, 8080]);
  expect(pings(WAN, "203.0.113.1")).toBe(false);
  expect(reaches(LAN, "192.168.5.1")).toEqual([22, 443, 8069, 8080]);
});

test("loading twice leaves one rule set; --no-install takes it out", () => {
  management("--allow", "ssh");
  const tables = () => within(ROUTER, "nft", "list", "tables").stdout.trim();
  expect(tables()).toBe("table inet dialward");
  expect(
    within(ROUTER, "nft", "list", "table", "inet", "dialward").stdout.match(/chain input/g),
  ).toHaveLength(1);
  management("--no-install");
  expect(tables()).toBe("");
  expect(reaches(WAN, "203.0.113.1")).toEqual([22, 443, 8069, 8080]);
});
