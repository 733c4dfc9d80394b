// dialward user export: secrets in clear, to move to another server. It takes a confirmation, as the secrets leave
// their seal.
import { writeFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { DialwardError } from "../errors.ts";
import { describeFailure } from "./failure.ts";
import { otpauthUri } from "../users/profile.ts";
import type { Exported } from "../users/users.ts";
import { readLine } from "./input.ts";
import { print, warn } from "./output.ts";
import { withDesk } from "./session.ts";
import { terminal } from "./terminal.ts";

interface ExportOptions {
  format: "otpauth" | "pskc";
  out?: string;
  revealSecrets?: boolean;
}

/** Adds `export` to the command `user`. */
export function addExport(user: Command): void {
  user
    .command("export [names...]")
    .description("write users with their secrets in clear (default: all of them)")
    .addOption(
      new Option("--format <format>", "otpauth, a URI a line, or PSKC")
        .choices(["otpauth", "pskc"])
        .default("otpauth"),
    )
    .option("--out <file>", "a new file that only its owner can read (default: standard output)")
    .option("--reveal-secrets", "do not ask whether the secrets shall be shown")
    .action(async (names: string[], { format, out, revealSecrets }: ExportOptions, command: Command) => {
      if (!revealSecrets) await confirm();
      await withDesk(command, async ({ users }, { json }) => {
        const all = await users.export(names);
        const chosen = format === "pskc" ? all.filter(({ profile }) => profile.factor !== "motp") : all;
        if (chosen.length < all.length)
          warn(`${all.length - chosen.length} users have mOTP, which PSKC cannot hold.`);
        const text = format === "pskc" ? await writeContainer(chosen) : chosen.map(writeUri).join("");
        if (out === undefined) terminal().stdout.write(text);
        else {
          write(out, text);
          print(json, { exported: chosen.length, file: out }, `${chosen.length} users are in ${out}.`);
        }
      });
    });
}

function writeUri({ profile, counter }: Exported): string {
  return `${otpauthUri(profile, counter)}\n`;
}

/** Loaded only where it is used: it brings the XML library along. */
async function writeContainer(users: readonly Exported[]): Promise<string> {
  const { writePskc } = await import("../formats/pskc-write.ts");
  return writePskc(users);
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

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: "wx", flush: true });
  } catch (error) {
    throw new DialwardError("usage", `--out: ${describeFailure(error)}.`);
  }
}
