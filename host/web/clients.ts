// RADIUS clients: who may ask, a new one with its secret shown once, and what to put into its daemon.
import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { html } from "hono/html";
import { nasConfigs } from "../admin/nas-config.ts";
import { addClient, readAddedClients, removeClient } from "../config/client-file.ts";
import { loadClients } from "../config/config.ts";
import { isPrefix, isWithin } from "../config/networks.ts";
import { DIAL_IN_TYPES } from "../core/dial-in.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import { goBack, keptForm, onPost } from "./forms.ts";
import { Problems } from "./kept-forms.ts";
import {
  askPage,
  csrfField,
  field,
  hidden,
  listTable,
  nameTag,
  note,
  page,
  problemNote,
  select,
  type Html,
} from "./page.ts";
import { quoted } from "./shown-name.ts";

const PAGE = "/clients";
/** As long as a secret should be at least (RFC 2865 section 3), twice. */
const SECRET_BYTES = 24;

interface MadeClient {
  name: string;
  secret: string;
  server: string;
}

export function clientPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { config } = pages;
  const here = (): string => PAGE;

  app.get(PAGE, (c) => listPage(c, pages));
  onPost(app, pages, "/clients/new", here, (c, form) => {
    const words = c.get("words").clients;
    const problems: Record<string, string> = {};
    const name = form.text("name").trim();
    const address = form.text("address").trim();
    const server = form.text("server").trim();
    if (name === "" || name.length > 64) problems["name"] = words.nameWrong;
    if (!isPrefix(address)) problems["address"] = words.addressWrong;
    if (!/^[\w.:-]+$/.test(server)) problems["server"] = words.serverWrong;
    if (config.radius.clients.some((one) => one.address === address)) problems["address"] = words.taken;
    if (Object.keys(problems).length > 0) throw new Problems(problems);
    // A daemon on this machine has a secret already.
    if (config.radius.clients.length === 0 && isWithin(address, ["127.0.0.1", "::1"])) {
      const { clients } = loadClients(config, pages.warn);
      const own = clients.find((one) => one.address === "127.0.0.1")!;
      const result: MadeClient = { name: own.name, secret: own.secret, server: "127.0.0.1" };
      return goBack(c, pages, PAGE, { form, problems: {}, result });
    }
    const secret = randomBytes(SECRET_BYTES).toString("base64url");
    const type = DIAL_IN_TYPES.find((one) => one === form.text("type"));
    addClient(config.data, {
      name,
      address,
      secret,
      requireMessageAuthenticator: "auto",
      ...(type && { type }),
    });
    pages.apply();
    pages.changes.note("RADIUS client added", name, c.get("session").name);
    const result: MadeClient = { name, secret, server };
    return goBack(c, pages, PAGE, { form, problems: {}, result });
  });
  app.get("/clients/remove", (c) => {
    const words = c.get("words").clients;
    const name = c.req.query("name") ?? "";
    return askPage(c, {
      title: words.removeTitle(quoted(name)),
      text: words.removeText,
      path: "/clients/remove",
      fields: { name },
      label: words.remove,
      back: PAGE,
    });
  });
  onPost(app, pages, "/clients/remove", here, (c, form) => {
    removeClient(config.data, form.text("name"));
    pages.changes.note("RADIUS client removed", form.text("name"), c.get("session").name);
    pages.apply();
    return goTo(c, PAGE, "good", c.get("words").clients.removed(quoted(form.text("name"))));
  });
  return app;
}

function listPage(c: PageContext, pages: Pages) {
  const words = c.get("words");
  const text = words.clients;
  const kept = keptForm(c, pages);
  const made = kept?.result as MadeClient | undefined;
  const { config } = pages;
  const port = (endpoint: string): number => Number(endpoint.split(":").at(-1));
  const listens = pages.radius.endpoints();
  const configured = config.radius.clients.map(({ address, name = address, type }) => ({
    name,
    address,
    type,
  }));
  const rows = [
    ...(configured.length === 0
      ? [clientRow(c, { name: "loopback", address: "127.0.0.1, ::1" }, text.own)]
      : []),
    ...configured.map((one) => clientRow(c, one, text.inFile)),
    ...readAddedClients(config.data).map((one) => clientRow(c, one)),
  ];
  const answers = made && {
    server: made.server,
    secret: made.secret,
    authentication: port(listens[0]!),
    accounting: port([config.radius.accounting].flat()[0]!),
  };
  const shown =
    made && answers
      ? html`${note("good", text.made(quoted(made.name)))}
          <section class="card" aria-labelledby="its-secret">
            <h2 id="its-secret">${text.secret}</h2>
            <p>
              <code id="secret" class="key">${made.secret}</code>
              <button type="button" data-copy="secret" hidden>${words.frame.copy}</button>
            </p>
            <p class="hint">${text.onlyNow}</p>
            <h2>${text.ready}</h2>
            ${nasConfigs(answers).map(
              ({ daemon, files }, i) =>
                html`<details>
                  <summary>${daemon}</summary>
                  ${files.map(
                    ({ file, text }, k) =>
                      html`<p class="label">${file}</p>
                        <pre tabindex="0"><code id="nas-${i}-${k}">${text}</code></pre>
                        <button type="button" data-copy="nas-${i}-${k}" hidden>${words.frame.copy}</button>`,
                  )}
                </details>`,
            )}
          </section>`
      : "";
  const form = made ? undefined : kept?.form;
  const problems = kept?.problems;
  const typed = (name: string, otherwise = ""): Html => html`value="${form?.text(name) ?? otherwise}"`;
  const types = DIAL_IN_TYPES.map((type) => [type, words.profile.types[type]] as const);
  const loopback = listens.every((one) => /^(127\.|\[::1\]|localhost)/.test(one));
  const body = html`${problemNote(words, problems)}${shown}${
      loopback
        ? note(
            "bad",
            html`${text.loopbackOnly(listens.join(", "))}
            ${pages.radius.inFile ? text.inFileOnly : html`<a href="/system">${text.listenMore}</a>`}`,
          )
        : ""
    }
    ${listTable([text.name, text.address, words.doctor.type, hidden(words.frame.actions)], rows)}
    <form method="post" action="/clients/new" class="card after" autocomplete="off">
      ${csrfField(c)}
      <h2>${text.new}</h2>
      ${field(text.name, "name", html`required maxlength="64" ${typed("name")}`, text.nameHint, problems?.["name"])}
      ${field(text.address, "address", html`required ${typed("address")}`, text.addressHint, problems?.["address"])}
      ${select(words.doctor.type, "type", [["", text.told], ...types], form?.text("type") ?? "")}
      ${field(text.server, "server", html`required ${typed("server", pages.reachedAt(c))}`, text.serverHint, problems?.["server"])}
      <p class="buttons"><button class="main">${text.add}</button></p>
    </form>`;
  return page(c, text.title, body);
}

function clientRow(
  c: PageContext,
  { name, address, type }: { name: string; address: string; type?: string | undefined },
  whence?: string,
): Html {
  const words = c.get("words");
  const { types } = words.profile;
  return html`<tr>
    <th scope="row" data-head="${words.clients.name}">${nameTag(name)}</th>
    <td data-head="${words.clients.address}">${address}</td>
    <td data-head="${words.doctor.type}">${type ? types[type as keyof typeof types] : words.clients.told}</td>
    <td class="actions">
      ${
        whence
          ? html`<span class="quiet">${whence}</span>`
          : html`<a class="button danger" href="/clients/remove?name=${encodeURIComponent(name)}"
              >${words.clients.remove}<span class="hidden"> ${nameTag(name)}</span></a
            >`
      }
    </td>
  </tr>`;
}
