// Users for another server: a sealed file that brings back everything, or a format of others, with what that cannot hold
// said beforehand.
import { Hono } from "hono";
import { html } from "hono/html";
import { OUTWARD, planExport, writeUsers, type OutwardFormat } from "../formats/outward.ts";
import { confirmPassword, currentField, passphraseFields, readNewPassphrase } from "./confirm.ts";
import type { PageContext, PageEnv, Pages } from "./context.ts";
import { keptForm, onPost } from "./forms.ts";
import { Problems } from "./kept-forms.ts";
import { check, csrfField, hiddenFields, nameTag, note, page, problemNote } from "./page.ts";

const PAGE = "/users/export";
const FILE_NAMES: Record<OutwardFormat, string> = {
  sealed: "dialward-users",
  otpauth: "dialward-users.txt",
  pskc: "dialward-users.pskc.xml",
};

export function exportPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { users, config, changes } = pages;

  app.get(PAGE, (c) => exportPage(c, pages));
  onPost(
    app,
    pages,
    PAGE,
    (form) => `${PAGE}?format=${encodeURIComponent(form.text("format"))}`,
    async (c, form) => {
      const format = formatOf(form.text("format"));
      const passphrase = format === "otpauth" ? undefined : readNewPassphrase(c, form);
      await confirmPassword(c, pages, form);
      const plan = await planExport(users.export([]), format, form.has("allowWeaker"));
      if (plan.count === 0) throw new Problems({ "": c.get("words").moving.nobody });
      const pieces: Buffer[] = [];
      const what = { users: plan.of(users.export([])), groups: [...(await pages.groups.all()).values()] };
      for await (const piece of writeUsers(what, format, config.service.name, passphrase)) pieces.push(piece);
      changes.note("users exported", `${plan.count}, ${format}`, c.get("session").name);
      return download(c, Buffer.concat(pieces), FILE_NAMES[format]);
    },
  );
  return app;
}

/** A file for the browser to keep. */
export function download(c: PageContext, bytes: Buffer, name: string): Response {
  return c.body(new Uint8Array(bytes), 200, {
    "Content-Type": "application/octet-stream",
    "Content-Disposition": `attachment; filename="${name}"`,
  });
}

function formatOf(text: string | undefined): OutwardFormat {
  return OUTWARD.find((one) => one === text) ?? "sealed";
}

async function exportPage(c: PageContext, pages: Pages) {
  const words = c.get("words");
  const text = words.moving;
  const format = formatOf(c.req.query("format"));
  const { form, problems } = keptForm(c, pages) ?? {};
  const { lost } = await planExport(pages.users.export([]), format, true);
  const losses = [...lost].map(
    ([what, { users, names }]) =>
      html`<li>
        ${text.losses[what]}:
        ${names.map((name, i) => html`${i > 0 ? ", " : ""}${nameTag(name)}`)}${
          users > names.length ? ` ${text.andMore(users - names.length)}` : ""
        }
      </li>`,
  );
  const weaker = lost.has("password") || lost.has("directory");
  const body = html`${problemNote(words, problems)}
    <nav class="buttons" aria-label="${text.format}">
      ${OUTWARD.map(
        (one) =>
          html`<a
            class="button"
            href="${PAGE}?format=${one}"
            ${one === format ? html`aria-current="page"` : ""}
            >${text.outward[one]}</a
          >`,
      )}
    </nav>
    <form method="post" action="${PAGE}" class="card after" autocomplete="off">
      ${csrfField(c)}${hiddenFields({ format })}
      <p>${text.outwardTexts[format]}</p>
      ${format === "otpauth" ? note("bad", text.inClear) : ""}
      ${
        losses.length > 0
          ? html`<p>${text.cannotHold}</p>
              <ul class="findings">
                ${losses}
              </ul>`
          : ""
      }
      ${weaker ? check("allowWeaker", "yes", form?.has("allowWeaker") ?? false, text.exportWeaker) : ""}
      ${format === "otpauth" ? "" : passphraseFields(c, problems)} ${currentField(c, problems)}
      <p class="buttons">
        <button class="main">${text.download}</button>
        <a class="button" href="/users">${words.frame.back}</a>
      </p>
    </form>`;
  return page(c, text.exportTitle, body);
}
