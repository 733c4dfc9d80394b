// The gate: an answer for nginx's auth_request and other forward-auth proxies that are named. From the LAN everybody
// passes to the interface behind it, which has its own login; from elsewhere only who has logged in here with password
// and code.
import { Hono } from "hono";
import { getCookie } from "hono/cookie";
import type { PageEnv, Pages } from "./context.ts";
import { GATE_COOKIE } from "./cookie.ts";

export function gate({ sessions }: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  app.get("/auth", (c) => {
    const session = sessions.findGate(getCookie(c, GATE_COOKIE), c.get("address"), c.get("zone"));
    if (session) c.header("X-Dialward-User", encodeURIComponent(session.name));
    return c.body(null, c.get("zone") === "lan" || session ? 204 : 401);
  });
  return app;
}
