// Files that hold a secret: made whole or not at all, for their owner alone.
import { randomBytes } from "node:crypto";
import { linkSync, statSync, unlinkSync, writeFileSync } from "node:fs";

/** Writes `text` into a new file (0600), whole or not at all; leaves a file that exists. */
export function createSecretFile(file: string, text: string): void {
  if (statSync(file, { throwIfNoEntry: false })) return;
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  writeFileSync(draft, text + "\n", { mode: 0o600, flag: "wx", flush: true });
  try {
    linkSync(draft, file); // fails where another process was first
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Warns when others than the owner can read a secret. */
export function warnIfReadable(file: string, warn: (message: string) => void): void {
  if (process.platform === "win32") return;
  const mode = statSync(file).mode & 0o777;
  if (mode & 0o077) {
    warn(`${file} holds a secret and others can read it (mode ${mode.toString(8)}). Run: chmod 600 ${file}`);
  }
}
