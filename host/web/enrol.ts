// Enrolment: a new profile, or a new secret for a user. The secret is shown here and nowhere else; nothing is stored
// before OK, and for TOTP and HOTP OK comes after Verify.
import { Hono } from "hono";
import { html, raw } from "hono/html";
import encodeQR from "qr";
import { DialwardError } from "../errors.ts";
import { newSecret, type Profile } from "../users/profile.ts";
import { REASON_TEXTS } from "../core/reason.ts";
import type { Draft } from "../users/draft-profile.ts";
import { goTo, type Form, type PageContext, type PageEnv, type Pages } from "./context.ts";
import { csrfField, field, note, page, type Html } from "./page.ts";
import { profileFields, readNew } from "./profile-form.ts";

const SCALE = 6;

export function enrolPages({ users }: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();

  app.get("/users/new", (c) => newPage(c));
  app.post("/users/new", async (c) => {
    const form = c.get("form");
    try {
      const row = readNew(form);
      const draft = await users.draft({ secret: newSecret(row.factor), ...row });
      c.get("session").draft = { draft, uri: draft.uri, replaces: false };
    } catch (error) {
      if (error instanceof DialwardError) return newPage(c, form, error.message);
      throw error;
    }
    return c.redirect("/users/draft", 303);
  });

  app.post("/users/secret", async (c) => {
    const { profile } = await users.get(c.get("form").text("name"));
    const { created: _created, driftBound: _driftBound, scratch: _scratch, ...plain } = profile;
    const row = { ...plain, secret: newSecret(profile.factor), active: profile.factor === "motp" };
    const draft = await users.draft(row, true);
    c.get("session").draft = { draft, uri: draft.uri, replaces: true };
    return c.redirect("/users/draft", 303);
  });

  app.get("/users/draft", (c) => draftPage(c));
  app.post("/users/draft/verify", async (c) => {
    const begun = c.get("session").draft;
    if (begun === undefined) return c.redirect("/users", 303);
    const code = c.get("form").text("code");
    const { outcome, reason, waitSeconds } = begun.draft.verify(code);
    if (outcome === "accept") return draftPage(c, undefined, true);
    const wait = waitSeconds > 0 ? ` The next attempt counts in ${waitSeconds} s.` : "";
    const findings = reason === "wrong-code" ? await begun.draft.diagnose(code) : [];
    return draftPage(
      c,
      [`Not verified: ${REASON_TEXTS[reason]}${wait}`, ...findings.map(({ text }) => text)].join(" "),
    );
  });
  app.post("/users/draft/save", async (c) => {
    const session = c.get("session");
    const begun = session.draft;
    if (begun === undefined) return c.redirect("/users", 303);
    const { draft, replaces } = begun;
    const later = c.get("form").has("later");
    if (!draft.active && !later) return draftPage(c, "Verify a code first.");
    session.draft = undefined;
    const { profile, standing } = await users.save(draft, replaces);
    const state = standing === "pending" ? "saved; it is pending until a first code is verified" : standing;
    return goTo(c, "/users", "good", `"${profile.name}" is ${state}.`);
  });
  app.post("/users/draft/cancel", (c) => {
    c.get("session").draft = undefined;
    return goTo(c, "/users", "good", "Nothing was saved.");
  });
  return app;
}

/** The secret as text and picture, for the device. */
export function secretCard(profile: Profile, uri: string): Html {
  const motp = profile.factor === "motp";
  const groups = motp ? profile.secret : (profile.secret.match(/.{1,4}/g) ?? []).join(" ");
  const svg = encodeQR(uri, "svg", { scale: SCALE, ecc: "medium" });
  const how = motp
    ? "Enter the secret into the mOTP app or the Smart VPN Client. The user keeps the PIN in mind."
    : "Scan the QR code with the authenticator, or enter the secret.";
  return html`<div class="secret">
    <div class="qr" role="img" aria-label="QR code of the secret">${raw(svg)}</div>
    <div>
      <p>${how}</p>
      <p>
        <span class="label">Secret</span><br /><code id="secret" class="key">${groups}</code>
        <button type="button" data-copy="secret" hidden>Copy</button>
      </p>
      <p class="hint">It is shown only now. Give it to the user over a safe way.</p>
    </div>
  </div>`;
}

/** Verify: a field for the first code. */
export function verifyForm(c: PageContext, path: string, { profile, active }: Draft): Html {
  if (active) return html`<p class="note good" role="status">Verified. The code is right, and spent now.</p>`;
  const motp = profile.factor === "motp";
  const kind = motp ? html`autocapitalize="none"` : html`inputmode="numeric"`;
  return html`<form method="post" action="${path}" class="verify" autocomplete="off">
    ${csrfField(c)}
    ${field("Code that the device shows", "code", html`${kind} required autofocus maxlength="20" spellcheck="false"`)}
    <button class="main">Verify</button>
  </form>`;
}

function newPage(c: PageContext, form?: Form, problem?: string) {
  const body = html`${problem ? note("bad", problem) : ""}
    <form method="post" action="/users/new" class="card profile" autocomplete="off">
      ${csrfField(c)} ${profileFields({ form })}
      <p class="buttons"><button class="main">Continue</button><a class="button" href="/users">Cancel</a></p>
    </form>`;
  return page(c, "New user", body, problem ? 400 : 200);
}

function draftPage(c: PageContext, problem?: string, verified = false) {
  const begun = c.get("session").draft;
  if (begun === undefined) return goTo(c, "/users", "bad", "There is no profile being made. Begin again.");
  const { draft, uri, replaces } = begun;
  const { profile } = draft;
  const mayVerify = !draft.active || verified;
  const optional = profile.factor === "motp";
  const check =
    optional && !verified
      ? html`<details>
          <summary>Try a code first</summary>
          ${motpTry(c)}
        </details>`
      : "";
  const later = draft.active ? "" : html`<button name="later" value="yes">Save without a code</button>`;
  const body = html`${problem ? note("bad", problem) : ""}
    <section class="card" aria-label="Secret">
      <h2>1. Set up the device</h2>
      ${secretCard(profile, uri)}
    </section>
    <section class="card" aria-label="Verify">
      <h2>2. ${optional ? "Save" : "Verify and save"}</h2>
      ${mayVerify ? verifyForm(c, "/users/draft/verify", draft) : check}
      <form method="post" action="/users/draft/save">
        ${csrfField(c)}
        <p class="buttons">
          <button class="main" name="ok" value="yes" ${draft.active ? "" : "disabled"}>OK</button>
          ${later}
          <button class="quiet" formaction="/users/draft/cancel">Cancel</button>
        </p>
      </form>
      ${
        draft.active
          ? ""
          : html`<p class="hint">
              OK saves the profile as active once a code is verified. Saved without a code it is pending: no
              login before a code is verified${replaces ? ", and the old device's codes end now" : ""}.
            </p>`
      }
    </section>`;
  const title = replaces ? `New secret of ${profile.name}` : `New user ${profile.name}`;
  return page(c, title, body, problem ? 400 : 200);
}

function motpTry(c: PageContext): Html {
  return html`<form method="post" action="/users/draft/verify" class="verify" autocomplete="off">
    ${csrfField(c)}
    ${field("Code that the device shows", "code", html`required autocapitalize="none" maxlength="20" spellcheck="false"`)}
    <button>Verify</button>
  </form>`;
}
