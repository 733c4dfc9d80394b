// An account as authenticator apps keep it: what their exports have in common.
import { DialwardError } from "../errors.ts";
import { formatSecret } from "../users/profile.ts";
import { readUri } from "./otpauth.ts";
import {
  Fields,
  leaveBehind,
  parseAlgorithm,
  readRow,
  refuse,
  refuseFactor,
  type NewUser,
  type Notes,
  type ReadRow,
} from "./row.ts";

/** Where an app keeps what; the fields hold the rest. */
export interface Account {
  name: string | undefined;
  /** hotp, totp, or another word. */
  type: string;
  /** Base32 as typed, or the bytes. */
  secret: string | Uint8Array | undefined;
  algorithm?: string | undefined;
  digits?: number | undefined;
  period?: number | undefined;
  counter?: number | undefined;
  /** mOTP. */
  pin?: string | undefined;
}

/** The user of an account. Throws DialwardError("usage"). */
export function toUser(account: Account, notes: Notes): NewUser {
  const { name, secret, digits, period, counter, pin } = account;
  notes.name = name;
  const type = account.type.toLowerCase();
  if (type !== "totp" && type !== "hotp" && type !== "motp")
    return refuseFactor("is of a kind that no login here takes (TOTP, HOTP and mOTP are taken)");
  if (name === undefined) return refuse("names no account");
  if (secret === undefined) return refuse("secret: is missing");
  const written = typeof secret === "string" ? secret : formatSecret(type, secret);
  if (type === "motp") return { name, factor: type, secret: written, pin };
  const algorithm = parseAlgorithm(account.algorithm);
  const moving = type === "totp" ? { period } : { counter: counter ?? refuse("counter: is missing") };
  return { name, factor: type, secret: written, algorithm, digits, ...moving };
}

/** A row for each record of a list; what `read` leaves of a record is named. */
export function* readAccounts(
  list: readonly unknown[],
  what: string,
  read: (fields: Fields, notes: Notes) => NewUser,
): Generator<ReadRow> {
  for (const [i, one] of list.entries())
    yield readRow(`${what} ${i + 1}`, (notes) => {
      if (typeof one !== "object" || one === null || Array.isArray(one)) return refuse("is no record");
      const fields = new Fields(one);
      const user = read(fields, notes);
      fields.leave(notes);
      return user;
    });
}

/** A field that holds a URI, or nothing but a secret, as password managers have it. Throws DialwardError("usage"). */
export function readCode(text: string | undefined, name: string | undefined, notes: Notes): NewUser {
  notes.name = name;
  if (text === undefined) return leaveBehind("has no one-time password");
  if (/^(otpauth|steam|motp):/i.test(text)) {
    const user = readUri(text, notes, name);
    return name === undefined ? user : { ...user, name };
  }
  return toUser({ name, type: "totp", secret: text }, notes);
}

/** Part of a JSON value; undefined where it is not there. */
export function within(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((here, key) => {
    const record = typeof here === "object" && here !== null ? (here as Record<string, unknown>) : {};
    return Object.hasOwn(record, key) ? record[key] : undefined;
  }, value);
}

/** A list within a JSON value. Throws DialwardError("usage"). */
export function listOf(value: unknown, ...path: string[]): unknown[] {
  const list = within(value, ...path);
  if (Array.isArray(list)) return list;
  throw new DialwardError("usage", `The file has no list "${path.join(".")}" in it.`);
}

/** What is thrown for an export that the app has encrypted. */
export function encryptedBy(app: string, remedy: string): DialwardError {
  return new DialwardError(
    "usage",
    `This is an encrypted export of ${app}. ${remedy}, and delete the file afterwards.`,
  );
}
