// Files for their owner alone (0600), written whole or not at all: a draft beside the file, synced, then put in place.
// What root makes belongs to whom the folder belongs to, or the service could not read it; no link is ever followed.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchownSync,
  fsyncSync,
  lchownSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { DialwardError, systemWords } from "../errors.ts";

/** Puts `text` into `file`, in place of what is there; on the disk when it returns. Throws what the system says. */
export function replacePrivateFile(file: string, text: string | Uint8Array): void {
  const draft = writeDraft(file, text);
  try {
    renameSync(draft, file);
  } catch (error) {
    unlinkSync(draft);
    throw error;
  }
  syncFolder(file);
}

/** Makes `file` of `text`; leaves a file that exists, also one that another process makes meanwhile. */
export function createPrivateFile(file: string, text: string | Uint8Array): void {
  if (statSync(file, { throwIfNoEntry: false })) return;
  const draft = writeDraft(file, text);
  try {
    linkSync(draft, file); // fails where another process was first
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
  syncFolder(file);
}

/** Adds a line to `file`, which is made where it is missing; a link there is not followed. Throws what the system says. */
export function appendPrivateLine(file: string, line: string): void {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
  const descriptor = openSync(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
  try {
    const owner = readFolderOwner(file);
    if (owner) fchownSync(descriptor, owner.uid, owner.gid);
    writeFileSync(descriptor, line + "\n");
  } finally {
    closeSync(descriptor);
  }
}

/** A file that did not exist, and is written piece by piece. Every method throws DialwardError("usage"). */
export class NewFile {
  readonly #file: string;
  readonly #descriptor: number;

  constructor(file: string) {
    this.#file = file;
    this.#descriptor = this.#attempt(() => openSync(file, "wx", 0o600));
  }

  write(bytes: Uint8Array): void {
    this.#attempt(() => writeFileSync(this.#descriptor, bytes));
  }

  /** Puts it on the disk; where it is not `whole`, or that fails, nothing is left of it. */
  close(whole: boolean): void {
    let kept = false;
    try {
      if (whole) this.#attempt(() => fsyncSync(this.#descriptor));
      kept = whole;
    } finally {
      closeSync(this.#descriptor);
      if (!kept) unlinkSync(this.#file);
    }
    if (kept) syncFolder(this.#file);
  }

  #attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new DialwardError("usage", `${this.#file} cannot be made: ${systemWords(error)}`);
    }
  }
}

/** As root: `file`, which something else has made in a folder, gets the folder's owner. */
export function giveToFolderOwner(file: string): void {
  const owner = readFolderOwner(file);
  const made = lstatSync(file, { throwIfNoEntry: false });
  // Whoever owns the folder may have put a link to another's file there.
  if (owner && made?.isFile() && made.nlink === 1) lchownSync(file, owner.uid, owner.gid);
}

/** Warns when others than the owner can read a secret. */
export function warnIfReadable(file: string, warn: (message: string) => void): void {
  if (process.platform === "win32") return;
  const mode = statSync(file).mode & 0o777;
  if (mode & 0o077) {
    warn(`${file} holds a secret and others can read it (mode ${mode.toString(8)}). Run: chmod 600 ${file}`);
  }
}

function writeDraft(file: string, text: string | Uint8Array): string {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  const descriptor = openSync(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600); // O_EXCL follows no link
  try {
    writeFileSync(descriptor, text);
    const owner = readFolderOwner(file);
    if (owner) fchownSync(descriptor, owner.uid, owner.gid);
    fsyncSync(descriptor);
  } catch (error) {
    unlinkSync(draft);
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return draft;
}

/** Whom root must give a file to; undefined for everybody else, who gives nothing away. */
function readFolderOwner(file: string): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? statSync(dirname(file)) : undefined;
}

/** So that the name is on the disk, too. */
function syncFolder(file: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
