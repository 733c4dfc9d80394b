// What every command does first and last: read the configuration, open the service, close it again.
import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { silentLog } from "../log/log.ts";
import type { Service } from "../service/service.ts";
import { warn } from "./output.ts";

/** Options that every command takes. */
export interface CommonOptions {
  config?: string;
  data?: string;
  json?: boolean;
}

/** Runs `action` on the opened service and closes it. */
export async function withService<T>(
  command: Command,
  action: (service: Service, options: CommonOptions, config: Config) => Promise<T>,
): Promise<T> {
  const options = command.optsWithGlobals<CommonOptions>();
  const [{ loadConfig }, { openService }] = await Promise.all([
    import("../config/config.ts"),
    import("../service/service.ts"),
  ]);
  const config = loadConfig(options.config, options.data);
  const service = await openService(config, silentLog, warn);
  try {
    return await action(service, options, config);
  } finally {
    await service.close();
  }
}
