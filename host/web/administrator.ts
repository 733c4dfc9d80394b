// Administrator password: the administrator's own account, its code for logins from the WAN, and what the LAN is.
import { Hono } from "hono";
import { html } from "hono/html";
import { PASSWORD_LENGTH } from "../admin/account.ts";
import { DialwardError } from "../errors.ts";
import { REASON_TEXTS } from "../core/reason.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import { secretCard, verifyForm } from "./enrol.ts";
import { action, check, csrfField, field, note, page } from "./page.ts";

export function administratorPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { administrator, settings, sessions } = pages;

  app.get("/administrator", (c) => accountPage(c, pages));
  app.post("/administrator/password", async (c) => {
    const form = c.get("form");
    const session = c.get("session");
    try {
      // Who found an open browser must not take the account over. It counts as a login, with its back-off.
      const given = { name: session.name, password: form.text("current"), code: "", source: session.address };
      const { outcome, waitSeconds } = await administrator.login({ ...given, zone: "lan" });
      const wait = waitSeconds > 0 ? ` Wait ${waitSeconds} s.` : "";
      if (outcome !== "accept") throw new DialwardError("refused", `The current password is wrong.${wait}`);
      if (form.text("password") !== form.text("again"))
        throw new DialwardError("usage", "The passwords differ.");
      await administrator.setPassword(session.name, form.text("password"));
    } catch (error) {
      if (error instanceof DialwardError) return accountPage(c, pages, error.message);
      throw error;
    }
    sessions.closeOthers(session);
    return goTo(c, "/administrator", "good", "The password is changed. Other sessions are ended.");
  });

  app.post("/administrator/access", async (c) => {
    const form = c.get("form");
    const advanced = form.has("advanced");
    const lan = form
      .text("lan")
      .split(/[\s,]+/)
      .filter(Boolean) as [string, ...string[]];
    try {
      settings.change((old) => ({ ...old, lan, advanced }));
    } catch (error) {
      if (error instanceof DialwardError) return accountPage(c, pages, error.message);
      throw error;
    }
    if (advanced && !(await administrator.enrolled())) return beginCode(c, pages);
    return goTo(c, "/administrator", "good", "Saved.");
  });

  app.post("/administrator/code", (c) => beginCode(c, pages));
  app.get("/administrator/code", (c) => codePage(c));
  app.post("/administrator/code/verify", async (c) => {
    const begun = c.get("session").code;
    if (begun === undefined) return c.redirect("/administrator", 303);
    const code = c.get("form").text("code");
    const { outcome, reason } = begun.draft.verify(code);
    if (outcome === "accept") return codePage(c);
    const findings = await begun.draft.diagnose(code);
    return codePage(
      c,
      [`Not verified: ${REASON_TEXTS[reason]}`, ...findings.map(({ text }) => text)].join(" "),
    );
  });
  app.post("/administrator/code/save", async (c) => {
    const session = c.get("session");
    if (session.code === undefined) return c.redirect("/administrator", 303);
    if (!session.code.draft.active) return codePage(c, "Verify a code first.");
    await administrator.saveCode(session.code.draft);
    session.code = undefined;
    return goTo(
      c,
      "/administrator",
      "good",
      "Logins from the WAN take your password and a code from now on.",
    );
  });
  return app;
}

async function beginCode(c: PageContext, pages: Pages): Promise<Response> {
  c.get("session").code = await pages.administrator.draftCode();
  return c.redirect("/administrator/code", 303);
}

async function accountPage(c: PageContext, { settings, administrator }: Pages, problem?: string) {
  const { advanced, lan } = settings.read();
  const enrolled = await administrator.enrolled();
  const body = html`${problem ? note("bad", problem) : ""}
    <form method="post" action="/administrator/access" class="card">
      ${csrfField(c)}
      <h2>Logging in from the WAN</h2>
      ${check("advanced", "yes", advanced, 'Enable advanced authentication method when logging in from "WAN"')}
      <p class="hint">
        Time-based one-time password (TOTP): from outside the LAN it takes your password and a code.
        ${enrolled ? "A code is enrolled." : "Save leads on to the QR code."} While this is off, nobody logs
        in from outside.
      </p>
      <p class="field">
        <label for="lan">Networks that are the LAN</label>
        <textarea id="lan" name="lan" rows="4" spellcheck="false" aria-describedby="lan-hint">
${lan.join("\n")}</textarea>
        <span class="hint" id="lan-hint">One address or prefix a line, such as 192.168.1.0/24.</span>
      </p>
      <p class="buttons"><button class="main">Save</button></p>
    </form>
    ${
      enrolled
        ? html`<section class="card" aria-labelledby="own-device">
            <h2 id="own-device">Your authenticator</h2>
            <p>A new secret ends the old device's codes once it is verified.</p>
            ${action(c, "/administrator/code", {}, "New secret")}
          </section>`
        : ""
    }
    <form method="post" action="/administrator/password" class="card">
      ${csrfField(c)}
      <h2>Password</h2>
      <input type="hidden" name="username" autocomplete="username" value="${c.get("session").name}" />
      ${field("Current password", "current", html`type="password" required autocomplete="current-password"`)}
      ${field(
        "New password",
        "password",
        html`type="password" required autocomplete="new-password" minlength="${PASSWORD_LENGTH}"`,
        `At least ${PASSWORD_LENGTH} characters.`,
      )}
      ${field("New password again", "again", html`type="password" required autocomplete="new-password"`)}
      <p class="buttons"><button class="main">Change password</button></p>
    </form>`;
  return page(c, "Administrator password", body, problem ? 400 : 200);
}

function codePage(c: PageContext, problem?: string) {
  const begun = c.get("session").code;
  if (begun === undefined) return c.redirect("/administrator", 303);
  const { draft, uri } = begun;
  const body = html`${problem ? note("bad", problem) : ""}
    <section class="card" aria-label="Secret">
      <h2>1. Set up your authenticator</h2>
      ${secretCard(draft.profile, uri)}
    </section>
    <section class="card" aria-label="Verify">
      <h2>2. Verify and save</h2>
      ${verifyForm(c, "/administrator/code/verify", draft)}
      <form method="post" action="/administrator/code/save">
        ${csrfField(c)}
        <p class="buttons">
          <button class="main" ${draft.active ? "" : "disabled"}>OK</button>
          <a class="button" href="/administrator">Cancel</a>
        </p>
      </form>
    </section>`;
  return page(c, "Your one-time password", body, problem ? 400 : 200);
}
