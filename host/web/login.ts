// Getting in and out: the first password, login, logout. The answer to a wrong login never says what was wrong.
import { unlinkSync } from "node:fs";
import { join } from "node:path";
import { Hono } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import { PASSWORD_LENGTH } from "../admin/account.ts";
import { DialwardError } from "../errors.ts";
import type { PageContext, PageEnv, Pages } from "./context.ts";
import { field, note, plainPage } from "./page.ts";
import { isSame } from "./session.ts";

export const COOKIE = "dialward";

/** The pages that need no session. */
export function loginPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get("/login", (c) => {
    if (pages.administrator.name === undefined) return c.redirect("/setup", 303);
    return loginPage(c, pages);
  });
  app.post("/login", async (c) => {
    const form = c.get("form");
    const [zone, source] = [c.get("zone"), c.get("address")];
    const name = form.text("name");
    const given = { name, password: form.text("password"), code: form.text("code"), zone, source };
    const { outcome, reason, waitSeconds } = await pages.administrator.login(given);
    if (outcome !== "accept") {
      const wait = waitSeconds > 0 ? ` Wait ${waitSeconds} s before you try again.` : "";
      if (reason === "must-wait") return loginPage(c, pages, `Too many attempts.${wait}`);
      const what = zone === "wan" ? "name, password or code" : "name or password";
      return loginPage(c, pages, `Wrong ${what}.${wait}`);
    }
    open(c, pages, name);
    c.set("complete", true);
    return c.redirect(target(form.text("next"), pages), 303);
  });

  app.post("/logout", (c) => {
    const session = c.get("session");
    if (session) pages.sessions.close(session);
    deleteCookie(c, COOKIE, { path: "/" });
    return c.redirect("/login", 303);
  });

  app.get("/setup", (c) =>
    pages.administrator.name === undefined ? setupPage(c) : c.redirect("/login", 303),
  );
  app.post("/setup", async (c) => {
    if (pages.administrator.name !== undefined) return c.redirect("/login", 303);
    const form = c.get("form");
    try {
      if (!isSame(form.text("setup").trim().toLowerCase(), pages.setupCode)) {
        throw new DialwardError("refused", "This is not the setup code.");
      }
      if (form.text("password") !== form.text("again"))
        throw new DialwardError("usage", "The passwords differ.");
      await pages.administrator.setPassword(form.text("name"), form.text("password"));
    } catch (error) {
      if (error instanceof DialwardError) return setupPage(c, error.message, form.text("name"));
      throw error;
    }
    try {
      unlinkSync(join(pages.config.data, "setup-code"));
    } catch {
      // it is of no use any more
    }
    open(c, pages, form.text("name"));
    return c.redirect("/users", 303);
  });
  return app;
}

function open(c: PageContext, pages: Pages, name: string): void {
  const value = pages.sessions.open(name, c.get("address"), c.get("zone"));
  setCookie(c, COOKIE, value, { path: "/", httpOnly: true, sameSite: "Strict", secure: pages.secure });
}

/** Where to go after a login: a path of this host, and nothing else. */
function target(next: string, pages: Pages): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(next) && !next.includes("\\")
    ? next
    : `${pages.config.web.path}/users`;
}

function loginPage(c: PageContext, pages: Pages, problem?: string) {
  const form = c.get("form");
  const next = target(c.req.query("next") ?? form?.text("next") ?? "", pages);
  const wan = c.get("zone") === "wan";
  const code = field(
    "Code",
    "code",
    html`inputmode="numeric" autocomplete="one-time-code" maxlength="20" required`,
    "From your authenticator: you come from outside the LAN.",
  );
  const body = html`${problem ? note("bad", problem) : ""}
    <form method="post" action="/login" class="card">
      <input type="hidden" name="next" value="${next}" />
      ${field("Name", "name", html`autocomplete="username" required autofocus value="${form?.text("name") ?? ""}"`)}
      ${field("Password", "password", html`type="password" autocomplete="current-password" required`)}
      ${wan ? code : ""}
      <p class="buttons"><button class="main">Log in</button></p>
    </form>`;
  return plainPage(c, "Administrator", body, problem ? 401 : 200);
}

function setupPage(c: PageContext, problem?: string, name = "admin") {
  const body = html`${problem ? note("bad", problem) : ""}
    <p>Choose the administrator's name and password.</p>
    <form method="post" action="/setup" class="card">
      ${field(
        "Setup code",
        "setup",
        html`required autocomplete="off" autofocus`,
        "Dialward printed it when it started; it is also in the file setup-code of the data folder.",
      )}
      ${field("Name", "name", html`required autocomplete="username" value="${name}"`)}
      ${field(
        "Password",
        "password",
        html`type="password" required autocomplete="new-password" minlength="${PASSWORD_LENGTH}"`,
        `At least ${PASSWORD_LENGTH} characters.`,
      )}
      ${field("Password again", "again", html`type="password" required autocomplete="new-password"`)}
      <p class="buttons"><button class="main">Begin</button></p>
    </form>`;
  return plainPage(c, "Welcome", body, problem ? 400 : 200);
}
