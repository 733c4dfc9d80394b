// dialward token …: the user's own code generator. Passphrase and PIN come from the terminal, or a line each of
// standard input.
import { type Command, Option } from "commander";
import { Core } from "../core/core.ts";
import { DialwardError } from "../errors.ts";
import { defaultTokenFile, Token, tokenCode } from "./token-file.ts";
import { askSecret, readLines, readSecretFile } from "./input.ts";
import { print, table, warn } from "./output.ts";
import { terminal } from "./terminal.ts";

interface TokenOptions {
  file?: string;
  json?: boolean;
}

/** Adds `token` and its commands to `program`. */
export function addToken(program: Command): void {
  const token = program
    .command("token")
    .description("make codes here, as an authenticator does")
    .option("--file <file>", "the token's file (default: ~/.config/dialward/token.json)");

  token
    .command("new <name>")
    .description("make a secret, or take one, and keep it sealed under a passphrase; the first line of input")
    .addOption(
      new Option("--factor <factor>", "what makes the codes").choices(["motp", "totp"]).default("motp"),
    )
    .option("--secret-file <file>", "the secret, hexadecimal (mOTP) or base32 (default: a new one)")
    .action(
      async (
        name: string,
        { factor, secretFile }: { factor: "motp" | "totp"; secretFile?: string },
        command: Command,
      ) => {
        const secret = secretFile === undefined ? undefined : readSecretFile(secretFile, "--secret-file");
        const [passphrase = ""] = await ask(["Passphrase of the token"]);
        const options = command.optsWithGlobals<TokenOptions>();
        const entry = open(options, passphrase).add(name, factor, secret);
        const text = `"${name}" is in the token. Its secret, for the profile on the server:\n\n${entry.secret}`;
        print(options.json, entry, text);
      },
    );

  token
    .command("show [name]", { isDefault: true })
    .description("show the code of this moment; for mOTP it takes the PIN")
    .option("--copy", "put the code on the clipboard, through the terminal (OSC 52)")
    .action(async (name: string | undefined, { copy }: { copy?: boolean }, command: Command) => {
      const options = command.optsWithGlobals<TokenOptions>();
      const [passphrase = "", early] = await ask(["Passphrase of the token"], 2);
      const entry = open(options, passphrase).find(name);
      const pin = entry.factor === "motp" ? (early ?? (await ask(["PIN"]))[0] ?? "") : undefined;
      const shown = tokenCode(Core.load(), entry, pin, Math.floor(Date.now() / 1000));
      if (copy && terminal().stderr.isTTY) {
        terminal().stderr.write(`\x1b]52;c;${Buffer.from(shown.code).toString("base64")}\x07`);
      }
      print(options.json, { name: entry.name, ...shown }, shown.code);
      if (terminal().stdout.isTTY && terminal().stderr.isTTY && !options.json) await countDown(shown.left);
    });

  token
    .command("list")
    .description("list what is in the token")
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<TokenOptions>();
      const [passphrase = ""] = await ask(["Passphrase of the token"]);
      const { entries } = open(options, passphrase);
      const rows = entries.map(({ name, factor }) => [name, factor]);
      const plain = entries.map(({ name, factor }) => ({ name, factor }));
      print(options.json, plain, rows.length > 0 ? table(["NAME", "FACTOR"], rows) : "The token is empty.");
    });

  token
    .command("remove <name>")
    .description("remove a secret from the token")
    .action(async (name: string, _: object, command: Command) => {
      const options = command.optsWithGlobals<TokenOptions>();
      const [passphrase = ""] = await ask(["Passphrase of the token"]);
      open(options, passphrase).remove(name);
      print(options.json, { name, removed: true }, `"${name}" is removed from the token.`);
    });
}

function open({ file }: TokenOptions, passphrase: string): Token {
  if (passphrase === "") throw new DialwardError("usage", "Give the token's passphrase.");
  return new Token(file ?? defaultTokenFile(), passphrase, terminal().scryptCost);
}

/** Answers without an echo; without a terminal up to `lines` lines of standard input at once. */
async function ask(questions: readonly string[], lines = questions.length): Promise<string[]> {
  if (!terminal().stdin.isTTY) return readLines(Array.from({ length: lines }, () => ""));
  const answers: string[] = [];
  for (const question of questions) answers.push((await askSecret(question)) ?? "");
  return answers;
}

async function countDown(seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left--) {
    terminal().stderr.write(`\r${"█".repeat(Math.min(left, 60))} ${left} s \x1b[K`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  terminal().stderr.write("\r\x1b[K");
  warn("the code has expired; ask for the next one.");
}
