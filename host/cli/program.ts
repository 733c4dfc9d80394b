// The command line: its commands, the options they share, and the exit status (0; 1 refused or not found; 2 bad usage).
import { Command } from "commander";
import { version } from "../../package.json";
import { addAdministrator, addManagement } from "./administrator.ts";
import { addBackup } from "./backup.ts";
import { addCompletion } from "./completion.ts";
import { addConfig } from "./config.ts";
import { addDial } from "./dial.ts";
import { addClients } from "./clients.ts";
import { addDoctor } from "./doctor.ts";
import { addGroup } from "./group.ts";
import { addInit } from "./init.ts";
import { addLog } from "./log.ts";
import { addKeys } from "./key.ts";
import { addMan } from "./man.ts";
import { addServe } from "./serve.ts";
import { addSessions } from "./sessions.ts";
import { addSetupLink } from "./setup-link.ts";
import { addStore } from "./store.ts";
import { addToken } from "./token.ts";
import { addUser } from "./user.ts";
import { tellFailure } from "./failure.ts";
import { onTerminal, terminal, type Terminal } from "./terminal.ts";

/** Runs the command of `argv` (as process.argv) on `given`, else on the process's own; resolves to the exit status. */
export function run(argv: readonly string[], given?: Terminal): Promise<number> {
  return onTerminal(given, () => runHere(argv));
}

async function runHere(argv: readonly string[]): Promise<number> {
  const json = isJson(argv);
  try {
    await buildProgram(json).parseAsync(argv);
    return terminal().status;
  } catch (error) {
    return tellFailure(error, json);
  }
}

/** --json stands among the words, and not behind the end of the options. */
function isJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return argv.slice(0, end < 0 ? undefined : end).includes("--json");
}

/** All commands; with `json` nothing but JSON is printed where one fails. */
export function buildProgram(json = false): Command {
  const program = new Command("dialward")
    .description("One-time passwords for people who dial in to a router")
    .version(version)
    .option("--config <file>", "the configuration, TOML")
    .option(
      "--data <dir>",
      "the data folder (default: what the configuration says, else ~/.local/state/dialward)",
    )
    .option("--json", "print data, and errors, as JSON")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal().stdout.write(text),
      writeErr: (text) => terminal().stderr.write(text),
      outputError: (text, write) => {
        if (!json) write(text);
      },
    });
  // Commands that are added inherit the settings above.
  addServe(program);
  addInit(program);
  addUser(program);
  addGroup(program);
  addSessions(program);
  addClients(program);
  addStore(program);
  addBackup(program);
  addKeys(program);
  addDial(program);
  addDoctor(program);
  addLog(program);
  addAdministrator(program);
  addManagement(program);
  addSetupLink(program);
  addToken(program);
  addConfig(program);
  addCompletion(program);
  addMan(program);
  return program;
}
