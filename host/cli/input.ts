// How secrets and codes come in: from a file, standard input or the terminal, never as an argument.
import { closeSync, fstatSync, openSync } from "node:fs";
import { createInterface, type Interface } from "node:readline/promises";
import { DialwardError, describeFailure } from "../errors.ts";
import { decodeText } from "../formats/text.ts";
import { isShort, PASSPHRASE_LETTERS } from "../store/passphrase.ts";
import { readUpTo, terminal } from "./terminal.ts";

/** Most bytes that are read of a file with one secret. */
const SECRET_FILE_BYTES = 4096;
/** No more of a file is read before somebody asks. */
const HELD_BYTES = 1 << 20;

/** The first line of `file`; `-` is standard input. Throws DialwardError("usage") naming `option`. */
export function readSecretFile(file: string, option: string): string {
  let bytes: Buffer | undefined;
  let line: string;
  try {
    bytes = file === "-" ? terminal().readInput(SECRET_FILE_BYTES) : readFileOf(file, SECRET_FILE_BYTES);
    line = decodeText(bytes).split(/\r?\n/, 1)[0]!;
  } catch (error) {
    const why = error instanceof DialwardError ? error.message : `${describeFailure(error)}.`;
    throw new DialwardError("usage", `${option}: ${why}`);
  } finally {
    bytes?.fill(0);
  }
  if (line !== "") return line;
  throw new DialwardError("usage", `${option}: ${file === "-" ? "standard input" : file} is empty.`);
}

/** A text file in whole; `-` is standard input. Throws DialwardError("usage"). */
export function readText(file: string): string {
  return readBytes(file, SECRET_FILE_BYTES * 1024).toString();
}

/** A file in whole, of at most `most` bytes; `-` is standard input. Throws DialwardError("usage"). */
export function readBytes(file: string, most: number): Buffer {
  return naming(file, () => (file === "-" ? terminal().readInput(most) : readFileOf(file, most)));
}

/** The same; of a large file that can be read from any place its descriptor, which is left open. */
export function openBytes(file: string, most: number): Buffer | number {
  if (file === "-") return readBytes(file, most);
  return naming(file, () => {
    const descriptor = openSync(file, "r");
    const stat = fstatSync(descriptor);
    if (stat.isFile() && stat.size > HELD_BYTES && stat.size <= most) return descriptor;
    try {
      return readUpTo(descriptor, most);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Calls `read`; what it throws says which file it is. */
function naming<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DialwardError) throw new DialwardError("usage", `${file}: ${error.message}`);
    const why = describeFailure(error);
    throw new DialwardError("usage", `${why.startsWith(file) ? "" : `${file}: `}${why}.`);
  }
}

function readFileOf(file: string, most: number): Buffer {
  const descriptor = openSync(file, "r");
  try {
    return readUpTo(descriptor, most);
  } finally {
    closeSync(descriptor);
  }
}

/** One line: asked for on a terminal, else the first line of standard input. */
export async function readLine(question: string): Promise<string> {
  const lines = readInterface();
  try {
    if (lines.terminal) return (await lines.question(question)).trim();
    for await (const line of lines) return line.trim();
    return "";
  } finally {
    lines.close();
  }
}

/** A secret typed on the terminal without an echo, or undefined where standard input is none. */
export async function askSecret(message: string): Promise<string | undefined> {
  if (!terminal().stdin.isTTY || !terminal().stderr.isTTY) return undefined;
  const { isCancel, password } = await import("@clack/prompts");
  const answer = await password({ message, output: terminal().stderr });
  if (isCancel(answer)) throw new DialwardError("usage", "Nothing was changed.");
  return answer;
}

/** The same twice, since nobody sees what is typed. Throws DialwardError("usage") where they differ. */
export async function askNewSecret(message: string): Promise<string | undefined> {
  const first = await askSecret(message);
  if (first === undefined || first === (await askSecret("The same again"))) return first;
  throw new DialwardError(
    "usage",
    "What was typed first and what was typed then differ. Nothing was changed.",
  );
}

/** The passphrase of a file that is written: from `file`, else typed twice. Throws DialwardError("usage"). */
export async function readNewPassphrase(file: string | undefined): Promise<string> {
  const passphrase =
    file === undefined
      ? await askNewSecret("Passphrase for the file")
      : readSecretFile(file, "--passphrase-file");
  if (passphrase === undefined)
    throw new DialwardError(
      "usage",
      "Nothing is written: the file is encrypted under a passphrase. Give --passphrase-file, or use a terminal.",
    );
  if (!isShort(passphrase)) return passphrase;
  throw new DialwardError("usage", `The passphrase must have at least ${PASSPHRASE_LETTERS} letters.`);
}

/** As many lines as there are questions: asked for on a terminal, else lines of standard input. */
export async function readLines(questions: readonly string[]): Promise<string[]> {
  const lines = readInterface();
  try {
    const answers: string[] = [];
    if (lines.terminal) {
      for (const question of questions) answers.push((await lines.question(question)).trim());
      return answers;
    }
    for await (const line of lines) {
      answers.push(line.trim());
      if (answers.length === questions.length) break;
    }
    return answers;
  } finally {
    lines.close();
  }
}

function readInterface(): Interface {
  const { stdin, stderr } = terminal();
  return createInterface({ input: stdin, output: stderr, terminal: stdin.isTTY === true });
}
