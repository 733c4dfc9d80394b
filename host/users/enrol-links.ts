// Links by which users enrol themselves: each for one user, good once, until it expires or is taken back. Only a hash of
// a link is kept, in enrol-links.json of the data folder.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { replacePrivateFile } from "../config/private-file.ts";
import { DialwardError } from "../errors.ts";

const LINK_BYTES = 32;
const LINKS = 10_000;

const linkSchema = z.strictObject({
  /** SHA-256 of the link's secret part. */
  hash: z.string(),
  user: z.string(),
  /** Seconds since 1970. */
  expires: z.number(),
  /** It was given to who has shown the password, which stays. */
  proved: z.optional(z.boolean()),
});
const fileSchema = z.array(linkSchema);

export type EnrolLink = z.output<typeof linkSchema>;

export class EnrolLinks {
  readonly #file: string;
  readonly #seconds: () => number;
  #links: EnrolLink[] | undefined;

  constructor(folder: string, seconds: () => number = () => Date.now() / 1000) {
    this.#file = join(folder, "enrol-links.json");
    this.#seconds = seconds;
  }

  /**
   * Makes a link for `user`, in place of those before, and returns its secret part: it is known only now. `proved`: for
   * who has shown the password. Throws DialwardError("refused") where too many are open.
   */
  make(user: string, validSeconds: number, proved = false): { secret: string; expires: number } {
    const secret = randomBytes(LINK_BYTES).toString("base64url");
    const expires = Math.floor(this.#seconds() + validSeconds);
    const others = this.#read().filter((one) => one.user !== user);
    if (others.length >= LINKS)
      throw new DialwardError("refused", "Too many links are open. Take some back.");
    this.#write([...others, { hash: hashLink(secret), user, expires, ...(proved && { proved }) }]);
    return { secret, expires };
  }

  /** The link of a secret part, if it is good still. */
  find(secret: string): EnrolLink | undefined {
    // Who does not know the part does not know where its hash begins: looking it up tells nothing.
    return this.findHash(hashLink(secret));
  }

  findHash(hash: string): EnrolLink | undefined {
    return this.#read().find((one) => one.hash === hash);
  }

  /** The link of a user that is open. */
  of(user: string): EnrolLink | undefined {
    return this.#read().find((one) => one.user === user);
  }

  /** Uses a link up; false where that has been done already. On the disk when it returns. */
  spend(hash: string): boolean {
    const all = this.#read();
    const left = all.filter((one) => one.hash !== hash);
    if (left.length === all.length) return false;
    this.#write(left);
    return true;
  }

  /** Takes a user's link back. */
  withdraw(user: string): void {
    const all = this.#read();
    const left = all.filter((one) => one.user !== user);
    if (left.length < all.length) this.#write(left);
  }

  /** The links that have not expired. */
  #read(): EnrolLink[] {
    this.#links ??= this.#load();
    const now = this.#seconds();
    return this.#links.filter(({ expires }) => expires > now);
  }

  #load(): EnrolLink[] {
    let text: string;
    try {
      text = readFileSync(this.#file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
    try {
      return fileSchema.parse(JSON.parse(text));
    } catch {
      throw new DialwardError("config", `${this.#file} is damaged. Remove it: its links are void then.`);
    }
  }

  #write(links: EnrolLink[]): void {
    replacePrivateFile(this.#file, JSON.stringify(links) + "\n");
    this.#links = links;
  }
}

function hashLink(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
