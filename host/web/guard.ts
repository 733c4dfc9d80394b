// What every request passes before a page sees it: whence it comes, its session, its form and CSRF token, and the
// headers of every answer.
import type { Context, MiddlewareHandler } from "hono";
import { getConnInfo } from "@hono/node-server/conninfo";
import { getCookie } from "hono/cookie";
import type { Zone } from "../admin/account.ts";
import { isWithin, plainAddress } from "../config/networks.ts";
import { Form, type PageEnv, type Pages } from "./context.ts";
import { COOKIE } from "./login.ts";
import { note, plainPage } from "./page.ts";
import { isSame } from "./session.ts";

/** What is served without a session. The gate looks for one itself. */
const OPEN_PATHS = new Set(["/login", "/setup", "/auth", "/page.css", "/page.js", "/icon.svg"]);
const TOKEN_PATH = "/token";

const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const TOKEN_POLICY = POLICY.replace(
  "script-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'",
);

/** The headers of every answer. */
export const headers: MiddlewareHandler<PageEnv> = async (c, next) => {
  await next();
  const token = c.req.path.startsWith(TOKEN_PATH);
  c.header("Content-Security-Policy", token ? TOKEN_POLICY : POLICY);
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
    const { address, forwarded } = clientOf(c, pages.config.web.proxies);
    const zone: Zone = !forwarded && isWithin(address, lan) ? "lan" : "wan";
    c.set("address", address);
    c.set("zone", zone);
    const open = management.enabled && management.https.open;
    if (zone === "wan" && !open && c.req.path !== "/auth") {
      const text = "Management from the Internet is off. Come from the LAN, or have it allowed there.";
      return plainPage(c, "Not from here", note("bad", text), 403);
    }
    return next();
  };
}

/** Reads the form, finds the session, and refuses what comes without either. */
export function requireSession({ sessions, config }: Pages): MiddlewareHandler<PageEnv> {
  return async (c, next) => {
    const path = c.req.path;
    const session = sessions.find(getCookie(c, COOKIE), c.get("address"), c.get("zone"));
    if (session) c.set("session", session);
    const open = OPEN_PATHS.has(path) || path === TOKEN_PATH || path.startsWith(`${TOKEN_PATH}/`);
    if (c.req.method === "GET" || c.req.method === "HEAD") {
      if (!session && !open)
        return c.redirect(
          path === "/" ? "/login" : `/login?next=${encodeURIComponent(config.web.path + path)}`,
          303,
        );
      return next();
    }
    if (c.req.method !== "POST") return c.text("Only GET and POST.", 405);
    if (isCrossSite(c)) return plainPage(c, "Refused", note("bad", "This form came from another site."), 403);
    c.set("form", new Form(await c.req.parseBody({ all: true })));
    if (open && path !== "/auth") return next();
    if (!session) return c.redirect("/login", 303);
    if (!isSame(c.get("form").text("csrf"), session.csrf)) {
      return plainPage(
        c,
        "Refused",
        note("bad", "This form is not of this session. Go back and load it anew."),
        403,
      );
    }
    return next();
  };
}

/** The client's address: the peer's, or of a proxy that is trusted what it says. `forwarded`: nobody can tell. */
function clientOf(c: Context, proxies: readonly string[]): { address: string; forwarded: boolean } {
  const peer = plainAddress(getConnInfo(c).remote.address ?? "");
  const told = c.req.header("x-real-ip");
  if (isWithin(peer, proxies)) {
    return told === undefined
      ? { address: peer, forwarded: true }
      : { address: plainAddress(told.trim()), forwarded: false };
  }
  // A proxy that nobody has configured: whoever is behind it is a stranger.
  const forwarded = ["x-real-ip", "x-forwarded-for", "forwarded"].some(
    (name) => c.req.header(name) !== undefined,
  );
  return { address: peer, forwarded };
}

/** Whether a browser says that the form came from elsewhere. */
function isCrossSite(c: Context): boolean {
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  const origin = c.req.header("origin");
  if (origin === undefined) return false;
  try {
    return new URL(origin).host !== c.req.header("host");
  } catch {
    return true;
  }
}
