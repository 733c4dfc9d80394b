// Enrolment: a new profile, or a new secret for a user. The secret is shown here and nowhere else; nothing is stored
// before OK, and for TOTP and HOTP OK comes after Verify.
import { Hono } from "hono";
import { html } from "hono/html";
import type { Verdict } from "../core/dial-in.ts";
import type { Finding } from "../users/findings.ts";
import { newSecret, type Profile } from "../users/profile.ts";
import { goTo, revisionOf, type PageContext, type PageEnv, type Pages } from "./context.ts";
import type { Form } from "./form.ts";
import type { PendingDraft } from "./drafts.ts";
import { keptForm, onPost } from "./forms.ts";
import { Problems } from "./kept-forms.ts";
import { csrfField, field, hiddenFields, note, page, problemNote, type Html } from "./page.ts";
import { placeholder } from "./links.ts";
import { knownOf } from "./membership.ts";
import { profileFields, readNew } from "./profile-form.ts";
import { qrCode } from "./qr.ts";
import { quoted } from "./shown-name.ts";
import type { Words } from "./words.ts";

export function enrolPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { users, drafts } = pages;

  app.get("/users/new", (c) => newPage(c, pages));
  onPost(
    app,
    pages,
    "/users/new",
    () => "/users/new",
    async (c, form) => {
      const byLink = form.has("link");
      const row = readNew(form, c.get("words"), await knownOf(pages), !byLink);
      if (byLink) {
        await users.save(await placeholder(pages, row, false));
        return c.redirect(`/users/link?name=${encodeURIComponent(row.name)}`, 303);
      }
      const draft = await users.draft({ secret: newSecret(row.factor), ...row });
      return showDraft(c, drafts.keep(c.get("session").name, { draft, uri: draft.uri }));
    },
  );

  const editAt = (form: Form): string => `/users/edit?name=${encodeURIComponent(form.text("name"))}`;
  onPost(app, pages, "/users/secret", editAt, async (c, form) => {
    const { profile } = await users.get(form.text("name"));
    const { created: _created, driftBound: _driftBound, recovery: _recovery, ...plain } = profile;
    const row = { ...plain, secret: newSecret(profile.factor), active: profile.factor === "motp" };
    const draft = await users.draft(row, true);
    const begun = { draft, uri: draft.uri, replaces: secretRevision(profile) };
    return showDraft(c, drafts.keep(c.get("session").name, begun));
  });

  const draftOf = (c: PageContext, id: string): PendingDraft => {
    const begun = drafts.find(id, c.get("session").name);
    if (begun === undefined) throw new Problems({ "": c.get("words").enrol.gone });
    return begun;
  };
  const draftAt = (form: Form): string => `/users/draft?id=${encodeURIComponent(form.text("id"))}`;
  app.get("/users/draft", (c) => {
    const begun = drafts.find(c.req.query("id"), c.get("session").name);
    if (begun === undefined) return goTo(c, "/users", "bad", c.get("words").enrol.gone);
    return draftPage(c, pages, begun, c.req.query("id")!);
  });
  onPost(app, pages, "/users/draft/verify", draftAt, async (c, form) => {
    await tryCode(draftOf(c, form.text("id")), form.text("code"), c.get("words"));
    return c.redirect(draftAt(form), 303);
  });
  onPost(app, pages, "/users/draft/save", draftAt, async (c, form) => {
    const words = c.get("words").enrol;
    const { draft, replaces } = draftOf(c, form.text("id"));
    if (!draft.active && !form.has("later")) throw new Problems({ "": words.verifyFirst });
    const isAsShown = (stored: Profile): boolean => secretRevision(stored) === replaces;
    const saved = await users.save(draft, replaces === undefined ? undefined : isAsShown);
    drafts.end(form.text("id"));
    const name = quoted(saved.profile.name);
    const text = saved.standing === "pending" ? words.savedPending(name) : words.saved(name);
    return goTo(c, "/users", "good", text);
  });
  onPost(app, pages, "/users/draft/cancel", draftAt, (c, form) => {
    drafts.end(form.text("id"));
    return goTo(c, "/users", "good", c.get("words").enrol.cancelled);
  });
  return app;
}

/** A new secret takes the place of one secret, and changes nothing else. */
function secretRevision({ secret }: Profile): string {
  return revisionOf({ secret });
}

function showDraft(c: PageContext, id: string): Response {
  return c.redirect(`/users/draft?id=${id}`, 303);
}

/** Judges a draft's first code, and keeps what there is to say of it. */
export async function tryCode(begun: PendingDraft, code: string, words: Words): Promise<void> {
  const { outcome, ...why } = begun.draft.verify(code);
  if (outcome === "accept") {
    begun.told = { kind: "good", text: words.enrol.verified };
    return;
  }
  const findings = why.reason === "wrong-code" ? await begun.draft.diagnose(code) : [];
  begun.told = { kind: "bad", text: notVerified(words, why, findings) };
}

/** Why a code is not verified, with what the doctor says of it. */
export function notVerified(
  words: Words,
  { reason, waitSeconds }: Pick<Verdict, "reason" | "waitSeconds">,
  findings: readonly Finding[],
): string {
  const why = words.enrol.notVerified(words.reasons[reason] ?? reason, waitSeconds);
  return [why, ...findings.map((one) => words.finding(one))].join(" ");
}

/** The secret as text and picture, for the device. */
export function secretCard(
  words: Words,
  profile: Profile,
  uri: string,
  hint: string = words.enrol.onlyNow,
): Html {
  const text = words.enrol;
  const motp = profile.factor === "motp";
  const groups = motp ? profile.secret : (profile.secret.match(/.{1,4}/g) ?? []).join(" ");
  return html`<div class="secret">
    ${qrCode(uri, text.qrCode)}
    <div>
      <p>${motp ? text.howMotp : text.how}</p>
      <p>
        <span class="label">${words.profile.secret}</span><br /><code id="secret" class="key">${groups}</code>
        <button type="button" data-copy="secret" hidden>${words.frame.copy}</button>
      </p>
      <p class="hint">${hint}</p>
    </div>
  </div>`;
}

/** Verify: a field for the first code, and what the last one brought. */
export function verifyForm(
  c: PageContext,
  path: string,
  { draft, told }: PendingDraft,
  fields: Record<string, string>,
): Html {
  const words = c.get("words").enrol;
  const verified = told?.kind === "good";
  if (verified) return html`<p class="note good" role="status">${told.text}</p>`;
  const motp = draft.profile.factor === "motp";
  const kind = motp ? html`autocapitalize="none"` : html`inputmode="numeric"`;
  return html`${told ? note(told.kind, told.text) : ""}
    <form method="post" action="${path}" class="verify" autocomplete="off">
      ${csrfField(c)}${hiddenFields(fields)}
      ${field(words.code, "code", html`${kind} required ${motp ? "" : "autofocus"} maxlength="20" spellcheck="false"`)}
      <button class="main">${words.verify}</button>
    </form>`;
}

async function newPage(c: PageContext, pages: Pages) {
  const known = await knownOf(pages);
  const words = c.get("words");
  const { form, problems } = keptForm(c, pages) ?? {};
  const body = html`${problemNote(words, problems)}
    <form method="post" action="/users/new" class="card profile" autocomplete="off">
      ${csrfField(c)} ${profileFields({ words, known, form, problems })}
      <p class="buttons">
        <button class="main">${words.frame.next}</button>
        <button name="link" value="yes">${words.links.letUser}</button>
        <a class="button" href="/users">${words.frame.cancel}</a>
      </p>
    </form>`;
  return page(c, words.enrol.newUser, body);
}

function draftPage(c: PageContext, pages: Pages, begun: PendingDraft, id: string) {
  const words = c.get("words");
  const text = words.enrol;
  const { draft, uri, replaces, told } = begun;
  const { profile } = draft;
  const optional = profile.factor === "motp";
  const verify = verifyForm(c, "/users/draft/verify", begun, { id });
  const tried =
    optional && told?.kind !== "good"
      ? html`<details ${told ? "open" : ""}>
          <summary>${text.tryFirst}</summary>
          ${verify}
        </details>`
      : verify;
  const later = draft.active ? "" : html`<button name="later" value="yes">${text.withoutCode}</button>`;
  const body = html`${problemNote(words, keptForm(c, pages)?.problems)}
    <section class="card" aria-label="${words.profile.secret}">
      <h2>${text.step1}</h2>
      ${secretCard(words, profile, uri)}
    </section>
    <section class="card" aria-label="${text.verify}">
      <h2>${optional ? text.step2Motp : text.step2}</h2>
      ${tried}
      <form method="post" action="/users/draft/save">
        ${csrfField(c)}${hiddenFields({ id })}
        <p class="buttons">
          <button
            class="main"
            name="ok"
            value="yes"
            ${draft.active ? (optional && !told ? "" : "autofocus") : "disabled"}
          >
            ${words.frame.ok}
          </button>
          ${later}
          <button class="quiet" formaction="/users/draft/cancel">${words.frame.cancel}</button>
        </p>
      </form>
      ${
        draft.active
          ? ""
          : html`<p class="hint">${text.pendingHint} ${replaces !== undefined ? text.oldEnds : ""}</p>`
      }
    </section>`;
  const name = quoted(profile.name);
  return page(c, replaces === undefined ? text.newUserNamed(name) : text.newSecretOf(name), body);
}
