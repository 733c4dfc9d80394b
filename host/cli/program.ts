// The command line: its commands, the options they share, and the exit status (0; 1 refused or not found; 2 bad usage).
import { Command, CommanderError } from "commander";
import { version } from "../../package.json";
import { DialwardError } from "../errors.ts";
import { addAdministrator, addManagement } from "./administrator.ts";
import { addDial } from "./dial.ts";
import { addDoctor } from "./doctor.ts";
import { addLog } from "./log.ts";
import { addKeys } from "./key.ts";
import { addServe } from "./serve.ts";
import { addSessions } from "./sessions.ts";
import { addStore } from "./store.ts";
import { addToken } from "./token.ts";
import { addUser } from "./user.ts";
import { addWorker } from "./worker.ts";
import { warn } from "./output.ts";
import { onTerminal, terminal, type Terminal } from "./terminal.ts";

/** Runs the command of `argv` (as process.argv) on `given`, else on the process's own; resolves to the exit status. */
export function run(argv: readonly string[], given?: Terminal): Promise<number> {
  return onTerminal(given, () => runHere(argv));
}

async function runHere(argv: readonly string[]): Promise<number> {
  const program = new Command("dialward")
    .description("One-time passwords for people who dial in to a router")
    .version(version)
    .option("--config <file>", "the configuration, TOML")
    .option(
      "--data <dir>",
      "the data folder (default: what the configuration says, else ~/.local/state/dialward)",
    )
    .option("--json", "print data as JSON")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal().stdout.write(text),
      writeErr: (text) => terminal().stderr.write(text),
    });
  // Commands that are added inherit the settings above.
  addServe(program);
  addUser(program);
  addSessions(program);
  addStore(program);
  addKeys(program);
  addDial(program);
  addDoctor(program);
  addLog(program);
  addAdministrator(program);
  addManagement(program);
  addToken(program);
  addWorker(program);
  try {
    await program.parseAsync(argv);
    return terminal().status;
  } catch (error) {
    return exitStatus(error);
  }
}

function exitStatus(error: unknown): number {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof DialwardError) {
    warn(error.message);
    return error.code === "usage" || error.code === "config" ? 2 : 1;
  }
  const failure = error as NodeJS.ErrnoException;
  warn(failure.code && failure.syscall ? failure.message : String(failure?.stack ?? error));
  return 1;
}
