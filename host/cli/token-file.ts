// The token: a user's own code generator. Its secrets lie in one file, sealed under a passphrase (scrypt, RFC 7914;
// AES-256-GCM); the PIN is never kept.
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Core } from "../core/core.ts";
import { replacePrivateFile } from "../config/private-file.ts";
import { DialwardError } from "../errors.ts";
import { newSecret, toEnrolment, type Profile } from "../users/profile.ts";
import { makeProfile } from "../users/new-profile.ts";

const VERSION = 1;
/** scrypt's N; with r = 8 it takes 64 MiB. */
const COST = 65_536;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** One secret of the token. */
export type TokenEntry = Pick<Profile, "name" | "factor" | "secret" | "digits" | "period" | "algorithm">;

interface SealedFile {
  version: number;
  salt: string;
  cost: number;
  sealed: string;
}

/** Where the token's file is if none is named: in XDG_CONFIG_HOME or ~/.config. */
export function defaultTokenFile(): string {
  return join(process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "dialward", "token.json");
}

export class Token {
  readonly #file: string;
  readonly #passphrase: string;
  readonly #cost: number;
  readonly entries: TokenEntry[];

  /**
   * Opens `file`, or begins an empty token where there is none; `cost` is scrypt's N of what is written.
   * Throws DialwardError("sealed").
   */
  constructor(file: string, passphrase: string, cost = COST) {
    this.#file = file;
    this.#passphrase = passphrase;
    this.#cost = cost;
    this.entries = open(file, passphrase);
  }

  /** Adds a secret, made here where `secret` is undefined. Throws DialwardError("usage") or ("exists"). */
  add(name: string, factor: "totp" | "motp", secret?: string): TokenEntry {
    if (this.entries.some((one) => one.name === name)) {
      throw new DialwardError(
        "exists",
        `The token has a "${name}" already. Remove it first, or choose another name.`,
      );
    }
    const row = {
      name,
      factor,
      secret: secret ?? newSecret(factor),
      pin: factor === "motp" ? "0000" : undefined,
    };
    const { profile } = makeProfile(row, 0);
    const { digits, period, algorithm } = profile;
    const entry = { name, factor, secret: profile.secret, digits, period, algorithm };
    this.entries.push(entry);
    this.#save();
    return entry;
  }

  /** Throws DialwardError("not-found"). */
  find(name: string | undefined): TokenEntry {
    const found = name === undefined && this.entries.length === 1 ? this.entries[0] : undefined;
    const entry = found ?? this.entries.find((one) => one.name === name);
    if (entry) return entry;
    const names = this.entries.map((one) => `"${one.name}"`).join(", ");
    const has = names ? `It has ${names}.` : "It is empty; see: dialward token new";
    throw new DialwardError(
      "not-found",
      `The token has no ${name === undefined ? "single entry" : `"${name}"`}. ${has}`,
    );
  }

  /** Throws DialwardError("not-found"). */
  remove(name: string): void {
    this.entries.splice(this.entries.indexOf(this.find(name)), 1);
    this.#save();
  }

  #save(): void {
    const salt = randomBytes(16);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", derive(this.#passphrase, salt, this.#cost), nonce);
    const body = [cipher.update(JSON.stringify(this.entries)), cipher.final()];
    const sealed = Buffer.concat([nonce, cipher.getAuthTag(), ...body]).toString("base64");
    const text = JSON.stringify({
      version: VERSION,
      salt: salt.toString("base64"),
      cost: this.#cost,
      sealed,
    });
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    replacePrivateFile(this.#file, text + "\n");
  }
}

/** The code of this moment and for how many seconds it is shown; `pin` for mOTP. Throws DialwardError("usage"). */
export function tokenCode(
  core: Core,
  entry: TokenEntry,
  pin: string | undefined,
  seconds: number,
): { code: string; left: number } {
  const { profile } = makeProfile(pin === undefined ? entry : { ...entry, pin }, 0);
  const record = core.enrol(toEnrolment(profile));
  const code = core.generate(record, seconds);
  record.fill(0);
  // An mOTP code counts steps of 10 s, and is good for a minute; apps show it for three steps.
  const shown = entry.factor === "motp" ? 30 : (entry.period ?? 30);
  return { code, left: entry.factor === "motp" ? shown : shown - (seconds % shown) };
}

function open(file: string, passphrase: string): TokenEntry[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  try {
    const { version, salt, cost, sealed } = JSON.parse(text) as SealedFile;
    if (version !== VERSION || cost > 4 * COST) throw new Error("another version");
    const bytes = Buffer.from(sealed, "base64");
    const key = derive(passphrase, Buffer.from(salt, "base64"), cost);
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return JSON.parse(Buffer.concat([decipher.update(body), decipher.final()]).toString()) as TokenEntry[];
  } catch {
    throw new DialwardError(
      "sealed",
      `The token ${file} does not open: the passphrase is wrong, or the file is damaged.`,
    );
  }
}

function derive(passphrase: string, salt: Uint8Array, cost: number): Buffer {
  return scryptSync(passphrase.normalize(), salt, KEY_BYTES, { N: cost, r: 8, p: 1, maxmem: 256 * cost * 8 });
}
