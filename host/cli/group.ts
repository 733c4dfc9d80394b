// dialward group …: save, list, show, remove.
import { type Command, Option } from "commander";
import { DialwardError } from "../errors.ts";
import type { Group } from "../groups/group.ts";
import { print, table } from "./output.ts";
import { addRuleOptions, describeRules, rulesOf, wholeNumber, type RuleOptions } from "./rules.ts";
import { withDesk } from "./session.ts";

/** Adds `group` and its commands to `program`. */
export function addGroup(program: Command): void {
  const group = program.command("group").description("give many users the same addresses, hours and limits");

  addRuleOptions(group.command("save <name>").description("make a group, or change what is given of it"))
    .addOption(
      new Option("--group-logins <n>", "logins of all its users together; 0 for any number").argParser(
        wholeNumber,
      ),
    )
    .action(async (name: string, options: RuleOptions & { groupLogins?: number }, command: Command) => {
      await withDesk(command, async ({ groups }, { json }) => {
        const old = (await groups.list()).find((one) => one.name === name);
        const { groupLogins = old?.groupLogins } = options;
        const next = clean({ ...old, name, groupLogins, ...rulesOf(options, old) });
        const saved = await groups.save(next);
        print(json, saved, `The group "${name}" is ${old ? "changed" : "made"}.`);
      });
    });

  group
    .command("list")
    .description("list the groups")
    .action(async (_: object, command: Command) => {
      await withDesk(command, async ({ groups }, { json }) => {
        const all = await groups.list();
        const rows = all.map((one) => [one.name, describe(one).join("; ")]);
        print(json, all, rows.length === 0 ? "There are no groups." : table(["group", "rules"], rows));
      });
    });

  group
    .command("show <name>")
    .description("show what a group brings and asks")
    .action(async (name: string, _: object, command: Command) => {
      await withDesk(command, async ({ groups }, { json }) => {
        const found = (await groups.list()).find((one) => one.name === name);
        if (!found)
          throw new DialwardError("not-found", `There is no group "${name}". See: dialward group list`);
        print(json, found, [found.name, ...describe(found).map((line) => `  ${line}`)].join("\n"));
      });
    });

  group
    .command("remove <name>")
    .description("remove a group that no user is in")
    .action(async (name: string, _: object, command: Command) => {
      await withDesk(command, async ({ groups }, { json }) => {
        await groups.remove(name);
        print(json, { name }, `The group "${name}" is removed.`);
      });
    });
}

function describe(group: Group): string[] {
  const lines = describeRules(group);
  return group.groupLogins ? [...lines, `at most ${group.groupLogins} logins of all together`] : lines;
}

/** Without what was taken away: a limit of 0, no attributes, no hours. */
function clean({ logins, groupLogins, valid, attributes, ...rest }: Group): Group {
  return {
    ...rest,
    ...(logins ? { logins } : {}),
    ...(groupLogins ? { groupLogins } : {}),
    ...(valid && Object.keys(valid).length > 0 ? { valid } : {}),
    ...(attributes && attributes.length > 0 ? { attributes } : {}),
  };
}
