// Log: the latest logins, each with its reason.
import { Hono } from "hono";
import { html } from "hono/html";
import { REASON_TEXTS } from "../core/reason.ts";
import type { PageEnv, Pages } from "./context.ts";
import { page, type Html } from "./page.ts";

const SHOWN = 200;

export function logPages({ journal }: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  app.get("/log", (c) => {
    const user = c.req.query("user") ?? "";
    const logins = journal.latest(SHOWN, user || undefined);
    const rows = logins.map(
      (one) =>
        html`<tr>
          <td data-head="When">${timeTag(one.time)}</td>
          <th scope="row" data-head="User">${one.user}</th>
          <td data-head="Outcome"><span class="badge ${one.outcome}">${OUTCOMES[one.outcome]}</span></td>
          <td data-head="Reason">${sentence(REASON_TEXTS[one.reason])}</td>
          <td data-head="From">
            ${[...new Set([one.type, one.nas, one.source])].map((from) =>
              from ? html`<span class="piece">${from}</span> ` : "",
            )}
          </td>
        </tr>`,
    );
    const body = html`<div class="tools">
        <form role="search" method="get" action="/log">
          <label for="user" class="hidden">User name</label>
          <input id="user" name="user" type="search" placeholder="User name, exactly" value="${user}" />
          <button>Show</button>
        </form>
      </div>
      ${
        rows.length > 0
          ? html`<table class="cards">
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">User</th>
                  <th scope="col">Outcome</th>
                  <th scope="col">Reason</th>
                  <th scope="col">From</th>
                </tr>
              </thead>
              <tbody>
                ${rows}
              </tbody>
            </table>`
          : html`<p class="empty">Nobody has tried to log in yet.</p>`
      }`;
    return page(c, "Log", body);
  });
  return app;
}

const OUTCOMES = { accept: "accepted", continue: "code asked", refuse: "refused" };

/** A reason as a sentence of its own. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A moment, in milliseconds since 1970; the browser shows it in its own time zone. */
export function timeTag(time: number): Html {
  const iso = new Date(time).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")} UTC</time>`;
}
