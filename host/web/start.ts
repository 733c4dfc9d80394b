// What `serve` does first about the pages, while it may still be root: put the firewall's rules into force, bind the port.
import { installRules } from "../admin/firewall.ts";
import { SettingsFile } from "../admin/settings.ts";
import type { Config } from "../config/config.ts";
import { DialwardError } from "../errors.ts";
import { asOwner } from "../service/privileges.ts";
import { bindWeb, type WebPort } from "./server.ts";

/**
 * The pages' port; undefined where they are off, and the problem where nobody has configured their port and it is taken:
 * logins go on without them. Throws DialwardError("config").
 */
export async function bindPages(
  config: Config,
  warn: (message: string) => void,
): Promise<WebPort | { problem: string } | undefined> {
  const settings = await asOwner(config, async () => new SettingsFile(config.data).read());
  if (settings.management.install) await installRules(settings).catch((error: Error) => warn(error.message));
  const { listen } = config.web;
  if (listen === "off") return undefined;
  try {
    return await bindWeb(config, warn);
  } catch (error) {
    if (listen !== undefined || !(error instanceof DialwardError)) throw error;
    return { problem: error.message };
  }
}
