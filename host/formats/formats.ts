// All formats that users are read from, in the order in which a file is held against them. Libraries that only some need
// are loaded by these.
import { basename } from "node:path";
import { DialwardError } from "../errors.ts";
import { aegis } from "./aegis.ts";
import { andOtp } from "./and-otp.ts";
import { bitwarden } from "./bitwarden.ts";
import { ente } from "./ente.ts";
import { firewalls } from "./firewalls.ts";
import { freeOtp } from "./free-otp.ts";
import { nethSecurity, openvpnAs, pritunl } from "./vpn-servers.ts";
import { qr, readPicture } from "./pictures.ts";
import { proton } from "./proton.ts";
import { sealed } from "./sealed.ts";
import { stratum } from "./stratum.ts";
import { tokenList, multiOtp } from "./token-lists.ts";
import { twoFas } from "./two-fas.ts";
import { yubico } from "./yubico.ts";
import { csv } from "./csv.ts";
import { freeradius } from "./freeradius.ts";
import { googleAuthenticator } from "./google-authenticator.ts";
import { json } from "./json.ts";
import { modAuthnOtp, oath } from "./oath.ts";
import { otpauth } from "./otpauth.ts";
import { pskc } from "./pskc.ts";
import type { ReadRow } from "./row.ts";
import { Source, type Format, type ReadOptions } from "./source.ts";

export const FORMATS: readonly Format[] = [
  sealed,
  json,
  csv,
  otpauth,
  qr,
  pskc,
  googleAuthenticator,
  // Before oath, whose lines look alike but for their end.
  modAuthnOtp,
  oath,
  freeradius,
  tokenList,
  multiOtp,
  yubico,
  firewalls,
  nethSecurity,
  pritunl,
  openvpnAs,
  aegis,
  twoFas,
  andOtp,
  freeOtp,
  bitwarden,
  proton,
  ente,
  stratum,
];

/** The format of a file: the one that is named, else the first that recognises it. Throws DialwardError("usage"). */
export function findFormat(source: Source, name?: string): Format {
  const found =
    name === undefined
      ? FORMATS.find((one) => one.recognises(source))
      : FORMATS.find((one) => one.name === name);
  if (found) return found;
  throw new DialwardError("usage", whyUnknown(source));
}

/** Why no format is told from a file: most files that nobody knows are cut short, or of a kind that people mean to read. */
function whyUnknown(source: Source): string {
  const file = source.name === "" ? "This file" : source.name;
  const { head } = source;
  if (head === "") return `${file} is empty.`;
  if (head.startsWith("PK\x03\x04"))
    return `${file} is a workbook or an archive, and not read: save its table as CSV.`;
  if (/^(GIF8|RIFF....WEBP|BM....\0\0\0\0|II\*\0|MM\0\*|%PDF-|\0\0\0.ftyp)/s.test(head))
    return `${file} is a picture or document of a kind that is not read: save the QR code as PNG or JPEG.`;
  if (head.includes("\0"))
    return `${file} holds zero bytes: it is no text, or UTF-16 without its mark (--encoding utf-16le).`;
  if (/^[{[]/.test(head) && source.json === undefined)
    return `${file} begins like JSON, and is damaged or cut short.`;
  return `What ${file} is cannot be told. Give --format; \`dialward user import --help\` says which there are.`;
}

/** The rows of a file. Throws DialwardError("usage"), which never quotes the file. */
export function readRows(
  source: Source,
  options: ReadOptions,
  format?: string,
): Iterable<ReadRow> | AsyncIterable<ReadRow> {
  return findFormat(source, format).read(source, options);
}

/** Rows that are handed on at once; what waits for their reader waits for no more. */
const PIECE = 100;

/**
 * The rows of several files, some at a time, each with the user that a file without names is of; a row says of which file
 * it is.
 */
export async function* readFiles(
  files: readonly { source: Source; name?: string | undefined }[],
  options: Omit<ReadOptions, "name">,
  format?: string,
): AsyncGenerator<ReadRow[]> {
  const sources = files.map(({ source }) => source);
  const joined = await joinUris(sources, format);
  const [first] = files;
  const name = files.every((one) => one.name === first?.name) ? first?.name : undefined;
  const all = joined === sources ? files : joined.map((source) => ({ source, name }));
  let piece: ReadRow[] = [];
  for (const { source, name } of all) {
    const file = all.length > 1 ? `${basename(source.name)}, ` : "";
    for await (const row of readRows(source, { ...options, name }, format)) {
      piece.push(file === "" ? row : { ...row, place: file + row.place });
      if (piece.length < PIECE) continue;
      yield piece;
      piece = [];
    }
  }
  yield piece;
}

/**
 * Several pictures or lists of URIs as one list, a line for each picture: the parts of a migration belong together. Other
 * files as they are. Throws DialwardError("usage").
 */
async function joinUris(sources: readonly Source[], format?: string): Promise<readonly Source[]> {
  if (sources.length < 2) return sources;
  const kinds = sources.map((source) => findFormat(source, format));
  if (!kinds.every((kind) => kind === qr || kind === otpauth)) return sources;
  const texts: string[] = [];
  for (const [i, source] of sources.entries())
    texts.push((kinds[i] === qr ? await readPicture(source) : source).text);
  return [new Source(Buffer.from(texts.join("\n")))];
}
