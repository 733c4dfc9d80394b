// What passes the guard: from where, through what, by which name; and a form whose session has ended.
import { hostname } from "node:os";
import { afterEach, expect, test, vi } from "vitest";
import type { Draft } from "../../host/users/draft-profile.ts";
import { Drafts } from "../../host/web/drafts.ts";
import { csrfOf, openPages, PASSWORD, revisionIn } from "./open-pages.ts";

type Opened = Awaited<ReturnType<typeof openPages>>;
let opened: Opened | undefined;
afterEach(() => opened?.close());
const open = async (...given: Parameters<typeof openPages>): Promise<Opened> =>
  (opened = await openPages(...given));

test.each([
  ["127.0.0.1:8080", 200],
  ["localhost:8080", 200],
  ["[::1]:8080", 200],
  ["dialward.localhost", 200],
  ["rebound.example.org", 403],
  ["127.0.0.1.example.org", 403],
  ["", 403],
])("from this machine the name %j gives %i", async (host, status) => {
  const { ask } = await open();
  expect((await ask("/login", undefined, { headers: { host } })).status).toBe(status);
});

test.each([
  ["192.168.1.1", 200],
  [hostname(), 200],
  ["vpn.example.org", 200],
  ["a.wild.example.org", 200],
  ["a.b.wild.example.org", 421],
  ["rebound.example.org", 421],
  ["", 421],
])("from the LAN the name %j gives %i", async (host, status) => {
  const { ask } = await open({ names: () => ["VPN.example.org", "*.wild.example.org"] });
  expect((await ask("/login", undefined, { headers: { host }, from: "192.168.1.9" })).status).toBe(status);
});

test.each([
  ["x-real-ip", "192.168.1.7"],
  ["x-forwarded-for", "127.0.0.1"],
  ["x-forwarded-host", "127.0.0.1"],
  ["forwarded", "for=127.0.0.1"],
  ["via", "1.1 proxy"],
])("what came through a proxy that nobody has named is not the LAN: %s", async (name, value) => {
  const { ask } = await open();
  const through = await ask("/setup", undefined, { headers: { [name]: value } });
  expect(through.status).toBe(403);
});

test("HTTP/1.0, which no browser speaks, is not the LAN", async () => {
  const { ask } = await open();
  expect((await ask("/login", undefined, { httpVersion: "1.0" })).status).toBe(403);
});

test("the gate answers named proxies, and nobody else", async () => {
  const { ask } = await open({}, { proxies: ["192.168.1.2"] });
  const headers = { "x-real-ip": "192.168.1.7" };
  expect((await ask("/auth", undefined, { from: "192.168.1.2", headers })).status).toBe(204);
  expect((await ask("/auth", undefined, { from: "192.168.1.2" })).status).toBe(401);
  expect((await ask("/auth", undefined, { from: "192.168.1.3", headers })).status).toBe(403);
  expect((await ask("/auth")).status).toBe(403);
});

test("cookies say that they are for this host alone, or for the pages' own path", async () => {
  const form = { name: "admin", password: PASSWORD };
  const tls = await open();
  expect((await tls.ask("/login", form, { scheme: "https" })).headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-dialward=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/),
  ]);
  await tls.close();
  const { ask } = await open({}, { path: "/dialward", proxies: ["127.0.0.1"] });
  const given = await ask("/login", form, { headers: { "x-real-ip": "192.168.1.7" } });
  expect(given.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Secure-dialward=[\w-]{43}; Path=\/dialward; /),
    expect.stringMatching(/^dialward-gate=[\w-]{43}; Path=\/; /),
  ]);
});

test("nobody shuts himself out of the LAN", async () => {
  const { ask, logIn, settings } = await open();
  const csrf = await logIn();
  const revision = revisionIn((await ask("/administrator")).text, "/administrator/access");
  const answer = await ask("/administrator/access", { csrf, revision, lan: "192.0.2.0/24" });
  expect((await ask(answer.location)).text).toContain("You would be outside");
  expect(settings.read().lan).toContain("127.0.0.0/8");
  expect((await ask("/administrator/access", { csrf, revision, lan: "127.0.0.1" })).location).toContain(
    "told=",
  );
  expect(settings.read().lan).toEqual(["127.0.0.1"]);
});

test("a session that ends under a form: after the login of its author the form is there, and nobody else's", async () => {
  const { ask, logIn, now, users } = await open();
  await users.add({ name: "clara", secret: "GEZDGNBVGY3TQOJQ" });
  const csrf = await logIn();
  now.seconds += 901;
  const typed = {
    csrf,
    revision: "-",
    name: "clara",
    mode: "password+code",
    password: "sesame",
    types: "pptp",
  };
  const toLogin = (await ask("/users/edit", typed)).location;
  expect(toLogin).toMatch(/^\/login\?ended=1&next=/);
  const next = new URL(toLogin, "http://x").searchParams.get("next")!;
  // Without the session's token nothing is kept, and a stranger does not see it.
  expect((await ask("/users/edit", { ...typed, csrf: "AAAA" })).status).toBe(403);
  expect((await ask(next)).location).toContain("/login");
  expect((await ask("/login", { name: "admin", password: PASSWORD, next })).location).toBe(next);
  const page = (await ask(next)).text;
  expect(page).toContain("You had to log in again");
  expect(page).toMatch(/value="password\+code"\s+selected/);
  expect(page).toContain('value="sesame"');
  expect((await users.get("clara")).profile.mode).toBe("code");
  const revision = /name="revision" value="([^"]+)"/.exec(page)![1]!;
  await ask("/users/edit", { ...typed, csrf: csrfOf(page), revision });
  expect((await users.get("clara")).profile.types).toEqual(["pptp"]);
});

test("a form of another site, of another session, or of an older page changes nothing", async () => {
  const { ask, logIn, users } = await open();
  await users.add({ name: "clara", secret: "GEZDGNBVGY3TQOJQ" });
  const csrf = await logIn();
  const elsewhere = { headers: { "sec-fetch-site": "cross-site" } };
  expect((await ask("/users/disable", { name: "clara", csrf }, elsewhere)).status).toBe(403);
  expect((await ask("/users/disable", { name: "clara", csrf: "AAAA" })).status).toBe(403);
  const page = (await ask("/users/edit?name=clara")).text;
  const revision = /name="revision" value="([^"]+)"/.exec(page)![1]!;
  await users.edit("clara", { types: ["pptp"] });
  await ask("/users/edit", { csrf, revision, name: "clara", mode: "code", types: "openvpn" });
  const { profile, standing } = await users.get("clara");
  expect([standing, profile.types]).toEqual(["pending", ["pptp"]]);
});

test("a draft is found by who has begun it, for an hour", () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const drafts = new Drafts();
  const draft = { draft: {} as Draft, uri: "otpauth:" };
  const id = drafts.keep("anna", draft);
  expect(drafts.find(id, "anna")).toMatchObject(draft);
  expect(drafts.find(id, "bert")).toBeUndefined();
  vi.advanceTimersByTime(3_600_000);
  expect(drafts.find(id, "anna")).toBeUndefined();
  vi.useRealTimers();
});

test("a page that asks by itself keeps no session alive", async () => {
  const { ask, logIn, now } = await open();
  await logIn();
  const live = { headers: { "x-dialward-live": "1" } };
  for (let i = 0; i < 3; i++) {
    now.seconds += 310;
    expect((await ask("/connections/list", undefined, live)).status).toBe(i < 2 ? 200 : 401);
  }
});

test("a CSRF token is written another way each time", async () => {
  const { ask, logIn } = await open();
  const first = await logIn();
  expect(csrfOf((await ask("/administrator")).text)).not.toBe(first);
  expect((await ask("/users/unlock", { csrf: first, name: "nobody" })).status).toBe(303);
});

test("the pages bear the installation's name", async () => {
  const { ask } = await open({}, {}, "Office <Köln>");
  const { text } = await ask("/login");
  expect(text).toContain("Office &lt;Köln&gt;</title>");
  expect(text).not.toContain("Dialward");
});

test("a link that is made behind a proxy leads to the proxy, over TLS as its cookies do", async () => {
  const { ask, users } = await open(
    { names: () => ["vpn.example.org"] },
    { path: "/dialward", proxies: ["127.0.0.1"] },
  );
  await users.add({ name: "anna", secret: "GEZDGNBVGY3TQOJQ" });
  const through = { headers: { "x-real-ip": "192.168.1.7", host: "vpn.example.org" } };
  await ask("/login", { name: "admin", password: PASSWORD }, through);
  const csrf = csrfOf((await ask("/users", undefined, through)).text);
  const { location } = await ask("/users/link", { csrf, name: "anna", valid: "day" }, through);
  const page = await ask(location.replace("/dialward", ""), undefined, through);
  const [, url = ""] = /id="link" class="key">([^<]+)/.exec(page.text) ?? [];
  expect(url).toMatch(/^https:\/\/vpn\.example\.org\/dialward\/enrol#[\w-]{43}$/);
  const given = await ask("/enrol", { link: url }, through);
  expect(given.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^dialward-enrol=.*Path=\/dialward\/enrol.*Secure/),
  ]);
});
