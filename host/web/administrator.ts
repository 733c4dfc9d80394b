// Administrator password: the administrator's own account, its code for logins from the WAN, and what the LAN is.
import { Hono } from "hono";
import { html } from "hono/html";
import { PASSWORD_LENGTH } from "../admin/password-hash.ts";
import { isPrefix, isWithin } from "../config/networks.ts";
import { confirmPassword } from "./confirm.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import { administratorCodePages, beginCode } from "./administrator-code.ts";
import { keptForm, onPost } from "./forms.ts";
import { Problems } from "./kept-forms.ts";
import { ROLES } from "../admin/settings.ts";
import { isName } from "../users/profile.ts";
import { checkRevision, revisionField } from "./settings-form.ts";
import { quoted } from "./shown-name.ts";
import {
  action,
  askPage,
  check,
  csrfField,
  field,
  fieldProblem,
  hidden,
  listTable,
  nameTag,
  page,
  problemNote,
  select,
} from "./page.ts";

const PAGE = "/administrator";

export function administratorPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { administrator, settings, sessions } = pages;
  const here = (): string => PAGE;
  const mine = (c: PageContext): string => c.get("session").name;

  app.get(PAGE, (c) => accountPage(c, pages));
  onPost(app, pages, "/administrator/password", here, async (c, form) => {
    const session = c.get("session");
    const words = c.get("words").password;
    // Who found an open browser must not take the account over.
    await confirmPassword(c, pages, form);
    if ([...form.text("password")].length < PASSWORD_LENGTH)
      throw new Problems({ password: words.short(PASSWORD_LENGTH) });
    if (form.text("password") !== form.text("again")) throw new Problems({ again: words.differ });
    await administrator.setPassword(session.name, form.text("password"));
    sessions.renew(session);
    pages.changes.note("password changed", session.name, session.name);
    return goTo(c, PAGE, "good", words.changed);
  });

  onPost(app, pages, "/administrator/access", here, async (c, form) => {
    const words = c.get("words").administrator;
    const stored = settings.read();
    const shown = { advanced: stored.advanced, lan: stored.lan };
    checkRevision(c, form, shown, words.describe(shown.lan, shown.advanced));
    const advanced = form.has("advanced");
    const lan = form
      .text("lan")
      .split(/[\s,]+/)
      .filter(Boolean);
    const wrong = lan.filter((one) => !isPrefix(one));
    if (wrong.length > 0 || lan.length === 0) throw new Problems({ lan: words.lanWrong(wrong) });
    // Tried before it is saved: nobody locks himself out.
    const { address, zone } = c.get("session");
    if (zone === "lan" && !isWithin(address, lan)) throw new Problems({ lan: words.youWouldBeOut(address) });
    const enrolled = await administrator.enrolled(mine(c));
    if (zone === "wan" && !advanced) throw new Problems({ "": words.youWouldBeOut(address) });
    // Without a code nobody gets in from there: it is on once one is verified.
    settings.change((old) => ({ ...old, lan, advanced: advanced && enrolled }));
    pages.changes.note("access changed", lan.join(", "), mine(c));
    return advanced && !enrolled ? beginCode(c, pages) : goTo(c, PAGE, "good", c.get("words").frame.saved);
  });

  onPost(app, pages, "/administrator/add", here, async (c, form) => {
    const words = c.get("words");
    const name = form.text("newName").trim();
    const role = ROLES.find((one) => one === form.text("role")) ?? "helpdesk";
    if (administrator.roleOf(name) !== undefined) throw new Problems({ newName: words.administrator.taken });
    if (!isName(name) || Buffer.byteLength(name) > 60)
      throw new Problems({ newName: words.profile.nameWrong });
    if ([...form.text("newPassword")].length < PASSWORD_LENGTH)
      throw new Problems({ newPassword: words.password.short(PASSWORD_LENGTH) });
    await administrator.setPassword(name, form.text("newPassword"), role);
    pages.changes.note("administrator added", name, mine(c));
    return goTo(c, PAGE, "good", words.administrator.added(quoted(name)));
  });
  app.get("/administrator/remove", (c) => {
    const words = c.get("words");
    const name = c.req.query("name") ?? "";
    return askPage(c, {
      title: words.user.removeTitle(quoted(name)),
      text: words.administrator.removeText,
      path: "/administrator/remove",
      fields: { name },
      label: words.user.remove,
      back: PAGE,
    });
  });
  onPost(app, pages, "/administrator/remove", here, async (c, form) => {
    const name = form.text("name");
    await administrator.remove(name);
    pages.changes.note("administrator removed", name, mine(c));
    return goTo(c, PAGE, "good", c.get("words").user.removed(quoted(name)));
  });

  app.route("/", administratorCodePages(pages));
  return app;
}

async function accountPage(c: PageContext, pages: Pages) {
  const words = c.get("words");
  const text = words.administrator;
  const { advanced, lan } = pages.settings.read();
  const { form, problems } = keptForm(c, pages) ?? {};
  const access = form?.has("lan") ? form : undefined;
  const enrolled = await pages.administrator.enrolled(c.get("session").name);
  const password = (name: string, label: string, hint?: string) =>
    field(
      label,
      name,
      html`type="password" required autocomplete="${name === "current" ? "current" : "new"}-password"
      ${name === "password" ? html`minlength="${PASSWORD_LENGTH}"` : ""} value="${form?.text(name) ?? ""}"`,
      hint,
      problems?.[name],
    );
  const accounts = pages.administrator.list().map(
    ({ name, role }) =>
      html`<tr>
        <th scope="row" data-head="${words.login.name}">${nameTag(name)}</th>
        <td data-head="${text.role}">${text.roles[role]}</td>
        <td class="actions">
          <a class="button danger" href="/administrator/remove?name=${encodeURIComponent(name)}"
            >${words.user.remove}<span class="hidden"> ${nameTag(name)}</span></a
          >
        </td>
      </tr>`,
  );
  const others = html`<section class="card" aria-labelledby="accounts">
    <h2 id="accounts">${text.accounts}</h2>
    ${listTable([words.login.name, text.role, hidden(words.frame.actions)], accounts)}
    <details ${problems?.["newName"] || problems?.["newPassword"] ? "open" : ""}>
      <summary>${text.newAccount}</summary>
      <form method="post" action="/administrator/add" autocomplete="off">
        ${csrfField(c)}
        ${field(words.login.name, "newName", html`required maxlength="60" value="${form?.text("newName") ?? ""}"`, undefined, problems?.["newName"])}
        ${field(
          text.firstPassword,
          "newPassword",
          html`type="password" required autocomplete="new-password" minlength="${PASSWORD_LENGTH}"
          value="${form?.text("newPassword") ?? ""}"`,
          words.password.least(PASSWORD_LENGTH),
          problems?.["newPassword"],
        )}
        ${select(
          text.role,
          "role",
          ROLES.map((one) => [one, text.roles[one]] as const),
          form?.text("role") || "helpdesk",
        )}
        <p class="buttons"><button class="main">${words.clients.add}</button></p>
      </form>
    </details>
  </section>`;
  const helpdesk = c.get("helpdesk");
  const accessForm = html`<form method="post" action="/administrator/access" class="card">
    ${csrfField(c)}${revisionField({ advanced, lan })}
    <h2>${text.fromWan}</h2>
    ${check("advanced", "yes", access ? access.has("advanced") : advanced, text.advanced)}
    <p class="hint">${text.advancedText} ${enrolled ? text.enrolled : text.leadsOn}</p>
    <p class="field">
      <label for="lan">${text.lan}</label>
      <textarea
        id="lan"
        name="lan"
        rows="4"
        spellcheck="false"
        aria-describedby="lan-problem lan-hint"
        ${problems?.["lan"] ? html`aria-invalid="true" autofocus` : ""}
      >
${access?.text("lan") ?? lan.join("\n")}</textarea>
      ${fieldProblem("lan", problems?.["lan"])}
      <span class="hint" id="lan-hint">${text.lanHint(c.get("session").address)}</span>
    </p>
    <p class="buttons"><button class="main">${words.frame.save}</button></p>
  </form>`;
  const body = html`${problemNote(words, problems)}${helpdesk ? "" : accessForm}
    ${
      enrolled || helpdesk
        ? html`<section class="card" aria-labelledby="own-device">
            <h2 id="own-device">${text.device}</h2>
            <p>${text.deviceText}</p>
            ${action(c, "/administrator/code", {}, words.user.newSecret)}
          </section>`
        : ""
    }
    <form method="post" action="/administrator/password" class="card">
      ${csrfField(c)}
      <h2>${words.password.password}</h2>
      <input type="hidden" name="username" autocomplete="username" value="${c.get("session").name}" />
      ${password("current", words.password.current)}
      ${password("password", words.password.new, words.password.least(PASSWORD_LENGTH))}
      ${password("again", words.password.newAgain)}
      <p class="buttons"><button class="main">${words.password.change}</button></p>
    </form>
    ${helpdesk ? "" : others}`;
  return page(c, text.title, body);
}
