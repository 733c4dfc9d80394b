// Scratch codes: ten for the day on which the device is lost, each good once. Only keyed hashes are kept.
import { createHmac, randomInt } from "node:crypto";

/** What the hashing key is derived for. */
export const SCRATCH_LABEL = "scratch codes";

const CODES = 10;
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"; // none that looks like another
const GROUPS = 3;
const GROUP_LENGTH = 4;

/** Ten new codes of 59 bits, such as `k7mp-2xqa-w9rt`. */
export function newScratchCodes(): string[] {
  const group = (): string =>
    Array.from({ length: GROUP_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  return Array.from({ length: CODES }, () => Array.from({ length: GROUPS }, group).join("-"));
}

/** What was typed, if it has a scratch code's form: in lower case with its dashes; else undefined. */
export function parseScratchCode(text: string): string | undefined {
  const plain = text.trim().toLowerCase().replace(/[\s-]/g, "");
  if (plain.length !== GROUPS * GROUP_LENGTH || [...plain].some((letter) => !LETTERS.includes(letter)))
    return undefined;
  return plain.match(/.{4}/g)!.join("-");
}

/** How a user's scratch code is kept: HMAC-SHA256 with a key of the service's, bound to the name. */
export function hashScratchCode(key: Uint8Array, user: string, code: string): string {
  return createHmac("sha256", key).update(`${user}\0${code}`).digest("base64url");
}

/** The scratch code at the end of what `user` typed, if it is one of `hashes`; `before` it the password may stand. */
export function findScratchCode(
  key: Uint8Array,
  user: string,
  typed: string,
  hashes: readonly string[],
): { before: string; hash: string } | undefined {
  const [, before = "", end = ""] = /^(.*?)((?:[a-z0-9]{4}-?){2}[a-z0-9]{4})$/is.exec(typed) ?? [];
  const code = parseScratchCode(end);
  const hash = code === undefined ? "" : hashScratchCode(key, user, code);
  return hashes.includes(hash) ? { before, hash } : undefined;
}
