// A user's profile: what an administrator decides about one user, as it is sealed in the store. (Base32: RFC 4648 section 6. The otpauth URI: Google Authenticator's Key URI format.)
import { randomBytes } from "node:crypto";
import type { Enrolment } from "../core/core.ts";
import type { DialInType } from "../core/dial-in.ts";
import { SERVICE_NAME } from "../config/schema.ts";
import { DialwardError } from "../errors.ts";
import { decodeBase32, encodeBase32 } from "./base32.ts";
import type { Rules } from "../groups/group.ts";

export const FACTORS = ["totp", "motp", "hotp"] as const;
export const MODES = ["code", "password+code", "password-then-code"] as const;
export const ALGORITHMS = ["sha1", "sha256", "sha512"] as const;

const NAME_BYTES = 64;
/** Most names, told at a glance. */
const PLAIN_NAME = /^[\x20-\x7e]{1,64}$/;
const NEW_SECRET_BYTES = 20; // 160 bits, RFC 4226 section 4
const NEW_MOTP_SECRET_BYTES = 16; // 32 hexadecimal digits

/** A profile as it is sealed. */
export interface Profile extends Rules {
  /** 1 to 64 bytes, case-sensitive. */
  name: string;
  factor: (typeof FACTORS)[number];
  /** As people see it: base32 in upper case without padding (TOTP, HOTP) or lower-case hexadecimal (mOTP). */
  secret: string;
  /** mOTP, 4 to 7 digits. */
  pin?: string | undefined;
  /** Where the mode asks for one, up to 32 bytes. */
  password?: string | undefined;
  mode: (typeof MODES)[number];
  /** The dial-in types that are allowed. */
  types: readonly DialInType[];
  digits: number;
  /** Seconds of a step; HOTP has none. */
  period?: number | undefined;
  algorithm?: (typeof ALGORITHMS)[number] | undefined;
  enabled: boolean;
  /** Seconds since 1970. */
  created: number;
  /** Steps that the window's centre may drift, where resynchronisation has set it. */
  driftBound?: number | undefined;
  /** Which ten recovery codes are good: they follow from it and the secret. Undefined: none. */
  recovery?: number | undefined;
  /** Names of groups, in the order in which they decide. */
  groups?: readonly string[] | undefined;
  /** Where the password is checked: as it stands in the profile, or by the directory of the configuration. */
  passwordFrom?: "directory" | undefined;
}

/** What a fresh state starts from. */
export interface Start {
  active: boolean;
  /** HOTP: the first counter that is not spent; TOTP, mOTP: the first such step. */
  counter?: number | undefined;
  /** Steps that the device's clock is ahead. */
  drift?: number | undefined;
  /** Recovery codes that are used, a bit for each. */
  recovered?: number | undefined;
}

/**
 * Stands in a record for a password that the directory has: nobody can type it, and admission puts it in place of what
 * the directory has called right. Another one in each process.
 */
export const STAND_IN: string = randomBytes(16).toString("hex");

/** What the core enrols. With `start` for a fresh state; `key` is the secret's, where it was parsed already. */
export function toEnrolment(
  profile: Profile,
  start?: Start,
  key: Uint8Array = parseSecret(profile.factor, profile.secret),
): Enrolment {
  const { factor, algorithm, digits, mode, types, enabled, pin, period, driftBound, recovery } = profile;
  const password = profile.passwordFrom === "directory" ? STAND_IN : profile.password;
  const all: { [Key in keyof Enrolment]: Enrolment[Key] | undefined } = {
    factor,
    secret: key,
    algorithm,
    digits,
    mode,
    types,
    enabled,
    pin,
    password,
    period,
    driftBound,
    recovery,
    active: start?.active,
    counter: start?.counter,
  };
  // What is undefined is left to the core as what is left out.
  return all as Enrolment;
}

/** The profile as bytes to seal. */
export function encodeProfile(profile: Profile): Buffer {
  return Buffer.from(JSON.stringify(profile));
}

/** A profile from the bytes that were sealed: they were checked when they were made. */
export function decodeProfile(bytes: Buffer): Profile {
  return JSON.parse(bytes.toString()) as Profile;
}

/** True for 1 to 64 bytes of UTF-8 without control characters. */
export function isName(name: string): boolean {
  if (PLAIN_NAME.test(name)) return true;
  return /^[^\p{Cc}\p{Cs}]+$/u.test(name) && Buffer.byteLength(name) <= NAME_BYTES;
}

/** A new random secret as people see it: 160 bits in base32, for mOTP 32 hexadecimal digits. */
export function newSecret(factor: Profile["factor"]): string {
  return formatSecret(factor, randomBytes(factor === "motp" ? NEW_MOTP_SECRET_BYTES : NEW_SECRET_BYTES));
}

/**
 * The bytes of a secret as typed: base32 with spaces, dashes, padding or lower case; for mOTP 16 or 32
 * hexadecimal digits. Throws DialwardError("usage").
 */
export function parseSecret(factor: Profile["factor"], text: string): Buffer {
  const plain = text.replace(/[\s-]/g, "");
  if (factor === "motp") {
    if (!/^([0-9a-f]{16}|[0-9a-f]{32})$/i.test(plain)) {
      throw usage("secret: mOTP needs 16 or 32 hexadecimal digits");
    }
    return Buffer.from(plain, "hex");
  }
  const key = decodeBase32(plain);
  if (!key || key.length < 1 || key.length > 64) {
    throw usage("secret: must be base32 (letters A to Z, digits 2 to 7) of 1 to 64 bytes");
  }
  return key;
}

/** How a secret is shown, and kept. */
export function formatSecret(factor: Profile["factor"], key: Uint8Array): string {
  return factor === "motp" ? Buffer.from(key).toString("hex") : encodeBase32(key);
}

/**
 * What an authenticator scans: otpauth://… for TOTP and HOTP, motp://… as mOTP programs read it. `issuer` names the
 * installation, so that an app tells two of them apart.
 */
export function otpauthUri(
  profile: Pick<Profile, "name" | "secret" | "factor" | "digits" | "period" | "algorithm">,
  counter = 0,
  issuer = SERVICE_NAME,
): string {
  const own = encodeURIComponent(issuer);
  const label = `${own}:${encodeURIComponent(profile.name)}`;
  if (profile.factor === "motp") return `motp://${label}?secret=${profile.secret}`;
  const moving = profile.factor === "hotp" ? `counter=${counter}` : `period=${profile.period}`;
  const algorithm = (profile.algorithm ?? "sha1").toUpperCase();
  const query = `issuer=${own}&algorithm=${algorithm}&digits=${profile.digits}&${moving}`;
  return `otpauth://${profile.factor}/${label}?secret=${profile.secret}&${query}`;
}

function usage(message: string): DialwardError {
  return new DialwardError("usage", message);
}
