// Getting in and out: the first password, login, logout. The answer to a wrong login never says what was wrong.
import { Hono } from "hono";
import { html } from "hono/html";
import { PASSWORD_LENGTH } from "../admin/password-hash.ts";
import { type PageContext, type PageEnv, type Pages } from "./context.ts";
import { Form } from "./form.ts";
import { giveCookies, takeCookies } from "./cookie.ts";
import { keptForm, onPost, withQuery } from "./forms.ts";
import { field, note, plainPage, problemNote } from "./page.ts";
import { isSame } from "./session.ts";
import { forgetSetupLink } from "./setup-link.ts";

/** The pages that need no session. */
export function loginPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get("/login", (c) => {
    if (pages.administrator.name === undefined) return c.redirect("/setup", 303);
    return loginPage(c, pages);
  });
  const loginAt = (form: Form): string => withQuery("/login", "next", form.text("next"));
  onPost(app, pages, "/login", loginAt, async (c, form) => {
    const [zone, source, words] = [c.get("zone"), c.get("address"), c.get("words").login];
    const name = form.text("name");
    const given = { name, password: form.text("password"), code: form.text("code"), zone, source };
    const { outcome, reason, waitSeconds } = await pages.administrator.login(given);
    if (outcome !== "accept") {
      const wait = waitSeconds > 0 ? words.wait(waitSeconds) : "";
      const wrong = zone === "wan" ? words.wrongFromWan : words.wrong;
      const problem =
        reason === "must-wait" ? words.tooMany : reason === "clock-not-set" ? words.clock : wrong;
      // Neither password nor code is kept.
      const kept = { form: new Form({ name }), problems: { "": problem + wait } };
      return c.redirect(withQuery(loginAt(form), "form", pages.forms.keep("", kept)), 303);
    }
    open(c, pages, name);
    c.set("complete", true);
    return c.redirect(target(form.text("next"), c), 303);
  });

  app.post("/logout", (c) => {
    const session = c.get("session");
    if (session) pages.sessions.close(session);
    takeCookies(c);
    return c.redirect("/login", 303);
  });

  app.get("/setup", (c) =>
    pages.administrator.name === undefined ? setupPage(c, pages) : c.redirect("/login", 303),
  );
  onPost(
    app,
    pages,
    "/setup",
    () => "/setup",
    async (c, form) => {
      if (pages.administrator.name !== undefined) return c.redirect("/login", 303);
      const words = c.get("words");
      const problems: Record<string, string> = {};
      const code = form.text("setup").trim().toLowerCase();
      if (!isSame(code, pages.setupCode)) problems["setup"] = words.setup.wrongCode;
      if ([...form.text("password")].length < PASSWORD_LENGTH)
        problems["password"] = words.password.short(PASSWORD_LENGTH);
      else if (form.text("password") !== form.text("again")) problems["again"] = words.password.differ;
      if (Object.keys(problems).length > 0) {
        const kept = { form: new Form({ name: form.text("name"), setup: form.text("setup") }), problems };
        return c.redirect(withQuery("/setup", "form", pages.forms.keep("", kept)), 303);
      }
      // Sent twice at once, it makes one account.
      if (!(await pages.administrator.setFirstPassword(form.text("name"), form.text("password"))))
        return c.redirect("/login", 303);
      forgetSetupLink(pages.config.data);
      open(c, pages, form.text("name"));
      return c.redirect("/start", 303);
    },
  );
  return app;
}

function open(c: PageContext, pages: Pages, name: string): void {
  const { value, gate } = pages.sessions.open(name, c.get("address"), c.get("zone"));
  giveCookies(c, pages, value, gate);
}

/** Where to go after a login: a path of this host, and nothing else. */
function target(next: string, c: PageContext): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(next) && !next.includes("\\") ? next : `${c.get("base")}/users`;
}

/** What a login leads on to. A proxy that cannot encode puts the path there as it is, with all that follows. */
function nextOf(c: PageContext): string {
  const { search } = new URL(c.req.url);
  const plain = /[?&]next=(\/.*?)(?:&form=[\w-]+)?$/.exec(search)?.[1];
  return plain ?? c.req.query("next") ?? "";
}

function loginPage(c: PageContext, pages: Pages) {
  const words = c.get("words").login;
  const kept = keptForm(c, pages);
  const name = kept?.form.text("name") ?? "";
  const wan = c.get("zone") === "wan";
  const code = field(
    words.code,
    "code",
    html`inputmode="numeric" autocomplete="one-time-code" maxlength="20" required`,
    words.codeHint,
  );
  const ended = c.req.query("ended") && !kept ? note("bad", words.ended) : "";
  const body = html`${ended} ${problemNote(c.get("words"), kept?.problems)}
    <form method="post" action="/login" class="card">
      <input type="hidden" name="next" value="${target(nextOf(c), c)}" />
      ${field(words.name, "name", html`autocomplete="username" required ${name ? "" : "autofocus"} value="${name}"`)}
      ${field(
        words.password,
        "password",
        html`type="password" autocomplete="current-password" required ${name ? "autofocus" : ""}`,
      )}
      ${wan ? code : ""}
      <p class="buttons"><button class="main">${words.logIn}</button></p>
    </form>`;
  return plainPage(c, words.title, body);
}

function setupPage(c: PageContext, pages: Pages) {
  const words = c.get("words").setup;
  const { password } = c.get("words");
  const { form, problems } = keptForm(c, pages) ?? {};
  const body = html`${problemNote(c.get("words"), problems)}
    <p>${words.intro}</p>
    <form method="post" action="/setup" class="card" data-link="setup">
      ${field(
        words.code,
        "setup",
        html`required autocomplete="off" ${form ? "" : "autofocus"} value="${form?.text("setup") ?? ""}"`,
        words.codeHint,
        problems?.["setup"],
      )}
      ${field(
        words.name,
        "name",
        html`required autocomplete="username" maxlength="60" value="${form?.text("name") ?? "admin"}"`,
        undefined,
        problems?.["name"],
      )}
      ${field(
        password.password,
        "password",
        html`type="password" required autocomplete="new-password" minlength="${PASSWORD_LENGTH}"`,
        password.least(PASSWORD_LENGTH),
        problems?.["password"],
      )}
      ${field(
        password.again,
        "again",
        html`type="password" required autocomplete="new-password"`,
        undefined,
        problems?.["again"],
      )}
      <p class="buttons"><button class="main">${words.begin}</button></p>
    </form>`;
  return plainPage(c, words.title, body);
}
