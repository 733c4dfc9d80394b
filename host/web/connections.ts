// Connection management: who is connected, live, and Disconnect.
import { Hono } from "hono";
import { html } from "hono/html";
import { DialwardError } from "../errors.ts";
import { endSession } from "../service/end-session.ts";
import type { Session } from "../store/store.ts";
import { LIVE_HEADER } from "./guard.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import { onPost, saidBy } from "./forms.ts";
import { askPage, hidden, listTable, nameTag, page, timeTag, type Html } from "./page.ts";
import { quoted, shownName } from "./shown-name.ts";

/** Connections on one page; the search finds the others. */
const SHOWN = 200;
/** Words of a connection that came while the last list was made. */
const OVERLAP_SECONDS = 2;

export function connectionPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { store } = pages;

  app.get("/connections", async (c) => {
    const words = c.get("words").connections;
    const query = c.req.query("q") ?? "";
    const live = query ? `/connections/list?q=${encodeURIComponent(query)}` : "/connections/list";
    const body = html`<div class="tools">
        <form role="search" method="get" action="/connections">
          <label for="q" class="hidden">${words.search}</label>
          <input id="q" name="q" type="search" placeholder="${words.search}" value="${query}" />
          <button>${words.show}</button>
        </form>
      </div>
      <div data-live="${live}">${await connections(c, pages)}</div>`;
    return page(c, words.title, body);
  });
  // The same list alone: the page asks for it every few seconds, says when it did so last, and gets what has changed.
  app.get("/connections/list", async (c) => {
    const since = Number(c.req.header(LIVE_HEADER)) || 0;
    c.header("X-Dialward-Now", String(Math.floor(Date.now() / 1000)));
    return c.html(await connections(c, pages, since - OVERLAP_SECONDS));
  });

  app.get("/connections/end", async (c) => {
    const words = c.get("words").connections;
    const id = c.req.query("id") ?? "";
    const session = (await store.sessions()).find((one) => one.id === id);
    if (session === undefined) return goTo(c, "/connections", "bad", words.over);
    return askPage(c, {
      title: words.endTitle(quoted(session.user)),
      text: words.endText,
      path: "/connections/end",
      fields: { id },
      label: words.disconnect,
      back: "/connections",
    });
  });
  onPost(
    app,
    pages,
    "/connections/end",
    () => "/connections",
    async (c, form) => {
      const { connections: words, said } = c.get("words");
      try {
        const { user, outcome, text } = await endSession(form.text("id"), store, pages.config, pages.warn);
        pages.changes.note("connection ended", user, c.get("session").name);
        return goTo(c, "/connections", outcome === "disconnected" ? "good" : "bad", said(text));
      } catch (error) {
        if (!(error instanceof DialwardError)) throw error;
        return goTo(c, "/connections", "bad", error.code === "not-found" ? words.over : saidBy(error, c));
      }
    },
  );
  return app;
}

/** The list; a connection that has not changed since `since`, in seconds, is an empty row. */
async function connections(c: PageContext, { store }: Pages, since = 0): Promise<Html> {
  const words = c.get("words").connections;
  const wanted = (c.req.query("q") ?? "").trim().toLowerCase();
  const all = await store.sessions();
  const found = all.filter((one) =>
    [one.user, one.nas, one.framedAddress, one.callingStation].some((text) =>
      text?.toLowerCase().includes(wanted),
    ),
  );
  if (found.length === 0) return html`<p class="empty">${wanted ? words.none : words.nobody}</p>`;
  const shown = found.toSorted((a, b) => a.since - b.since).slice(0, SHOWN);
  return html`<p class="quiet">${words.count(found.length, all.length, shown.length)}</p>
    ${listTable(
      [
        words.user,
        words.through,
        words.since,
        words.address,
        words.bytes,
        hidden(c.get("words").frame.actions),
      ],
      shown.map((one) => (one.updated < since ? html`<tr data-row="${one.id}"></tr>` : row(c, one))),
    )}`;
}

function row(c: PageContext, one: Session): Html {
  const words = c.get("words").connections;
  return html`<tr data-row="${one.id}">
    <th scope="row" data-head="${words.user}">${nameTag(one.user)}</th>
    <td data-head="${words.through}">${one.type ?? "VPN"} <span class="quiet">${nameTag(one.nas)}</span></td>
    <td data-head="${words.since}">
      ${timeTag(one.since * 1000)}<span
        class="quiet"
        data-since="${new Date(one.since * 1000).toISOString()}"
      ></span>
    </td>
    <td data-head="${words.address}">
      ${one.framedAddress ?? ""}
      <bdi class="quiet">${one.callingStation ? words.from(shownName(one.callingStation)) : ""}</bdi>
    </td>
    <td data-head="${words.bytes}" class="number">${bytes(one.bytesIn)} / ${bytes(one.bytesOut)}</td>
    <td class="actions">
      ${
        c.get("helpdesk")
          ? ""
          : html`<a class="button" href="/connections/end?id=${encodeURIComponent(one.id)}"
              >${words.disconnect}<span class="hidden"> ${nameTag(one.user)}</span></a
            >`
      }
    </td>
  </tr>`;
}

/** Bytes as people read them. */
function bytes(count: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  for (; count >= 1000 && unit < units.length - 1; unit++) count /= 1000;
  return `${unit === 0 || count >= 100 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`;
}
