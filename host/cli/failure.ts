// How a command ends that fails: in words, or with --json as one JSON object on standard error; never with a stack trace
// for anything that the system, a file or the caller has caused.
import { CommanderError } from "commander";
import { DialwardError } from "../errors.ts";
import { warn } from "./output.ts";
import { terminal } from "./terminal.ts";

/** What the system says, in words. */
const WORDS: Record<string, string> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  ENOENT: "there is no such file or folder",
  EISDIR: "it is a folder",
  ENOTDIR: "it is not in a folder",
  EEXIST: "it exists already",
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is too large",
  EROFS: "the file system is read-only",
  EIO: "the device cannot be read or written",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  ENOMEM: "there is not enough memory",
  ELOOP: "too many links lead to it",
  ENAMETOOLONG: "the name is too long",
  EADDRINUSE: "the address is in use",
  EADDRNOTAVAIL: "this machine does not have the address",
  ECONNREFUSED: "nobody listens there",
  ERR_FS_FILE_TOO_LARGE: "the file is too large",
  ERR_STRING_TOO_LONG: "the file is too large",
};

/** What went wrong in a call of the system: the file or address, and why. */
export function describeFailure(error: unknown): string {
  const { code, path, message, address } = error as NodeJS.ErrnoException & { address?: string };
  const words = code === undefined ? undefined : WORDS[code];
  const where = path ?? address;
  if (words === undefined) return message ?? String(error);
  return where === undefined ? words : `${where}: ${words}`;
}

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
