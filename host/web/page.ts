// The frame of every page: head, navigation, what happened last. All values are escaped by hono's html``.
import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { PageContext } from "./context.ts";
import { maskSecret } from "./session.ts";
import { shownName } from "./shown-name.ts";
import type { Words } from "./words.ts";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const NAVIGATION = [
  "/users",
  "/groups",
  "/connections",
  "/log",
  "/clients",
  "/test",
  "/administrator",
  "/management",
  "/system",
  "/start",
] as const;

const HELPDESK: readonly string[] = ["/users", "/connections", "/log", "/administrator"];

/** A page of the administrator's, in the frame. */
export function page(c: PageContext, title: string, body: Html, status: 200 | 400 | 404 = 200) {
  const session = c.get("session");
  const words = c.get("words");
  const told = session.told(c.req.query("told"));
  const here = c.req.path;
  const allowed = c.get("helpdesk") ? NAVIGATION.filter((path) => HELPDESK.includes(path)) : NAVIGATION;
  const links = allowed.map(
    (path) =>
      html`<li>
        <a href="${path}" ${here.startsWith(path) ? html`aria-current="page"` : ""}
          >${words.navigation[path]}</a
        >
      </li>`,
  );
  const frame = html`<header class="bar">
      <a class="brand" href="/users"><span class="mark" aria-hidden="true"></span>${c.get("service")}</a>
      <nav aria-label="${words.frame.main}">
        <ul>
          ${links}
        </ul>
      </nav>
      <form class="out" method="post" action="/logout">
        ${csrfField(c)}<span class="who">${session.name}</span>
        <button class="quiet">${words.frame.logOut}</button>
      </form>
    </header>
    <main id="main" tabindex="-1">
      <h1>${title}</h1>
      ${c.get("clockSet") ? "" : note("bad", words.frame.clock)} ${told ? note(told.kind, told.text) : ""}
      ${body}
    </main>`;
  return c.html(document(c, title, frame, "framed"), status);
}

/** A page without navigation: login, setup, refusals. */
export function plainPage(
  c: PageContext,
  title: string,
  body: Html,
  status: 200 | 400 | 401 | 403 | 404 | 410 | 413 | 421 | 500 = 200,
) {
  const frame = html`<main id="main" class="alone" tabindex="-1">
    <p class="brand"><span class="mark" aria-hidden="true"></span>${c.get("service")}</p>
    <h1>${title}</h1>
    ${body}
  </main>`;
  return c.html(document(c, title, frame, "plain"), status);
}

export function note(kind: "good" | "bad", text: string | Html): Html {
  return html`<p class="note ${kind}" role="${kind === "bad" ? "alert" : "status"}">${text}</p>`;
}

/** A user's name, which ends where it ends: no mark in it turns what stands around it. */
export function nameTag(name: string): Html {
  return html`<bdi>${shownName(name)}</bdi>`;
}

/** The hidden field that every form carries; all of a page have the token masked in one way. */
export function csrfField(c: PageContext): Html {
  const masked = c.get("masked") ?? maskSecret(c.get("session").csrf);
  c.set("masked", masked);
  return html`<input type="hidden" name="csrf" value="${masked}" />`;
}

/** Hidden fields. */
export function hiddenFields(fields: Record<string, string>): Html[] {
  return Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
}

/** A form of one button, for what changes something about one user or session. */
export function action(
  c: PageContext,
  path: string,
  fields: Record<string, string>,
  label: Html | string,
  kind = "",
) {
  return html`<form method="post" action="${path}" class="inline">
    ${csrfField(c)}${hiddenFields(fields)}<button class="${kind}">${label}</button>
  </form>`;
}

/** Asks before something is done that cannot be undone: a form of two buttons. */
export function askPage(
  c: PageContext,
  ask: {
    title: string;
    text: Html | string;
    path: string;
    fields: Record<string, string>;
    label: string;
    back: string;
  },
) {
  const body = html`<form method="post" action="${ask.path}" class="card">
    ${csrfField(c)}${hiddenFields(ask.fields)}
    <p>${ask.text}</p>
    <p class="buttons">
      <button class="danger">${ask.label}</button>
      <a class="button" href="${ask.back}" autofocus>${c.get("words").frame.cancel}</a>
    </p>
  </form>`;
  return page(c, ask.title, body);
}

/** A labelled field with a hint, and with what is wrong with it. `attributes` is a piece of html. */
export function field(
  label: string,
  name: string,
  attributes: Html | string,
  hint?: Html | string,
  problem?: string,
): Html {
  const about = [problem && `${name}-problem`, hint && `${name}-hint`].filter(Boolean).join(" ");
  return html`<p class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      ${attributes}
      ${problem ? html`aria-invalid="true" autofocus` : ""}
      ${about ? html`aria-describedby="${about}"` : ""}
    />
    ${fieldProblem(name, problem)}${hint ? html`<span class="hint" id="${name}-hint">${hint}</span>` : ""}
  </p>`;
}

/** What is wrong with a field, beneath it. */
export function fieldProblem(name: string, problem: string | undefined): Html | string {
  return problem ? html`<span class="problem" id="${name}-problem" role="alert">${problem}</span>` : "";
}

/** What is wrong with a form as a whole, above it; its fields say the rest. */
export function problemNote(words: Words, problems: Record<string, string> = {}): Html | string {
  const text = problems[""];
  if (text !== undefined) return note("bad", text);
  return Object.keys(problems).length > 0 ? note("bad", words.frame.seeFields) : "";
}

/** A field to choose from a list. */
export function select(
  label: string,
  name: string,
  options: Iterable<readonly [value: string, text: string]>,
  chosen: string,
): Html {
  const list = [...options].map(
    ([value, text]) => html`<option value="${value}" ${value === chosen ? "selected" : ""}>${text}</option>`,
  );
  return html`<p class="field">
    <label for="${name}">${label}</label>
    <select id="${name}" name="${name}">
      ${list}
    </select>
  </p>`;
}

/** A check box with its label. */
export function check(name: string, value: string, on: boolean, label: Html | string): Html {
  return html`<label class="check"
    ><input type="checkbox" name="${name}" value="${value}" ${on ? "checked" : ""} /><span
      >${label}</span
    ></label
  >`;
}

/** A list, which is a card for each row where the window is narrow. A head is `hidden` where only readers need it. */
export function listTable(heads: readonly (Html | string)[], rows: readonly Html[]): Html {
  return html`<table class="cards">
    <thead>
      <tr>
        ${heads.map((head) => html`<th scope="col">${head}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

/** What is told to who does not see. */
export function hidden(text: string): Html {
  return html`<span class="hidden">${text}</span>`;
}

/** A moment, in milliseconds since 1970; the browser shows it in its own zone and manner. */
export function timeTag(time: number): Html {
  const iso = new Date(time).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")} UTC</time>`;
}

/** A moment within a sentence, in seconds since 1970. */
export function timeText({ language }: Words, seconds: number): string {
  const manner = { dateStyle: "long", timeStyle: "long", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(language, manner).format(seconds * 1000);
}

function document(c: PageContext, title: string, body: Html, kind: string): Html {
  const words = c.get("words");
  return html`<!doctype html>
    <html lang="${words.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · ${c.get("service")}</title>
        <link rel="stylesheet" href="/page.css" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <script src="/page.js" defer></script>
      </head>
      <body class="${kind}" data-copied="${words.frame.copied}" data-out="${words.guard.out}">
        <a class="skip" href="#main">${words.frame.skip}</a>
        ${body}
      </body>
    </html>`;
}
