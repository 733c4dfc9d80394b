// Forms: what was typed is never lost. What is refused, and what came after the session had ended, is kept for its author
// and shown again on the form's own page. (Redirect after POST: RFC 9110 section 15.4.4.)
import type { Hono } from "hono";
import { DialwardError } from "../errors.ts";
import type { PageContext, PageEnv, Pages } from "./context.ts";
import type { Form } from "./form.ts";
import { Problems, type KeptForm } from "./kept-forms.ts";

/** What came back to this page, if anything did. */
export function keptForm(c: PageContext, { forms }: Pages): KeptForm | undefined {
  return forms.find(c.req.query("form"), c.get("session")?.name ?? "");
}

/** Sends the browser to a form's page, with what was typed and what there is to say of it. */
export function goBack(c: PageContext, { forms }: Pages, path: string, kept: KeptForm): Response {
  const id = forms.keep(c.get("session")?.name ?? "", { ...kept, form: kept.form.without() });
  return c.redirect(withQuery(path, "form", id), 303);
}

/**
 * Takes a form at `path`. `page` names the page that shows it: where `act` refuses (Problems, DialwardError), and where
 * the session has ended, the form comes back there.
 */
export function onPost(
  app: Hono<PageEnv>,
  pages: Pages,
  path: string,
  page: (form: Form) => string,
  act: (c: PageContext, form: Form) => Response | Promise<Response>,
): void {
  pages.formPages.set(path, page);
  app.post(path, async (c) => {
    const form = c.get("form");
    try {
      return await act(c, form);
    } catch (error) {
      const problems = problemsOf(error, c);
      if (problems === undefined) throw error;
      return goBack(c, pages, page(form), { form, problems });
    }
  });
}

/** What an error says of a form, in the reader's words where there are such. */
function problemsOf(error: unknown, c: PageContext): Record<string, string> | undefined {
  if (error instanceof Problems) return error.fields;
  if (!(error instanceof DialwardError)) return undefined;
  // What the host says of a row begins with the key.
  const [, field = "", text = error.message] = /^([a-z][A-Za-z]*): (.*)$/s.exec(error.message) ?? [];
  return {
    [error.code === "exists" && c.get("form").has("factor") ? "name" : field]: saidBy(error, c, text),
  };
}

/** An error in the reader's words; `text` where only a part of it is shown. */
export function saidBy(error: DialwardError, c: PageContext, text = error.message): string {
  const words = c.get("words");
  return error.code === "store" ? words.frame.noStore : words.said(text);
}

/** `path` with one more value in its query. */
export function withQuery(path: string, name: string, value: string): string {
  return `${path}${path.includes("?") ? "&" : "?"}${name}=${encodeURIComponent(value)}`;
}
