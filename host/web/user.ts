// One user: its profile as a form, and what is done with it.
import { Hono } from "hono";
import { html } from "hono/html";
import { DialwardError } from "../errors.ts";
import { effective } from "../groups/group.ts";
import type { Profile } from "../users/profile.ts";
import type { User } from "../users/entries.ts";
import { goTo, revisionOf, type PageContext, type PageEnv, type Pages } from "./context.ts";
import type { Form } from "./form.ts";
import { goBack, keptForm, onPost } from "./forms.ts";
import { Problems } from "./kept-forms.ts";
import {
  action,
  askPage,
  csrfField,
  field,
  hiddenFields,
  nameTag,
  page,
  problemNote,
  timeTag,
  type Html,
} from "./page.ts";
import { notVerified } from "./enrol.ts";
import { knownOf } from "./membership.ts";
import { resultTable } from "./rules-form.ts";
import { recoveryPages } from "./recovery.ts";
import { profileFields, readChanges } from "./profile-form.ts";
import { quoted } from "./shown-name.ts";
import type { Words } from "./words.ts";

export function oneUserPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { users } = pages;
  const userOf = async (c: PageContext): Promise<User> => users.get(c.req.query("name") ?? "");
  const editAt = (form: Form): string => `/users/edit?name=${encodeURIComponent(form.text("name"))}`;

  app.get("/users/edit", async (c) => editPage(c, pages, await userOf(c)));
  onPost(app, pages, "/users/edit", editAt, async (c, form) => {
    const name = form.text("name");
    const words = c.get("words");
    const { profile } = await users.get(name);
    const changes = readChanges(form, profile, words, await knownOf(pages));
    try {
      await users.edit(name, changes, (stored) => revisionOf(stored) === form.text("revision"));
    } catch (error) {
      if (!(error instanceof DialwardError) || error.code !== "conflict") throw error;
      const problems = { "": words.user.changed(quoted(name)) };
      return goBack(c, pages, editAt(form), { form, problems, result: "conflict" });
    }
    return goTo(c, "/users", "good", words.user.saved(quoted(name)));
  });

  for (const word of ["enable", "disable"] as const) {
    onPost(app, pages, `/users/${word}`, listAt, async (c, form) => {
      const name = form.text("name");
      await users.setEnabled(name, word === "enable");
      return goTo(c, listAt(form), "good", c.get("words").user[`${word}d`](quoted(name)));
    });
  }
  onPost(app, pages, "/users/unlock", listAt, async (c, form) => {
    await users.unlock(form.text("name"));
    return goTo(c, listAt(form), "good", c.get("words").user.unlocked(quoted(form.text("name"))));
  });

  app.get("/users/remove", (c) => {
    const words = c.get("words");
    const name = c.req.query("name") ?? "";
    return askPage(c, {
      title: words.user.removeTitle(quoted(name)),
      text: words.user.removeText,
      path: "/users/remove",
      fields: { name },
      label: words.user.remove,
      back: `/users/edit?name=${encodeURIComponent(name)}`,
    });
  });
  onPost(app, pages, "/users/remove", editAt, async (c, form) => {
    await users.remove(form.text("name"));
    return goTo(c, "/users", "good", c.get("words").user.removed(quoted(form.text("name"))));
  });

  onPost(app, pages, "/users/verify", editAt, async (c, form) => {
    const words = c.get("words");
    const name = form.text("name");
    const { outcome, findings, ...why } = await users.help.verify(name, form.text("code"), pages.admission);
    if (outcome !== "accept") throw new Problems({ code: notVerified(words, why, findings) });
    return goTo(c, "/users", "good", words.user.verified(quoted(name)));
  });
  app.route("/", recoveryPages(pages));
  return app;
}

/** The list of users as it was when a button of it was pressed. */
function listAt(form: Form): string {
  const query = form.text("list");
  return query.startsWith("?") ? `/users${query}` : "/users";
}

async function editPage(
  c: PageContext,
  pages: Pages,
  { profile, standing, waitSeconds, recoveryCodesLeft }: User,
) {
  const words = c.get("words");
  const text = words.user;
  const { name } = profile;
  const { form, problems, result } = keptForm(c, pages) ?? {};
  const known = await knownOf(pages);
  const all = await pages.groups.all();
  const its = (profile.groups ?? []).flatMap((one) => all.get(one) ?? []);
  const last = pages.journal.lastLogin(name);
  const at = `?name=${encodeURIComponent(name)}`;
  const edited = form?.has("revision") ? form : undefined;
  const verify = html`<section class="card" aria-labelledby="first-code">
    <h2 id="first-code">${text.firstCode}</h2>
    <form method="post" action="/users/verify" class="verify" autocomplete="off">
      ${csrfField(c)}${hiddenFields({ name })}
      ${field(
        words.enrol.code,
        "code",
        html`required autocapitalize="none" maxlength="20" value="${form?.text("code") ?? ""}"`,
        undefined,
        problems?.["code"],
      )}
      <button class="main">${words.enrol.verify}</button>
    </form>
    <p class="hint">${text.pendingHint}</p>
  </section>`;
  const body = html`${problemNote(words, problems)}
    ${edited && result === "conflict" ? changesTable(words, profile, edited) : ""}
    ${standing === "pending" ? verify : ""}
    <form method="post" action="/users/edit" class="card">
      ${csrfField(c)}${hiddenFields({ name, revision: revisionOf(profile) })}
      <p>
        <strong>${nameTag(name)}</strong>, ${words.profile.factors[profile.factor]},
        ${words.standings[standing]}${waitSeconds > 0 ? `, ${text.waits(waitSeconds)}` : ""}.
        ${text.lastLogin}: ${last === undefined ? words.users.never : timeTag(last * 1000)}.
      </p>
      ${profileFields({ words, known, profile, form: edited, problems })}
      <p class="buttons">
        <button class="main">${words.frame.save}</button
        ><a class="button" href="/users">${words.frame.cancel}</a>
      </p>
    </form>
    ${resultTable(words, effective(profile, its), Date.now() / 1000)}
    <section class="card" aria-labelledby="device">
      <h2 id="device">${text.device}</h2>
      <p>${text.deviceText}</p>
      <div class="buttons">
        ${action(c, "/users/secret", { name }, text.newSecret)}
        <a class="button" href="/users/link${at}">${text.linkButton}</a>
        <a class="button" href="/users/recovery${at}">${text.recoveryLink(recoveryCodesLeft)}</a>
        <a class="button" href="/users/doctor${at}">${words.users.doctor}</a>
        ${waitSeconds > 0 ? action(c, "/users/unlock", { name }, words.users.unlock) : ""}
        <a class="button danger" href="/users/remove${at}">${text.remove}</a>
      </div>
    </section>`;
  return page(c, text.editTitle(quoted(name)), body);
}

/** What somebody else changed beside what was typed. */
function changesTable(words: Words, profile: Profile, form: Form): Html {
  const text = words.profile;
  const types = (all: readonly string[]): string =>
    all.map((one) => text.types[one as keyof typeof text.types] ?? one).join(", ");
  const mode = form.text("mode") as keyof typeof text.modes;
  const secretly = (typed: string): string => (typed ? words.user.typedNew : words.user.unchanged);
  const rows: [string, string, string][] = [
    [text.enable, words.yesNo(profile.enabled), words.yesNo(form.has("enabled"))],
    [text.mode, text.modes[profile.mode], text.modes[mode] ?? ""],
    [text.allowedTypes, types(profile.types), types(form.list("types"))],
    [text.password, words.user.asStored, secretly(form.text("password"))],
  ];
  const list = (names: readonly string[] = []): string => names.filter(Boolean).join(", ");
  const { attributes = [], valid, logins } = profile;
  const { days, ...hours } = { days: valid?.days, hours: valid?.hours, zone: valid?.zone };
  const stored = [words.rules.days, list(days), list(form.list("days"))] as [string, string, string];
  rows.push(
    [words.rules.groups, list(profile.groups), list(form.list("groups"))],
    [words.rules.attributes, attributes.join("\n"), form.text("attributes").trim().replaceAll("\r", "")],
    stored,
    [words.rules.hours, hours.hours ?? "", form.text("hours")],
    [words.rules.logins, logins?.toString() ?? "", form.text("logins")],
  );
  if (profile.factor === "motp") rows.push([text.pin, words.user.asStored, secretly(form.text("pin"))]);
  return html`<table class="compare">
    <caption>
      ${words.user.compare}
    </caption>
    <thead>
      <tr>
        <th scope="col">${words.user.what}</th>
        <th scope="col">${words.user.now}</th>
        <th scope="col">${words.user.yours}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ([what, now, yours]) =>
          html`<tr class="${now === yours || yours === words.user.unchanged ? "" : "differs"}">
            <th scope="row">${what}</th>
            <td>${now}</td>
            <td>${yours}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
