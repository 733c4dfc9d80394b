// dialward key …: the keys that users' secrets are sealed with.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { DialwardError } from "../errors.ts";
import { print, warn } from "./output.ts";
import type { CommonOptions } from "./session.ts";

/** Adds `key` to `program`. */
export function addKeys(program: Command): void {
  const key = program.command("key").description("the keys that users' secrets are sealed with");

  key
    .command("rotate")
    .description("seal every user with a new key and drop the old ones, while the service runs")
    .action(async (_: object, command: Command) => {
      const { file, config, json } = await findKeys(command);
      const [{ silentLog }, { openStore }, { openLmdb }, { rotateKeys }] = await Promise.all([
        import("../log/log.ts"),
        import("../store/open.ts"),
        import("../store/lmdb.ts"),
        import("../store/rotate.ts"),
      ]);
      const stores = [await openStore(config, silentLog, warn)];
      try {
        // The administrator's own account (host/admin/account.ts) is sealed with the same keys.
        const own = join(config.data, "administrator.mdb");
        if (existsSync(own)) stores.push(openLmdb(own));
        const sealed = await rotateKeys(file, stores);
        print(json, { sealed }, `${sealed} users are sealed with a new key; the old ones are dropped.`);
      } finally {
        for (const store of stores) await store.close();
      }
    });

  key
    .command("add")
    .description("add the key that the next rotation takes, to copy the file to other machines before")
    .action(async (_: object, command: Command) => {
      const { file, json } = await findKeys(command);
      const { addKey } = await import("../store/rotate.ts");
      addKey(file);
      print(
        json,
        { file },
        `Copy ${file} to all machines that share the store, then run: dialward key rotate`,
      );
    });
}

async function findKeys(command: Command) {
  const { config: given, data, json } = command.optsWithGlobals<CommonOptions>();
  const [{ loadConfig }, { KEY_FILE }] = await Promise.all([
    import("../config/config.ts"),
    import("../store/seal.ts"),
  ]);
  if (process.env["DIALWARD_KEY"])
    throw new DialwardError(
      "usage",
      "The keys come from DIALWARD_KEY and cannot be rotated there; keep them in the data folder.",
    );
  const config = loadConfig(given, data);
  const file = join(config.data, KEY_FILE);
  if (!existsSync(file)) throw new DialwardError("not-found", `There is no key in ${config.data}.`);
  return { config, file, json };
}
