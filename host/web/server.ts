// The web pages: wires guard, pages and files, and listens.
import { isIP } from "node:net";
import { version as VERSION } from "../../package.json";
import { Hono } from "hono";
import { html } from "hono/html";
import type { Config } from "../config/config.ts";
import { DialwardError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import { makeBackup } from "../service/backup.ts";
import { openForService } from "../service/restore.ts";
import type { Service } from "../service/service.ts";
import { administratorPages } from "./administrator.ts";
import { backupPages } from "./backup.ts";
import { clientPages } from "./clients.ts";
import { compress } from "./compress.ts";
import { connectionPages } from "./connections.ts";
import type { PageContext, PageEnv, Pages } from "./context.ts";
import { doctorPages } from "./doctor.ts";
import { Enrollings } from "./enrolling.ts";
import { Drafts } from "./drafts.ts";
import { enrolPages } from "./enrol.ts";
import { exportPages } from "./export.ts";
import { addFiles } from "./files.ts";
import { KeptForms } from "./kept-forms.ts";
import { groupPages } from "./groups.ts";
import { gate } from "./gate.ts";
import { importPages } from "./import.ts";
import { PlannedImports } from "./planned-imports.ts";
import { findOrigin, findSession, headers, limitBody, readForm, requireSession, small } from "./guard.ts";
import { linkPages } from "./links.ts";
import { ownAddresses } from "./listening.ts";
import { logPages } from "./log.ts";
import { loginPages } from "./login.ts";
import { managementPages } from "./management.ts";
import { note, plainPage, type Html } from "./page.ts";
import { openMail } from "./mail.ts";
import { hostOf } from "./origin.ts";
import { selfPages } from "./self.ts";
import { WebSessions } from "./session.ts";
import { SetupLink } from "./setup-link.ts";
import { startPages } from "./start-page.ts";
import { systemPages } from "./system.ts";
import { tryLoginPages } from "./try-login.ts";
import type { WebPorts } from "./ports.ts";
import { oneUserPages } from "./user.ts";
import { userPages } from "./users.ts";
import { saidBy } from "./forms.ts";

export interface WebServer {
  /** Where the pages are, as a browser opens them. */
  url: string;
  /** Where else they are. */
  alsoUrls: string[];
  /** The link that opens the set-up, and the file that holds it, while there is no administrator yet. */
  setup?: { link: string; file: string };
  /** Where users open their links, where that is an address of its own. */
  enrolUrl?: string;
}

/** What the service does when the pages have changed something. */
export interface Hooks {
  /** RADIUS clients or the log's level. */
  apply(): void;
  /** Where RADIUS is answered. */
  radius: Pages["radius"];
}

/** How often certificates are looked at, and one that is made here is renewed. */
const RENEWAL_MS = 12 * 3_600_000;

/** Starts the pages on ports that are bound. */
export function startWeb(
  ports: WebPorts,
  config: Config,
  service: Service,
  log: Log,
  warn: (message: string) => void,
  hooks: Hooks,
): WebServer {
  const administrator = service.administrator();
  const setup = new SetupLink(config.data);
  const { admission, store, users, groups, index, changes, counts, journal, links, settings } = service;
  const inFile = { ...config.web };
  /** Configuration and settings together: the file goes before what the pages were told. */
  const merge = (): void => {
    const { web } = settings.read();
    config.web.proxies = inFile.proxies.length > 0 ? inFile.proxies : web.proxies;
    config.web.path = inFile.path || web.path;
    config.web.names = [...inFile.names, ...web.names];
  };
  merge();
  const pages: Pages = {
    ...{
      config,
      admission,
      store,
      users,
      groups,
      index,
      changes,
      counts,
      journal,
      links,
      settings,
      administrator,
      warn,
    },
    version: VERSION,
    started: Date.now(),
    setupCode: setup.code,
    sessions: new WebSessions(() => settings.read().accounts),
    drafts: new Drafts(),
    forms: new KeptForms(),
    formPages: new Map(),
    enrollings: new Enrollings(),
    enrolAt: () => ports.url("enrol"),
    mail: openMail(config, warn),
    names: () => [...config.web.names, ...ports.names],
    listening: () => [ports.url("main"), ports.url("also")].filter((url) => url !== undefined),
    listenAlso: async (text) => {
      if (text === undefined) {
        ports.giveUp("also");
        return undefined;
      }
      const { url } = await ports.open("also", text, "web.listen");
      ports.serve("also", app.fetch);
      return url;
    },
    certificate: () => ports.certificate,
    renew: () => ports.renew(),
    radius: hooks.radius,
    backup: (passphrase) => makeBackup(service, passphrase),
    openBackup: (file, passphrase) => openForService(service, config.data, file, passphrase),
    imports: new PlannedImports(),
    apply: () => {
      merge();
      hooks.apply();
    },
    reachedAt: (c) => {
      const host = hostOf(c);
      return isIP(host) && !host.startsWith("127.") && host !== "::1"
        ? host
        : (ownAddresses()[0] ?? "127.0.0.1");
    },
  };
  const app = createApp(pages, log);
  ports.serve("main", app.fetch);
  ports.serve("also", app.fetch);
  ports.serve("enrol", createEnrolApp(pages, log).fetch);
  setInterval(() => {
    try {
      pages.renew();
    } catch (error) {
      warn((error as Error).message);
    }
  }, RENEWAL_MS).unref();
  const [url = "", ...alsoUrls] = pages.listening();
  const enrolUrl = ports.url("enrol");
  return {
    url,
    alsoUrls,
    ...(administrator.name === undefined && { setup: setup.write(url) }),
    ...(enrolUrl !== undefined && { enrolUrl }),
  };
}

/** Where users enrol themselves, and nothing else: the links' page, the token, and what both load. */
export function createEnrolApp(pages: Pages, log: Log): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  app.use(compress, headers(pages.config.service.name), small, async (c, next) => {
    const got = c.req.method === "GET" || c.req.method === "HEAD";
    return (got ? undefined : await readForm(c)) ?? next();
  });
  app.get("/", (c) => c.redirect("/enrol", 303));
  addFiles(app);
  app.route("/", selfPages(pages));
  addEnds(app, log, () => html``);
  return app;
}

/** The pages as one function from request to answer. */
export function createApp(pages: Pages, log: Log): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  app.use(
    compress,
    prefixed,
    headers(pages.config.service.name),
    findOrigin(pages),
    findSession(pages),
    limitBody,
    requireSession(pages),
  );
  app.get("/", (c) => c.redirect("/users", 303));
  addFiles(app);
  app.route("/", gate(pages));
  app.route("/", loginPages(pages));
  app.route("/", enrolPages(pages));
  app.route("/", userPages(pages));
  app.route("/", oneUserPages(pages));
  app.route("/", groupPages(pages));
  app.route("/", doctorPages(pages));
  app.route("/", linkPages(pages));
  app.route("/", selfPages(pages));
  app.route("/", connectionPages(pages));
  app.route("/", clientPages(pages));
  app.route("/", tryLoginPages(pages));
  app.route("/", startPages(pages));
  app.route("/", systemPages(pages));
  app.route("/", backupPages(pages));
  app.route("/", importPages(pages));
  app.route("/", exportPages(pages));
  app.route("/", administratorPages(pages));
  app.route("/", managementPages(pages));
  app.route("/", logPages(pages));
  addEnds(app, log, (c) => html`<p><a class="button" href="/users">${c.get("words").frame.toUsers}</a></p>`);
  return app;
}

/** What is answered where there is no page, and where one fails. */
function addEnds(app: Hono<PageEnv>, log: Log, back: (c: PageContext) => Html): void {
  app.notFound((c) => plainPage(c, c.get("words").frame.noPage, back(c), 404));
  app.onError((error, c) => {
    const words = c.get("words");
    if (error instanceof DialwardError) {
      const status = error.code === "not-found" ? 404 : 400;
      return plainPage(c, words.frame.failed, html`${note("bad", saidBy(error, c))}${back(c)}`, status);
    }
    log.error({ err: error, path: c.req.path }, "a page failed");
    return plainPage(c, words.frame.failed, html`${note("bad", words.frame.logSays)}${back(c)}`, 500);
  });
}

/** Puts the path under which a proxy serves the pages before every link in an answer. */
async function prefixed(c: PageContext, next: () => Promise<void>): Promise<void> {
  await next();
  const path = c.get("base");
  if (!path) return;
  const location = c.res.headers.get("location");
  if (location?.startsWith("/") && !c.get("complete")) c.res.headers.set("location", path + location);
  if (!c.res.headers.get("content-type")?.startsWith("text/html")) return;
  const text = await c.res.text();
  // Values are escaped, so that a quotation mark after = is the template's own.
  c.res = new Response(text.replace(/ (href|src|action|formaction|data-live)="\//g, ` $1="${path}/`), c.res);
}
