// Getting started: what there is to do from the first visit to the first login, with what is done ticked.
import { Hono } from "hono";
import { html } from "hono/html";
import { readAddedClients } from "../config/client-file.ts";
import type { PageEnv, Pages } from "./context.ts";
import { page } from "./page.ts";

export function startPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  app.get("/start", async (c) => {
    const words = c.get("words").start;
    const { config } = pages;
    const { total } = await pages.index.query({ text: "", order: "name", from: 0, count: 0 });
    const [last] = await pages.journal.latest(1);
    const steps = [
      { key: "password", path: "/administrator", done: true },
      { key: "code", path: "/administrator", done: await pages.administrator.enrolled() },
      {
        key: "listen",
        path: "/system",
        done: pages.listening().some((url) => !/\/\/(127\.|\[::1\]|localhost)/.test(url)),
      },
      {
        key: "client",
        path: "/clients",
        done: config.radius.clients.length + readAddedClients(config.data).length > 0,
      },
      { key: "user", path: "/users/new", done: total > 0 },
      { key: "test", path: "/test", done: last?.outcome === "accept" },
    ] as const;
    const body = html`<p>${words.intro}</p>
      <ol class="steps">
        ${steps.map(
          ({ key, path, done }) =>
            html`<li class="card ${done ? "done" : ""}">
              <a href="${path}">${words.steps[key]}</a>
              <span class="badge ${done ? "active" : "pending"}">${done ? words.done : words.open}</span>
              <span class="hint">${words.texts[key]}</span>
            </li>`,
        )}
      </ol>
      <p class="buttons"><a class="button" href="/users">${words.later}</a></p>`;
    return page(c, words.title, body);
  });
  return app;
}
