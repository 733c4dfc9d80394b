// Named administrators: what each role may do, with a password and a code each, and who changed what.
import { afterEach, expect, test } from "vitest";
import { parseSecret } from "../../host/users/profile.ts";
import { totp } from "../codes.ts";
import { csrfOf, openPages, PASSWORD, revisionIn } from "./open-pages.ts";

type Opened = Awaited<ReturnType<typeof openPages>>;
let opened: Opened | undefined;
afterEach(() => opened?.close());

test("the help desk unlocks, asks the doctor and gives links, and does nothing else of all there is", async () => {
  opened = await openPages();
  const { ask, logIn, users, administrator, pages } = opened;
  await users.add({ name: "clara", secret: "GEZDGNBVGY3TQOJQ", active: true });
  await administrator.setPassword("desk", PASSWORD, "helpdesk");
  const csrf = await logIn("desk");
  const allowed = [
    "/users/unlock",
    "/users/doctor",
    "/users/link",
    "/users/link/withdraw",
    "/administrator/password",
  ];
  for (const path of allowed)
    expect((await ask(path, { csrf, name: "clara", code: "1" })).status, path).toBe(303);
  // Every form there is, as the pages themselves register it.
  const open = ["/login", "/setup"];
  const others = [...pages.formPages.keys()].filter(
    (path) => !allowed.includes(path) && !open.includes(path),
  );
  expect(others.length).toBeGreaterThan(15);
  for (const path of others) {
    if (path.startsWith("/administrator/code")) continue;
    expect((await ask(path, { csrf, name: "clara" })).status, path).toBe(403);
  }
  for (const path of ["/users/edit?name=clara", "/system", "/clients", "/management", "/users/new", "/start"])
    expect((await ask(path)).status, path).toBe(403);
  expect((await ask("/users")).text).not.toContain("/users/new");
  expect((await users.get("clara")).standing).toBe("active");
});

test("an administrator who is removed may do nothing any more; the last who may do all stays", async () => {
  opened = await openPages();
  const { ask, logIn, administrator } = opened;
  await administrator.setPassword("second", PASSWORD, "all");
  const csrf = await logIn("second");
  await expect(administrator.setPassword("second", PASSWORD, "helpdesk")).resolves.toBeUndefined();
  await expect(administrator.remove("admin")).rejects.toMatchObject({ code: "refused" });
  await administrator.setPassword("second", PASSWORD, "all");
  await administrator.remove("second");
  expect((await ask("/users")).location).toMatch(/^\/login/);
  expect((await ask("/users/unlock", { csrf, name: "x" })).location).toBe("/login");
  expect((await ask("/login", { name: "second", password: PASSWORD })).location).toContain("form=");
  // Made anew, it is not the one before.
  await administrator.setPassword("second", "another good password", "helpdesk");
  expect((await ask("/login", { name: "second", password: PASSWORD })).location).toContain("form=");
});

test.each([
  ["removed, and another of that name made", ["remove", "set"]],
  ["given another password", ["set"]],
  ["given another role", ["role"]],
])("open sessions, and the gate, end when the account is %s elsewhere", async (_, steps) => {
  opened = await openPages({}, { proxies: ["127.0.0.1"] });
  const { ask, settings, administrator, sessions } = opened;
  settings.change((old) => ({ ...old, management: { ...old.management, enabled: true } }));
  await administrator.setPassword("second", PASSWORD, "all");
  const from = "203.0.113.9";
  const headers = { "x-real-ip": from };
  const { value, gate } = sessions.open("second", from, "wan");
  const gateCookie = { ...headers, cookie: `dialward-gate=${gate}` };
  expect((await ask("/auth", undefined, { headers: gateCookie })).status).toBe(204);
  expect(sessions.find(value, from, "wan")).toBeDefined();
  for (const step of steps) {
    if (step === "remove") await administrator.remove("second");
    if (step === "set") await administrator.setPassword("second", PASSWORD, "all");
    if (step === "role") await administrator.setPassword("second", PASSWORD, "helpdesk");
  }
  expect((await ask("/auth", undefined, { headers: gateCookie })).status).toBe(401);
  expect(sessions.find(value, from, "wan")).toBeUndefined();
});

test("a new password of one's own ends one's other sessions, and not this one", async () => {
  opened = await openPages();
  const { ask, logIn, sessions } = opened;
  const { value } = sessions.open("admin", "127.0.0.1", "lan");
  const csrf = await logIn();
  const next = { password: "another good password", again: "another good password" };
  expect((await ask("/administrator/password", { csrf, current: PASSWORD, ...next })).status).toBe(303);
  expect((await ask("/users")).status).toBe(200);
  expect(sessions.find(value, "127.0.0.1", "lan")).toBeUndefined();
});

test("each has a code of its own", async () => {
  opened = await openPages();
  const { administrator, settings } = opened;
  await administrator.setPassword("desk", PASSWORD, "helpdesk");
  const { draft } = await administrator.draftCode("desk");
  const key = parseSecret("totp", draft.profile.secret);
  const now = Date.now() / 1000;
  expect(draft.verify(totp(key, now)).outcome).toBe("accept");
  await administrator.saveCode(draft);
  settings.change((old) => ({ ...old, advanced: true }));
  const login = (name: string, code: string) =>
    administrator.login({ name, password: PASSWORD, code, zone: "wan", source: "203.0.113.9" });
  expect((await login("admin", totp(key, now + 30))).outcome).toBe("refuse");
  expect((await login("desk", totp(key, now + 30))).outcome).toBe("accept");
  expect([await administrator.enrolled("admin"), await administrator.enrolled("desk")]).toEqual([
    false,
    true,
  ]);
});

test("who changed what is noted under the name, and shown", async () => {
  opened = await openPages();
  const { ask, logIn, administrator, changes } = opened;
  await administrator.setPassword("berta", PASSWORD);
  const csrf = await logIn("berta");
  const revision = revisionIn((await ask("/administrator")).text, "/administrator/access");
  await ask("/administrator/access", { csrf, revision, lan: "127.0.0.1" });
  expect(changes.latest(1)).toMatchObject([{ by: "berta", action: "access changed", what: "127.0.0.1" }]);
  const page = (await ask("/log")).text;
  expect(page).toContain("access changed");
  expect(csrfOf(page)).not.toBe("");
});
