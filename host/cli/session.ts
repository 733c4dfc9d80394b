// What every command does first and last: read the configuration, and ask the running service; or, where none runs, open
// the folder as its owner, do it here, and close it again.
import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { DialwardError } from "../errors.ts";
import { silentLog } from "../log/log.ts";
import type { Desk } from "../service/desk.ts";
import { warn } from "./output.ts";

/** How often a folder is tried that another process has open and that no service answers for: one begins, or ends. */
const TRIES = 50;
const TRY_MS = 100;

/** Options that every command takes. */
export interface CommonOptions {
  config?: string;
  data?: string;
  json?: boolean;
}

/** For withDesk: what a command that brings users may do. */
export const FIRST_USERS = { firstUsers: true } as const;

/**
 * Runs `action` on the desk of the data folder. With `firstUsers` the folder is made where it is missing and the
 * configuration's file names it; a folder of the command line or the default may be a slip, and is an error.
 */
export async function withDesk<T>(
  command: Command,
  action: (desk: Desk, options: CommonOptions, config: Config) => Promise<T>,
  { firstUsers = false }: { firstUsers?: boolean } = {},
): Promise<T> {
  const options = command.optsWithGlobals<CommonOptions>();
  // All of it before the ids are changed: where the program lies, the folder's owner may not be able to read.
  const [{ loadConfig }, { asOwner, makeFolder }, { askService }, { openService }, { makeDesk }] =
    await Promise.all([
      import("../config/config.ts"),
      import("../service/privileges.ts"),
      import("./control-client.ts"),
      import("../service/service.ts"),
      import("../service/desk.ts"),
    ]);
  const config = loadConfig(options.config, options.data);
  const create = firstUsers && config.namesData && !existsSync(config.data);
  if (create) makeFolder(config);
  return asOwner(config, async () => {
    const { desk, close } = await openDesk(
      () => askService(config.data),
      async () => {
        const by = `command line, uid ${process.getuid?.()}`;
        const service = await openService(config, silentLog, warn, { by, create });
        return { desk: makeDesk(service, config, warn, by), close: () => service.close() };
      },
    );
    try {
      return await action(desk, options, config);
    } finally {
      await close();
    }
  });
}

interface OpenDesk {
  desk: Desk;
  close(): Promise<void>;
}

/** The service's, or, where none answers, one's own. Throws DialwardError("busy") where somebody else has the folder. */
async function openDesk(
  ask: () => Promise<Desk | undefined>,
  open: () => Promise<OpenDesk>,
): Promise<OpenDesk> {
  for (let tries = 1; ; tries++) {
    const desk = await ask();
    if (desk) return { desk, close: async () => {} };
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof DialwardError) || error.code !== "busy" || tries === TRIES) throw error;
      await setTimeout(TRY_MS);
    }
  }
}
