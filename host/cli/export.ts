// dialward user export: users for another server, sealed under a passphrase, or in a format of others. What that cannot
// hold is said before anything is written.
import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { type Command, Option } from "commander";
import { DialwardError, describeFailure } from "../errors.ts";
import {
  LOSSES,
  OUTWARD,
  planExport,
  writeUsers,
  type ExportPlan,
  type OutwardFormat,
} from "../formats/outward.ts";
import type { Desk } from "../service/desk.ts";
import { readLine, readNewPassphrase } from "./input.ts";
import { addNote } from "./notes.ts";
import { many, print, printable, warn } from "./output.ts";
import { withDesk } from "./session.ts";
import { terminal } from "./terminal.ts";

interface ExportOptions {
  format: OutwardFormat;
  out?: string;
  passphraseFile?: string;
  clear?: boolean;
  allowWeaker?: boolean;
  revealSecrets?: boolean;
}

/** Adds `export` to the command `user`. */
export function addExport(user: Command): void {
  const command = user
    .command("export [names...]")
    .description("write users for another server (default: all of them)")
    .addOption(new Option("--format <format>", "what is written").choices(OUTWARD).default("sealed"))
    .option("--out <file>", "a new file that only its owner can read (default: standard output)")
    .option("--passphrase-file <file>", "what sealed and pskc are encrypted under; - is standard input")
    .option("--clear", "pskc: write the secrets in clear")
    .option("--reveal-secrets", "do not ask whether secrets shall be written in clear")
    .option("--allow-weaker", "write users all the same of whom the format cannot hold a factor")
    .action(async (names: string[], given: ExportOptions, command: Command) => {
      if (given.out === undefined && given.format === "sealed" && terminal().stdout.isTTY)
        throw new DialwardError("usage", "A sealed file is nothing for a terminal: give --out FILE.");
      const isClear = given.format === "otpauth" || (given.format === "pskc" && given.clear === true);
      const passphrase = isClear ? undefined : await readNewPassphrase(given.passphraseFile);
      // Before the command works as the data folder's owner, who may not write where the file shall lie.
      const out = openOut(given.out);
      try {
        await withDesk(command, async ({ users, groups }, { json }, { service }) => {
          const chosen = await choose(users, names, given);
          if (isClear && !given.revealSecrets) await confirm();
          const what = { users: chosen.of(users.export(names)), groups: await groups.list() };
          const { scryptCost } = terminal();
          for await (const piece of writeUsers(what, given.format, service.name, passphrase, scryptCost))
            out.write(piece);
          out.close();
          if (given.out !== undefined)
            print(
              json,
              { exported: chosen.count, file: given.out, leftOut: chosen.leftOut },
              `${many(chosen.count, "user is", "users are")} in ${given.out}.`,
            );
        });
      } catch (error) {
        out.remove();
        throw error;
      }
    });
  addNote(command, "Formats", [
    "sealed   everything, encrypted under a passphrase; user import reads it",
    "pskc     RFC 6030, encrypted under a passphrase; TOTP and HOTP, with a password before the code",
    "otpauth  a URI a line, in clear; TOTP and HOTP, without passwords",
  ]);
}

/** Says what the format cannot hold, and leaves out whom it cannot hold. */
async function choose(
  users: Desk["users"],
  names: string[],
  { format, allowWeaker = false }: ExportOptions,
): Promise<ExportPlan> {
  const plan = await planExport(users.export(names), format, allowWeaker);
  const lines = [...plan.lost].map(([kind, { users: count, names: some }]) => {
    const shown = some.map((name) => printable(name)).join(", ");
    const who = count === 1 ? shown : `${count} users (${shown}${count > some.length ? ", …" : ""})`;
    const left = kind === "password" && !allowWeaker ? ": left out, unless --allow-weaker is given" : "";
    return `- ${LOSSES[kind]}${left}: ${who}`;
  });
  if (lines.length > 0) warn([`${format} cannot hold all:`, ...lines].join("\n"));
  if (plan.count === 0) throw new DialwardError("usage", "There is nobody to export.");
  return plan;
}

async function confirm(): Promise<void> {
  if (
    terminal().stdin.isTTY &&
    (await readLine("The secrets are written in clear. Type yes to go on: ")) === "yes"
  )
    return;
  throw new DialwardError(
    "usage",
    "Nothing is written: secrets in clear take --reveal-secrets, or yes on a terminal.",
  );
}

/** A new file that is there in whole or not at all, or standard output. */
function openOut(file: string | undefined): { write(piece: Buffer): void; close(): void; remove(): void } {
  if (file === undefined)
    return { write: (piece) => void terminal().stdout.write(piece), close: () => {}, remove: () => {} };
  const failed = (error: unknown): DialwardError =>
    new DialwardError("usage", `--out: ${describeFailure(error)}.`);
  let descriptor: number;
  try {
    descriptor = openSync(file, "wx", 0o600);
  } catch (error) {
    throw failed(error);
  }
  return {
    write(piece) {
      try {
        for (let at = 0; at < piece.length;) at += writeSync(descriptor, piece, at);
      } catch (error) {
        throw failed(error);
      }
    },
    close() {
      fsyncSync(descriptor);
      closeSync(descriptor);
    },
    remove() {
      closeSync(descriptor);
      unlinkSync(file);
    },
  };
}
