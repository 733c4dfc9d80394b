// Remote dial-in users: the list, with search, filters, order and pages.
import { Hono } from "hono";
import { html } from "hono/html";
import { DIAL_IN_TYPES } from "../core/dial-in.ts";
import { FACTORS } from "../users/profile.ts";
import { FILTERS, ORDERS, type UserQuery, type UserRow } from "../users/user-query.ts";
import type { PageContext, PageEnv, Pages } from "./context.ts";
import { keptForm } from "./forms.ts";
import { action, hidden, listTable, nameTag, page, problemNote, timeTag, type Html } from "./page.ts";
import { shownName } from "./shown-name.ts";

const SHOWN = 50;

export function userPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  app.get("/users", async (c) => {
    const words = c.get("words");
    const text = words.users;
    const query = readQuery(c);
    const { rows, found, total } = await pages.index.query(query);
    const groups = [...(await pages.groups.all()).keys()].toSorted();
    const here = listQuery(c);
    const list = html`${problemNote(words, keptForm(c, pages)?.problems)}
      <div class="tools">
        ${searchForm(c, query, groups)}
        ${c.get("helpdesk") ? "" : html`<a class="button main" href="/users/new">${text.newUser}</a>`}
      </div>
      <p class="quiet" role="status">${text.count(found, total)}</p>
      ${
        rows.length > 0
          ? html`${listTable(
              [text.name, text.state, text.factor, text.lastLogin, hidden(words.frame.actions)],
              rows.map((row) => userRow(c, row, here)),
            )}
            ${pageLinks(c, query, found)}`
          : html`<p class="empty">${total > 0 ? text.none : text.first}</p>`
      }
      ${
        c.get("helpdesk")
          ? ""
          : html`<p class="buttons after">
              <a class="button" href="/users/import">${words.moving.importLink}</a>
              <a class="button" href="/users/export">${words.moving.exportLink}</a>
            </p>`
      }`;
    return page(c, words.navigation["/users"], list);
  });
  return app;
}

function readQuery(c: PageContext): UserQuery {
  const of = (name: string): string => c.req.query(name) ?? "";
  const number = /^[1-9]\d{0,5}$/.test(of("page")) ? Number(of("page")) : 1;
  return {
    text: of("q"),
    filter: FILTERS.find((one) => one === of("state")),
    factor: FACTORS.find((one) => one === of("factor")),
    group: of("group") || undefined,
    order: ORDERS.find((one) => one === of("order")) ?? "name",
    from: (number - 1) * SHOWN,
    count: SHOWN,
  };
}

function searchForm(
  c: PageContext,
  { text: typed, filter, factor, group, order }: UserQuery,
  groups: readonly string[],
): Html {
  const { users: text, profile } = c.get("words");
  const choice = (name: string, label: string, options: (readonly [string, string])[], chosen = ""): Html =>
    html`<label class="hidden" for="${name}">${label}</label
      ><select id="${name}" name="${name}" data-submit>
        ${options.map(
          ([value, shown]) =>
            html`<option value="${value}" ${value === chosen ? "selected" : ""}>${shownName(shown)}</option>`,
        )}
      </select>`;
  return html`<form role="search" method="get" action="/users">
    <label for="q" class="hidden">${text.search}</label>
    <input id="q" name="q" type="search" placeholder="${text.search}" value="${typed}" dir="auto" />
    ${choice("state", text.state, [["", text.allStates], ...FILTERS.map((one) => [one, text.filters[one]] as const)], filter)}
    ${choice("factor", text.factor, [["", text.allFactors], ...FACTORS.map((one) => [one, profile.factors[one]] as const)], factor)}
    ${groups.length > 0 || group ? choice("group", text.group, [["", text.allGroups], ...groups.map((one) => [one, one] as const)], group) : ""}
    ${choice(
      "order",
      text.order,
      ORDERS.map((one) => [one, text.orders[one]] as const),
      order,
    )}
    <button>${text.searchButton}</button>
  </form>`;
}

/** The query of this list with another page, for links and for buttons that come back to it. */
function listQuery(c: PageContext, number?: number): string {
  const query = new URLSearchParams();
  for (const name of ["q", "state", "factor", "group", "order"]) {
    const value = c.req.query(name);
    if (value) query.set(name, value);
  }
  const wanted = number === undefined ? c.req.query("page") : String(number);
  if (wanted && wanted !== "1") query.set("page", wanted);
  return query.size > 0 ? `?${query}` : "";
}

function pageLinks(c: PageContext, { from }: UserQuery, found: number): Html | string {
  const text = c.get("words").users;
  const here = from / SHOWN + 1;
  const last = Math.ceil(found / SHOWN);
  if (last <= 1) return "";
  const link = (number: number, label: string, rel: string): Html | string =>
    number < 1 || number > last
      ? ""
      : html`<a class="button" rel="${rel}" href="/users${listQuery(c, number)}">${label}</a>`;
  return html`<nav class="pages" aria-label="${text.pages}">
    ${link(here - 1, text.previous, "prev")}<span class="quiet">${text.page(here, last)}</span
    >${link(here + 1, text.next, "next")}
  </nav>`;
}

function userRow(c: PageContext, row: UserRow, list: string): Html {
  const words = c.get("words");
  const text = words.users;
  const { name, state, factor, types, groups, last } = row;
  const at = `?name=${encodeURIComponent(name)}`;
  const waits = Math.ceil((row.waitUntil - Date.now()) / 1000);
  const label = (label: string): Html => html`${label}<span class="hidden"> ${nameTag(name)}</span>`;
  if (row.problem !== undefined) {
    return html`<tr>
      <th scope="row" data-head="${text.name}">${nameTag(name)}</th>
      <td data-head="${text.state}"><span class="badge disabled">${words.standings.unusable}</span></td>
      <td colspan="2">${words.said(row.problem)}</td>
      <td class="actions">
        <a class="button danger" href="/users/remove${at}">${label(words.user.remove)}</a>
      </td>
    </tr>`;
  }
  return html`<tr>
    <th scope="row" data-head="${text.name}">
      ${c.get("helpdesk") ? nameTag(name) : html`<a href="/users/edit${at}">${nameTag(name)}</a>`}
      ${groups.length > 0 ? html`<span class="quiet rule">${groups.join(", ")}</span>` : ""}
    </th>
    <td data-head="${text.state}">
      <span class="badge ${state}">${words.standings[state]}</span>
      ${waits > 0 ? html`<span class="badge waiting">${text.waits(waits)}</span>` : ""}
    </td>
    <td data-head="${text.factor}">
      ${factor ? words.profile.factors[factor] : ""}
      <span class="quiet"
        >${
          types.length === DIAL_IN_TYPES.length
            ? text.allTypes
            : types.map((type) => words.profile.types[type]).join(", ")
        }</span
      >
    </td>
    <td data-head="${text.lastLogin}">
      ${last === 0 ? html`<span class="quiet">${text.never}</span>` : timeTag(last * 1000)}
    </td>
    <td class="actions">
      ${
        c.get("helpdesk")
          ? html`<a class="button" href="/users/link${at}">${label(words.user.linkButton)}</a>`
          : action(
              c,
              state === "disabled" ? "/users/enable" : "/users/disable",
              { name, list },
              label(state === "disabled" ? text.enable : text.disable),
            )
      }
      <a class="button" href="/users/doctor${at}">${label(text.doctor)}</a>
      ${waits > 0 ? action(c, "/users/unlock", { name, list }, label(text.unlock)) : ""}
    </td>
  </tr>`;
}
