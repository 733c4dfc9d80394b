// Groups: the list, and one group as a form. What a group brings and asks is in rules-form.ts.
import { Hono } from "hono";
import { html } from "hono/html";
import { DialwardError } from "../errors.ts";
import { isGroupName, type Group } from "../groups/group.ts";
import { removeGroup } from "../service/service.ts";
import { goTo, revisionOf, type PageContext, type PageEnv, type Pages } from "./context.ts";
import type { Form } from "./form.ts";
import { goBack, keptForm, onPost } from "./forms.ts";
import { Problems } from "./kept-forms.ts";
import {
  askPage,
  csrfField,
  field,
  hidden,
  hiddenFields,
  listTable,
  nameTag,
  note,
  page,
  problemNote,
  type Html,
} from "./page.ts";
import { clientNames, readRules, rulesFields } from "./rules-form.ts";
import { quoted } from "./shown-name.ts";
import type { Words } from "./words.ts";

const PAGE = "/groups";
const MOST_LOGINS = 1_000_000;

export function groupPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { groups, index } = pages;
  const editAt = (form: Form): string => `/groups/edit?name=${encodeURIComponent(form.text("name"))}`;

  app.get(PAGE, (c) => listPage(c, pages));
  app.get("/groups/new", (c) => formPage(c, pages));
  app.get("/groups/edit", async (c) => {
    const [group] = await groups.named([c.req.query("name") ?? ""]);
    return formPage(c, pages, group);
  });
  const save = async (c: PageContext, form: Form, isNew: boolean): Promise<Response> => {
    const words = c.get("words");
    const group = readGroup(form, words, pages, isNew);
    const name = quoted(group.name);
    try {
      await groups.save(group, (stored) =>
        isNew ? stored === undefined : stored !== undefined && revisionOf(stored) === form.text("revision"),
      );
    } catch (error) {
      if (!(error instanceof DialwardError) || error.code !== "conflict") throw error;
      if (isNew) throw new Problems({ name: words.groups.taken });
      const problems = { "": words.groups.changed(name) };
      return goBack(c, pages, editAt(form), { form, problems });
    }
    return goTo(c, PAGE, "good", words.groups.saved(name));
  };
  onPost(
    app,
    pages,
    "/groups/new",
    () => "/groups/new",
    (c, form) => save(c, form, true),
  );
  onPost(app, pages, "/groups/edit", editAt, (c, form) => save(c, form, false));

  app.get("/groups/remove", async (c) => {
    const words = c.get("words");
    const name = c.req.query("name") ?? "";
    const size = (await index.byGroup()).get(name)?.length ?? 0;
    if (size > 0) return goTo(c, PAGE, "bad", words.groups.inUse(quoted(name), size));
    return askPage(c, {
      title: words.groups.removeTitle(quoted(name)),
      text: words.groups.removeText,
      path: "/groups/remove",
      fields: { name },
      label: words.groups.remove,
      back: PAGE,
    });
  });
  onPost(
    app,
    pages,
    "/groups/remove",
    () => PAGE,
    async (c, form) => {
      await removeGroup(pages, form.text("name"));
      return goTo(c, PAGE, "good", c.get("words").groups.removed(quoted(form.text("name"))));
    },
  );
  return app;
}

function readGroup(form: Form, words: Words, pages: Pages, isNew: boolean): Group {
  const problems: Record<string, string> = {};
  const name = isNew ? form.text("name").trim() : form.text("name");
  if (!isGroupName(name)) problems["name"] = words.groups.nameWrong;
  const { attributes, valid, logins, onLimit } = readRules(form, words, clientNames(pages), problems);
  const together = form.number("groupLogins", 1, MOST_LOGINS);
  if (Number.isNaN(together)) problems["groupLogins"] = words.profile.between(1, MOST_LOGINS);
  if (Object.keys(problems).length > 0) throw new Problems(problems);
  return {
    name,
    ...(attributes!.length > 0 && { attributes: attributes! }),
    ...(Object.keys(valid!).length > 0 && { valid: valid! }),
    ...(logins && { logins }),
    ...(onLimit && { onLimit }),
    ...(together && { groupLogins: together }),
  };
}

async function listPage(c: PageContext, pages: Pages) {
  const words = c.get("words");
  const text = words.groups;
  const all = [...(await pages.groups.all()).values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const users = await pages.index.byGroup();
  const rows = all.map((group) => groupRow(words, group, users.get(group.name)?.length ?? 0));
  const body = html`${problemNote(words, keptForm(c, pages)?.problems)}
    <div class="tools"><a class="button main" href="/groups/new">${words.rules.newGroup}</a></div>
    ${
      rows.length === 0
        ? html`<p class="empty">${text.none}</p>`
        : listTable([text.name, text.users, text.brings, hidden(words.frame.actions)], rows)
    }`;
  return page(c, words.navigation[PAGE], body);
}

function groupRow(words: Words, group: Group, users: number): Html {
  const { name } = group;
  const text = words.groups;
  const at = `?name=${encodeURIComponent(name)}`;
  return html`<tr>
    <th scope="row" data-head="${text.name}"><a href="/groups/edit${at}">${nameTag(name)}</a></th>
    <td data-head="${text.users}">
      <a href="/users?group=${encodeURIComponent(name)}">${users}</a>
    </td>
    <td data-head="${text.brings}">
      ${linesOf(words, group).map((line) => html`<span class="rule">${line}</span>`)}
    </td>
    <td class="actions">
      <a class="button danger" href="/groups/remove${at}"
        >${text.remove}<span class="hidden"> ${nameTag(name)}</span></a
      >
    </td>
  </tr>`;
}

/** What a group brings and asks, in the reader's words. */
function linesOf(words: Words, { attributes = [], valid, logins, groupLogins, onLimit }: Group): string[] {
  const text = words.rules;
  return [
    ...attributes,
    ...(valid ? [text.validity(valid)] : []),
    ...(logins ? [text.atMost(logins)] : []),
    ...(groupLogins ? [text.atMostTogether(groupLogins)] : []),
    ...(onLimit ? [text.onLimits[onLimit]] : []),
  ];
}

function formPage(c: PageContext, pages: Pages, group?: Group) {
  const words = c.get("words");
  const text = words.groups;
  const { form, problems = {} } = keptForm(c, pages) ?? {};
  const edited = form?.has("name") ? form : undefined;
  const path = group ? "/groups/edit" : "/groups/new";
  const together = edited?.text("groupLogins") ?? group?.groupLogins?.toString() ?? "";
  const name = group
    ? hiddenFields({ name: group.name, revision: revisionOf(group) })
    : field(
        text.name,
        "name",
        html`required maxlength="64" autocomplete="off" dir="auto" value="${edited?.text("name") ?? ""}"`,
        text.nameHint,
        problems["name"],
      );
  const now = group && edited ? note("bad", text.now(linesOf(words, group).join("; "))) : "";
  const body = html`${problemNote(words, problems)}${problems[""] === undefined ? "" : now}
    <form method="post" action="${path}" class="card" autocomplete="off">
      ${csrfField(c)}${name}
      <p>${text.intro}</p>
      ${rulesFields({ words, rules: group ?? {}, form: edited, problems, otherwise: words.rules.refuseElse })}
      ${field(words.rules.groupLogins, "groupLogins", html`inputmode="numeric" value="${together}"`, text.togetherHint, problems["groupLogins"])}
      <p class="buttons">
        <button class="main">${words.frame.save}</button
        ><a class="button" href="${PAGE}">${words.frame.cancel}</a>
      </p>
    </form>`;
  return page(c, group ? text.editTitle(quoted(group.name)) : words.rules.newGroup, body);
}
