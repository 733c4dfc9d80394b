// dialward user edit, user recovery-codes: what the pages change about a user.
import { type Command, Option } from "commander";
import type { DialInType } from "../core/dial-in.ts";
import { MODES, type Profile } from "../users/profile.ts";
import type { ProfileChanges } from "../users/users.ts";
import { DialwardError } from "../errors.ts";
import { readSecretFile } from "./input.ts";
import { print } from "./output.ts";
import { addRuleOptions, rulesOf, type RuleOptions } from "./rules.ts";
import { withDesk } from "./session.ts";

interface EditOptions extends RuleOptions {
  groups?: string;
  passwordFrom?: "profile" | "directory";
  mode?: Profile["mode"];
  types?: string;
  pinFile?: string;
  passwordFile?: string;
}

/** Adds `edit` and `recovery-codes` to the command `user`. */
export function addChange(user: Command): void {
  addRuleOptions(user.command("edit <name>").description("change what is given, and leave the rest as it is"))
    .option(
      "--groups <list>",
      "its groups, separated by commas, in the order in which they decide; none for no group",
    )
    .addOption(
      new Option("--password-from <where>", "who has the fixed password").choices(["profile", "directory"]),
    )
    .addOption(new Option("--mode <mode>", "what the user types").choices(MODES))
    .option("--types <list>", "dial-in types that are allowed, separated by commas")
    .option("--pin-file <file>", "a new mOTP PIN; - is standard input")
    .option("--password-file <file>", "a new fixed password; - is standard input")
    .action(async (name: string, options: EditOptions, command: Command) => {
      if (Object.keys(options).length === 0)
        throw new DialwardError("usage", "Give what is to be changed; see: dialward user edit --help");
      const { mode, types, pinFile, passwordFile, groups, passwordFrom } = options;
      const read = (file: string | undefined, option: string): string | undefined =>
        file === undefined ? undefined : readSecretFile(file, option);
      const changes: ProfileChanges = {
        mode,
        types: types?.split(",").map((type) => type.trim()) as DialInType[] | undefined,
        pin: read(pinFile, "--pin-file"),
        password: read(passwordFile, "--password-file"),
        groups: groups === "none" ? [] : groups?.split(",").map((group) => group.trim()),
        passwordFrom: passwordFrom === "profile" ? null : passwordFrom,
      };
      await withDesk(command, async ({ users, groups: all }, { json }) => {
        const known = (await all.list()).map((group) => group.name);
        const unknown = changes.groups?.find((group) => !known.includes(group));
        if (unknown !== undefined)
          throw new DialwardError("not-found", `There is no group "${unknown}". See: dialward group list`);
        const { valid } = (await users.get(name)).profile;
        const { standing } = await users.edit(name, { ...changes, ...rulesOf(options, { valid }) });
        print(json, { name, state: standing }, `"${name}" is changed.`);
      });
    });

  user
    .command("recovery-codes <name>")
    .description("show a user's ten recovery codes, each good once in place of a code")
    .option("--new", "make new ones; earlier ones are void")
    .action(async (name: string, { new: renew }: { new?: boolean }, command: Command) => {
      await withDesk(command, async ({ users }, { json }) => {
        const codes = await users.recoveryCodes(name, renew === true);
        const { recoveryCodesLeft: left } = await users.get(name);
        const used = codes.length - left;
        const text = `Recovery codes of "${name}", ${used === 0 ? "none used" : `${used} of them used`}:`;
        print(json, { name, codes, left }, `${text}\n\n${codes.join("\n")}`);
      });
    });
}
