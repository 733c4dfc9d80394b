// Log: the latest logins, each with its reason.
import { Hono } from "hono";
import { html } from "hono/html";
import type { PageEnv, Pages } from "./context.ts";
import { loginBars, refusalBars } from "./charts.ts";
import { listTable, nameTag, page, timeTag } from "./page.ts";

const SHOWN = 200;
const SHOWN_CHANGES = 50;

export function logPages({ journal, changes, counts, store }: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  app.get("/log", async (c) => {
    const words = c.get("words");
    const text = words.log;
    const user = c.req.query("user") ?? "";
    const logins = await journal.latest(SHOWN, user || undefined);
    const rows = logins.map(
      (one) =>
        html`<tr>
          <td data-head="${text.when}">${timeTag(one.time)}</td>
          <th scope="row" data-head="${text.user}">${nameTag(one.user)}</th>
          <td data-head="${text.outcome}">
            <span class="badge ${one.outcome}">${text.outcomes[one.outcome]}</span>
          </td>
          <td data-head="${text.reason}">${sentence(words.reasons[one.reason] ?? one.reason)}</td>
          <td data-head="${text.from}">
            ${[...new Set([one.type, one.nas, one.source])].map((from) =>
              from ? html`<span class="piece">${nameTag(from)}</span> ` : "",
            )}
          </td>
        </tr>`,
    );
    const body = html`<div class="tools">
        <form role="search" method="get" action="/log">
          <label for="user" class="hidden">${text.user}</label>
          <input
            id="user"
            name="user"
            type="search"
            placeholder="${text.exactly}"
            value="${user}"
            dir="auto"
          />
          <button>${text.show}</button>
        </form>
      </div>
      ${
        rows.length > 0
          ? listTable([text.when, text.user, text.outcome, text.reason, text.from], rows)
          : html`<p class="empty">${user ? text.noneOf : text.none}</p>`
      }`;
    const changed = changes.latest(SHOWN_CHANGES);
    const table = html`<h2 class="after">${text.changes}</h2>
      ${listTable(
        [text.when, text.who, text.what, text.whom],
        changed.map(
          (one) =>
            html`<tr>
              <td data-head="${text.when}">${timeTag(one.time)}</td>
              <th scope="row" data-head="${text.who}">${nameTag(one.by)}</th>
              <td data-head="${text.what}">${text.actions[one.action] ?? one.action}</td>
              <td data-head="${text.whom}">${nameTag(one.what)}</td>
            </tr>`,
        ),
      )}`;
    const connected = (await store.sessions()).length;
    const pictures = html`<section class="card wide" aria-label="${words.charts.title}">
      ${loginBars(words, words.charts.day, counts.spans(24, 1))}
      ${loginBars(words, words.charts.month, counts.spans(31, 24))}
      ${refusalBars(words, counts.refusals(31 * 24))}
      <p>
        ${words.charts.connected(connected)} <a href="/connections">${words.navigation["/connections"]}</a>
      </p>
    </section>`;
    return page(
      c,
      text.title,
      html`${user ? "" : pictures}${body}${changed.length > 0 && !user ? table : ""}`,
    );
  });
  return app;
}

/** A reason as a sentence of its own. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
