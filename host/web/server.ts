// The web pages: wires guard, pages and files, and listens. (Hono on Node's own HTTP server.)
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer as createHttp, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { html } from "hono/html";
import type { Config } from "../config/config.ts";
import { printEndpoint, readEndpoint, type Endpoint } from "../config/endpoint.ts";
import { DialwardError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import { asOwner } from "../service/privileges.ts";
import type { Service } from "../service/service.ts";
import { createPrivateFile } from "../config/private-file.ts";
import { administratorPages } from "./administrator.ts";
import { connectionPages } from "./connections.ts";
import type { PageContext, PageEnv, Pages } from "./context.ts";
import { doctorPages } from "./doctor.ts";
import { Drafts } from "./drafts.ts";
import { enrolPages } from "./enrol.ts";
import { KeptForms } from "./kept-forms.ts";
import { gate } from "./gate.ts";
import { findOrigin, headers, requireSession } from "./guard.ts";
import { logPages } from "./log.ts";
import { loginPages } from "./login.ts";
import { managementPages } from "./management.ts";
import { note, plainPage } from "./page.ts";
import { WebSessions } from "./session.ts";
import { namesOf, readTls } from "./tls.ts";
import { oneUserPages } from "./user.ts";
import { userPages } from "./users.ts";
import { quoted } from "./words.ts";

/** Where nothing is configured. */
export const DEFAULT_LISTEN = "127.0.0.1:8080";

const BODY_BYTES = 64 * 1024;
const CONNECTIONS = 256;
const TIMEOUT_MS = 15_000;

const FILES: Record<string, string> = {
  "/page.css": "text/css",
  "/page.js": "text/javascript",
  "/icon.svg": "image/svg+xml",
};

/** The offline token: its page and what that loads. */
const TOKEN_FILES: Record<string, string> = {
  "": "text/html; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
  "page.css": "text/css; charset=utf-8",
  "worker.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
  "core.wasm": "application/wasm",
};

export interface WebServer {
  /** Where the pages are, as a browser opens them. */
  url: string;
  /** The file with the setup code, while there is no administrator yet. */
  setupFile?: string;
}

/** A port for the pages that is bound, and answers 503 until they are there. */
export interface WebPort {
  server: Server;
  endpoint: Endpoint;
  /** Undefined for plain HTTP. */
  tls: { cert: Buffer } | undefined;
  /** What answers from now on. */
  serve(fetch: Hono<PageEnv>["fetch"]): void;
  close(): Promise<void>;
}

/** Binds the port, which root may have to do. Throws DialwardError("config") where it cannot. */
export async function bindWeb(config: Config, warn: (message: string) => void): Promise<WebPort> {
  const endpoint = await readEndpoint(config.web.listen ?? DEFAULT_LISTEN, "web.listen");
  // What is kept in the data folder is its owner's; a certificate elsewhere may be root's.
  const readKeys = async () => readTls(config, endpoint.address, warn);
  const tls = config.web.key === undefined ? await asOwner(config, readKeys) : await readKeys();
  let answer: Hono<PageEnv>["fetch"] = () => new Response("The service is starting.\n", { status: 503 });
  const limits = { requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS, maxHeaderSize: 16_384 };
  const options = tls
    ? { createServer: createHttps, serverOptions: { ...limits, ...tls, minVersion: "TLSv1.2" as const } }
    : { createServer: createHttp, serverOptions: limits };
  const server = createAdaptorServer({ fetch: (request, env) => answer(request, env), ...options }) as Server;
  server.maxConnections = CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: Error) => {
      const text = `The pages cannot listen on ${printEndpoint(endpoint)}: ${cause.message}. Set web.listen.`;
      reject(new DialwardError("config", text, { cause }));
    });
    server.listen(endpoint.port, endpoint.address, resolve);
  });
  return {
    server,
    endpoint,
    tls,
    serve: (fetch) => (answer = fetch),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Starts the pages on a port that is bound. */
export function startWeb(
  { server, endpoint, tls, serve }: WebPort,
  config: Config,
  service: Service,
  log: Log,
  warn: (message: string) => void,
): WebServer {
  const administrator = service.administrator();
  const setupFile = join(config.data, "setup-code");
  let setupCode = randomBytes(8).toString("hex");
  if (administrator.name === undefined) {
    createPrivateFile(setupFile, `${setupCode.match(/.{4}/g)!.join("-")}\n`);
    setupCode = readFileSync(setupFile, "utf8").trim();
  }
  const { admission, store, users, index, journal, settings } = service;
  const secure = tls !== undefined || config.web.proxies.length > 0;
  const certified = tls ? namesOf(tls.cert) : [];
  const pages: Pages = {
    ...{ config, admission, store, users, index, journal, settings, administrator, setupCode, secure, warn },
    sessions: new WebSessions(),
    drafts: new Drafts(),
    forms: new KeptForms(),
    formPages: new Map(),
    names: () => [...config.web.names, ...certified],
  };
  serve(createApp(pages, log).fetch);
  const bound = server.address();
  const port = typeof bound === "object" && bound ? bound.port : endpoint.port;
  return {
    url: `${tls ? "https" : "http"}://${printEndpoint({ ...endpoint, port })}/`,
    ...(administrator.name === undefined && { setupFile }),
  };
}

/** The pages as one function from request to answer. */
export function createApp(pages: Pages, log: Log): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  app.use(
    compress(),
    prefixed(pages.config.web.path),
    headers(pages.config.service.name),
    findOrigin(pages),
    bodyLimit({ maxSize: BODY_BYTES }),
    requireSession(pages),
  );
  app.get("/", (c) => c.redirect("/users", 303));
  for (const [path, type] of Object.entries(FILES)) {
    const text = readAsset(path.slice(1));
    app.get(path, (c) =>
      c.body(text, 200, { "Content-Type": `${type}; charset=utf-8`, "Cache-Control": "max-age=300" }),
    );
  }
  app.get("/token", (c) => c.redirect("/token/", 303));
  for (const [path, type] of Object.entries(TOKEN_FILES)) {
    const text = readAsset(`token/${path || "page.html"}`);
    app.get(`/token/${path}`, (c) =>
      c.body(text, 200, { "Content-Type": type, "Cache-Control": "no-cache" }),
    );
  }
  app.route("/", gate(pages));
  app.route("/", loginPages(pages));
  app.route("/", enrolPages(pages));
  app.route("/", userPages(pages));
  app.route("/", oneUserPages(pages));
  app.route("/", doctorPages(pages));
  app.route("/", connectionPages(pages));
  app.route("/", administratorPages(pages));
  app.route("/", managementPages(pages));
  app.route("/", logPages(pages));
  const back = (c: PageContext) =>
    html`<p><a class="button" href="/users">${c.get("words").frame.toUsers}</a></p>`;
  app.notFound((c) => plainPage(c, c.get("words").frame.noPage, back(c), 404));
  app.onError((error, c) => {
    const words = c.get("words");
    if (error instanceof DialwardError) {
      const status = error.code === "not-found" ? 404 : 400;
      const name = quoted(c.req.query("name") ?? "");
      const text = words.errors[error.code]?.(name) ?? error.message;
      return plainPage(c, words.frame.failed, html`${note("bad", text)}${back(c)}`, status);
    }
    log.error({ err: error, path: c.req.path }, "a page failed");
    return plainPage(c, words.frame.failed, html`${note("bad", words.frame.logSays)}${back(c)}`, 500);
  });
  return app;
}

/** A file of the pages' own, from where the build puts them. */
export function readAsset(name: string): Buffer<ArrayBuffer> {
  // From source the built files lie in dist/; a bundle lies beside them.
  const folder = import.meta.url.endsWith(".ts") ? "../../dist/web/" : "./web/";
  return readFileSync(new URL(folder + name, import.meta.url));
}

/** Puts the path under which a proxy serves the pages before every link in an answer. */
function prefixed(path: string) {
  return async (c: PageContext, next: () => Promise<void>): Promise<void> => {
    await next();
    if (path === "") return;
    const location = c.res.headers.get("location");
    if (location?.startsWith("/") && !c.get("complete")) c.res.headers.set("location", path + location);
    if (!c.res.headers.get("content-type")?.startsWith("text/html")) return;
    const text = await c.res.text();
    // Values are escaped, so that a quotation mark after = is the template's own.
    c.res = new Response(
      text.replace(/ (href|src|action|formaction|data-live)="\//g, ` $1="${path}/`),
      c.res,
    );
  };
}
