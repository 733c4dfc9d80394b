// Users of the daemon tests, each with a random secret, and their codes: not by Dialward's own core, but by
// oathtool (TOTP) and by MD5 of node:crypto (mOTP).
import { execFileSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import type { DialInType } from "../../host/core/dial-in.ts";
import type { NewProfile } from "../../host/users/new-profile.ts";
import { motp } from "../codes.ts";

export const FACTORS = ["totp", "motp"] as const;
/** Seconds of a TOTP step. Twice the usual: on a busy machine a code comes again half a minute after the first time. */
const PERIOD_SECONDS = 60;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const all: NewProfile[] = [];

export interface User {
  readonly name: string;
  /** Of the modes that have one. */
  readonly password: string;
  /** The code of now. */
  code(): string;
  /** A code of the same form that is none of the window. */
  wrongCode(): string;
}

export interface UserOptions {
  mode?: "code" | "password+code" | "password-then-code";
  /** Of the modes that have one; else a random one. */
  password?: string;
  types?: readonly DialInType[];
}

/** Makes a user that the next lab knows. */
export function makeUser(factor: (typeof FACTORS)[number], options: UserOptions = {}): User {
  const name = `${factor}${all.length}`;
  const pin = String(randomInt(1000, 10_000_000));
  const secret =
    factor === "motp"
      ? randomBytes(16).toString("hex")
      : Array.from(randomBytes(32), (byte) => BASE32[byte & 31]).join("");
  const { mode = "code", types, password = `pw-${randomBytes(4).toString("hex")}` } = options;
  all.push({
    name,
    factor,
    secret,
    mode,
    active: true,
    ...(factor === "motp" ? { pin } : { period: PERIOD_SECONDS }),
    ...(mode !== "code" && { password }),
    ...(types && { types }),
  });
  const code = () => (factor === "motp" ? motp(secret, pin, Date.now() / 1000) : oathtool(secret));
  // Every digit is another one: the codes of the steps around it are as unlikely as any.
  const wrongCode = () => code().replace(/./g, (digit) => ((parseInt(digit, 16) + 5) % 10).toString());
  return { name, password, code, wrongCode };
}

/** All users made so far, as rows of an import. */
export function usersOf(): readonly NewProfile[] {
  return all;
}

function oathtool(secret: string): string {
  const args = ["--totp", "--base32", `--time-step-size=${PERIOD_SECONDS}s`, "-"];
  return execFileSync("oathtool", args, { input: secret, encoding: "utf8" }).trim();
}
