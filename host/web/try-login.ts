// Test a login: a dial-in as a daemon would send it, judged as all are; a right code is spent.
import { Hono } from "hono";
import { html } from "hono/html";
import { DIAL_IN_TYPES } from "../core/dial-in.ts";
import type { Finding } from "../users/findings.ts";
import type { PageContext, PageEnv, Pages } from "./context.ts";
import { goBack, keptForm, onPost } from "./forms.ts";
import { csrfField, field, note, page, problemNote, select } from "./page.ts";

const PAGE = "/test";

interface Tried {
  outcome: "accept" | "continue" | "refuse";
  text: string;
  findings: Finding[];
}

export function tryLoginPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  app.get(PAGE, (c) => tryPage(c, pages));
  onPost(
    app,
    pages,
    PAGE,
    () => PAGE,
    async (c, form) => {
      const words = c.get("words");
      const user = form.text("name");
      const typed = form.text("code");
      const type = DIAL_IN_TYPES.find((one) => one === form.text("type"));
      // Before it is judged, since the doctor would find a code that was right to be spent.
      const findings = await pages.users.help.diagnose(user, typed, type);
      const proof = { kind: "clear", text: Buffer.from(typed).subarray(0, 64) } as const;
      const source = `administrator ${c.get("session").name}`;
      const { outcome, reason } = await pages.admission.submit({ user, proof, type, source, nas: "pages" });
      const text = words.tryLogin.outcomes[outcome](words.reasons[reason] ?? reason);
      const result: Tried = { outcome, text, findings: outcome === "refuse" ? findings : [] };
      return goBack(c, pages, PAGE, { form, problems: {}, result });
    },
  );
  return app;
}

function tryPage(c: PageContext, pages: Pages) {
  const words = c.get("words");
  const text = words.tryLogin;
  const { form, problems, result } = keptForm(c, pages) ?? {};
  const tried = result as Tried | undefined;
  const types = DIAL_IN_TYPES.map((type) => [type, words.profile.types[type]] as const);
  const found = tried
    ? html`${note(tried.outcome === "refuse" ? "bad" : "good", tried.text)}
      ${
        tried.findings.length > 0
          ? html`<ul class="findings card">
              ${tried.findings.map((one) => html`<li data-cause="${one.cause}">${words.finding(one)}</li>`)}
            </ul>`
          : ""
      }`
    : "";
  const body = html`${problemNote(words, problems)}${found}
    <form method="post" action="/test" class="card" autocomplete="off">
      ${csrfField(c)}
      <p>${text.intro}</p>
      ${field(words.profile.name, "name", html`required dir="auto" value="${form?.text("name") ?? c.req.query("name") ?? ""}"`)}
      ${field(text.typed, "code", html`required autocapitalize="none" spellcheck="false" autocomplete="off" maxlength="64"`, text.typedHint)}
      ${select(words.doctor.type, "type", [["", words.doctor.unknownType], ...types], form?.text("type") ?? "")}
      <p class="buttons"><button class="main">${text.try}</button></p>
    </form>`;
  return page(c, text.title, body);
}
