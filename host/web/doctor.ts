// The doctor's page: why a code was refused, and resynchronisation.
import { Hono } from "hono";
import { html } from "hono/html";
import { DIAL_IN_TYPES } from "../core/dial-in.ts";
import type { Finding } from "../users/findings.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import type { Form } from "./form.ts";
import { goBack, keptForm, onPost } from "./forms.ts";
import { csrfField, field, hiddenFields, page, problemNote, select } from "./page.ts";
import { quoted } from "./shown-name.ts";

export function doctorPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { users } = pages;
  const doctorAt = (form: Form): string => `/users/doctor?name=${encodeURIComponent(form.text("name"))}`;

  app.get("/users/doctor", (c) => doctorPage(c, pages));
  onPost(app, pages, "/users/doctor", doctorAt, async (c, form) => {
    const type = DIAL_IN_TYPES.find((one) => one === form.text("type"));
    const findings = await users.help.diagnose(form.text("name"), form.text("code"), type);
    return goBack(c, pages, doctorAt(form), { form, problems: {}, result: findings });
  });
  onPost(app, pages, "/users/resync", doctorAt, async (c, form) => {
    const words = c.get("words").doctor;
    const name = form.text("name");
    const codes = [form.text("first"), form.text("second")].map((code) => code.replace(/\s/g, ""));
    const { user, offset } = await users.help.resync(name, codes as [string, string]);
    const seconds = Math.abs(offset * (user.profile.period ?? 0));
    return goTo(c, "/users", "good", words.resynchronised(quoted(name), seconds));
  });
  return app;
}

function doctorPage(c: PageContext, pages: Pages) {
  const words = c.get("words");
  const text = words.doctor;
  const { form, problems, result } = keptForm(c, pages) ?? {};
  const findings = result as Finding[] | undefined;
  const name = form?.text("name") ?? c.req.query("name") ?? "";
  const found = findings
    ? html`<section class="card" aria-label="${text.findings}">
        <ul class="findings" role="status">
          ${findings.map((one) => html`<li data-cause="${one.cause}">${words.finding(one)}</li>`)}
        </ul>
      </section>`
    : "";
  const types = DIAL_IN_TYPES.map((type) => [type, words.profile.types[type]] as const);
  const code = html`required autocapitalize="none" spellcheck="false" autocomplete="off" maxlength="64"`;
  const body = html`${problemNote(words, problems)}${found}
    <form method="post" action="/users/doctor" class="card" autocomplete="off">
      ${csrfField(c)}
      <p>${text.intro}</p>
      ${field(text.name, "name", html`value="${name}" required dir="auto"`)}
      ${field(text.code, "code", html`${code} autofocus value="${form?.text("code") ?? ""}"`)}
      ${select(text.type, "type", [["", text.unknownType], ...types], form?.text("type") ?? "")}
      <p class="buttons">
        <button class="main">${text.examine}</button><a class="button" href="/users">${words.frame.back}</a>
      </p>
    </form>
    <form method="post" action="/users/resync" class="card" autocomplete="off">
      ${csrfField(c)}${hiddenFields({ name })}
      <h2>${text.resync}</h2>
      <p>${text.resyncText}</p>
      <div class="two">
        ${field(text.first, "first", html`${code} value="${form?.text("first") ?? ""}"`)}
        ${field(text.second, "second", html`${code} value="${form?.text("second") ?? ""}"`)}
      </div>
      <p class="buttons"><button>${text.resync}</button></p>
    </form>`;
  return page(c, text.title, body);
}
