// System: health, clock, where the pages listen, their certificate, the log's level.
import { X509Certificate, createPrivateKey } from "node:crypto";
import { networkInterfaces } from "node:os";
import { Hono } from "hono";
import { html } from "hono/html";
import { isSynchronised } from "../core/clock.ts";
import { DialwardError } from "../errors.ts";
import { isPrefix, isWithin } from "../config/networks.ts";
import { LOG_LEVELS } from "../log/log.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import type { Form } from "./form.ts";
import { keptForm, onPost } from "./forms.ts";
import { Problems } from "./kept-forms.ts";
import { csrfField, field, fieldProblem, page, problemNote, select, timeTag, type Html } from "./page.ts";
import { daysLeft, keepGiven } from "./tls.ts";

const PAGE = "/system";
const WHERE = ["here", "lan", "proxy"] as const;
const PORT = 8443;

export function systemPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { settings, config } = pages;
  const here = (): string => PAGE;

  app.get(PAGE, (c) => systemPage(c, pages));
  onPost(app, pages, "/system/listen", here, async (c, form) => {
    const words = c.get("words").system;
    if (config.web.listen !== undefined) throw new Problems({ "": words.inFile });
    const where = WHERE.find((one) => one === form.text("where")) ?? "here";
    const changed = readWhere(form, where, c);
    // Tried before it is saved; what listens on this machine stays, so that nobody is shut out.
    let url: string | undefined;
    try {
      url = await pages.listenAlso(changed.listen);
    } catch (error) {
      if (error instanceof DialwardError)
        throw new Problems({ [where === "lan" ? "port" : ""]: error.message });
      throw error;
    }
    settings.change((old) => ({ ...old, web: { ...old.web, ...changed } }));
    pages.changes.note("pages' address changed", url ?? where, c.get("session").name);
    pages.apply();
    if (url === undefined) return goTo(c, PAGE, "good", words.listensHere);
    // Said before somebody wonders: whoever comes from a network like this address is from the WAN.
    const known = isWithin(form.text("address"), settings.read().lan);
    return goTo(c, PAGE, known ? "good" : "bad", words.listensAt(url) + (known ? "" : ` ${words.notLan}`));
  });

  onPost(app, pages, "/system/certificate", here, (c, form) => {
    const words = c.get("words").system;
    const [cert, key] = [form.text("cert").trim(), form.text("key").trim()];
    try {
      const parsed = new X509Certificate(cert);
      if (!parsed.checkPrivateKey(createPrivateKey(key))) throw new Problems({ key: words.otherKey });
      if (daysLeft(Buffer.from(cert)) <= 0) throw new Problems({ cert: words.expired });
    } catch (error) {
      if (error instanceof Problems) throw error;
      throw new Problems({ cert: words.noCertificate });
    }
    keepGiven(config, `${cert}\n`, `${key}\n`);
    pages.changes.note("certificate given", "", c.get("session").name);
    pages.renew();
    return goTo(c, PAGE, "good", words.certificateTaken);
  });

  onPost(app, pages, "/system/log", here, (c, form) => {
    const level = LOG_LEVELS.find((one) => one === form.text("level"));
    settings.change((old) => ({ ...old, log: { ...old.log, level } }));
    pages.apply();
    return goTo(c, PAGE, "good", c.get("words").frame.saved);
  });
  return app;
}

/** What the form says of where the pages listen. Throws Problems. */
function readWhere(form: Form, where: (typeof WHERE)[number], c: PageContext) {
  const words = c.get("words").system;
  const names = form
    .text("names")
    .split(/[\s,]+/)
    .filter(Boolean);
  const wrongName = names.find((name) => !/^[\w.*-]+$/.test(name));
  if (wrongName !== undefined) throw new Problems({ names: words.nameWrong(wrongName) });
  if (where === "here") return { listen: undefined, proxies: [], path: "", names };
  if (where === "lan") {
    const port = form.number("port", 1, 65_535);
    const address = ownAddresses().find((one) => one === form.text("address"));
    if (port === undefined || Number.isNaN(port))
      throw new Problems({ port: c.get("words").management.portWrong });
    if (address === undefined) throw new Problems({ "": words.addressGone });
    return {
      listen: address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
      proxies: [],
      path: "",
      names,
    };
  }
  const proxy = form.text("proxy").trim();
  const path = form.text("path").trim().replace(/\/$/, "");
  if (!isPrefix(proxy)) throw new Problems({ proxy: words.proxyWrong });
  if (!/^(\/[\w.-]+)*$/.test(path)) throw new Problems({ path: words.pathWrong });
  return { listen: undefined, proxies: [proxy], path, names };
}

/** This machine's addresses that others may reach. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith("fe80:"))
    .map(({ address }) => address);
}

async function systemPage(c: PageContext, pages: Pages) {
  const words = c.get("words");
  const text = words.system;
  const { config } = pages;
  const { form, problems = {} } = keptForm(c, pages) ?? {};
  const all = pages.settings.read();
  const { web } = all;
  const synchronised = await isSynchronised();
  const certificate = pages.certificate();
  const left = certificate && daysLeft(certificate.cert);
  const facts: [string, Html | string][] = [
    [text.version, pages.version],
    [text.since, timeTag(pages.started)],
    [text.data, config.data],
    [text.store, config.store.url === undefined ? text.here : "Redis"],
    [
      text.clock,
      html`${timeTag(Date.now())}
        <span
          data-clock="${new Date().toISOString()}"
          data-off="${text.clockOff}"
          data-same="${text.clockSame}"
        ></span>`,
    ],
    [text.ntp, synchronised === undefined ? text.ntpUnknown : synchronised ? text.ntpYes : text.ntpNo],
    [text.listening, html`${pages.listening().map((url) => html`<a href="${url}">${url}</a> `)}`],
    [
      text.certificate,
      left === undefined
        ? text.none
        : html`${certificate!.made ? text.certMade : text.certGiven}: ${text.days(left)}`,
    ],
  ];
  const chosen = form?.text("where") || (web.proxies.length > 0 ? "proxy" : web.listen ? "lan" : "here");
  const [, listenAddress = "", listenPort = String(PORT)] =
    /^\[?(.*?)\]?:(\d+)$/.exec(web.listen ?? "") ?? [];
  const radio = (one: (typeof WHERE)[number]) =>
    html`<label class="choice"
      ><input type="radio" name="where" value="${one}" ${one === chosen ? "checked" : ""} /><span
        ><strong>${text.where[one]}</strong> <span class="hint">${text.whereHints[one]}</span></span
      ></label
    >`;
  const listenForm = html`<form method="post" action="/system/listen" class="card where" autocomplete="off">
    ${csrfField(c)}
    <fieldset>
      <legend>${text.whereTitle}</legend>
      ${WHERE.map(radio)}
    </fieldset>
    <div class="for-lan two">
      ${select(
        text.address,
        "address",
        ownAddresses().map((one) => [one, one] as const),
        form?.text("address") || listenAddress,
      )}
      ${field(text.port, "port", html`inputmode="numeric" value="${form?.text("port") ?? listenPort}"`, undefined, problems["port"])}
    </div>
    <div class="for-proxy two">
      ${field(text.proxy, "proxy", html`value="${form?.text("proxy") ?? web.proxies[0] ?? "127.0.0.1"}"`, undefined, problems["proxy"])}
      ${field(text.path, "path", html`value="${form?.text("path") ?? web.path}" placeholder="/dialward"`, undefined, problems["path"])}
    </div>
    ${field(text.names, "names", html`spellcheck="false" value="${form?.text("names") ?? web.names.join(" ")}"`, text.namesHint, problems["names"])}
    <p class="buttons"><button class="main">${words.frame.save}</button></p>
  </form>`;
  const pem = (name: "cert" | "key", label: string) =>
    html`<p class="field">
      <label for="${name}">${label}</label>
      <textarea
        id="${name}"
        name="${name}"
        rows="4"
        spellcheck="false"
        autocomplete="off"
        required
        ${problems[name] ? html`aria-invalid="true" aria-describedby="${name}-problem" autofocus` : ""}
      >
${name === "cert" ? (form?.text(name) ?? "") : ""}</textarea>
      ${fieldProblem(name, problems[name])}
    </p>`;
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
    </section>
    ${config.web.listen === undefined ? listenForm : html`<p class="card">${text.inFile}</p>`}
    <details class="card" ${problems["cert"] || problems["key"] ? "open" : ""}>
      <summary>${text.giveCertificate}</summary>
      <form method="post" action="/system/certificate">
        ${csrfField(c)}
        <p>${text.certificateText}</p>
        ${pem("cert", text.certPem)} ${pem("key", text.keyPem)}
        <p class="buttons"><button class="main">${words.frame.save}</button></p>
      </form>
    </details>
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
