// System: health, clock, what the log tells; where the pages and RADIUS listen stands in listening.ts, backups in backup.ts.
import { Hono } from "hono";
import { html } from "hono/html";
import { isSynchronised } from "../core/clock.ts";
import { LOG_LEVELS } from "../log/log.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import { keptForm, onPost } from "./forms.ts";
import { certificatePages } from "./certificate.ts";
import { listeningForms, listeningPages } from "./listening.ts";
import { csrfField, page, problemNote, select, timeTag, type Html } from "./page.ts";
import { daysLeft } from "./tls.ts";

const PAGE = "/system";

export function systemPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { settings } = pages;
  const here = (): string => PAGE;
  app.route("/", listeningPages(pages));
  app.route("/", certificatePages(pages));

  app.get(PAGE, (c) => systemPage(c, pages));
  onPost(app, pages, "/system/log", here, (c, form) => {
    const level = LOG_LEVELS.find((one) => one === form.text("level"));
    settings.change((old) => ({ ...old, log: { ...old.log, level } }));
    pages.changes.note("log level changed", level ?? "", c.get("session").name);
    pages.apply();
    return goTo(c, PAGE, "good", c.get("words").frame.saved);
  });
  return app;
}

async function systemPage(c: PageContext, pages: Pages) {
  const words = c.get("words");
  const text = words.system;
  const { config } = pages;
  const { problems } = keptForm(c, pages) ?? {};
  const all = pages.settings.read();
  const synchronised = await isSynchronised();
  const certificate = pages.certificate();
  const left = certificate && daysLeft(certificate.cert);
  const now = Date.now();
  const facts: [string, Html | string][] = [
    [text.version, pages.version],
    [text.since, timeTag(pages.started)],
    [text.data, config.data],
    [text.store, config.store.url === undefined ? text.here : "Redis"],
    [
      text.clock,
      html`${timeTag(now)}
        <span
          data-clock="${new Date(now).toISOString()}"
          data-off="${text.clockOff}"
          data-same="${text.clockSame}"
        ></span>`,
    ],
    [text.ntp, synchronised === undefined ? text.ntpUnknown : synchronised ? text.ntpYes : text.ntpNo],
    [text.answering, pages.radius.endpoints().join(" ")],
    [text.listening, html`${pages.listening().map((url) => html`<a href="${url}">${url}</a> `)}`],
    [
      text.certificate,
      left === undefined
        ? text.none
        : html`${certificate!.made ? text.certMade : text.certGiven}: ${text.days(left)}`,
    ],
  ];
  const body = html`${problemNote(words, problems)}
    <section class="card" aria-labelledby="health">
      <h2 id="health">${text.health}</h2>
      <dl class="facts">
        ${facts.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>
      <p class="buttons"><a class="button" href="/system/backup">${words.backup.link}</a></p>
    </section>
    ${listeningForms(c, pages)}
    <form method="post" action="/system/log" class="card">
      ${csrfField(c)}
      ${select(
        text.logLevel,
        "level",
        LOG_LEVELS.map((one) => [one, one] as const),
        all.log.level ?? config.log.level,
      )}
      <p class="buttons"><button class="main">${words.frame.save}</button></p>
    </form>`;
  return page(c, text.title, body);
}
