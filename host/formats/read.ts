// The rows of a file in one of the formats. Loaded only by an import: it brings the XML library along.
import { execFileSync } from "node:child_process";
import { basename } from "node:path";
import { DialwardError } from "../errors.ts";
import { readCsv } from "./csv.ts";
import type { Format } from "./format.ts";
import { readFreeradius } from "./freeradius.ts";
import { readGoogleAuthenticator, readOathUsers } from "./oath.ts";
import { readOtpauth } from "./otpauth.ts";
import { readPskc } from "./pskc.ts";

/**
 * The rows of a file. `name` is the user of a google-authenticator file. Throws DialwardError("usage"), which never
 * quotes the file.
 */
export function readRows(bytes: Buffer, format: Format, file: string, name?: string): unknown[] {
  if (format === "qr") return readOtpauth(readPicture(bytes));
  const text = bytes.toString();
  if (format === "json") return readJson(text, file);
  if (format === "csv") return readCsv(text);
  if (format === "oath") return readOathUsers(text);
  if (format === "pskc") return readPskc(text);
  if (format === "freeradius") return readFreeradius(text);
  if (format === "otpauth") return readOtpauth(text);
  if (name === undefined) {
    throw new DialwardError("usage", `${basename(file)} does not name its user: give --name.`);
  }
  return readGoogleAuthenticator(text, name);
}

function readJson(text: string, file: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which holds secrets.
    throw new DialwardError("usage", `${file} is not JSON.`);
  }
  const users = (value as { users?: unknown } | null)?.users;
  if (Array.isArray(users)) return users;
  throw new DialwardError("usage", `${file} must hold {"users":[…]}.`);
}

/** What the QR codes in a picture say, a line each, by zbarimg. */
function readPicture(picture: Buffer): string {
  try {
    return execFileSync("zbarimg", ["--raw", "--quiet", "-"], {
      input: picture,
      stdio: ["pipe", "pipe", "ignore"],
    }).toString();
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const why = missing
      ? "Reading QR codes takes zbarimg (Debian's zbar-tools)."
      : "There is no QR code in the picture.";
    throw new DialwardError("usage", why);
  }
}
