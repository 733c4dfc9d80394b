// dialward doctor: says why a code was refused. dialward user resync: follows a device that has drifted.
import { type Command, Option } from "commander";
import { DIAL_IN_TYPES, type DialInType } from "../core/dial-in.ts";
import { duration } from "../users/findings.ts";
import { DialwardError } from "../errors.ts";
import { readLine, readLines } from "./input.ts";
import { print, printable } from "./output.ts";
import { withDesk } from "./session.ts";

/** Adds `doctor` to `program`. */
export function addDoctor(program: Command): void {
  program
    .command("doctor <name>")
    .description("read a code that was refused and say why; nothing is changed, and no code is spent")
    .addOption(new Option("--type <type>", "the dial-in type that was tried").choices(DIAL_IN_TYPES))
    .action(async (name: string, { type }: { type?: DialInType }, command: Command) => {
      await withDesk(command, async ({ users }, { json }) => {
        const code = await readLine(`Code that was refused for ${name}: `);
        if (code === "") throw new DialwardError("usage", "Give the code on standard input.");
        const findings = await users.diagnose(name, code, type);
        print(json, { name, findings }, findings.map(({ text }) => `- ${printable(text)}`).join("\n"));
      });
    });
}

/** Adds `resync` to the command `user`. */
export function addResync(user: Command): void {
  user
    .command("resync <name>")
    .description("read two consecutive codes, a line each, and follow the device's clock or counter")
    .action(async (name: string, _: object, command: Command) => {
      await withDesk(command, async ({ users }, { json }) => {
        await users.get(name);
        const [first, second] = await readLines(["A code of the device: ", "The code after it: "]);
        if (!first || !second) throw new DialwardError("usage", "Give two consecutive codes, a line each.");
        const { user: changed, offset } = await users.resync(name, [first, second]);
        const { factor, period = 0 } = changed.profile;
        const seconds = offset * period;
        const where =
          factor === "hotp"
            ? "Its counter is followed from here."
            : seconds === 0
              ? "Its clock agrees with this machine's."
              : `Its clock is about ${duration(Math.abs(seconds))} ${seconds > 0 ? "ahead" : "behind"}, and is followed.`;
        print(json, { name, offset }, `"${name}" is resynchronised. ${where} Both codes are spent now.`);
      });
    });
}
