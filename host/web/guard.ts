// What every request passes before a page sees it: whence it comes, its session, its form and CSRF token, and the
// headers of every answer.
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie } from "hono/cookie";
import type { Role } from "../admin/settings.ts";
import { actAs } from "../store/changes.ts";
import type { Zone } from "../admin/administrator-login.ts";
import { systemClock } from "../core/clock.ts";
import { isWithin } from "../config/networks.ts";
import type { PageContext, PageEnv, Pages } from "./context.ts";
import { Form } from "./form.ts";
import { cookieName } from "./cookie.ts";
import { withQuery } from "./forms.ts";
import { clientOf, hostOf, isOwnName } from "./origin.ts";
import { note, plainPage } from "./page.ts";
import { isSame, unmaskSecret, type WebSession } from "./session.ts";
import { chooseWords } from "./words.ts";

/** What is served without a session. The gate looks for one itself. */
const OPEN_PATHS = new Set([
  ...["/login", "/setup", "/auth", "/page.css", "/page.js", "/icon.svg"],
  ...["/enrol", "/enrol/steps", "/enrol/own", "/enrol/code"],
]);
const TOKEN_PATH = "/token";

/** Bytes of a form, and of one that has files. */
const BODY_BYTES = 64 * 1024;
const UPLOAD_BYTES = 16 * 1024 * 1024;
const UPLOAD_PATHS = new Set(["/users/import", "/system/restore"]);

/** Pages that ask by themselves say so in this header, and when they did last: that is no sign of a person. */
export const LIVE_HEADER = "x-dialward-live";

const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const TOKEN_POLICY = POLICY.replace(
  "script-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'",
);

/** The headers of every answer, and what every page shows; `service` is how this installation is called. */
export const headers =
  (service: string): MiddlewareHandler<PageEnv> =>
  async (c, next) => {
    c.set("service", service);
    c.set("words", chooseWords(c.req.header("accept-language")));
    c.set("clockSet", systemClock.plausible());
    await next();
    c.header("Content-Security-Policy", isToken(c.req.path) ? TOKEN_POLICY : POLICY);
    c.header("X-Content-Type-Options", "nosniff");
    c.header("X-Frame-Options", "DENY");
    c.header("Referrer-Policy", "same-origin");
    c.header("Cross-Origin-Opener-Policy", "same-origin");
    c.header("Cross-Origin-Resource-Policy", "same-origin");
    if (!c.res.headers.has("Cache-Control")) c.header("Cache-Control", "no-store");
  };

/** Tells whence a request comes, and refuses the pages to the WAN unless management from there is allowed. */
export function findOrigin(pages: Pages): MiddlewareHandler<PageEnv> {
  return async (c, next) => {
    const { lan, management } = pages.settings.read();
    const { address, unknown, proxied } = clientOf(c, pages.config.web.proxies);
    const zone: Zone = !unknown && isWithin(address, lan) ? "lan" : "wan";
    c.set("address", address);
    c.set("zone", zone);
    c.set("base", proxied ? pages.config.web.path : "");
    c.set("secure", proxied || new URL(c.req.url).protocol === "https:");
    const words = c.get("words");
    // The gate answers proxies that are named, and nobody else: whoever is asked by others must not guess for them.
    if (c.req.path === "/auth")
      return proxied ? next() : c.text("Name this proxy under [web] proxies.\n", 403);
    const open = management.enabled && management.https.open;
    if (zone === "wan" && !open) {
      return plainPage(c, words.guard.notFromHere, note("bad", words.guard.managementOff), 403);
    }
    const host = hostOf(c);
    if (!isOwnName(host, pages.names())) {
      return plainPage(c, words.guard.refused, note("bad", words.guard.foreignName(host)), 421);
    }
    return next();
  };
}

/** Finds the session of the request's cookie. */
export function findSession({ sessions }: Pages): MiddlewareHandler<PageEnv> {
  return async (c, next) => {
    const live = c.req.header(LIVE_HEADER) !== undefined;
    const session = sessions.find(getCookie(c, cookieName(c)), c.get("address"), c.get("zone"), !live);
    if (session) c.set("session", session);
    await next();
  };
}

const bounded = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: (c: PageContext) => {
      const { moving, guard, frame } = c.get("words");
      const command = c.req.path === "/system/restore" ? "dialward restore" : "dialward user import";
      const text = maxSize === BODY_BYTES ? guard.tooMuch : moving.tooLarge(maxSize / 1024 / 1024, command);
      return plainPage(c, frame.failed, note("bad", text), 413);
    },
  });

/** Bounds what a form without files may send. */
export const small = bounded(BODY_BYTES);
const large = bounded(UPLOAD_BYTES);

/** Bounds what a request may send: files only of who is logged in. */
export const limitBody: MiddlewareHandler<PageEnv> = (c, next) =>
  UPLOAD_PATHS.has(c.req.path) && c.get("session") ? large(c, next) : small(c, next);

/** Reads the form, and refuses what comes without one or without a session. */
export function requireSession(pages: Pages): MiddlewareHandler<PageEnv> {
  const { sessions, forms } = pages;
  return async (c, next) => {
    const path = c.req.path;
    const words = c.get("words");
    const cookie = getCookie(c, cookieName(c));
    const live = c.req.header(LIVE_HEADER) !== undefined;
    const session = c.get("session") as WebSession | undefined;
    const role = session && pages.administrator.roleOf(session.name);
    c.set("helpdesk", role !== "all");
    const open = OPEN_PATHS.has(path) || isToken(path);
    if (c.req.method === "GET" || c.req.method === "HEAD") {
      if (open) return next();
      if (session) return isAllowed(path, role) ? actAs(session.name, next) : notAllowed(c);
      if (live) return c.text("", 401);
      const { search } = new URL(c.req.url);
      return c.redirect(path === "/" ? "/login" : toLogin(c.get("base") + path + search), 303);
    }
    const refused = await readForm(c);
    if (refused || open) return refused ?? next();
    const form = c.get("form");
    const author = session ?? sessions.ended(cookie);
    if (author && !isSame(unmaskSecret(form.text("csrf")), author.csrf)) {
      return plainPage(c, words.guard.refused, note("bad", words.guard.otherSession), 403);
    }
    if (session) return isAllowed(path, role) ? actAs(session.name, next) : notAllowed(c);
    const page = pages.formPages.get(path);
    if (author === undefined || page === undefined) return c.redirect("/login", 303);
    // Its author logs in, and finds what was typed.
    const problems = { "": words.guard.sessionEnded };
    const id = forms.keep(author.name, { form: form.without(), problems });
    return c.redirect(toLogin(c.get("base") + withQuery(page(form), "form", id)), 303);
  };
}

/** What the help desk may ask for and do: unlock, doctor, links, and its own password and code. */
const HELPDESK_PATHS = new Set([
  ...["/", "/users", "/users/unlock", "/users/doctor", "/users/link", "/users/link/withdraw"],
  ...["/connections", "/connections/list", "/log", "/administrator", "/administrator/password"],
  ...["/administrator/code", "/administrator/code/verify", "/administrator/code/save", "/logout"],
]);

/** Whether a role may ask for a path; who has none may nothing, though a session ends with its account. */
export function isAllowed(path: string, role: Role | undefined): boolean {
  return role === "all" || (role === "helpdesk" && HELPDESK_PATHS.has(path));
}

function notAllowed(c: PageContext) {
  const { guard } = c.get("words");
  return plainPage(c, guard.refused, note("bad", guard.notAllowed), 403);
}

/** Reads a submitted form; returns what is answered where there is none, or where it comes from elsewhere. */
export async function readForm(c: PageContext): Promise<Response | undefined> {
  const { guard } = c.get("words");
  if (c.req.method !== "POST") return c.text("Only GET and POST.", 405);
  if (isCrossSite(c)) return plainPage(c, guard.refused, note("bad", guard.otherSite), 403);
  c.set("form", new Form(await c.req.parseBody({ all: true })));
  return undefined;
}

function toLogin(next: string): string {
  return `/login?ended=1&next=${encodeURIComponent(next)}`;
}

function isToken(path: string): boolean {
  return path === TOKEN_PATH || path.startsWith(`${TOKEN_PATH}/`);
}

/** Whether a browser says that the form came from elsewhere. */
function isCrossSite(c: Context): boolean {
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const origin = c.req.header("origin");
  if (origin === undefined) return false;
  try {
    return new URL(origin).host !== c.req.header("host");
  } catch {
    return true;
  }
}
