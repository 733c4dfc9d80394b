// The frame of every page: head, navigation, what happened last. All values are escaped by hono's html``.
import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { PageContext } from "./context.ts";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const NAVIGATION = [
  ["/users", "Remote dial-in users"],
  ["/connections", "Connection management"],
  ["/log", "Log"],
  ["/administrator", "Administrator password"],
  ["/management", "Management"],
] as const;

/** A page of the administrator's, in the frame. */
export function page(c: PageContext, title: string, body: Html, status: 200 | 400 | 404 | 409 = 200) {
  const session = c.get("session");
  const { flash } = session;
  session.flash = undefined;
  const here = c.req.path;
  const links = NAVIGATION.map(
    ([path, text]) =>
      html`<li>
        <a href="${path}" ${here.startsWith(path) ? html`aria-current="page"` : ""}>${text}</a>
      </li>`,
  );
  const frame = html`<header class="bar">
      <a class="brand" href="/users"><span class="mark" aria-hidden="true"></span>Dialward</a>
      <nav aria-label="Main">
        <ul>
          ${links}
        </ul>
      </nav>
      <form class="out" method="post" action="/logout">
        ${csrfField(c)}<span class="who">${session.name}</span>
        <button class="quiet">Log out</button>
      </form>
    </header>
    <main id="main" tabindex="-1">
      <h1>${title}</h1>
      ${flash ? note(flash.kind, flash.text) : ""} ${body}
    </main>`;
  return c.html(document(title, frame, "framed"), status);
}

/** A page without navigation: login, setup, refusals. */
export function plainPage(
  c: PageContext,
  title: string,
  body: Html,
  status: 200 | 400 | 401 | 403 | 404 | 500 = 200,
) {
  const frame = html`<main id="main" class="alone" tabindex="-1">
    <p class="brand"><span class="mark" aria-hidden="true"></span>Dialward</p>
    <h1>${title}</h1>
    ${body}
  </main>`;
  return c.html(document(title, frame, "plain"), status);
}

export function note(kind: "good" | "bad", text: string): Html {
  return html`<p class="note ${kind}" role="${kind === "bad" ? "alert" : "status"}">${text}</p>`;
}

/** The hidden field that every form carries. */
export function csrfField(c: PageContext): Html {
  return html`<input type="hidden" name="csrf" value="${c.get("session").csrf}" />`;
}

/** A form of one button, for what changes something about one user or session. */
export function action(
  c: PageContext,
  path: string,
  fields: Record<string, string>,
  label: Html | string,
  kind = "",
) {
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  return html`<form method="post" action="${path}" class="inline">
    ${csrfField(c)}${hidden}<button class="${kind}">${label}</button>
  </form>`;
}

/** A labelled field with a hint. `attributes` is a piece of html. */
export function field(label: string, name: string, attributes: Html | string, hint?: Html | string): Html {
  const hintId = `${name}-hint`;
  return html`<p class="field">
    <label for="${name}">${label}</label>
    <input id="${name}" name="${name}" ${attributes} ${hint ? html`aria-describedby="${hintId}"` : ""} />
    ${hint ? html`<span class="hint" id="${hintId}">${hint}</span>` : ""}
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

function document(title: string, body: Html, kind: string): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Dialward</title>
        <link rel="stylesheet" href="/page.css" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <script src="/page.js" defer></script>
      </head>
      <body class="${kind}">
        <a class="skip" href="#main">Skip to content</a>
        ${body}
      </body>
    </html>`;
}
