// What `serve` does first about the pages, while it may still be root: put the firewall's rules into force, bind the ports.
import { installRules } from "../admin/firewall.ts";
import { SettingsFile } from "../admin/settings.ts";
import type { Config } from "../config/config.ts";
import { DialwardError } from "../errors.ts";
import { asOwner } from "../service/privileges.ts";
import { WebPorts } from "./ports.ts";

/**
 * The pages' ports; undefined where they are off, and the problem where nobody has configured their port and it is taken:
 * logins go on without them. Throws DialwardError("config").
 */
export async function bindPages(
  config: Config,
  warn: (message: string) => void,
): Promise<WebPorts | { problem: string } | undefined> {
  const settings = await asOwner(config, async () => new SettingsFile(config.data).read());
  if (settings.management.install) await installRules(settings).catch((error: Error) => warn(error.message));
  const { listen } = config.web;
  if (listen === "off") return undefined;
  try {
    const ports = new WebPorts(config, warn);
    await ports.bind(settings);
    return ports;
  } catch (error) {
    if (listen !== undefined || !(error instanceof DialwardError)) throw error;
    return { problem: error.message };
  }
}
