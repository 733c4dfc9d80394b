// dialward user …: add, verify, list, show, enable, disable, remove, unlock, import.
import { type Command, Option } from "commander";
import { DIAL_IN_TYPES } from "../core/dial-in.ts";
import { DialwardError } from "../errors.ts";
import { ALGORITHMS, FACTORS, MODES, newSecret, type Profile } from "../users/profile.ts";
import type { User } from "../users/entries.ts";
import type { Enrolled } from "../users/users.ts";
import { askSecret, readLine, readSecretFile } from "./input.ts";
import { addChange } from "./change.ts";
import { addExport } from "./export.ts";
import { addImport } from "./import.ts";
import { addResync } from "./doctor.ts";
import { formatTime, print, printable, table } from "./output.ts";
import { describeReason } from "./reason.ts";
import { describeRules, wholeNumber } from "./rules.ts";
import { FIRST_USERS, withDesk } from "./session.ts";
import { terminal } from "./terminal.ts";

interface AddOptions {
  factor: Profile["factor"];
  mode: Profile["mode"];
  types?: string;
  digits?: number;
  period?: number;
  algorithm?: Profile["algorithm"];
  secretFile?: string;
  pinFile?: string;
  passwordFile?: string;
}

/** Adds `user` and its commands to `program`. */
export function addUser(program: Command): void {
  const user = program.command("user").description("add, verify, list and change dial-in users");

  user
    .command("add <name>")
    .description("make a profile; it is pending until its first code is verified")
    .addOption(new Option("--factor <factor>", "what makes the codes").choices(FACTORS).default("totp"))
    .addOption(new Option("--mode <mode>", "what the user types").choices(MODES).default("code"))
    .option("--types <list>", `dial-in types that are allowed, of ${DIAL_IN_TYPES.join(",")} (default: all)`)
    .addOption(new Option("--digits <n>", "length of a code, 6 to 8 (default: 6)").argParser(wholeNumber))
    .addOption(new Option("--period <seconds>", "length of a step (default: 30)").argParser(wholeNumber))
    .addOption(new Option("--algorithm <hash>", "hash of the codes (default: sha1)").choices(ALGORITHMS))
    .option("--secret-file <file>", "the secret, base32 or (mOTP) hexadecimal; - is standard input")
    .option("--pin-file <file>", "the mOTP PIN, 4 to 7 digits; - is standard input")
    .option("--password-file <file>", "the fixed password; - is standard input")
    .action(async (name: string, given: AddOptions, command: Command) => {
      const input = await readNewProfile(name, given);
      await withDesk(
        command,
        async ({ users }, { json }) => {
          const enrolled = await users.add(input);
          const { secret } = enrolled.profile;
          print(
            json,
            { ...publicUser(enrolled), secret, uri: enrolled.uri },
            json ? "" : await describeEnrolled(enrolled),
            true,
          );
        },
        FIRST_USERS,
      );
    });

  user
    .command("verify <name>")
    .description("read a code and judge it as a login; a right one makes a pending profile active")
    .action(async (name: string, _: object, command: Command) => {
      await withDesk(command, async ({ users }, { json }) => {
        await users.get(name);
        const code = await readLine(`Code of ${name}: `);
        if (code === "") throw new DialwardError("usage", "Give the code on standard input.");
        const verified = await users.verify(name, code);
        const { outcome, reason, waitSeconds, offset, findings } = verified;
        const accepted = outcome === "accept";
        const wait = waitSeconds > 0 ? ` The next attempt counts in ${waitSeconds} s.` : "";
        const text = accepted
          ? `The code is right and spent now; "${name}" is active.`
          : [
              `Refused: ${describeReason(reason)}${wait}`,
              ...findings.map((one) => `- ${printable(one.text)}`),
            ].join("\n");
        print(json, { name, outcome, reason, waitSeconds, offset, findings }, text);
        if (!accepted) terminal().status = 1;
      });
    });

  user
    .command("list")
    .description("list all users")
    .action(async (_: object, command: Command) => {
      await withDesk(command, async ({ users }, { json }) => {
        const all: object[] = [];
        const rows: string[][] = [];
        for await (const one of users.list()) {
          if ("problem" in one) {
            all.push(one);
            rows.push([one.name, "unusable", "", "", one.problem]);
          } else {
            all.push(publicUser(one));
            const { name, factor, mode, types } = one.profile;
            rows.push([name, one.standing, factor, mode, describeTypes(types)]);
          }
        }
        const text =
          rows.length > 0
            ? table(["NAME", "STATE", "FACTOR", "MODE", "TYPES"], rows)
            : "There are no users yet.";
        print(json, all, text);
      });
    });

  user
    .command("show <name>")
    .description("show a user's profile, without its secrets")
    .action(async (name: string, _: object, command: Command) => {
      await withDesk(command, async ({ users }, { json }) => {
        const one = await users.get(name);
        print(json, publicUser(one), describeUser(one));
      });
    });

  for (const enabled of [true, false]) {
    const verb = enabled ? "enable" : "disable";
    user
      .command(`${verb} <name>`)
      .description(enabled ? "let a user log in again" : "refuse a user's logins")
      .action(async (name: string, _: object, command: Command) => {
        await withDesk(command, async ({ users }, { json }) => {
          print(json, publicUser(await users.setEnabled(name, enabled)), `"${name}" is ${verb}d.`);
        });
      });
  }

  user
    .command("remove <name>")
    .description("remove a user and its secret")
    .action(async (name: string, _: object, command: Command) => {
      await withDesk(command, async ({ users }, { json }) => {
        await users.remove(name);
        print(json, { name, removed: true }, `"${name}" is removed.`);
      });
    });

  user
    .command("unlock <name>")
    .description("end a user's waiting time after failures")
    .action(async (name: string, _: object, command: Command) => {
      await withDesk(command, async ({ users }, { json }) => {
        print(json, publicUser(await users.unlock(name)), `"${name}" need not wait any more.`);
      });
    });

  addChange(user);
  addResync(user);
  addImport(user);
  addExport(user);
}

async function readNewProfile(name: string, given: AddOptions): Promise<object> {
  const { secretFile, pinFile, passwordFile, ...plain } = given;
  if ([secretFile, pinFile, passwordFile].filter((file) => file === "-").length > 1) {
    throw new DialwardError(
      "usage",
      "Only one of the secret, the PIN and the password can come from standard input.",
    );
  }
  const read = (file: string | undefined, option: string): string | undefined =>
    file === undefined ? undefined : readSecretFile(file, option);
  const secret = read(secretFile, "--secret-file") ?? newSecret(given.factor);
  let pin = read(pinFile, "--pin-file");
  let password = read(passwordFile, "--password-file");
  if (given.factor === "motp") pin ??= await askSecret("PIN of the mOTP device, 4 to 7 digits");
  if (given.factor === "motp" && pin === undefined)
    throw new DialwardError("usage", "mOTP needs a PIN: give --pin-file.");
  if (given.mode !== "code") password ??= await askSecret("Fixed password");
  if (given.mode !== "code" && password === undefined) {
    throw new DialwardError("usage", `Mode ${given.mode} needs a password: give --password-file.`);
  }
  return { ...plain, name, secret, pin, password };
}

/** A user without its secrets. */
function publicUser({ profile, standing, waitSeconds, recoveryCodesLeft }: User): object {
  const { secret: _secret, pin: _pin, password: _password, recovery: _recovery, ...plain } = profile;
  return { ...plain, recoveryCodes: recoveryCodesLeft, state: standing, waitSeconds };
}

function describeTypes(types: Profile["types"]): string {
  return types.length === DIAL_IN_TYPES.length ? "all" : types.join(",");
}

function describeUser({ profile, standing, waitSeconds }: User): string {
  const { name, factor, mode, types, digits, period, algorithm, created } = profile;
  const rows = [
    ["name", name],
    ["state", waitSeconds > 0 ? `${standing}, waits ${waitSeconds} s after failures` : standing],
    ["factor", factor],
    ["mode", mode],
    ["types", describeTypes(types)],
    ["digits", String(digits)],
    ["period", period === undefined ? "-" : `${period} s`],
    ["algorithm", algorithm ?? "md5"],
    ["created", formatTime(created)],
    ...(profile.groups?.length ? [["groups", profile.groups.join(", ")]] : []),
    ...(profile.passwordFrom ? [["password", "in the directory"]] : []),
    ...describeRules(profile).map((line, i) => [i === 0 ? "rules" : "", line]),
  ];
  return rows.map(([key, value]) => `${key!.padEnd(11)}${value}`).join("\n");
}

async function describeEnrolled({ profile, uri }: Enrolled): Promise<string> {
  const { default: encodeQR } = await import("qr");
  const name = printable(profile.name);
  const picture = encodeQR(uri, terminal().stdout.isTTY ? "term" : "ascii");
  return [
    `"${name}" is added. Put this into the authenticator; it is shown only now:`,
    "",
    `secret  ${profile.secret}`,
    `uri     ${uri}`,
    "",
    picture,
    `The profile is pending. Verify its first code:  dialward user verify ${name}`,
  ].join("\n");
}
