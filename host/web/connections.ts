// Connection management: who is connected, live, and Disconnect.
import { Hono } from "hono";
import { html } from "hono/html";
import { duration } from "../users/findings.ts";
import { DialwardError } from "../errors.ts";
import { endSession } from "../service/end-session.ts";
import type { Session } from "../store/store.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import { timeTag } from "./log.ts";
import { action, page, type Html } from "./page.ts";

export function connectionPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const list = async (c: PageContext): Promise<Html> => {
    const sessions = await pages.store.sessions();
    return connections(
      c,
      sessions.sort((a, b) => a.since - b.since),
    );
  };
  app.get("/connections", async (c) =>
    page(c, "Connection management", html`<div data-live="/connections/list">${await list(c)}</div>`),
  );
  // The same list alone: the page asks for it every few seconds.
  app.get("/connections/list", async (c) => c.html(await list(c)));
  app.post("/connections/end", async (c) => {
    try {
      const { outcome, text } = await endSession(
        c.get("form").text("id"),
        pages.store,
        pages.config,
        pages.warn,
      );
      return goTo(c, "/connections", outcome === "disconnected" ? "good" : "bad", text);
    } catch (error) {
      if (!(error instanceof DialwardError)) throw error;
      return goTo(
        c,
        "/connections",
        "bad",
        error.code === "not-found" ? "It has ended already." : error.message,
      );
    }
  });
  return app;
}

function connections(c: PageContext, sessions: Session[]): Html {
  if (sessions.length === 0) return html`<p class="empty">Nobody is connected.</p>`;
  const now = Date.now() / 1000;
  const rows = sessions.map(
    (one) =>
      html`<tr>
        <th scope="row" data-head="User">${one.user}</th>
        <td data-head="Through">${one.type ?? "VPN"} <span class="quiet">${one.nas}</span></td>
        <td data-head="Since">
          ${timeTag(one.since * 1000)}
          <span class="quiet">${duration(Math.max(0, Math.round(now - one.since)))}</span>
        </td>
        <td data-head="Address">
          ${one.framedAddress ?? ""}
          <span class="quiet">${one.callingStation ? `from ${one.callingStation}` : ""}</span>
        </td>
        <td data-head="Received / sent" class="number">${bytes(one.bytesIn)} / ${bytes(one.bytesOut)}</td>
        <td class="actions">
          ${action(c, "/connections/end", { id: one.id }, html`Disconnect<span class="hidden"> ${one.user}</span>`)}
        </td>
      </tr>`,
  );
  return html`<p class="quiet">
      ${sessions.length === 1 ? "1 connection" : `${sessions.length} connections`}
    </p>
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col">Through</th>
          <th scope="col">Since</th>
          <th scope="col">Address</th>
          <th scope="col">Received / sent</th>
          <th scope="col"><span class="hidden">Actions</span></th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}

/** Bytes as people read them. */
function bytes(count: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  for (; count >= 1000 && unit < units.length - 1; unit++) count /= 1000;
  return `${unit === 0 || count >= 100 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`;
}
