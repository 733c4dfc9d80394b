// CSV (RFC 4180) with a line of column names, or with the names given: spreadsheets, and the token lists of Token2,
// Deepnet and others in the layout of Microsoft Entra ID (learn.microsoft.com, "Upload hardware OATH tokens").
import { DialwardError } from "../errors.ts";
import { findSeparator, readRecords } from "./records.ts";
import {
  decodeBase64,
  decodeHex,
  Fields,
  parseAlgorithm,
  readRow,
  refuse,
  yesOrNo,
  type NewUser,
  type Notes,
  type ReadRow,
} from "./row.ts";
import type { Format, ReadOptions, SecretEncoding } from "./source.ts";
import { formatSecret } from "../users/profile.ts";

/** The columns, each with the names that it goes by. */
export const COLUMNS: Record<string, readonly string[]> = {
  name: [
    "user",
    "user name",
    "username",
    "login",
    "login name",
    "account",
    "account name",
    "upn",
    "user principal name",
  ],
  secret: ["secret key", "shared secret", "key", "seed", "otp secret", "totp secret"],
  factor: ["type", "otp type", "token type"],
  pin: [],
  password: [],
  mode: [],
  types: ["dial-in types"],
  digits: ["length", "otp length"],
  period: ["time interval", "timeinterval", "interval", "time step"],
  counter: [],
  algorithm: ["hash"],
  enabled: [],
  active: [],
  serial: ["serial number", "serialnumber", "serial no"],
};

const COLUMN_OF = new Map(
  Object.entries(COLUMNS).flatMap(([column, names]) =>
    [column, ...names].map((name) => [name, column] as const),
  ),
);

export const csv: Format = {
  name: "csv",
  title: "CSV with column names: spreadsheets, Token2, Deepnet, Microsoft Entra ID",
  recognises({ head }) {
    const first = firstLine(head);
    return areColumns(toColumns(first.split(findSeparator(first))));
  },
  async *read(source, options): AsyncGenerator<ReadRow> {
    const given = options.columns && toColumns(options.columns);
    let columns: readonly string[] | undefined;
    for await (const records of readRecords(source.pieces()))
      for (const { line, cells } of records) {
        if (!columns) {
          const named = toColumns(cells);
          columns = given ?? named;
          // Where both are there, what is given counts.
          if (areColumns(named)) continue;
          if (!given)
            throw new DialwardError(
              "usage",
              `Line ${line} must name the columns, name and secret among them; or give --columns name,secret,…`,
            );
        }
        const heads = columns;
        yield readRow(`line ${line}`, (notes) => readCells(heads, cells, notes, options));
      }
  },
};

/** The first line that is neither empty nor a comment. */
function firstLine(head: string): string {
  return /^(?:sep=.\r?\n)?(?:[ \t]*(?:#.*)?\r?\n)*(.*)/.exec(head)?.[1] ?? "";
}

/** Whether these are the names of columns, and enough to make users of. */
function areColumns(columns: readonly string[]): boolean {
  return columns.includes("secret") && (columns.includes("name") || columns.includes("serial"));
}

/** What columns are called here. One that has no name, or the name of another without a meaning, goes by its number. */
function toColumns(heads: readonly string[]): string[] {
  const columns = heads.map(toColumn);
  return columns.map((column, i) =>
    column !== "" && (Object.hasOwn(COLUMNS, column) || columns.indexOf(column) === i)
      ? column
      : `column ${i + 1}`,
  );
}

function toColumn(head: string): string {
  const plain = head
    .replace(/^["\s]+|["\s]+$/g, "")
    .toLowerCase()
    .replace(/[\s_]+/g, " ");
  return COLUMN_OF.get(plain) ?? plain;
}

function readCells(
  columns: readonly string[],
  cells: readonly string[],
  notes: Notes,
  options: ReadOptions,
): NewUser {
  const fields = Fields.ofCells(columns, cells);
  const serial = fields.text("serial");
  const name = fields.text("name") ?? serial ?? options.name ?? "";
  notes.name = name;
  if (cells.length > columns.length && cells.slice(columns.length).some(Boolean))
    refuse("has more cells than there are columns");
  if (serial !== undefined && serial !== name) notes.lose("left behind: serial number");
  const factor = fields.text("factor")?.toLowerCase() ?? options.factor;
  const flag = (column: string): boolean | undefined => {
    const text = fields.text(column);
    return text === undefined ? undefined : yesOrNo(text, column);
  };
  const user: NewUser = {
    name,
    factor,
    secret: readSecret(fields.text("secret"), factor, options.secretEncoding),
    pin: fields.text("pin"),
    password: fields.text("password"),
    mode: fields.text("mode"),
    // A list in one cell.
    types: fields.text("types")?.replace(/[\s;|]+/g, ","),
    digits: fields.number("digits"),
    period: fields.number("period") ?? (factor === "hotp" || factor === "motp" ? undefined : options.period),
    counter: fields.number("counter"),
    algorithm: parseAlgorithm(fields.text("algorithm")),
    enabled: flag("enabled"),
    active: flag("active"),
  };
  fields.leave(notes);
  return user;
}

/** A secret as newProfileSchema takes it: base32, for mOTP hexadecimal. Throws DialwardError("usage"). */
export function readSecret(
  text: string | undefined,
  factor: string | undefined,
  encoding: SecretEncoding | undefined,
): string {
  if (text === undefined) return refuse("secret: is empty");
  if (factor === "motp") return text;
  if (encoding === "hex") return formatSecret("totp", decodeHex(text, "secret"));
  if (encoding === "base64") return formatSecret("totp", decodeBase64(text, "secret"));
  if (encoding === undefined && /^(0x)?([0-9a-f]{2}){8,}$/i.test(text) && /[0189]/.test(text))
    return refuse("secret: is not base32, but may be hexadecimal: say so by --secret-encoding hex");
  return text;
}
