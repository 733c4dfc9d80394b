// Lists of tokens as their makers and other servers write them, a token a line: serial number, seed in hexadecimal, and
// what kind it is. privacyIDEA (lib/importotp.py) and LinOTP (lib/ImportOTP/oath.py) read the same, Feitian and others
// deliver the first two columns; multiOTP has six (test-tokens.csv).
import { formatSecret } from "../users/profile.ts";
import { readRecords } from "./records.ts";
import {
  decodeHex,
  parseAlgorithm,
  readRow,
  refuse,
  refuseFactor,
  wholeNumber,
  type NewUser,
  type Notes,
  type ReadRow,
} from "./row.ts";
import type { Format, ReadOptions } from "./source.ts";

const SEED = "([0-9a-f]{2}){8,64}";

export const tokenList: Format = {
  name: "token-list",
  title:
    "privacyIDEA, LinOTP, Feitian: lines of serial number, seed in hexadecimal, kind, digits, period or counter",
  recognises: ({ head }) =>
    new RegExp(
      `^(#.*\\n|\\s)*[^,;\\s]+(\\s*[,;\\t]|\\s+)\\s*${SEED}\\s*([,;\\t\\s]\\s*(hotp|totp|ocra2?|tan)?\\b|$)`,
      "im",
    ).test(head) || /^# *version: *2/.test(head),
  async *read(source, options): AsyncGenerator<ReadRow> {
    // privacyIDEA's own export names the user, its resolver and realm before each token.
    const named = /^# *version: *2/.test(source.head);
    for await (const records of readRecords(source.pieces()))
      for (const { line, cells } of records)
        yield readRow(`line ${line}`, (notes) => readToken(cells, named, notes, options));
  },
};

export const multiOtp: Format = {
  name: "multiotp",
  title: "multiOTP: lines of serial number, maker, kind, seed in hexadecimal, digits, period or counter",
  recognises: ({ head }) =>
    new RegExp(`^[^,;\\t\\n]+[,;\\t][^,;\\t\\n]*[,;\\t](hotp|totp|motp)[,;\\t]${SEED}[,;\\t]`, "im").test(
      head,
    ),
  async *read(source, { name }): AsyncGenerator<ReadRow> {
    for await (const records of readRecords(source.pieces()))
      for (const { line, cells } of records)
        yield readRow(`line ${line}`, (notes) => {
          const [serial = "", maker = "", kind = "", seed = "", digits = "6", moving = "0", ...rest] = cells;
          const user = toUser(serial || (name ?? ""), kind, seed, digits, moving, undefined, notes, {});
          if (maker !== "") notes.lose("left behind: maker");
          if (rest.some(Boolean)) notes.lose("left behind: further columns");
          return user;
        });
  },
};

function readToken(cells: string[], named: boolean, notes: Notes, options: ReadOptions): NewUser {
  const [user, resolver, realm, ...token] = named ? cells : ["", "", "", ...cells];
  const [serial = "", seed = "", kind = "", digits = "", moving = "", hash = "", ...rest] = token;
  const name = user || serial || options.name;
  if (user) notes.lose(`left behind: serial number${resolver || realm ? ", resolver, realm" : ""}`);
  if (rest.some(Boolean)) notes.lose("left behind: further columns");
  return toUser(name ?? "", kind, seed, digits, moving, hash, notes, options);
}

function toUser(
  name: string,
  kind: string,
  seed: string,
  digits: string,
  moving: string,
  hash: string | undefined,
  notes: Notes,
  options: Partial<ReadOptions>,
): NewUser {
  notes.name = name;
  const factor =
    (kind === "" ? options.factor : kind.toLowerCase()) ??
    refuse("does not say whether it is TOTP or HOTP: give --factor");
  if (factor === "motp")
    return refuseFactor(
      "is an mOTP token, and the list has no PINs: import the user by CSV, with a column pin",
    );
  if (factor !== "totp" && factor !== "hotp")
    return refuseFactor("is of a kind that no login here takes (TOTP and HOTP are taken)");
  const key = decodeHex(seed, "seed");
  const number = moving === "" ? undefined : wholeNumber(moving, factor === "totp" ? "period" : "counter");
  return {
    name,
    factor,
    secret: formatSecret("totp", key),
    digits: digits === "" ? 6 : wholeNumber(digits, "digits"),
    algorithm: hash ? parseAlgorithm(hash) : algorithmOf(key, hash),
    ...(factor === "totp" ? { period: number ?? options.period ?? 30 } : { counter: number ?? 0 }),
  };
}

/** Both servers take the length of a seed as that of its hash, where nothing is said. */
function algorithmOf(key: Buffer, hash: string | undefined): string {
  if (hash === undefined) return "sha1";
  return key.length === 64 ? "sha512" : key.length === 32 ? "sha256" : "sha1";
}
