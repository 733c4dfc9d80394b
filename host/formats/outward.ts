// The formats that users are written in, and what each of them cannot hold: said before anything is written, by pages and
// command line alike.
import { DIAL_IN_TYPES } from "../core/dial-in.ts";
import type { Group } from "../groups/group.ts";
import type { MovedUser } from "../users/moved.ts";
import { otpauthUri } from "../users/profile.ts";

export const OUTWARD = ["sealed", "otpauth", "pskc"] as const;
export type OutwardFormat = (typeof OUTWARD)[number];

/** What of a user a format may have no word for. */
export const LOSSES = {
  motp: "mOTP, so these users are left out",
  name: "a name with blanks around it or CN= before it, so these users are left out",
  password: "the fixed password",
  directory: "the password in the directory",
  types: "the dial-in types that are allowed",
  disabled: "that the user is disabled",
  pending: "that the first code is not verified",
  last: "which code was the last one",
  drift: "the drift of the device's clock",
  recovery: "the recovery codes",
  groups: "the groups",
  attributes: "the reply attributes",
  valid: "when the user may dial in",
  logins: "the limit of logins",
};
export type LossKind = keyof typeof LOSSES;

/** What of one user a format cannot hold. */
export interface Losses {
  /** The format has no word for such a user. */
  impossible: LossKind[];
  /** A factor would be missing where it is read again. */
  weaker: LossKind[];
  lost: LossKind[];
}

/** What `format` cannot hold of a user as Users.export gives it. */
export function lossesOf(user: MovedUser, format: OutwardFormat): Losses {
  if (format === "sealed") return { impossible: [], weaker: [], lost: [] };
  if (user.factor === "motp") return { impossible: ["motp"], weaker: [], lost: [] };
  // Readers trim what they find; and PSKC's take what stands after CN= for the name.
  const heldName = user.name.trim() === user.name && !(format === "pskc" && /^CN=/i.test(user.name));
  if (!heldName) return { impossible: ["name"], weaker: [], lost: [] };
  const { mode, types, drift = 0, passwordFrom, attributes, valid, logins, groups } = user;
  const holdsPassword = format === "pskc" && mode === "password+code" && !passwordFrom;
  const lost: [LossKind, boolean][] = [
    ["types", types.length < DIAL_IN_TYPES.length],
    ["disabled", !user.enabled],
    ["pending", !user.active],
    ["last", Boolean(user.next)],
    ["drift", format !== "pskc" && drift !== 0],
    ["recovery", user.recovery !== undefined],
    ["groups", groups !== undefined],
    ["attributes", attributes !== undefined],
    ["valid", valid !== undefined],
    ["logins", logins !== undefined || user.onLimit !== undefined],
  ];
  return {
    impossible: [],
    weaker: mode === "code" || holdsPassword ? [] : [passwordFrom ? "directory" : "password"],
    lost: lost.filter(([, there]) => there).map(([kind]) => kind),
  };
}

/** How many users lose something, and the first of them. */
export interface Loss {
  users: number;
  names: string[];
}

/** Names that are said of each kind. */
const NAMED = 3;

/** What becomes of users who are written in a format. */
export interface ExportPlan {
  /** Who is written, and who is left out. */
  count: number;
  leftOut: number;
  /** By what is lost, in the order of LOSSES. */
  lost: ReadonlyMap<LossKind, Loss>;
  /** Those of `users` who are written. */
  of(users: AsyncIterable<MovedUser>): AsyncIterable<MovedUser>;
}

/** Looks at `users`; without `allowWeaker` those of whom a factor would be missing are left out. */
export async function planExport(
  users: AsyncIterable<MovedUser>,
  format: OutwardFormat,
  allowWeaker: boolean,
): Promise<ExportPlan> {
  const found = new Map<LossKind, Loss>();
  let [count, seen] = [0, 0];
  const isOut = ({ impossible, weaker }: Losses): boolean =>
    impossible.length > 0 || (weaker.length > 0 && !allowWeaker);
  // The sealed form holds everything: nobody is looked at for its sake but to be counted.
  for await (const user of users) {
    seen++;
    const losses = lossesOf(user, format);
    const { impossible, weaker, lost } = losses;
    if (!isOut(losses)) count++;
    for (const kind of impossible.length > 0 ? impossible : [...weaker, ...lost]) {
      const loss = found.get(kind) ?? { users: 0, names: [] };
      found.set(kind, loss);
      if (++loss.users <= NAMED) loss.names.push(user.name);
    }
  }
  const order = Object.keys(LOSSES);
  return {
    count,
    leftOut: seen - count,
    lost: new Map([...found].toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b))),
    async *of(all) {
      for await (const user of all) if (!isOut(lossesOf(user, format))) yield user;
    },
  };
}

/** The file's pieces; `issuer` names the installation, `cost` is scrypt's N. Without a passphrase PSKC is in clear. */
export async function* writeUsers(
  { users, groups }: { users: AsyncIterable<MovedUser>; groups: readonly Group[] },
  format: OutwardFormat,
  issuer: string,
  passphrase?: string,
  cost?: number,
): AsyncGenerator<Buffer> {
  if (format === "sealed") {
    const { sealUsers } = await import("./sealed.ts");
    const about = { service: issuer, created: Math.floor(Date.now() / 1000) };
    yield* sealUsers(users, { about, groups }, passphrase!, cost);
    return;
  }
  const all: MovedUser[] = [];
  for await (const user of users) all.push(user);
  if (format === "otpauth") {
    yield Buffer.from(writeUris(all, issuer));
    return;
  }
  const { writePskc } = await import("./pskc-write.ts");
  yield Buffer.from(await writePskc(all, issuer, passphrase));
}

/** A URI a line. */
export function writeUris(users: readonly MovedUser[], issuer: string): string {
  return users.map((user) => `${otpauthUri(user, user.counter, issuer)}\n`).join("");
}
