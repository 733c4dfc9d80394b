// otpauth:// URIs, one a line (Google Authenticator's Key URI format), as apps show, copy and export them, and the
// otpauth-migration:// URIs among them. Ente writes its plain export so, with a codeDisplay of its own.
import { collectMigration, type MigrationPart } from "./migration.ts";
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
import { linesOf, type Format } from "./source.ts";

export const otpauth: Format = {
  name: "otpauth",
  title: "otpauth:// and otpauth-migration:// URIs, one a line: Google Authenticator, Ente and most apps",
  recognises: ({ head }) => /^(?:#.*\n|\s)*(otpauth|otpauth-migration|motp):/i.test(head),
  *read(source, { name }): Generator<ReadRow> {
    const parts: MigrationPart[] = [];
    for (const [line, text] of linesOf(source.text)) {
      const place = `line ${line}`;
      if (/^otpauth-migration:/i.test(text)) parts.push({ place, uri: text });
      else yield readRow(place, (notes) => readUri(text, notes, name));
    }
    yield* collectMigration(parts);
  },
};

/** What of a URI makes codes. */
const MEANT = new Set(["secret", "algorithm", "digits", "period", "counter"]);

/** One otpauth:// URI; `fallback` names the account where its label is empty. Throws DialwardError("usage"). */
export function readUri(text: string, notes: Notes, fallback?: string): NewUser {
  // Copied from a page's source, & is an entity.
  const plain = text.trim().replace(/&amp;/gi, "&");
  const [, scheme = "", kind = "", label = "", query = ""] =
    /^(otpauth|motp|steam):\/\/([^/?#]*)\/?([^?#]*)\??([^#]*)/i.exec(plain) ?? [];
  if (scheme.toLowerCase() === "motp") {
    notes.name = accountOf(kind + (label && `/${label}`));
    return refuseFactor("an mOTP URI has no PIN in it: import the user by CSV, with a column pin");
  }
  if (scheme.toLowerCase() === "steam")
    return refuseFactor("is a code of Steam's, which no login here takes");
  if (scheme === "") return refuse("is no otpauth:// URI");
  const given = [...new URLSearchParams(query)].map(([key, value]) => [key.toLowerCase(), value] as const);
  const said = new Map(given);
  const twice = given.find(([key, value]) => MEANT.has(key) && said.get(key) !== value);
  if (twice) refuse(`${twice[0]}: stands there twice, with two values`);
  const fields = new Fields(said);
  const name = accountOf(label, said.get("issuer")) || fallback;
  notes.name = name;
  if (isTrashed(fields.text("codedisplay"))) leaveBehind("is in Ente's bin");
  const factor = kind.toLowerCase();
  if (factor !== "totp" && factor !== "hotp") refuseFactor(`the type is neither totp nor hotp`);
  if (name === undefined) return refuse("names no account: give --name");
  const period = fields.number("period");
  const counter = fields.number("counter");
  const user: NewUser = {
    name,
    factor,
    secret: fields.text("secret") ?? refuse("secret: is missing"),
    algorithm: parseAlgorithm(fields.text("algorithm")),
    digits: fields.number("digits"),
    // Some apps write both, whatever the type is.
    ...(factor === "totp" ? { period } : { counter: counter ?? refuse("counter: is missing") }),
  };
  fields.leave(notes);
  return user;
}

/**
 * The account of a label, without the issuer that may stand before it: the one that the URI names, which may have colons
 * and blanks in it, else what stands before the first colon that is written as one, else as %3A. Blanks around it are
 * taste of the writer (Key URI format, "Label").
 */
export function accountOf(label: string, issuer?: string): string {
  const text = decode(label);
  const named = issuer === undefined ? undefined : `${issuer.trim()}:`;
  if (named !== undefined && text.trimStart().startsWith(named))
    return text.trimStart().slice(named.length).trim();
  const colon = label.indexOf(":");
  if (colon >= 0) return decode(label.slice(colon + 1)).trim();
  return text.slice(text.indexOf(":") + 1).trim();
}

/** Percent signs and what follows as what they stand for; a stray one stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isTrashed(display: string | undefined): boolean {
  try {
    return (JSON.parse(display ?? "{}") as { trashed?: boolean }).trashed === true;
  } catch {
    return false;
  }
}
