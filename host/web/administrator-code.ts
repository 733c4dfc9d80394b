// Administrator password, the code for logins from the WAN: a secret that is shown once, and on once a code is verified.
import { Hono } from "hono";
import { html } from "hono/html";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import type { PendingDraft } from "./drafts.ts";
import { secretCard, tryCode, verifyForm } from "./enrol.ts";
import type { Form } from "./form.ts";
import { keptForm, onPost } from "./forms.ts";
import { Problems } from "./kept-forms.ts";
import { csrfField, hiddenFields, page, problemNote } from "./page.ts";

const PAGE = "/administrator";

export function administratorCodePages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { administrator, drafts } = pages;
  const here = (): string => PAGE;
  const mine = (c: PageContext): string => c.get("session").name;

  onPost(app, pages, "/administrator/code", here, (c) => beginCode(c, pages));
  const codeAt = (form: Form): string => `/administrator/code?id=${encodeURIComponent(form.text("id"))}`;
  app.get("/administrator/code", (c) => {
    const begun = drafts.find(c.req.query("id"), c.get("session").name);
    if (begun === undefined) return goTo(c, PAGE, "bad", c.get("words").enrol.gone);
    return codePage(c, pages, begun, c.req.query("id")!);
  });
  onPost(app, pages, "/administrator/code/verify", codeAt, async (c, form) => {
    const words = c.get("words");
    const begun = drafts.find(form.text("id"), c.get("session").name);
    if (begun === undefined) return goTo(c, PAGE, "bad", words.enrol.gone);
    await tryCode(begun, form.text("code"), words);
    return c.redirect(codeAt(form), 303);
  });
  onPost(app, pages, "/administrator/code/save", codeAt, async (c, form) => {
    const words = c.get("words");
    const begun = drafts.find(form.text("id"), c.get("session").name);
    if (begun === undefined) return goTo(c, PAGE, "bad", words.enrol.gone);
    if (!begun.draft.active) throw new Problems({ "": words.enrol.verifyFirst });
    await administrator.saveCode(begun.draft);
    pages.changes.note("code enrolled", mine(c), mine(c));
    drafts.end(form.text("id"));
    return goTo(c, PAGE, "good", words.administrator.codeSaved);
  });
  return app;
}

/** Shows the administrator a new secret, which is saved once a code of it is verified. */
export async function beginCode(c: PageContext, { administrator, drafts }: Pages): Promise<Response> {
  const begun = await administrator.draftCode(c.get("session").name);
  return c.redirect(`/administrator/code?id=${drafts.keep(c.get("session").name, begun)}`, 303);
}

function codePage(c: PageContext, pages: Pages, begun: PendingDraft, id: string) {
  const words = c.get("words");
  const { draft, uri } = begun;
  const body = html`${problemNote(words, keptForm(c, pages)?.problems)}
    <section class="card" aria-label="${words.profile.secret}">
      <h2>${words.enrol.step1Own}</h2>
      ${secretCard(words, draft.profile, uri)}
    </section>
    <section class="card" aria-label="${words.enrol.verify}">
      <h2>${words.enrol.step2}</h2>
      ${verifyForm(c, "/administrator/code/verify", begun, { id })}
      <form method="post" action="/administrator/code/save">
        ${csrfField(c)}${hiddenFields({ id })}
        <p class="buttons">
          <button class="main" ${draft.active ? "autofocus" : "disabled"}>${words.frame.ok}</button>
          <a class="button" href="${PAGE}">${words.frame.cancel}</a>
        </p>
      </form>
    </section>`;
  return page(c, words.administrator.codeTitle, body);
}
