// dialward store …: what the store holds, and how to move to another one.
import type { Command } from "commander";
import type { RedisOptions } from "../config/config.ts";
import { DialwardError } from "../errors.ts";
import { print, warn } from "./output.ts";
import { withDesk, type CommonOptions } from "./session.ts";
import { terminal } from "./terminal.ts";

interface CopyOptions extends CommonOptions {
  to: string;
  passwordFile?: string;
  caFile?: string;
}

/** Adds `store` to `program`. */
export function addStore(program: Command): void {
  const store = program.command("store").description("see what the store holds, and move to another store");

  store
    .command("digest")
    .description("count the users and print a digest over them")
    .action(async (_: object, command: Command) => {
      await withDesk(command, async (desk, { json }) => {
        const { users, digest } = await desk.store.digest();
        print(json, { users, digest }, `${users} users  ${digest}`);
      });
    });

  store
    .command("check")
    .description("list the users that are refused because what was spent of their codes may have been lost")
    .action(async (_: object, command: Command) => {
      await withDesk(command, async (desk, { json }) => {
        const { damaged } = await desk.store.check();
        const lines = damaged.map((name) => `${name}  state-damaged`);
        if (damaged.length > 0) {
          terminal().status = 1;
          lines.push(
            "",
            "To let one in again, once its old codes are too old: dialward store accept-loss NAME",
          );
        }
        print(json, { damaged }, damaged.length > 0 ? lines.join("\n") : "Nothing is damaged.");
      });
    });

  store
    .command("accept-loss <name>")
    .description("let in a damaged user again, once no code that it may have used can be right any more")
    .option("--counter <number>", "HOTP: the first counter that was not used", Number)
    .action(async (name: string, { counter }: { counter?: number }, command: Command) => {
      await withDesk(command, async (desk, { json }) => {
        const { seconds } = await desk.store.acceptLoss(name, counter);
        print(json, { name, seconds }, `"${name}" can log in again in ${seconds} s.`);
      });
    });

  store
    .command("copy")
    .description("copy all users and sessions into an empty store; stop the service first")
    .requiredOption("--to <folder|url>", "a data folder, or redis://HOST:PORT/DATABASE, or rediss://…")
    .option("--password-file <file>", "the password of the Redis that is copied to; - is standard input")
    .option("--ca-file <file>", "certificates that may sign that of the Redis, PEM")
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<CopyOptions>();
      const [
        { loadConfig },
        { asOwner },
        { silentLog },
        { DataFolder },
        { openStore, openTarget },
        { copyStore },
      ] = await Promise.all([
        import("../config/config.ts"),
        import("../service/privileges.ts"),
        import("../log/log.ts"),
        import("../store/data-folder.ts"),
        import("../store/open.ts"),
        import("../store/copy.ts"),
      ]);
      const config = loadConfig(options.config, options.data);
      // Files are read before the command works as the data folder's owner.
      const target = await readTarget(options);
      await asOwner(config, async () => {
        const folder = await DataFolder.open(config.data);
        const from = await openStore(config, folder, { log: silentLog, warn });
        try {
          const { store: to, close } = await openTarget(target, config.data);
          try {
            const both = await copyStore(from, to);
            const line = (name: string, { users, digest }: { users: number; digest: string }) =>
              `${name}  ${users} users  ${digest}`;
            print(options.json, both, `${line("from", both.from)}\n${line("to  ", both.to)}`);
            if (both.from.digest !== both.to.digest)
              throw new DialwardError(
                "conflict",
                "The two differ: someone logged in or changed a user meanwhile. Empty the target and copy again.",
              );
          } finally {
            await close();
          }
        } finally {
          await from.close();
          await folder.close();
        }
      });
    });
}

async function readTarget({ to, passwordFile, caFile }: CopyOptions): Promise<RedisOptions | string> {
  if (to === "") throw new DialwardError("usage", "--to names no folder: it is empty.");
  if (!to.includes("://")) return to;
  const [{ parseStoreUrl }, { HOLD_SECONDS }, { readSecretFile, readText }] = await Promise.all([
    import("../config/config.ts"),
    import("../config/schema.ts"),
    import("./input.ts"),
  ]);
  return {
    urls: [parseStoreUrl(to)],
    password: passwordFile === undefined ? undefined : readSecretFile(passwordFile, "--password-file"),
    ca: caFile === undefined ? undefined : readText(caFile),
    wait: 0,
    holdSeconds: HOLD_SECONDS,
  };
}
