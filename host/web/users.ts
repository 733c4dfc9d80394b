// Remote dial-in users: the list, and what is done with one user.
import { Hono } from "hono";
import { html } from "hono/html";
import { DIAL_IN_TYPES, type DialInType } from "../core/dial-in.ts";
import { duration } from "../users/findings.ts";
import { DialwardError } from "../errors.ts";
import { REASON_TEXTS } from "../core/reason.ts";
import type { User } from "../users/entries.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import { action, csrfField, field, note, page, type Html } from "./page.ts";
import { FACTOR_NAMES, profileFields, readChanges, typeName } from "./profile-form.ts";
import { timeTag } from "./log.ts";

/** Users on one page; the search finds the others. */
const SHOWN = 200;

export function userPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { users } = pages;

  app.get("/users", async (c) => {
    const query = c.req.query("q") ?? "";
    const wanted = query.trim().toLowerCase();
    const rows: Html[] = [];
    let found = 0;
    let total = 0;
    for await (const one of users.list()) {
      total++;
      const name = "problem" in one ? one.name : one.profile.name;
      if (!name.toLowerCase().includes(wanted)) continue;
      if (++found <= SHOWN) rows.push("problem" in one ? damagedRow(c, one) : userRow(c, pages, one));
    }
    const more = found > SHOWN ? `The first ${SHOWN} of ${found} are shown. Search to see others.` : "";
    const count = wanted ? `${found} of ${total} users` : total === 1 ? "1 user" : `${total} users`;
    const list = html`<div class="tools">
        <form role="search" method="get" action="/users">
          <label for="q" class="hidden">Search by name</label>
          <input id="q" name="q" type="search" placeholder="Search by name" value="${query}" />
          <button>Search</button>
        </form>
        <a class="button main" href="/users/new">New user</a>
      </div>
      <p class="quiet" role="status">${count}. ${more}</p>
      ${
        rows.length > 0
          ? html`<table class="cards">
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">State</th>
                  <th scope="col">Factor</th>
                  <th scope="col">Last login</th>
                  <th scope="col"><span class="hidden">Actions</span></th>
                </tr>
              </thead>
              <tbody>
                ${rows}
              </tbody>
            </table>`
          : html`<p class="empty">
              ${wanted ? "No name contains that." : "There are no users yet. Make the first one."}
            </p>`
      }`;
    return page(c, "Remote dial-in users", list);
  });

  app.get("/users/edit", async (c) => editPage(c, pages, await users.get(c.req.query("name") ?? "")));
  app.post("/users/edit", async (c) => {
    const form = c.get("form");
    const user = await users.get(form.text("name"));
    try {
      await users.edit(user.profile.name, readChanges(form, user.profile));
    } catch (error) {
      if (error instanceof DialwardError && error.code === "usage")
        return editPage(c, pages, user, error.message);
      throw error;
    }
    return goTo(c, "/users", "good", `"${user.profile.name}" is saved.`);
  });

  for (const [path, enabled, word] of [
    ["/users/enable", true, "enabled"],
    ["/users/disable", false, "disabled"],
  ] as const) {
    app.post(path, async (c) => {
      const name = c.get("form").text("name");
      await users.setEnabled(name, enabled);
      return goTo(c, "/users", "good", `"${name}" is ${word}.`);
    });
  }
  app.post("/users/unlock", async (c) => {
    const name = c.get("form").text("name");
    await users.unlock(name);
    return goTo(c, "/users", "good", `"${name}" need not wait any more.`);
  });
  app.post("/users/remove", async (c) => {
    const name = c.get("form").text("name");
    await users.remove(name);
    return goTo(c, "/users", "good", `"${name}" is removed.`);
  });
  app.post("/users/scratch", async (c) => {
    const name = c.get("form").text("name");
    const codes = await users.newScratchCodes(name);
    const body = html`<p>
        Each of these works once, in place of the code, where the VPN sends what is typed (PAP, EAP-GTC,
        OpenVPN, SSL). They are shown only now; earlier ones are void.
      </p>
      <div class="card print">
        <h2>Scratch codes of ${name}</h2>
        <ol class="codes">
          ${codes.map((code) => html`<li><code>${code}</code></li>`)}
        </ol>
      </div>
      <p class="buttons">
        <button data-print hidden>Print</button><a class="button main" href="/users">Done</a>
      </p>`;
    return page(c, "Scratch codes", body);
  });

  app.post("/users/verify", async (c) => {
    const form = c.get("form");
    const name = form.text("name");
    const verified = await users.verify(name, form.text("code"), pages.admission);
    const { outcome, reason, waitSeconds, findings } = verified;
    if (outcome === "accept")
      return goTo(c, "/users", "good", `The code is right and spent now; "${name}" is active.`);
    const wait = waitSeconds > 0 ? ` The next attempt counts in ${waitSeconds} s.` : "";
    return editPage(
      c,
      pages,
      await users.get(name),
      [`Not verified: ${REASON_TEXTS[reason]}${wait}`, ...findings.map(({ text }) => text)].join(" "),
    );
  });

  app.get("/users/doctor", (c) => doctorPage(c, c.req.query("name") ?? ""));
  app.post("/users/doctor", async (c) => {
    const form = c.get("form");
    const type = DIAL_IN_TYPES.find((one): one is DialInType => one === form.text("type"));
    const findings = await users.diagnose(form.text("name"), form.text("code"), type);
    const list = html`<section class="card" aria-label="Findings">
      <ul class="findings">
        ${findings.map(({ cause, text }) => html`<li data-cause="${cause}">${text}</li>`)}
      </ul>
    </section>`;
    return doctorPage(c, form.text("name"), list);
  });
  app.post("/users/resync", async (c) => {
    const form = c.get("form");
    const name = form.text("name");
    try {
      const { user, offset } = await users.resync(name, [
        form.text("first").trim(),
        form.text("second").trim(),
      ]);
      const seconds = offset * (user.profile.period ?? 0);
      const off =
        seconds === 0 ? "" : ` Its clock is about ${duration(Math.abs(seconds))} off, and is followed.`;
      return goTo(c, "/users", "good", `"${name}" is resynchronised.${off}`);
    } catch (error) {
      if (error instanceof DialwardError && error.code === "refused") {
        return doctorPage(c, name, note("bad", error.message));
      }
      throw error;
    }
  });
  return app;
}

function userRow(c: PageContext, pages: Pages, { profile, standing, waitSeconds }: User): Html {
  const { name, factor, types, enabled } = profile;
  const last = pages.journal.lastLogin(name);
  const at = `?name=${encodeURIComponent(name)}`;
  const wait =
    waitSeconds > 0 ? html` <span class="badge waiting">waits ${duration(waitSeconds)}</span>` : "";
  return html`<tr>
    <th scope="row" data-head="Name"><a href="/users/edit${at}">${name}</a></th>
    <td data-head="State"><span class="badge ${standing}">${standing}</span>${wait}</td>
    <td data-head="Factor">
      ${FACTOR_NAMES[factor]}
      <span class="quiet"
        >${types.length === DIAL_IN_TYPES.length ? "all types" : types.map(typeName).join(", ")}</span
      >
    </td>
    <td data-head="Last login">
      ${last === undefined ? html`<span class="quiet">never</span>` : timeTag(last * 1000)}
    </td>
    <td class="actions">
      ${action(c, enabled ? "/users/disable" : "/users/enable", { name }, label(enabled ? "Disable" : "Enable", name))}
      <a class="button" href="/users/doctor${at}">${label("Doctor", name)}</a>
      ${waitSeconds > 0 ? action(c, "/users/unlock", { name }, label("End waiting time", name)) : ""}
    </td>
  </tr>`;
}

/** A button's text; whom it concerns is told to those who do not see the row. */
function label(text: string, name: string): Html {
  return html`${text}<span class="hidden"> ${name}</span>`;
}

function damagedRow(c: PageContext, { name, problem }: { name: string; problem: string }): Html {
  return html`<tr>
    <th scope="row" data-head="Name">${name}</th>
    <td data-head="State"><span class="badge disabled">unusable</span></td>
    <td colspan="2">${problem}</td>
    <td class="actions">${action(c, "/users/remove", { name }, label("Remove", name), "danger")}</td>
  </tr>`;
}

function editPage(c: PageContext, pages: Pages, { profile, standing, waitSeconds }: User, problem?: string) {
  const { name, scratch = [] } = profile;
  const last = pages.journal.lastLogin(name);
  const wait = waitSeconds > 0 ? `, waits ${duration(waitSeconds)} after wrong codes` : "";
  const verify = html`<section class="card" aria-labelledby="first-code">
    <h2 id="first-code">First code</h2>
    <form method="post" action="/users/verify" class="verify" autocomplete="off">
      ${csrfField(c)}<input type="hidden" name="name" value="${name}" />
      ${field("Code that the device shows", "code", html`required autocapitalize="none" maxlength="20"`)}
      <button class="main">Verify</button>
    </form>
    <p class="hint">The profile is pending: it logs in once a first code is verified.</p>
  </section>`;
  const body = html`${problem ? note("bad", problem) : ""} ${standing === "pending" ? verify : ""}
    <form method="post" action="/users/edit" class="card">
      ${csrfField(c)}<input type="hidden" name="name" value="${name}" />
      <p>
        <strong>${name}</strong>, ${FACTOR_NAMES[profile.factor]}, ${standing}${wait}. Last login:
        ${last === undefined ? "never" : timeTag(last * 1000)}.
      </p>
      ${profileFields({ profile })}
      <p class="buttons"><button class="main">Save</button><a class="button" href="/users">Cancel</a></p>
    </form>
    <section class="card" aria-labelledby="device">
      <h2 id="device">Device</h2>
      <p>The secret is not shown again. A lost device gets a new one, which ends the old one's codes.</p>
      <div class="buttons">
        ${action(c, "/users/secret", { name }, "New secret")}
        ${action(c, "/users/scratch", { name }, `Scratch codes (${scratch.length} left)`)}
        <a class="button" href="/users/doctor?name=${encodeURIComponent(name)}">Doctor</a>
      </div>
    </section>
    <details class="card">
      <summary>Remove ${name}</summary>
      <p>The profile and its secret are gone then.</p>
      ${action(c, "/users/remove", { name }, "Remove", "danger")}
    </details>`;
  return page(c, `Edit ${name}`, body, problem ? 400 : 200);
}

function doctorPage(c: PageContext, name: string, result: Html | string = "") {
  const types = DIAL_IN_TYPES.map((type) => html`<option value="${type}">${typeName(type)}</option>`);
  const body = html`${result}
    <form method="post" action="/users/doctor" class="card" autocomplete="off">
      ${csrfField(c)}
      <p>Type a code that was refused: the doctor says why. Nothing is changed, and the code is not spent.</p>
      ${field("User name, as it was typed", "name", html`value="${name}" required`)}
      ${field("Code", "code", html`required autofocus autocapitalize="none" spellcheck="false" autocomplete="off"`)}
      <p class="field">
        <label for="type">Dial-in type</label>
        <select id="type" name="type">
          <option value="">not known</option>
          ${types}
        </select>
      </p>
      <p class="buttons"><button class="main">Examine</button><a class="button" href="/users">Back</a></p>
    </form>
    <form method="post" action="/users/resync" class="card" autocomplete="off">
      ${csrfField(c)}<input type="hidden" name="name" value="${name}" />
      <h2>Resynchronise</h2>
      <p>
        Two codes of the device, one after the other, show how far its clock or counter is off. It is followed
        then.
      </p>
      <div class="two">
        ${field("First code", "first", html`required autocapitalize="none" spellcheck="false"`)}
        ${field("The code after it", "second", html`required autocapitalize="none" spellcheck="false"`)}
      </div>
      <p class="buttons"><button>Resynchronise</button></p>
    </form>`;
  return page(c, `Doctor`, body);
}
