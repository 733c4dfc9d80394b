// dialward init: makes a data folder without starting the service.
import type { Command } from "commander";
import { DialwardError } from "../errors.ts";
import { silentLog } from "../log/log.ts";
import { print, warn } from "./output.ts";
import type { CommonOptions } from "./session.ts";

/** Adds `init` to `program`. */
export function addInit(program: Command): void {
  program
    .command("init")
    .description("make the data folder, with an empty store and a new key, where they are missing")
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      const [{ loadConfig }, { asOwner, makeFolder }, { openService }] = await Promise.all([
        import("../config/config.ts"),
        import("../service/privileges.ts"),
        import("../service/service.ts"),
      ]);
      const config = loadConfig(options.config, options.data);
      makeFolder(config);
      await asOwner(config, async () => {
        try {
          await (await openService(config, silentLog, warn, { create: true })).close();
        } catch (error) {
          // Who has it open has it.
          if (!(error instanceof DialwardError) || error.code !== "busy") throw error;
        }
      });
      print(options.json, { data: config.data }, `The store is in ${config.data}.`);
    });
}
