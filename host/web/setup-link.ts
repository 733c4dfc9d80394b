// The link that opens the set-up once: its code stands behind the #, which browsers send to no server. Who can read the
// terminal or the data folder has it.
import { randomBytes } from "node:crypto";
import { readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { replacePrivateFile } from "../config/private-file.ts";

const FILE = "setup-link";

/** The code of the set-up, the same after a restart. */
export class SetupLink {
  readonly #folder: string;
  readonly code: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.code =
      readSetupLink(folder)?.split("#")[1] ?? randomBytes(8).toString("hex").match(/.{4}/g)!.join("-");
  }

  /** Writes the link for pages at `url` into its file. */
  write(url: string): { link: string; file: string } {
    const file = join(this.#folder, FILE);
    const link = `${url}setup#${this.code}`;
    replacePrivateFile(file, `${link}\n`);
    return { link, file };
  }
}

/** The link, as long as nobody has used it. */
export function readSetupLink(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, FILE), "utf8").trim();
  } catch {
    return undefined;
  }
}

/** The set-up is over. */
export function forgetSetupLink(folder: string): void {
  try {
    unlinkSync(join(folder, FILE));
  } catch {
    // it is of no use any more
  }
}
