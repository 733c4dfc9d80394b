// System, where the pages and RADIUS listen. All of it is tried before it is saved.
import { networkInterfaces } from "node:os";
import { Hono } from "hono";
import { html } from "hono/html";
import type { Settings } from "../admin/settings.ts";
import { DialwardError } from "../errors.ts";
import { isPrefix, isWithin } from "../config/networks.ts";
import { certificateForm } from "./certificate.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import type { Form } from "./form.ts";
import { keptForm, onPost, saidBy } from "./forms.ts";
import { Problems, type KeptForm } from "./kept-forms.ts";
import { csrfField, field, select, type Html } from "./page.ts";
import { comesAfter } from "./origin.ts";
import { checkRevision, revisionField } from "./settings-form.ts";
import type { Words } from "./words.ts";

const PAGE = "/system";
const WHERE = ["here", "lan", "proxy"] as const;
const RADIUS_WHERE = ["here", "everywhere"] as const;
const PORT = 8443;

/** Takes the forms that listeningForms() shows. */
export function listeningPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { settings, config } = pages;
  const here = (): string => PAGE;

  onPost(app, pages, "/system/listen", here, async (c, form) => {
    const words = c.get("words").system;
    if (config.web.listen !== undefined) throw new Problems({ "": words.inFile });
    const where = WHERE.find((one) => one === form.text("where")) ?? "here";
    const { web } = settings.read();
    checkRevision(c, form, { web }, describeWhere(c.get("words"), web));
    const changed = readWhere(form, where, c);
    if (!comesAfter(c, config.web.proxies, web, changed))
      throw new Problems({ "": words.youWouldBeOut(c.get("address")) });
    // Tried before it is saved; what listens on this machine stays, so that nobody is shut out.
    let url: string | undefined;
    try {
      url = await pages.listenAlso(changed.listen);
    } catch (error) {
      if (error instanceof DialwardError)
        throw new Problems({ [where === "lan" ? "port" : ""]: saidBy(error, c) });
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

  onPost(app, pages, "/system/radius", here, async (c, form) => {
    const words = c.get("words").system;
    if (pages.radius.inFile) throw new Problems({ "": words.radiusInFile });
    const everywhere = form.text("radius") === "everywhere";
    await pages.radius.listen(everywhere);
    settings.change((old) => ({ ...old, radius: { everywhere } }));
    const endpoints = pages.radius.endpoints().join(" ");
    pages.changes.note("RADIUS' address changed", endpoints, c.get("session").name);
    return goTo(c, PAGE, "good", words.radiusSaved(endpoints));
  });
  return app;
}

function describeWhere({ system: text }: Words, { listen, proxies, path, names }: Settings["web"]): string {
  const where = proxies.length > 0 ? text.where.proxy : listen ? text.where.lan : text.where.here;
  return [where, listen, ...proxies, path, ...names].filter(Boolean).join(", ");
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

/** The forms, for the page System. */
export function listeningForms(c: PageContext, pages: Pages): Html {
  const { system: text } = c.get("words");
  const kept = keptForm(c, pages);
  return html`${
    pages.config.web.listen === undefined
      ? whereForm(c, pages, kept)
      : html`<p class="card">${text.inFile}</p>`
  }
  ${radiusForm(c, pages)} ${certificateForm(c, pages, kept)}`;
}

/** Choices of which one holds, each with what it means. */
function choices<One extends string>(
  name: string,
  all: readonly One[],
  chosen: One,
  words: Record<One, string>,
  hints: Record<One, string>,
): Html[] {
  return all.map(
    (one) =>
      html`<label class="choice"
        ><input type="radio" name="${name}" value="${one}" ${one === chosen ? "checked" : ""} /><span
          ><strong>${words[one]}</strong> <span class="hint">${hints[one]}</span></span
        ></label
      >`,
  );
}

function whereForm(c: PageContext, pages: Pages, { form, problems = {} }: Partial<KeptForm> = {}): Html {
  const words = c.get("words");
  const text = words.system;
  const { web } = pages.settings.read();
  const chosen =
    WHERE.find((one) => one === form?.text("where")) ??
    (web.proxies.length > 0 ? "proxy" : web.listen ? "lan" : "here");
  const [, listenAddress = "", listenPort = String(PORT)] =
    /^\[?(.*?)\]?:(\d+)$/.exec(web.listen ?? "") ?? [];
  return html`<form method="post" action="/system/listen" class="card where" autocomplete="off">
    ${csrfField(c)}${revisionField({ web })}
    <fieldset>
      <legend>${text.whereTitle}</legend>
      ${choices("where", WHERE, chosen, text.where, text.whereHints)}
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
}

function radiusForm(c: PageContext, { radius }: Pages): Html {
  const { system: text, frame } = c.get("words");
  if (radius.inFile) return html`<p class="card">${text.radiusInFile}</p>`;
  const chosen = radius.everywhere() ? "everywhere" : "here";
  return html`<form method="post" action="/system/radius" class="card">
    ${csrfField(c)}
    <fieldset>
      <legend>${text.radiusTitle}</legend>
      ${choices("radius", RADIUS_WHERE, chosen, text.radius, text.radiusHints)}
    </fieldset>
    <p class="buttons"><button class="main">${frame.save}</button></p>
  </form>`;
}
