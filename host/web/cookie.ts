// The cookies: one opens the pages and goes to them alone, one passes the gate and opens nothing else. (RFC 6265bis:
// __Host- and __Secure- are kept by browsers from being planted.)
import { deleteCookie, setCookie } from "hono/cookie";
import type { PageContext, Pages } from "./context.ts";

/** Passes the gate: it goes to the whole host, and so to the router's own pages. */
export const GATE_COOKIE = "dialward-gate";

/** The name of the cookie that opens the pages. */
export function cookieName({ secure, config }: Pages): string {
  if (!secure) return "dialward";
  return config.web.path === "" ? "__Host-dialward" : "__Secure-dialward";
}

/** Gives the browser its session's cookies. */
export function giveCookies(c: PageContext, pages: Pages, value: string, gate: string): void {
  const { secure, config } = pages;
  const common = { httpOnly: true, sameSite: "Strict", secure } as const;
  setCookie(c, cookieName(pages), value, { ...common, path: config.web.path || "/" });
  if (config.web.proxies.length > 0) setCookie(c, GATE_COOKIE, gate, { ...common, path: "/" });
}

/** Takes them back. */
export function takeCookies(c: PageContext, pages: Pages): void {
  const { secure, config } = pages;
  deleteCookie(c, cookieName(pages), { path: config.web.path || "/", secure });
  deleteCookie(c, GATE_COOKIE, { path: "/", secure });
}
