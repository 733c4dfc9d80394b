// Whence a request comes: the client's address, whether that is the LAN, and by which name it was asked. What cannot be
// told apart is written in host/web/README.md.
import { hostname } from "node:os";
import { isIP } from "node:net";
import type { Context } from "hono";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Settings } from "../admin/settings.ts";
import { isWithin, plainAddress } from "../config/networks.ts";
import type { PageContext } from "./context.ts";

const LOOPBACK = ["127.0.0.0/8", "::1/128"];

/** Headers of which one is there where a proxy that nobody has named stands between. */
const PROXY_HEADERS = ["x-real-ip", "x-forwarded-for", "x-forwarded-host", "forwarded", "via"];

export interface Client {
  /** The client's address: the peer's, or of a proxy that is named what it says. */
  address: string;
  /** It came through something unknown: nobody can tell whence, so it is no friend from the LAN. */
  unknown: boolean;
  /** The peer is a named proxy. */
  proxied: boolean;
}

/** Tells whence a request comes; `proxies` are those that are named. */
export function clientOf(c: Context, proxies: readonly string[]): Client {
  const peer = plainAddress(getConnInfo(c).remote.address ?? "");
  if (isWithin(peer, proxies)) {
    const told = c.req.header("x-real-ip");
    if (told === undefined) return { address: peer, unknown: true, proxied: true };
    return { address: plainAddress(told.trim()), unknown: false, proxied: true };
  }
  const marked = PROXY_HEADERS.some((name) => c.req.header(name) !== undefined);
  // No browser speaks HTTP/1.0, and proxies do unless they are told otherwise.
  const incoming = (c.env as { incoming?: { httpVersion?: string } } | undefined)?.incoming;
  const old = incoming?.httpVersion === "1.0";
  // From this machine it is asked for by a name of loopback, or something passes on what others ask for.
  const elsewhere = isWithin(peer, LOOPBACK) && !isLoopbackName(hostOf(c));
  return { address: peer, unknown: marked || old || elsewhere, proxied: false };
}

/**
 * Whether who asks gets here again once `next` holds in place of `before`; `proxies` are those that are named by now, by the
 * configuration file too. The pages stay on this machine's own address whatever is chosen.
 */
export function comesAfter(
  c: PageContext,
  proxies: readonly string[],
  before: Pick<Settings["web"], "listen" | "proxies">,
  next: Pick<Settings["web"], "listen" | "proxies">,
): boolean {
  const peer = plainAddress(getConnInfo(c).remote.address ?? "");
  const byProxy = isWithin(peer, proxies);
  // Named by the file, it stays.
  if (byProxy && (!isWithin(peer, before.proxies) || isWithin(peer, next.proxies))) return true;
  if (!byProxy && isWithin(peer, LOOPBACK)) return true;
  return next.listen !== undefined && (next.listen === before.listen || c.get("zone") === "lan");
}

/**
 * Whether the pages go by this name: an address, which no foreign name server gives, this machine's name, or one of
 * `names`. Others are those of sites that point their own name here (DNS rebinding).
 */
export function isOwnName(host: string, names: readonly string[]): boolean {
  const own = hostname().toLowerCase();
  return (
    isIP(host) !== 0 ||
    isLoopbackName(host) ||
    host === own ||
    host === own.split(".")[0] ||
    host === `${own.split(".")[0]}.local` ||
    names.some((name) => isNamed(host, name.toLowerCase()))
  );
}

function isNamed(host: string, name: string): boolean {
  return name.startsWith("*.") ? host.slice(host.indexOf(".")) === name.slice(1) : host === name;
}

/** The name in the Host header, without port and brackets, in lower case. */
export function hostOf(c: Context): string {
  const host = c.req.header("host") ?? "";
  return host
    .replace(/:\d*$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "")
    .toLowerCase();
}

function isLoopbackName(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || isWithin(host, LOOPBACK);
}
