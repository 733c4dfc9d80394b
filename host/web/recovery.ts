// A user's recovery codes: shown, which changes nothing, or made anew, which ends those before.
import { Hono } from "hono";
import { html } from "hono/html";
import type { User } from "../users/entries.ts";
import type { PageContext, PageEnv, Pages } from "./context.ts";
import type { Form } from "./form.ts";
import { goBack, keptForm, onPost } from "./forms.ts";
import { csrfField, hiddenFields, nameTag, page, problemNote } from "./page.ts";

export function recoveryPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { users } = pages;
  app.get("/users/recovery", async (c) => recoveryPage(c, pages, await users.get(c.req.query("name") ?? "")));
  onPost(app, pages, "/users/recovery", recoveryAt, async (c, form) => {
    const renew = form.has("renew");
    const codes = await users.help.recoveryCodes(form.text("name"), renew);
    if (!renew) pages.changes.note("recovery codes shown", form.text("name"), c.get("session").name);
    return goBack(c, pages, recoveryAt(form), { form, problems: {}, result: codes });
  });

  return app;
}

function recoveryAt(form: Form): string {
  return `/users/recovery?name=${encodeURIComponent(form.text("name"))}`;
}

function recoveryPage(c: PageContext, pages: Pages, { profile, recoveryCodesLeft }: User) {
  const words = c.get("words").recovery;
  const { name } = profile;
  const kept = keptForm(c, pages);
  const codes = kept?.result as string[] | undefined;
  const made = codes
    ? html`<p>${words.each}</p>
        <div class="card print">
          <h2>${words.of} ${nameTag(name)}</h2>
          <ol class="codes">
            ${codes.map((code) => html`<li><code>${code}</code></li>`)}
          </ol>
        </div>
        <p class="buttons">
          <button data-print hidden>${c.get("words").frame.print}</button
          ><a class="button main" href="/users">${words.done}</a>
        </p>`
    : html`<form method="post" action="/users/recovery" class="card">
        ${csrfField(c)}${hiddenFields({ name })}
        <p>${words.each}</p>
        <p>${words.left(recoveryCodesLeft)}</p>
        <p class="buttons">
          ${profile.recovery === undefined ? "" : html`<button class="main">${words.show}</button>`}
          <button name="renew" value="yes" ${profile.recovery === undefined ? html`class="main"` : ""}>
            ${words.make}
          </button>
          <a class="button" href="/users/edit?name=${encodeURIComponent(name)}"
            >${c.get("words").frame.cancel}</a
          >
        </p>
      </form>`;
  return page(c, words.title, html`${problemNote(c.get("words"), kept?.problems)}${made}`);
}
