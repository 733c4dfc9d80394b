// otpauth-migration://offline?data=…: what Google Authenticator shows as a QR code to move accounts. The data is a
// Protocol Buffers message (protobuf.dev, "Encoding"): a list of accounts in field 1.
import { DialwardError } from "../errors.ts";
import { formatSecret } from "../users/profile.ts";
import type { Row } from "./row.ts";

const ALGORITHMS = ["sha1", "sha1", "sha256", "sha512"] as const;
const DIGITS = [6, 6, 8];
const HOTP = 1;
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** The rows of one URI. Throws DialwardError("usage"). */
export function readMigration(uri: string): Row[] {
  const data = URL.canParse(uri) ? new URL(uri).searchParams.get("data") : null;
  // In a query + is a space.
  const message = Buffer.from((data ?? "").replaceAll(" ", "+"), "base64");
  const rows = fields(message).flatMap(({ field, bytes }) => (field === 1 && bytes ? [account(bytes)] : []));
  if (rows.length > 0) return rows;
  throw damaged();
}

function account(message: Buffer): Row {
  const row: Row = { name: "", factor: "totp" };
  let counter = 0;
  for (const { field, value = 0, bytes = Buffer.alloc(0) } of fields(message)) {
    if (field === 1) row["secret"] = formatSecret("totp", bytes);
    // The name is the label: after the issuer, where it has one.
    if (field === 2)
      row.name = bytes
        .toString()
        .slice(bytes.toString().indexOf(":") + 1)
        .trim();
    if (field === 4) row["algorithm"] = ALGORITHMS[value] ?? "md5";
    if (field === 5) row["digits"] = DIGITS[value] ?? 0;
    if (field === 6 && value === HOTP) row["factor"] = "hotp";
    if (field === 7) counter = value;
  }
  return row["factor"] === "hotp" ? { ...row, counter } : row;
}

function fields(message: Buffer): { field: number; value?: number; bytes?: Buffer }[] {
  const found: { field: number; value?: number; bytes?: Buffer }[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined || scale > Number.MAX_SAFE_INTEGER) throw damaged();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const [field, kind] = [Math.floor(key / 8), key % 8];
    if (kind === VARINT) found.push({ field, value: varint() });
    else if (kind === FIXED64) at += 8;
    else if (kind === FIXED32) at += 4;
    else if (kind === BYTES) {
      const length = varint();
      if (at + length > message.length) throw damaged();
      found.push({ field, bytes: message.subarray(at, at + length) });
      at += length;
    } else throw damaged();
  }
  return found;
}

function damaged(): DialwardError {
  return new DialwardError("usage", "The otpauth-migration URI is cut short or damaged.");
}
