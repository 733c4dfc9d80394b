// The formats that users are written in, and what each of them cannot hold: said before anything is written.
import type { MovedUser } from "../users/moved.ts";
import { otpauthUri } from "../users/profile.ts";
import { DIAL_IN_TYPES } from "../core/dial-in.ts";

export const OUTWARD = ["sealed", "otpauth", "pskc"] as const;
export type OutwardFormat = (typeof OUTWARD)[number];

/** What of one user a format cannot hold. */
export interface Losses {
  /** The format has no word for such a user. */
  impossible?: string;
  /** A factor would be missing where it is read again. */
  weaker: string[];
  lost: string[];
}

/** What `format` cannot hold of a user as Users.export gives it. */
export function lossesOf(user: MovedUser, format: OutwardFormat): Losses {
  const losses: Losses = { weaker: [], lost: [] };
  if (format === "sealed") return losses;
  if (user.factor === "motp") return { ...losses, impossible: "mOTP" };
  const { mode, types, drift = 0, passwordFrom } = user;
  if (mode !== "code" && !(format === "pskc" && mode === "password+code" && !passwordFrom))
    losses.weaker.push(passwordFrom ? "the password in the directory" : "the fixed password");
  if (types.length < DIAL_IN_TYPES.length) losses.lost.push("the dial-in types that are allowed");
  if (!user.enabled) losses.lost.push("that the user is disabled");
  if (!user.active) losses.lost.push("that the first code is not verified");
  if (user.next) losses.lost.push("which code was the last one");
  if (format !== "pskc" && drift !== 0) losses.lost.push("the drift of the device's clock");
  if (user.recovery !== undefined) losses.lost.push("the recovery codes");
  if (user.groups) losses.lost.push("the groups");
  if (user.attributes) losses.lost.push("the reply attributes");
  if (user.valid) losses.lost.push("when the user may dial in");
  if (user.logins !== undefined || user.onLimit) losses.lost.push("the limit of logins");
  return losses;
}

/** How many users lose something, and the first of them. */
export interface Loss {
  users: number;
  names: string[];
}

/** Names that are said of each kind. */
const NAMED = 3;

/** Counts one user's loss. */
export function countLoss(lost: Map<string, Loss>, what: string, name: string): void {
  const loss = lost.get(what) ?? { users: 0, names: [] };
  lost.set(what, loss);
  if (++loss.users <= NAMED) loss.names.push(name);
}

/** A line for each kind of loss, with the number of users and some of their names. */
export function describeLosses(lost: ReadonlyMap<string, Loss>): string[] {
  return [...lost].map(([what, { users, names }]) => {
    const some = names.join(", ");
    return `${what}: ${users === 1 ? some : `${users} users (${some}${users > names.length ? ", …" : ""})`}`;
  });
}

/** A URI a line. */
export function writeUris(users: readonly MovedUser[], issuer: string): string {
  return users.map((user) => `${otpauthUri(user, user.counter, issuer)}\n`).join("");
}
