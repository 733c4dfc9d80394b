// The gate: an answer for nginx's auth_request and other forward-auth proxies. From the LAN everybody passes to the
// interface behind it, which has its own login; from elsewhere only who has logged in here with password and code.
import { Hono } from "hono";
import type { PageEnv } from "./context.ts";

export function gate(): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  app.get("/auth", (c) => {
    const session = c.get("session");
    if (session) c.header("X-Dialward-User", encodeURIComponent(session.name));
    return c.body(null, c.get("zone") === "lan" || session ? 204 : 401);
  });
  return app;
}
