// dialward user edit, user scratch: what the pages change about a user.
import { type Command, Option } from "commander";
import type { DialInType } from "../core/dial-in.ts";
import { MODES, type Profile } from "../users/profile.ts";
import type { ProfileChanges } from "../users/users.ts";
import { readSecretFile } from "./input.ts";
import { print } from "./output.ts";
import { withDesk } from "./session.ts";

interface EditOptions {
  mode?: Profile["mode"];
  types?: string;
  pinFile?: string;
  passwordFile?: string;
}

/** Adds `edit` and `scratch` to the command `user`. */
export function addChange(user: Command): void {
  user
    .command("edit <name>")
    .description("change what is given, and leave the rest as it is")
    .addOption(new Option("--mode <mode>", "what the user types").choices(MODES))
    .option("--types <list>", "dial-in types that are allowed, separated by commas")
    .option("--pin-file <file>", "a new mOTP PIN; - is standard input")
    .option("--password-file <file>", "a new fixed password; - is standard input")
    .action(async (name: string, { mode, types, pinFile, passwordFile }: EditOptions, command: Command) => {
      const read = (file: string | undefined, option: string): string | undefined =>
        file === undefined ? undefined : readSecretFile(file, option);
      const changes: ProfileChanges = {
        mode,
        types: types?.split(",").map((type) => type.trim()) as DialInType[] | undefined,
        pin: read(pinFile, "--pin-file"),
        password: read(passwordFile, "--password-file"),
      };
      await withDesk(command, async ({ users }, { json }) => {
        const { standing } = await users.edit(name, changes);
        print(json, { name, state: standing }, `"${name}" is changed.`);
      });
    });

  user
    .command("scratch <name>")
    .description("make ten scratch codes, each good once in place of a code; earlier ones are void")
    .action(async (name: string, _: object, command: Command) => {
      await withDesk(command, async ({ users }, { json }) => {
        const codes = await users.newScratchCodes(name);
        print(json, { name, codes }, `Scratch codes of "${name}", shown only now:\n\n${codes.join("\n")}`);
      });
    });
}
