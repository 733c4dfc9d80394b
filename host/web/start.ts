// What `serve` does about the pages: start them unless they are off, and put the firewall's rules into force.
import type { Config } from "../config/config.ts";
import { DialwardError } from "../errors.ts";
import { installRules } from "../admin/firewall.ts";
import type { Log } from "../log/log.ts";
import type { Service } from "../service/service.ts";
import { startWeb, type WebServer } from "./server.ts";

/** Starts the pages. Where nobody has configured their port and it is taken, logins go on without them. */
export async function startPages(
  config: Config,
  service: Service,
  log: Log,
  warn: (message: string) => void,
): Promise<WebServer | { problem: string } | undefined> {
  const settings = service.settings.read();
  if (settings.management.install) {
    await installRules(settings).catch((error: Error) => warn(error.message));
  }
  const { listen } = config.web;
  if (listen === "off") return undefined;
  try {
    return await startWeb(config, service, log, warn);
  } catch (error) {
    if (listen !== undefined || !(error instanceof DialwardError)) throw error;
    return { problem: error.message };
  }
}
