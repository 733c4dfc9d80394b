// The file of sealing keys, one a line as 64 hexadecimal digits: first the one that seals, then older ones that open;
// `next KEY` opens already and seals after the next rotation; `retired KEY` opens until then, though nothing should be
// sealed with it any more; `root KEY` is what other secrets are derived from.
import { readFileSync } from "node:fs";
import { replacePrivateFile } from "../config/private-file.ts";
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

/** Reads a key file's text. Throws DialwardError("sealed"), which never holds a key. */
export function parseKeyFile(text: string, from: string): KeyRing {
  const keys: Buffer[] = [];
  const named: { next?: Buffer; root?: Buffer } = {};
  const retired: Buffer[] = [];
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const [, name, digits] = /^(?:(next|root|retired) +)?([0-9a-f]{64})$/i.exec(line) ?? [];
    if (digits === undefined) throw bad(from);
    const key = Buffer.from(digits, "hex");
    if (name === "next" || name === "root") named[name] = key;
    else if (name === "retired") retired.push(key);
    else keys.push(key);
  }
  if (keys.length === 0) throw bad(from);
  const { next, root = keys.at(-1)! } = named;
  return { keys: [...keys, ...(next ? [next] : []), ...retired], next, retired, root };
}

/** Exchanges the file's keys at once, synced: whoever reads it sees those before or these. */
export function writeKeyFile(file: string, { keys, next, retired = [], root }: KeyRing): void {
  const hex = (key: Buffer): string => key.toString("hex");
  const lines = keys.filter((key) => key !== next && !retired.includes(key)).map(hex);
  lines.push(...retired.map((key) => `retired ${hex(key)}`));
  if (next) lines.push(`next ${hex(next)}`);
  lines.push(`root ${hex(root)}`);
  replacePrivateFile(file, `${lines.join("\n")}\n`);
}

/** Changes the keys in `file`. Throws DialwardError("sealed") where they are not to be understood. */
export function changeKeyFile(file: string, change: (ring: KeyRing) => KeyRing): KeyRing {
  const ring = change(parseKeyFile(readFileSync(file, "latin1"), file));
  writeKeyFile(file, ring);
  return ring;
}

function bad(from: string): DialwardError {
  return new DialwardError(
    "sealed",
    `${from} must hold 64 hexadecimal digits, one key a line, with "next", "retired" or "root" before some.`,
  );
}
