// The files of an import, opened before the command works as the data folder's owner: one, several, a folder, standard input.
import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DialwardError } from "../errors.ts";
import { readFiles } from "../formats/formats.ts";
import type { Pieces, PlanOptions } from "../formats/plan.ts";
import { Source, type ReadOptions, type SecretEncoding } from "../formats/source.ts";
import { FILE_BYTES, type Encoding } from "../formats/text.ts";
import { askSecret, openBytes, readSecretFile } from "./input.ts";

/** What is given beside the files. */
export interface ImportOptions extends PlanOptions {
  format?: string;
  encoding?: Encoding;
  name?: string;
  columns?: string;
  secretEncoding?: SecretEncoding;
  factor?: string;
  period?: string;
  passphraseFile?: string;
  keyFile?: string;
  dryRun?: boolean;
}

/** Files that are open: rows, some at a time, that can be read as often as they are asked for. */
export interface Input {
  rows(group?: ReadOptions["group"]): Pieces;
  wipe(): void;
}

/** Opens the files. Throws DialwardError("usage"). */
export function openInput(files: readonly string[], given: ImportOptions): Input {
  const opened = files.flatMap((file) =>
    isFolder(file) ? readFolder(file, given) : [readOne(file, given.name, given)],
  );
  const { passphraseFile, keyFile, columns, secretEncoding, factor, period } = given;
  // Files are read before the command works as the data folder's owner.
  let passphrase: Promise<string> | undefined =
    passphraseFile === undefined
      ? undefined
      : Promise.resolve(readSecretFile(passphraseFile, "--passphrase-file"));
  const options: ReadOptions = {
    columns: columns?.split(",").map((column) => column.trim()),
    secretEncoding,
    factor,
    period: readPeriod(period),
    passphrase: () => (passphrase ??= askPassphrase()),
    key: keyFile === undefined ? undefined : readKey(keyFile),
    now: Math.floor(Date.now() / 1000),
  };
  return {
    rows: (group) => readFiles(opened, { ...options, group }, given.format),
    wipe: () => opened.forEach(({ source }) => source.wipe()),
  };
}

function readOne(
  file: string,
  name: string | undefined,
  { encoding }: ImportOptions,
): { source: Source; name: string | undefined } {
  return { source: new Source(openBytes(file, FILE_BYTES), file === "-" ? "" : file, encoding), name };
}

/** A file for each user: FOLDER/alice, or FOLDER/alice/.google_authenticator. */
function readFolder(folder: string, given: ImportOptions): { source: Source; name: string | undefined }[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith("."))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      const within = join(path, ".google_authenticator");
      if (entry.isFile()) return [readOne(path, entry.name, given)];
      return isFile(within) ? [readOne(within, basename(dirname(within)), given)] : [];
    });
}

function isFolder(file: string): boolean {
  return file !== "-" && (statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false);
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

function readPeriod(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new DialwardError("usage", "--period must be a number of seconds.");
}

function readKey(file: string): Buffer {
  const text = readSecretFile(file, "--key-file").replace(/\s/g, "");
  if (/^([0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})$/i.test(text)) return Buffer.from(text, "hex");
  throw new DialwardError("usage", "--key-file: must hold 32, 48 or 64 hexadecimal digits.");
}

async function askPassphrase(): Promise<string> {
  const passphrase = await askSecret("Passphrase of the file");
  if (passphrase !== undefined) return passphrase;
  throw new DialwardError("usage", "The file is encrypted under a passphrase: give --passphrase-file.");
}
