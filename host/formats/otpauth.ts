// otpauth:// URIs, one a line (Google Authenticator's Key URI format), and motp:// as this program prints it.
import { readMigration } from "./migration.ts";
import { badLine, type Row } from "./row.ts";

/** The rows of a text with a URI on each line; empty lines and those with # are skipped. */
export function readOtpauth(text: string): Row[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    const uri = line.trim();
    if (uri === "" || uri.startsWith("#")) return [];
    return uri.startsWith("otpauth-migration:") ? readMigration(uri) : [readUri(uri, i + 1)];
  });
}

function readUri(text: string, line: number): Row {
  const uri = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = uri?.protocol;
  if (uri === undefined || (scheme !== "otpauth:" && scheme !== "motp:"))
    throw badLine(line, "is no otpauth:// URI");
  const factor = scheme === "motp:" ? "motp" : uri.hostname;
  const label = scheme === "motp:" ? uri.hostname + uri.pathname : uri.pathname.slice(1);
  const { searchParams } = uri;
  const number = (name: string): number | undefined => {
    const value = searchParams.get(name);
    return value === null ? undefined : Number(value);
  };
  const row: Row = { name: accountOf(label), factor, secret: searchParams.get("secret") ?? "" };
  if (factor === "motp") return row;
  row["digits"] = number("digits");
  row["algorithm"] = searchParams.get("algorithm")?.toLowerCase();
  if (factor === "totp") row["period"] = number("period");
  if (factor === "hotp") row["counter"] = number("counter");
  return row;
}

/** The account of a label, without the issuer. */
function accountOf(label: string): string {
  let text = label;
  try {
    text = decodeURIComponent(label);
  } catch {
    // a stray % stands for itself
  }
  return text.slice(text.indexOf(":") + 1).trim();
}
