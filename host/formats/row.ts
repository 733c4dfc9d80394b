// What every format is read into: the rows that `user import` checks.
import { DialwardError } from "../errors.ts";

/** One user as newProfileSchema (host/users/profile.ts) takes it; undefined values are left out. */
export type Row = Record<string, unknown> & { name: string };

/** What is wrong with a line; it never quotes the line, which may hold a secret. */
export function badLine(line: number, why: string): DialwardError {
  return new DialwardError("usage", `Line ${line} ${why}.`);
}
