// dialward setup-link: the link that opens the set-up, once more.
import type { Command } from "commander";
import { DialwardError } from "../errors.ts";
import { print } from "./output.ts";
import type { CommonOptions } from "./session.ts";

/** Adds `setup-link` to `program`. */
export function addSetupLink(program: Command): void {
  program
    .command("setup-link")
    .description("print the link that opens the set-up in a browser, while no administrator has a password")
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      const [{ loadConfig }, { readSetupLink }] = await Promise.all([
        import("../config/config.ts"),
        import("../web/setup-link.ts"),
      ]);
      const { data } = loadConfig(options.config, options.data);
      const link = readSetupLink(data);
      if (link === undefined)
        throw new DialwardError(
          "not-found",
          `There is no set-up link in ${data}: the service has not been started there, or an administrator has a password already (dialward administrator password sets another).`,
        );
      print(options.json, { link }, link);
    });
}
