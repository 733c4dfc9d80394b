// otpauth-migration://offline?data=…: what Google Authenticator shows as QR codes to move accounts, in parts of about
// ten. The data is a Protocol Buffers message (protobuf.dev, "Encoding"): accounts in field 1, version 2, number of
// parts 3, index 4, id of the batch 5.
import { DialwardError } from "../errors.ts";
import { formatSecret } from "../users/profile.ts";
import { readRow, refuse, refuseFactor, type NewUser, type Notes, type ReadRow } from "./row.ts";

const ALGORITHMS = ["sha1", "sha1", "sha256", "sha512"] as const;
const DIGITS = [6, 6, 8];
const HOTP = 1;
const TOTP = 2;
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const MOST_PARTS = 1000;

/** One URI and where it stands. */
export interface MigrationPart {
  place: string;
  uri: string;
}

/** The rows of all parts. Throws DialwardError("usage") where one is damaged or missing. */
export function* collectMigration(parts: readonly MigrationPart[]): Generator<ReadRow> {
  const batches = new Map<number, { size: number; seen: Set<number> }>();
  for (const { place, uri } of parts) {
    const message = fields(dataOf(uri, place), place);
    const number = (field: number): number | undefined => message.find((one) => one.field === field)?.value;
    const [size = 1, index = 0, id = 0] = [number(3), number(4), number(5)];
    if (size > MOST_PARTS || index >= size) throw damaged(place);
    const batch = batches.get(id) ?? { size, seen: new Set() };
    batches.set(id, batch);
    // The same code scanned twice.
    if (batch.seen.has(index)) continue;
    batch.seen.add(index);
    const accounts = message.filter(({ field, bytes }) => field === 1 && bytes);
    if (accounts.length === 0) throw damaged(place);
    for (const [i, { bytes }] of accounts.entries())
      yield readRow(`${place}, account ${i + 1}`, (notes) => readAccount(bytes!, place, notes));
  }
  for (const { size, seen } of batches.values()) {
    const missing = Array.from({ length: size }, (_, i) => i).filter((i) => !seen.has(i));
    if (missing.length > 0)
      throw new DialwardError(
        "usage",
        `Google Authenticator showed ${size} QR codes, and ${missing.length} of them are missing: ` +
          `number ${missing.map((i) => i + 1).join(", ")}. Give all of them at once.`,
      );
  }
}

function dataOf(uri: string, place: string): Buffer {
  const data = new URLSearchParams(uri.replace(/^[^?]*\?/, "").replace(/&amp;/gi, "&")).get("data") ?? "";
  // In a query + is a space.
  const plain = data.replaceAll(" ", "+").replace(/=+$/, "");
  const bytes = Buffer.from(plain, "base64");
  if (plain === "" || bytes.toString("base64").replace(/=+$/, "") !== plain) throw damaged(place);
  return bytes;
}

function readAccount(message: Buffer, place: string, notes: Notes): NewUser {
  let [type, algorithm, digits, counter] = [TOTP, 0, 0, 0];
  let secret: Buffer | undefined;
  let name = "";
  const strange: number[] = [];
  for (const { field, value = 0, bytes } of fields(message, place)) {
    if (field === 1) secret = bytes;
    // The name is the label: after the issuer, where it has one.
    else if (field === 2) name = textOf(bytes, place);
    else if (field === 4) algorithm = value;
    else if (field === 5) digits = value;
    else if (field === 6) type = value || TOTP;
    else if (field === 7) counter = value;
    else strange.push(field);
  }
  name = name.slice(name.indexOf(":") + 1).trim();
  notes.name = name;
  if (strange.length > 0)
    notes.lose(
      strange.every((field) => field === 3) ? "left behind: issuer" : "left behind: issuer, unknown fields",
    );
  if (!secret || secret.length === 0) return refuse("secret: is missing");
  if (type !== HOTP && type !== TOTP) return refuseFactor("the type is neither TOTP nor HOTP");
  return {
    name,
    factor: type === HOTP ? "hotp" : "totp",
    secret: formatSecret("totp", secret),
    algorithm: ALGORITHMS[algorithm] ?? refuse("algorithm: is none of SHA1, SHA256 and SHA512"),
    digits: DIGITS[digits] ?? refuse("digits: are neither 6 nor 8"),
    ...(type === HOTP && { counter }),
  };
}

function textOf(bytes: Buffer | undefined, place: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw damaged(place);
  }
}

function fields(message: Buffer, place: string): { field: number; value?: number; bytes?: Buffer }[] {
  const found: { field: number; value?: number; bytes?: Buffer }[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined || scale > 2 ** 63) throw damaged(place);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const skip = (bytes: number): void => {
    if (at + bytes > message.length) throw damaged(place);
    at += bytes;
  };
  while (at < message.length) {
    const key = varint();
    const [field, kind] = [Math.floor(key / 8), key % 8];
    if (kind === VARINT) found.push({ field, value: varint() });
    else if (kind === FIXED64) skip(8);
    else if (kind === FIXED32) skip(4);
    else if (kind === BYTES) {
      const length = varint();
      const from = at;
      skip(length);
      found.push({ field, bytes: message.subarray(from, at) });
    } else throw damaged(place);
  }
  return found;
}

function damaged(place: string): DialwardError {
  return new DialwardError("usage", `The otpauth-migration URI in ${place} is cut short or damaged.`);
}
