// The cookies: one opens the pages and goes to them alone, one passes the gate and opens nothing else. (RFC 6265bis:
// __Host- and __Secure- are kept by browsers from being planted.)
import { deleteCookie, setCookie } from "hono/cookie";
import type { PageContext, Pages } from "./context.ts";

/** Passes the gate: it goes to the whole host, and so to the router's own pages. */
export const GATE_COOKIE = "dialward-gate";

/** The name of the cookie that opens the pages. */
export function cookieName(c: PageContext): string {
  if (!c.get("secure")) return "dialward";
  return c.get("base") === "" ? "__Host-dialward" : "__Secure-dialward";
}

/** Gives the browser its session's cookies. */
export function giveCookies(c: PageContext, pages: Pages, value: string, gate: string): void {
  const secure = c.get("secure");
  const { config } = pages;
  const common = { httpOnly: true, sameSite: "Strict", secure } as const;
  setCookie(c, cookieName(c), value, { ...common, path: c.get("base") || "/" });
  if (config.web.proxies.length > 0) setCookie(c, GATE_COOKIE, gate, { ...common, path: "/" });
}

/** Takes them back. */
export function takeCookies(c: PageContext): void {
  const secure = c.get("secure");
  deleteCookie(c, cookieName(c), { path: c.get("base") || "/", secure });
  deleteCookie(c, GATE_COOKIE, { path: "/", secure });
}
