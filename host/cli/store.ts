// dialward store …: what the store holds, and how to move to another one.
import type { Command } from "commander";
import { DialwardError } from "../errors.ts";
import { print, warn } from "./output.ts";
import type { CommonOptions } from "./session.ts";

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
      const { from, takeDigest } = await openFrom(command.optsWithGlobals<CommonOptions>());
      try {
        const { users, digest } = await takeDigest(from);
        print(command.optsWithGlobals<CommonOptions>().json, { users, digest }, `${users} users  ${digest}`);
      } finally {
        await from.close();
      }
    });

  store
    .command("copy")
    .description("copy all users and sessions into an empty store; stop the service first")
    .requiredOption("--to <folder|url>", "a data folder, or redis://HOST:PORT/DATABASE, or rediss://…")
    .option("--password-file <file>", "the password of the Redis that is copied to; - is standard input")
    .option("--ca-file <file>", "certificates that may sign that of the Redis, PEM")
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<CopyOptions>();
      const { from, config, copyStore } = await openFrom(options);
      try {
        const to = await openTo(options, config.data);
        try {
          const both = await copyStore(from, to);
          const line = (name: string, { users, digest }: { users: number; digest: string }) =>
            `${name}  ${users} users  ${digest}`;
          print(options.json, both, `${line("from", both.from)}\n${line("to  ", both.to)}`);
          if (both.from.digest !== both.to.digest)
            throw new DialwardError(
              "conflict",
              "The two differ: someone logged in or changed a user meanwhile. Stop the service, empty the target " +
                "and copy again.",
            );
        } finally {
          await to.close();
        }
      } finally {
        await from.close();
      }
    });
}

async function openFrom(options: CommonOptions) {
  const [{ loadConfig }, { silentLog }, { openStore }, copy] = await Promise.all([
    import("../config/config.ts"),
    import("../log/log.ts"),
    import("../store/open.ts"),
    import("../store/copy.ts"),
  ]);
  const config = loadConfig(options.config, options.data);
  return { config, from: await openStore(config, silentLog, warn), ...copy };
}

async function openTo({ to, passwordFile, caFile }: CopyOptions, data: string) {
  const [{ parseStoreUrl }, { HOLD_SECONDS }, { openTarget }, { readSecretFile, readText }] =
    await Promise.all([
      import("../config/config.ts"),
      import("../config/schema.ts"),
      import("../store/open.ts"),
      import("./input.ts"),
    ]);
  if (!to.includes("://")) return openTarget(to, data);
  return openTarget(
    {
      urls: [parseStoreUrl(to)],
      password: passwordFile === undefined ? undefined : readSecretFile(passwordFile, "--password-file"),
      ca: caFile === undefined ? undefined : readText(caFile),
      wait: 0,
      holdSeconds: HOLD_SECONDS,
    },
    data,
  );
}
