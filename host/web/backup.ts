// System, backup and restore: everything in one sealed file, and the users of such a file put back.
import { Hono } from "hono";
import { html } from "hono/html";
import { confirmPassword, currentField, passphraseFields, readNewPassphrase } from "./confirm.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import { download } from "./export.ts";
import { keptForm, onPost } from "./forms.ts";
import { Problems } from "./kept-forms.ts";
import { csrfField, field, fieldProblem, page, problemNote } from "./page.ts";

const PAGE = "/system/backup";
/** Names that a message tells. */
const NAMED = 10;

export function backupPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const here = (): string => PAGE;
  const mine = (c: PageContext): string => c.get("session").name;

  app.get(PAGE, (c) => backupPage(c, pages));
  onPost(app, pages, PAGE, here, async (c, form) => {
    const passphrase = readNewPassphrase(c, form);
    await confirmPassword(c, pages, form);
    const { users, file } = await pages.backup(passphrase);
    pages.changes.note("backup taken", String(users), mine(c));
    return download(c, file, `dialward-${new Date().toISOString().slice(0, 10)}.backup`);
  });
  onPost(app, pages, "/system/restore", here, async (c, form) => {
    const text = c.get("words").backup;
    const [file] = form.files("file");
    if (file === undefined) throw new Problems({ file: c.get("words").moving.noFile });
    const bytes = Buffer.from(await file.arrayBuffer());
    const { users, made, counters } = await pages.restore(bytes, form.text("opens"));
    pages.changes.note("users restored", String(users), mine(c));
    const when = new Date(made * 1000).toUTCString();
    const some = counters.slice(0, NAMED).join(", ") + (counters.length > NAMED ? ", …" : "");
    const again = counters.length > 0 ? ` ${text.counters(some)}` : "";
    return goTo(c, "/users", counters.length > 0 ? "bad" : "good", text.restored(users, when) + again);
  });
  return app;
}

function backupPage(c: PageContext, pages: Pages) {
  const words = c.get("words");
  const text = words.backup;
  const { form, problems = {} } = keptForm(c, pages) ?? {};
  const of = (name: string): Record<string, string> => (form?.has(name) ? problems : {});
  const body = html`${problemNote(words, problems)}
    <form method="post" action="${PAGE}" class="card" autocomplete="off">
      ${csrfField(c)}
      <h2>${text.take}</h2>
      <p>${text.takeText}</p>
      ${passphraseFields(c, of("passphrase"))} ${currentField(c, of("passphrase"))}
      <p class="buttons"><button class="main">${words.moving.download}</button></p>
    </form>
    <form
      method="post"
      action="/system/restore"
      enctype="multipart/form-data"
      class="card"
      autocomplete="off"
    >
      ${csrfField(c)}
      <h2>${text.putBack}</h2>
      <p>${text.putBackText}</p>
      <p class="field">
        <label for="file">${text.file}</label>
        <input id="file" name="file" type="file" required aria-describedby="file-problem" />
        ${fieldProblem("file", problems["file"])}
      </p>
      ${field(words.moving.passphraseOf, "opens", html`type="password" required autocomplete="off"`)}
      <p class="buttons"><button class="main">${text.restore}</button></p>
    </form>
    <p><a class="button" href="/system">${words.frame.back}</a></p>`;
  return page(c, text.title, body);
}
