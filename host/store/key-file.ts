// The file of sealing keys, one a line as 64 hexadecimal digits: first the one that seals, then older ones that open;
// `next KEY` opens already and seals after the next rotation; `retired KEY` opens until then, though nothing should be
// sealed with it any more; `root KEY` is what other secrets are derived from.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createPrivateFile, replacePrivateFile } from "../config/private-file.ts";
import { DialwardError } from "../errors.ts";

/** Keys of 32 bytes. */
export interface KeyRing {
  /** The one that seals first; all of them open. */
  keys: readonly Buffer[];
  /** The one of `keys` that will seal after the next rotation. */
  next?: Buffer | undefined;
  /** Those of `keys` that the last rotation took out of use. */
  retired?: readonly Buffer[] | undefined;
  /** It stays when sealing keys go. Where the file names none, it is the oldest key. */
  root: Buffer;
  /** Reads it again: undefined where nothing has changed. */
  reload?: () => KeyRing | undefined;
}

export const KEY_BYTES = 32;
const NEW_LINE = 0x0a;
const SPACE = 0x20;
const COMMENT = 0x23;
const DIGITS = Buffer.from("0123456789abcdef");

/** Reads a key file's bytes, and wipes them. Throws DialwardError("sealed"), which never holds a key. */
export function parseKeyFile(bytes: Buffer, from: string): KeyRing {
  const keys: Buffer[] = [];
  const named: { next?: Buffer; root?: Buffer } = {};
  const retired: Buffer[] = [];
  try {
    for (const line of linesOf(bytes)) {
      if (line.length === 0 || line[0] === COMMENT) continue;
      const digits = line.subarray(line.lastIndexOf(SPACE) + 1);
      const key = parseKey(digits);
      if (!key) throw bad(from);
      const name = trim(line.subarray(0, -digits.length)).toString("latin1");
      if (name === "next" || name === "root") named[name] = key;
      else if (name === "retired") retired.push(key);
      else if (name === "") keys.push(key);
      else throw bad(from);
    }
  } finally {
    bytes.fill(0);
  }
  if (keys.length === 0) throw bad(from);
  const { next, root = keys.at(-1)! } = named;
  return { keys: [...keys, ...(next ? [next] : []), ...retired], next, retired, root };
}

/** Reads the keys in `file`. Throws what the system says, or DialwardError("sealed"). */
export function readKeyFile(file: string): KeyRing {
  return parseKeyFile(readFileSync(file), file);
}

/** Makes a key file of one new key where there is none. Throws what the system says. */
export function createKeyFile(file: string): void {
  const bytes = printKeys([["", randomBytes(KEY_BYTES)]]);
  createPrivateFile(file, bytes);
  bytes.fill(0);
}

/**
 * Changes the keys in `file` at once, synced: whoever reads it sees those before or these, which are returned. Throws
 * what the system says, or DialwardError("sealed") where they are not to be understood.
 */
export function changeKeyFile(file: string, change: (ring: KeyRing) => KeyRing): KeyRing {
  const before = readKeyFile(file);
  const after = change(before);
  const { keys, next, retired = [], root } = after;
  const rows = keys.filter((key) => key !== next && !retired.includes(key)).map((key): Row => ["", key]);
  rows.push(...retired.map((key): Row => ["retired ", key]));
  if (next) rows.push(["next ", next]);
  const bytes = printKeys([...rows, ["root ", root]]);
  replacePrivateFile(file, bytes);
  bytes.fill(0);
  for (const key of before.keys) if (!keys.includes(key) && key !== root) key.fill(0);
  return after;
}

/** Overwrites keys that have been taken over. */
export function wipeKeys({ keys, root }: KeyRing): void {
  for (const key of [...keys, root]) key.fill(0);
}

type Row = readonly [name: string, key: Buffer];

function printKeys(rows: readonly Row[]): Buffer {
  const bytes = Buffer.alloc(rows.reduce((sum, [name]) => sum + name.length + 2 * KEY_BYTES + 1, 0));
  let at = 0;
  for (const [name, key] of rows) {
    at += bytes.write(name, at);
    for (const byte of key) for (const half of [byte >> 4, byte & 15]) bytes[at++] = DIGITS[half]!;
    bytes[at++] = NEW_LINE;
  }
  return bytes;
}

/** Read from bytes: a string cannot be wiped. */
function parseKey(digits: Buffer): Buffer | undefined {
  if (digits.length !== 2 * KEY_BYTES) return undefined;
  const key = Buffer.alloc(KEY_BYTES);
  for (const [i, digit] of digits.entries()) {
    // Letters of either case.
    const half = DIGITS.indexOf(digit > 0x40 ? digit | 0x20 : digit);
    if (half < 0) return undefined;
    key[i >> 1]! |= i & 1 ? half : half << 4;
  }
  return key;
}

function* linesOf(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(NEW_LINE, at);
    yield trim(bytes.subarray(at, end < 0 ? bytes.length : end));
    at = end < 0 ? bytes.length : end + 1;
  }
}

function trim(bytes: Buffer): Buffer {
  let [from, to] = [0, bytes.length];
  while (from < to && bytes[from]! <= SPACE) from++;
  while (from < to && bytes[to - 1]! <= SPACE) to--;
  return bytes.subarray(from, to);
}

function bad(from: string): DialwardError {
  return new DialwardError(
    "sealed",
    `${from} must hold 64 hexadecimal digits, one key a line, with "next", "retired" or "root" before some.`,
  );
}
