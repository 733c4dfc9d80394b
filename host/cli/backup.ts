// dialward backup, dialward restore: everything of a data folder in one sealed file.
import type { Command } from "commander";
import { DialwardError } from "../errors.ts";
import { askSecret, readBytes, readNewPassphrase, readSecretFile } from "./input.ts";
import { formatTime, many, print, warn } from "./output.ts";
import { withDesk, type CommonOptions } from "./session.ts";

/** Largest backup that is read. */
const FILE_BYTES = 1 << 30;
const PRINTED_NAMES = 10;

interface BackupOptions extends CommonOptions {
  passphraseFile?: string;
  keys?: boolean;
}

/** Adds `backup` and `restore` to `program`. */
export function addBackup(program: Command): void {
  program
    .command("backup <file>")
    .description(
      "write users, keys and settings into one new file, sealed by a passphrase, while the service runs",
    )
    .option("--passphrase-file <file>", "the passphrase; - is standard input")
    .option("--no-keys", "leave the keys out; the file opens with them alone, and takes no passphrase")
    .action(async (file: string, { passphraseFile, keys }: BackupOptions, command: Command) => {
      const passphrase = keys === false ? undefined : await readNewPassphrase(passphraseFile);
      const { NewFile } = await import("../config/private-file.ts");
      await withDesk(command, async (desk, { json }) => {
        const { asRoot } = await import("../service/privileges.ts");
        const made = await asRoot(async () => new NewFile(file));
        let users: number | undefined;
        try {
          for await (const row of desk.store.backup(passphrase)) {
            if (row.base64 !== undefined) made.write(Buffer.from(row.base64, "base64"));
            ({ users } = row);
          }
          if (users === undefined) throw new DialwardError("busy", "The service has ended meanwhile.");
        } finally {
          const whole = users !== undefined;
          await asRoot(async () => made.close(whole));
        }
        print(json, { users, file }, `${many(users, "user is", "users are")} in ${file}.`);
      });
    });

  program
    .command("restore <file>")
    .description(
      "put a backup into a data folder that has no store; no code that may have been used since is accepted",
    )
    .option("--passphrase-file <file>", "the passphrase; - is standard input")
    .action(async (file: string, { passphraseFile }: BackupOptions, command: Command) => {
      const options = command.optsWithGlobals<BackupOptions>();
      const [{ loadConfig }, { asOwner, makeFolder }, { restoreBackup }] = await Promise.all([
        import("../config/config.ts"),
        import("../service/privileges.ts"),
        import("../service/backup.ts"),
      ]);
      const config = loadConfig(options.config, options.data);
      // Files are read before the command works as the data folder's owner.
      const bytes = readBytes(file, FILE_BYTES);
      const given =
        passphraseFile === undefined ? undefined : readSecretFile(passphraseFile, "--passphrase-file");
      makeFolder(config);
      const { users, made, counters } = await asOwner(config, async () =>
        restoreBackup(config, bytes, async () => given ?? askPassphrase(), warn),
      );
      if (counters.length > 0)
        warn(
          `HOTP codes that were used since ${formatTime(made)} count once more, since counters do not age: ` +
            `${counters.slice(0, PRINTED_NAMES).join(", ")}${counters.length > PRINTED_NAMES ? ", …" : ""}. ` +
            "Have their devices followed: dialward user resync NAME",
        );
      print(
        options.json,
        { users, made, counters },
        `${many(users, "user is", "users are")} restored, as they were ${formatTime(made)}. Codes of before now are refused.`,
      );
    });
}

async function askPassphrase(): Promise<string> {
  const passphrase = await askSecret("Passphrase of the backup");
  if (passphrase !== undefined) return passphrase;
  throw new DialwardError("usage", "Give --passphrase-file, or use a terminal.");
}
