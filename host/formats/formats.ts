// All formats that users are read from, in the order in which a file is held against them. Libraries that only some need
// are loaded by these.
import { DialwardError } from "../errors.ts";
import { csv } from "./csv.ts";
import { freeradius } from "./freeradius.ts";
import { googleAuthenticator } from "./google-authenticator.ts";
import { json } from "./json.ts";
import { modAuthnOtp, oath } from "./oath.ts";
import { otpauth } from "./otpauth.ts";
import { pskc } from "./pskc.ts";
import type { ReadRow } from "./row.ts";
import type { Format, ReadOptions, Source } from "./source.ts";

export const FORMATS: readonly Format[] = [
  pskc,
  otpauth,
  googleAuthenticator,
  modAuthnOtp,
  oath,
  freeradius,
  json,
  csv,
];

/** The format of a file: the one that is named, else the first that recognises it. Throws DialwardError("usage"). */
export function findFormat(source: Source, name?: string): Format {
  const found =
    name === undefined
      ? FORMATS.find((one) => one.recognises(source))
      : FORMATS.find((one) => one.name === name);
  if (found) return found;
  throw new DialwardError(
    "usage",
    `What ${source.name === "" ? "this file" : source.name} is cannot be told. Give --format; \`dialward user import --help\` ` +
      "says which there are.",
  );
}

/** The rows of a file. Throws DialwardError("usage"), which never quotes the file. */
export function readRows(
  source: Source,
  options: ReadOptions,
  format?: string,
): Iterable<ReadRow> | AsyncIterable<ReadRow> {
  return findFormat(source, format).read(source, options);
}
