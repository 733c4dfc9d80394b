// dialward user export: users for another server, sealed under a passphrase, or in a format of others. What that cannot
// hold is said before anything is written.
import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { type Command, Option } from "commander";
import { DialwardError } from "../errors.ts";
import {
  countLoss,
  describeLosses,
  lossesOf,
  OUTWARD,
  writeUris,
  type Loss,
  type OutwardFormat,
} from "../formats/outward.ts";
import type { Group } from "../groups/group.ts";
import type { MovedUser } from "../users/moved.ts";
import type { Desk } from "../service/desk.ts";
import { describeFailure } from "./failure.ts";
import { askSecret, readLine, readSecretFile } from "./input.ts";
import { addNote } from "./notes.ts";
import { print, printable, warn } from "./output.ts";
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

/** A passphrase guards all users' secrets: one that is guessed at once guards nothing. */
const PASSPHRASE_LETTERS = 8;

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
      const isClear = given.format === "otpauth" || (given.format === "pskc" && given.clear === true);
      const passphrase = isClear ? undefined : await readPassphrase(given);
      // Before the command works as the data folder's owner, who may not write where the file shall lie.
      const out = openOut(given.out);
      try {
        await withDesk(command, async ({ users, groups }, { json }, { service }) => {
          const chosen = await choose(users, names, given);
          if (isClear && !given.revealSecrets) await confirm();
          const what = { users: chosen.users(), groups: await groups.list() };
          for await (const piece of write(what, given.format, service.name, passphrase)) out.write(piece);
          out.close();
          if (given.out !== undefined)
            print(
              json,
              { exported: chosen.count, file: given.out, leftOut: chosen.leftOut },
              `${chosen.count} users are in ${given.out}.`,
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
): Promise<{ count: number; leftOut: number; users(): AsyncIterable<MovedUser> }> {
  const lost = new Map<string, Loss>();
  const note = (what: string, name: string): void => countLoss(lost, what, printable(name));
  let [count, leftOut] = [0, 0];
  const isOut = (user: MovedUser): boolean => {
    const losses = lossesOf(user, format);
    return losses.impossible !== undefined || (losses.weaker.length > 0 && !allowWeaker);
  };
  for await (const user of users.export(names)) {
    const losses = lossesOf(user, format);
    const out = isOut(user);
    if (out) leftOut++;
    else count++;
    if (losses.impossible !== undefined)
      note(`${losses.impossible}, which ${format} has no word for: left out`, user.name);
    else if (out) note(`${losses.weaker.join(", ")}: left out, unless --allow-weaker is given`, user.name);
    else for (const what of [...losses.weaker, ...losses.lost]) note(what, user.name);
  }
  if (lost.size > 0)
    warn([`${format} cannot hold all:`, ...describeLosses(lost).map((line) => `- ${line}`)].join("\n"));
  if (count === 0) throw new DialwardError("usage", "There is nobody to export.");
  return {
    count,
    leftOut,
    async *users() {
      for await (const user of users.export(names)) if (!isOut(user)) yield user;
    },
  };
}

async function* write(
  { users, groups }: { users: AsyncIterable<MovedUser>; groups: readonly Group[] },
  format: OutwardFormat,
  issuer: string,
  passphrase: string | undefined,
): AsyncGenerator<Buffer> {
  if (format === "sealed") {
    const { sealUsers } = await import("../formats/sealed.ts");
    const about = { service: issuer, created: Math.floor(Date.now() / 1000) };
    yield* sealUsers(users, { about, groups }, passphrase!, terminal().scryptCost);
    return;
  }
  const all: MovedUser[] = [];
  for await (const user of users) all.push(user);
  if (format === "otpauth") {
    yield Buffer.from(writeUris(all, issuer));
    return;
  }
  const { writePskc } = await import("../formats/pskc-write.ts");
  yield Buffer.from(writePskc(all, issuer, passphrase));
}

async function readPassphrase({ passphraseFile, format }: ExportOptions): Promise<string> {
  const passphrase =
    passphraseFile === undefined ? await askTwice() : readSecretFile(passphraseFile, "--passphrase-file");
  if (passphrase === undefined)
    throw new DialwardError(
      "usage",
      `Nothing is written: ${format} is encrypted under a passphrase. Give --passphrase-file, or use a terminal.`,
    );
  if ([...passphrase].length >= PASSPHRASE_LETTERS) return passphrase;
  throw new DialwardError("usage", `The passphrase must have at least ${PASSPHRASE_LETTERS} letters.`);
}

async function askTwice(): Promise<string | undefined> {
  const first = await askSecret("Passphrase for the file");
  if (first === undefined || first === (await askSecret("The same again"))) return first;
  throw new DialwardError("usage", "The two passphrases differ. Nothing is written.");
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
