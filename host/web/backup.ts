// System, backup and restore: everything in one sealed file, and such a file put back.
import { Hono } from "hono";
import { html } from "hono/html";
import { installRules } from "../admin/firewall.ts";
import type { Settings } from "../admin/settings.ts";
import { isWithin } from "../config/networks.ts";
import { DialwardError } from "../errors.ts";
import { confirmPassword, currentField, passphraseFields, readNewPassphrase } from "./confirm.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import { download } from "./export.ts";
import { keptForm, onPost, saidBy } from "./forms.ts";
import { Problems } from "./kept-forms.ts";
import { check, csrfField, field, fieldProblem, page, problemNote, timeText } from "./page.ts";

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
    const { pieces, users } = pages.backup(passphrase);
    const file: Buffer[] = [];
    for await (const piece of pieces) file.push(piece);
    pages.changes.note("backup taken", String(users()), mine(c));
    return download(c, Buffer.concat(file), `dialward-${new Date().toISOString().slice(0, 10)}.backup`);
  });
  onPost(app, pages, "/system/restore", here, async (c, form) => {
    const text = c.get("words").backup;
    const [file] = form.files("file");
    if (file === undefined) throw new Problems({ file: c.get("words").moving.noFile });
    const bytes = Buffer.from(await file.arrayBuffer());
    const opened = await pages.openBackup(bytes, form.text("opens"));
    const everything = form.has("everything");
    // Tried before anything is saved.
    if (everything && !isInside(c, opened.settings))
      throw new Problems({ everything: c.get("words").administrator.youWouldBeOut(c.get("address")) });
    const { users, made, counters, administrators, clients } = await opened.restore(everything);
    pages.changes.note("users restored", String(users), mine(c));
    const missed = everything ? await takeSettings(c, pages, opened.settings) : [];
    const when = timeText(c.get("words"), made);
    const said = [text.restored(users, when)];
    if (everything) said.push(text.brought(administrators.join(", "), clients.join(", ")));
    if (counters.length > 0)
      said.push(text.counters(counters.slice(0, NAMED).join(", ") + (counters.length > NAMED ? ", …" : "")));
    const kind = counters.length > 0 || missed.length > 0 ? "bad" : "good";
    return goTo(c, everything ? PAGE : "/users", kind, [...said, ...missed].join(" "));
  });
  return app;
}

/** Whoever restores would still be let in by these settings. */
function isInside(c: PageContext, { lan, advanced, management }: Settings): boolean {
  if (c.get("zone") === "lan") return isWithin(c.get("address"), lan);
  return advanced && management.enabled && management.https.open;
}

/**
 * Takes the settings of a backup; what cannot hold on this machine stays as it is here, and is told. What proxies and names
 * lead here goes on to.
 */
async function takeSettings(c: PageContext, pages: Pages, brought: Settings): Promise<string[]> {
  const { settings, config, radius } = pages;
  const old = settings.read();
  const next: Settings = {
    ...brought,
    web: {
      listen: old.web.listen,
      path: old.web.path || brought.web.path,
      proxies: [...new Set([...old.web.proxies, ...brought.web.proxies])],
      names: [...new Set([...old.web.names, ...brought.web.names])],
    },
    radius: old.radius,
    management: { ...brought.management, install: old.management.install },
  };
  const missed: string[] = [];
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof DialwardError)) throw error;
      missed.push(saidBy(error, c));
    }
  };
  const { listen } = brought.web;
  if (config.web.listen === undefined && listen !== undefined && listen !== old.web.listen)
    await attempt(async () => {
      await pages.listenAlso(listen);
      next.web.listen = listen;
    });
  if (!radius.inFile && brought.radius.everywhere !== old.radius.everywhere)
    await attempt(async () => {
      await radius.listen(brought.radius.everywhere);
      next.radius = brought.radius;
    });
  if (brought.management.install)
    await attempt(async () => {
      await installRules({ ...next, management: brought.management });
      next.management = brought.management;
    });
  settings.change(({ accounts }) => ({ ...next, accounts }));
  pages.apply();
  pages.changes.note("settings restored", "", c.get("session").name);
  return missed;
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
      ${check("everything", "yes", form?.has("file") ? form.has("everything") : true, text.everything)}
      ${fieldProblem("everything", problems["everything"])}
      <p class="hint">${text.everythingHint}</p>
      <p class="buttons"><button class="main">${text.restore}</button></p>
    </form>
    <p><a class="button" href="/system">${words.frame.back}</a></p>`;
  return page(c, text.title, body);
}
