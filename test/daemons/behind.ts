// What stands behind the daemons of a lab: the service, or, where DIALWARD_BEHIND says radiusd, a router's
// dialward-radiusd for this processor, with the same clients and users.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import type { RadiusClient } from "../../host/config/config.ts";
import type { DialInType } from "../../host/core/dial-in.ts";
import type { NewProfile } from "../../host/users/new-profile.ts";
import type { Daemon, Lab } from "./lab.ts";
import { usersOf } from "./users.ts";

/** The program of the service. */
export const PROGRAM = new URL("../../dist/dialward.mjs", import.meta.url).pathname;
/** What router.ts has built begins with this. */
const BUILT = new URL("../../dist/engines/x86-64", import.meta.url).pathname;

/** Whether it is the router's daemon. What the service alone has is not tested then. */
export const ROUTER = process.env["DIALWARD_BEHIND"] === "radiusd";

const TYPES: Record<DialInType, string> = {
  "ipsec-xauth": "xauth",
  "ikev2-eap": "ikev2",
  "ssl-vpn": "ssl",
  openvpn: "openvpn",
  l2tp: "l2tp",
  pptp: "pptp",
};

interface Settings {
  radius: { listen?: string; clients: Partial<RadiusClient>[] };
}

/** A configuration of the service as dialward-radiusd's options, and its file of clients. */
export function translateConfig(text: string): { options: string[]; clients: string } {
  const { radius } = parse(text) as unknown as Settings;
  const line = ({
    address,
    secret,
    requireMessageAuthenticator: signed = "auto",
    type,
    challenge,
    unsignedChap,
  }: Partial<RadiusClient>): string =>
    [
      `${address} ${secret} signed=${signed === "auto" ? "auto" : signed ? "must" : "may"}`,
      type && `type=${TYPES[type]}`,
      challenge !== undefined && `challenge=${challenge ? "yes" : "no"}`,
      unsignedChap && "chap=unsigned",
    ]
      .filter(Boolean)
      .join(" ");
  const address = radius.listen?.replace(/:\d+$/, "");
  return {
    options: address === undefined ? [] : ["--listen", address],
    clients: radius.clients.map((client) => `${line(client)}\n`).join(""),
  };
}

/** Users as the daemon's file has them. */
export function translateUsers(users: readonly NewProfile[]): string {
  const line = ({ name, factor, secret, mode, password, pin, period, types }: NewProfile): string =>
    [
      `${name} ${factor} ${secret}`,
      pin !== undefined && `pin=${pin}`,
      period !== undefined && `period=${period}`,
      password !== undefined && `password=${password}`,
      mode === "password-then-code" && "mode=two-steps",
      types && `types=${(types as DialInType[]).map((type) => TYPES[type]).join(",")}`,
    ]
      .filter(Boolean)
      .join(" ");
  return users.map((user) => `${line(user)}\n`).join("");
}

/** Who was told what, and why, in the order of the log. */
export function readLog(log: string): { user?: string; reason?: string }[] {
  if (!ROUTER)
    return (log.match(/^\{.*\}$/gm) ?? []).map(
      (line) => JSON.parse(line) as { user?: string; reason?: string },
    );
  const lines = log.matchAll(/^(?:accept|challenge|refuse) user=(.*) reason=(\S+)$/gm);
  return Array.from(lines, ([, user, reason]) => ({ user: user!, reason: reason! }));
}

/** Starts it on the server of a lab, with all users made so far. */
export async function serve(lab: Lab, config: string): Promise<Daemon> {
  return ROUTER ? serveRouter(lab, config) : serveService(lab, config);
}

async function serveService(lab: Lab, config: string): Promise<Daemon> {
  await lab.dialward(["init"], "");
  const { status, output } = await lab.dialward(
    ["user", "import", "-"],
    JSON.stringify({ users: usersOf() }),
  );
  if (status !== 0) throw new Error(output);
  const common = ["--config", config, "--data", join(lab.folder, "data")];
  return lab.start("server", "dialward", [process.execPath, PROGRAM, ...common, "serve"]);
}

async function serveRouter(lab: Lab, config: string): Promise<Daemon> {
  const { options, clients } = translateConfig(readFileSync(config, "utf8"));
  const state = join(lab.folder, "state");
  const users = lab.write("users", translateUsers(usersOf()), 0o600);
  const files = ["--users", users, "--clients", lab.write("clients", clients, 0o600), "--state", state];
  const { status, output } = await lab.run("server", [`${BUILT}-dialward-state`, "new", state]);
  if (status !== 0) throw new Error(output);
  return lab.start("server", "dialward", [`${BUILT}-radiusd`, ...files, ...options]);
}
