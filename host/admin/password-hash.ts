// Administrators' passwords as the core compares them: scrypt's output (RFC 7914), as text that fits a record.
import { randomBytes, scrypt } from "node:crypto";
import { DialwardError } from "../errors.ts";
import { isName } from "../users/profile.ts";

export const PASSWORD_LENGTH = 10;
const PASSWORD_BYTES = 200;
/** The account's name in its store has 4 bytes before it. */
const NAME_BYTES = 60;

/** scrypt's N; with r = 8 it takes 64 MiB. */
export const SCRYPT_COST = 65_536;
const HASH_BYTES = 24; // 32 characters of base64url: what a record holds
const SALT_BYTES = 16;
/** Hashes that may wait for their turn; beyond, a login is refused at once. */
const WAITING = 8;

/** Throws DialwardError("usage") where an account's name or password cannot be one. */
export function checkAccount(name: string, password: string): void {
  if (!isName(name) || Buffer.byteLength(name) > NAME_BYTES)
    throw new DialwardError(
      "usage",
      `The name must have 1 to ${NAME_BYTES} bytes, without control characters.`,
    );
  if ([...password].length < PASSWORD_LENGTH || Buffer.byteLength(password) > PASSWORD_BYTES)
    throw new DialwardError("usage", `The password must have at least ${PASSWORD_LENGTH} characters.`);
}

/** A salt of its own for each password, as text. */
export function makeSalt(): string {
  return randomBytes(SALT_BYTES).toString("base64url");
}

/** Hashes one password after the other, so that many logins do not fill the memory. */
export class PasswordHashes {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** The password's hash, 32 characters; `cost` is scrypt's N. Throws DialwardError("refused") where too many wait. */
  async hash(password: string, { salt, cost }: { salt: string; cost: number }): Promise<string> {
    if (this.#waiting >= WAITING) throw new DialwardError("refused", "Too many logins wait. Try again.");
    this.#waiting++;
    const options = { N: cost, r: 8, p: 1, maxmem: 256 * cost * 8 };
    const mine = this.#last.then(
      () =>
        new Promise<string>((resolve, reject) => {
          scrypt(password.normalize(), salt, HASH_BYTES, options, (error, hash) => {
            if (error) reject(error);
            else resolve(hash.toString("base64url"));
          });
        }),
    );
    this.#last = mine.catch(() => {});
    return mine.finally(() => this.#waiting--);
  }
}
