// Forms of settings: what somebody else changed meanwhile is told and not overwritten; nobody saws off his own branch.
import { afterEach, expect, test } from "vitest";
import type { Settings } from "../../host/admin/settings.ts";
import { csrfOf, openPages, PASSWORD, revisionIn } from "./open-pages.ts";

type Opened = Awaited<ReturnType<typeof openPages>>;
let opened: Opened | undefined;
afterEach(() => opened?.close());

const PORTS = { httpsPort: "443", sslVpnPort: "4443", tr069Port: "8069", sshPort: "22" };
type Case = [
  string,
  string,
  Record<string, string>,
  (old: Settings) => Settings,
  string,
  (now: Settings) => unknown,
];

const CASES: Case[] = [
  [
    "/management",
    "/management",
    { ...PORTS, enabled: "yes", ssh: "yes" },
    (old) => ({ ...old, management: { ...old.management, sslVpn: { open: true, port: 4443 } } }),
    "SSL VPN 4443",
    ({ management }) => [management.enabled, management.ssh.open, management.sslVpn.open],
  ],
  [
    "/administrator",
    "/administrator/access",
    { lan: "127.0.0.0/8 10.0.0.0/8" },
    (old) => ({ ...old, lan: ["127.0.0.0/8"] }),
    "the LAN is 127.0.0.0/8",
    ({ lan }) => lan,
  ],
  [
    "/system",
    "/system/listen",
    { where: "here", names: "vpn.example.org" },
    (old) => ({ ...old, web: { ...old.web, proxies: ["192.0.2.7"] } }),
    "192.0.2.7",
    ({ web }) => web,
  ],
];

test.each(CASES)("%s: two tabs", async (page, action, form, change, told, read) => {
  opened = await openPages();
  const { ask, logIn, settings } = opened;
  const csrf = await logIn();
  const shown = revisionIn((await ask(page)).text, action);
  const before = settings.change(change);
  const refused = await ask(action, { csrf, ...form, revision: shown });
  expect(settings.read()).toEqual(before);
  const { text } = await ask(refused.location);
  expect(text).toContain("Somebody else changed this meanwhile");
  expect(text).toContain(told);
  // What was typed is there, and is saved when it is sent again.
  const typed = Object.values(form).at(-1)!.split(" ").at(-1)!;
  if (typed !== "yes") expect(text.slice(text.indexOf(`action="${action}"`))).toContain(typed);
  const saved = await ask(action, { csrf, ...form, revision: revisionIn(text, action) });
  expect(saved.location).toContain("told=");
  expect(read(settings.read())).not.toEqual(read(before));
});

const THROUGH = { headers: { "x-real-ip": "192.168.1.7" } };
const LAN = { listen: "192.168.1.1:8443", proxies: [] as string[] };
test.each([
  // from, how, what held before, what is chosen, whether it is saved
  ["127.0.0.1", {}, {}, { where: "here" }, true],
  ["127.0.0.1", {}, {}, { where: "proxy", proxy: "192.168.1.2" }, true],
  ["192.168.1.9", {}, LAN, { where: "here" }, false],
  ["192.168.1.9", {}, LAN, { where: "proxy", proxy: "192.168.1.2" }, false],
  ["127.0.0.1", THROUGH, { proxies: ["127.0.0.1"] }, { where: "here" }, false],
  ["127.0.0.1", THROUGH, { proxies: ["127.0.0.1"] }, { where: "proxy", proxy: "192.168.1.2" }, false],
  ["127.0.0.1", THROUGH, { proxies: ["127.0.0.1"] }, { where: "proxy", proxy: "127.0.0.1" }, true],
])("from %s, %j: with %j, %j is saved: %s", async (from, how, held, chosen, saved) => {
  const proxies = "proxies" in held ? held.proxies : [];
  opened = await openPages({}, { proxies });
  const { ask, settings } = opened;
  settings.change((old) => ({ ...old, web: { ...old.web, ...held } }));
  const as = { from, ...how };
  await ask("/login", { name: "admin", password: PASSWORD }, as);
  const { text } = await ask("/system", undefined, as);
  const form = { csrf: csrfOf(text), revision: revisionIn(text, "/system/listen"), path: "", ...chosen };
  const before = settings.read();
  const { location } = await ask("/system/listen", form, as);
  if (saved) expect(location).toContain("told=");
  else {
    expect(settings.read()).toEqual(before);
    expect((await ask(location, undefined, as)).text).toContain("You would be outside");
  }
});
