// Our own file of users, sealed under a passphrase: it brings back everything. Three parts: the line `dialward sealed
// users 1`; the line `scrypt N r p SALT` (RFC 7914; base64url); pieces of 64 KiB, each under AES-256-GCM with a tag of 16
// bytes behind it (NIST SP 800-38D), and the two lines as additional data. A piece's nonce is its number, 11 bytes
// big-endian, and a byte that is 1 for the last: none can be left out, moved or cut off. Within lies JSON, a line each:
// {"about":{…}}, then {"group":{…}} with the keys of groupSchema, then {"user":{…}} with those of newProfileSchema.
import {
  createCipheriv,
  createDecipheriv,
  randomBytes,
  scrypt as hash,
  type ScryptOptions,
} from "node:crypto";
import { promisify } from "node:util";
import { DialwardError } from "../errors.ts";
import { readRow, refuse, type NewUser, type ReadRow } from "./row.ts";
import type { Format } from "./source.ts";

/** In a thread of its own: logins wait for none. */
const scrypt = promisify<string, Buffer, number, ScryptOptions, Buffer>(hash);

const MAGIC = "dialward sealed users ";
const VERSION = 1;
const PIECE_BYTES = 65_536;
const TAG_BYTES = 16;
const SALT_BYTES = 16;
/** scrypt's N; with r = 8 it takes 64 MiB. */
const COST = 65_536;
const MOST_COST = 1_048_576;
const ROUNDS = 8;

export const sealed: Format = {
  name: "sealed",
  title: "Dialward's own export, sealed under a passphrase; it brings back everything",
  recognises: (source) => source.startsWith(MAGIC),
  async *read({ bytes }, { passphrase, group }): AsyncGenerator<ReadRow> {
    if (!passphrase) throw new DialwardError("usage", "The file is sealed: give --passphrase-file.");
    let row = 0;
    for await (const line of linesOf(openPieces(bytes, await passphrase()))) {
      const entry = JSON.parse(line) as Record<string, unknown>;
      if ("about" in entry) continue;
      if ("group" in entry) {
        group?.(entry["group"]);
        continue;
      }
      row++;
      yield readRow(`row ${row}`, () => {
        const { user } = entry;
        if (typeof user === "object" && user !== null) return user as NewUser;
        return refuse(`is a ${Object.keys(entry)[0]}, which this version does not know`);
      });
    }
  },
};

/** The file's pieces, for users in any number, with the groups that they name. `cost` is scrypt's N. */
export async function* sealUsers(
  users: Iterable<object> | AsyncIterable<object>,
  { about, groups = [] }: { about: object; groups?: readonly object[] },
  passphrase: string,
  cost = COST,
): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  const header = Buffer.from(
    `${MAGIC}${VERSION}\nscrypt ${cost} ${ROUNDS} 1 ${salt.toString("base64url")}\n`,
  );
  const key = await deriveKey(passphrase, salt, cost, ROUNDS, 1);
  yield header;
  const lineOf = (entry: object): Buffer<ArrayBuffer> => Buffer.from(`${JSON.stringify(entry)}\n`);
  const first = Buffer.concat([lineOf({ about }), ...groups.map((group) => lineOf({ group }))]);
  let waiting = [first];
  let { length } = first;
  let number = 0;
  const seal = (piece: Buffer, last: boolean): Buffer => {
    const sealer = createCipheriv("aes-256-gcm", key, nonceOf(number++, last)).setAAD(header);
    const bytes = Buffer.concat([sealer.update(piece), sealer.final(), sealer.getAuthTag()]);
    piece.fill(0);
    return bytes;
  };
  for await (const user of users) {
    const line = lineOf({ user });
    waiting.push(line);
    length += line.length;
    if (length <= PIECE_BYTES) continue;
    let all = Buffer.concat(waiting);
    // The last piece is sealed as such: one always stays behind.
    for (; all.length > PIECE_BYTES; all = all.subarray(PIECE_BYTES))
      yield seal(Buffer.from(all.subarray(0, PIECE_BYTES)), false);
    waiting = [all];
    length = all.length;
  }
  yield seal(Buffer.concat(waiting), true);
  key.fill(0);
}

function deriveKey(
  passphrase: string,
  salt: Buffer,
  cost: number,
  rounds: number,
  lanes: number,
): Promise<Buffer> {
  return scrypt(passphrase.normalize("NFKC"), salt, 32, {
    N: cost,
    r: rounds,
    p: lanes,
    maxmem: 512 * cost * rounds,
  });
}

function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(number), 3);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** The plain pieces, in order. Throws DialwardError("usage") where the passphrase is wrong or a byte was changed. */
async function* openPieces(bytes: Buffer, passphrase: string): AsyncGenerator<Buffer> {
  const [, version, n, r, p, saltText = ""] =
    /^dialward sealed users (\d+)\n(?:scrypt (\d+) (\d+) (\d+) ([\w-]{22})\n)?/.exec(
      bytes.subarray(0, 256).toString("latin1"),
    ) ?? [];
  if (version !== undefined && Number(version) > VERSION)
    throw new DialwardError(
      "usage",
      `The file was sealed by a newer version of Dialward (format ${version}; this one knows ${VERSION}).`,
    );
  const [cost, rounds, lanes] = [Number(n), Number(r), Number(p)];
  const fits =
    cost >= 2 &&
    cost <= MOST_COST &&
    Number.isInteger(Math.log2(cost)) &&
    rounds >= 1 &&
    rounds <= 16 &&
    lanes === 1;
  if (!fits) throw new DialwardError("usage", "The head of the sealed file is damaged.");
  const from = bytes.indexOf(10, bytes.indexOf(10) + 1) + 1;
  const header = bytes.subarray(0, from);
  const key = await deriveKey(passphrase, Buffer.from(saltText, "base64url"), cost, rounds, lanes);
  const whole = PIECE_BYTES + TAG_BYTES;
  for (let at = from, number = 0; ; at += whole, number++) {
    const last = at + whole >= bytes.length;
    const piece = bytes.subarray(at, Math.min(at + whole, bytes.length));
    if (piece.length < TAG_BYTES) throw new DialwardError("usage", "The sealed file is cut short.");
    try {
      const opener = createDecipheriv("aes-256-gcm", key, nonceOf(number, last)).setAAD(header);
      opener.setAuthTag(piece.subarray(-TAG_BYTES));
      yield Buffer.concat([opener.update(piece.subarray(0, -TAG_BYTES)), opener.final()]);
    } catch (cause) {
      const why =
        number === 0
          ? "The passphrase is wrong, or the file was changed"
          : "The sealed file was changed or is cut short";
      throw new DialwardError("usage", `${why}.`, { cause });
    }
    if (last) break;
  }
  key.fill(0);
}

/** The lines of pieces that may end anywhere. */
async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const piece of pieces) {
    const all = Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, start)) {
      yield all.subarray(start, end).toString();
      start = end + 1;
    }
    rest = all.subarray(start);
  }
  if (rest.length > 0) yield rest.toString();
}
