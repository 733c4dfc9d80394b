// dialward key …: the keys that users' secrets are sealed with.
import type { Command } from "commander";
import { many, print } from "./output.ts";
import { withDesk } from "./session.ts";

/** Adds `key` to `program`. */
export function addKeys(program: Command): void {
  const key = program.command("key").description("the keys that users' secrets are sealed with");

  key
    .command("rotate")
    .description("seal every user with a new key; the old one opens until the next rotation, and no longer")
    .action(async (_: object, command: Command) => {
      await withDesk(command, async ({ keys }, { json }) => {
        const { sealed } = await keys.rotate();
        print(
          json,
          { sealed },
          `${many(sealed, "user is", "users are")} sealed with a new key; the old one is retired.`,
        );
      });
    });

  key
    .command("add")
    .description("add the key that the next rotation takes, to copy the file to other machines before")
    .action(async (_: object, command: Command) => {
      await withDesk(command, async ({ keys }, { json }) => {
        const { file } = await keys.add();
        const text = `Copy ${file} to all machines that share the store, then run: dialward key rotate`;
        print(json, { file }, text);
      });
    });
}
