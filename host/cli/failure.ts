// How a command ends that fails: in words, or with --json as one JSON object on standard error; never with a stack trace
// for anything that the system, a file or the caller has caused.
import { CommanderError } from "commander";
import { DialwardError, describeFailure } from "../errors.ts";
import { warn } from "./output.ts";
import { terminal } from "./terminal.ts";

/** Tells what made a command fail, and returns the exit status. */
export function tellFailure(error: unknown, json: boolean): number {
  // Commander has printed its own message, or help.
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (json) write(json, "usage", error.message.replace(/^error: /, "").replace(/\s+/g, " "));
    return 2;
  }
  if (error instanceof DialwardError) {
    write(json, error.code, error.message);
    return error.code === "usage" || error.code === "config" ? 2 : 1;
  }
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === "string") write(json, "system", describeFailure(error));
  else {
    const trace = process.env["DIALWARD_TRACE"] === "1" ? `\n${(error as Error)?.stack}` : "";
    const message = error instanceof Error ? error.message : String(error);
    write(
      json,
      "fault",
      `This should not happen: ${message}. Please report it, with what DIALWARD_TRACE=1 adds.${trace}`,
    );
  }
  return 1;
}

function write(json: boolean, code: string, message: string): void {
  if (json) terminal().stderr.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else warn(message);
}
