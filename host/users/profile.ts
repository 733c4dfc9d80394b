// A user's profile: what an administrator decides about one user, as it is sealed in the store and as it is
// typed in. (Base32: RFC 4648 section 6. The otpauth URI: Google Authenticator's Key URI format.)
import { randomBytes } from "node:crypto";
import * as z from "zod/mini";
import {
  DEFAULT_DIGITS,
  DEFAULT_PERIOD_SECONDS,
  MOTP_PERIOD_SECONDS,
  RECOVERY_CODES,
} from "../../assembly/abi.ts";
import type { Enrolment } from "../core/core.ts";
import { DIAL_IN_TYPES, type DialInType } from "../core/dial-in.ts";
import { SERVICE_NAME } from "../config/schema.ts";
import { DialwardError } from "../errors.ts";
import { describeIssues } from "../config/schema-errors.ts";
import { decodeBase32, encodeBase32 } from "./base32.ts";
import { ruleFields, type Rules } from "../groups/group.ts";

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

const nameSchema = z.string().check(z.refine(isName, "must be 1 to 64 bytes without control characters"));

const typesSchema = z.pipe(
  z.transform((types) => (typeof types === "string" ? types.split(",").map((type) => type.trim()) : types)),
  z.array(z.enum(DIAL_IN_TYPES)).check(z.minLength(1)),
);

/** What is given for a new profile, as one row of an import file; unknown keys are refused. */
export const newProfileSchema = z.strictObject({
  name: nameSchema,
  factor: z._default(z.enum(FACTORS), "totp"),
  secret: z.string(),
  pin: z.optional(z.string()),
  password: z.optional(z.string()),
  mode: z._default(z.enum(MODES), "code"),
  types: z.optional(typesSchema),
  digits: z.optional(z.int()),
  period: z.optional(z.int()),
  algorithm: z.optional(z.enum(ALGORITHMS)),
  enabled: z._default(z.boolean(), true),
  groups: z.optional(z.array(z.string().check(z.minLength(1))).check(z.maxLength(16))),
  passwordFrom: z.optional(z.literal("directory")),
  ...ruleFields,
  /** True: no first code has to be verified. */
  active: z._default(z.boolean(), false),
  /** HOTP: the first counter that is not spent. */
  counter: z.optional(z.int().check(z.nonnegative())),
  /** TOTP, mOTP: the first step that is not spent. */
  next: z.optional(z.int().check(z.nonnegative())),
  /** Steps that the device's clock is ahead. */
  drift: z.optional(z.int()),
  driftBound: z.optional(z.int().check(z.nonnegative())),
  /** Seconds since 1970. */
  created: z.optional(z.int().check(z.nonnegative())),
  /** Which ten recovery codes are good, and a bit for each of them that is used. */
  recovery: z.optional(z.int().check(z.minimum(1), z.maximum(255))),
  recovered: z.optional(z.int().check(z.nonnegative(), z.maximum((1 << RECOVERY_CODES) - 1))),
});
export type NewProfile = z.input<typeof newProfileSchema>;

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

type Given = z.output<typeof newProfileSchema>;

function readAny(input: unknown): Given {
  const parsed = newProfileSchema.safeParse(input);
  if (!parsed.success) throw new DialwardError("usage", describeIssues(parsed.error));
  return parsed.data;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isFlag = (value: unknown): boolean => typeof value === "boolean";
const isOneOf =
  (words: readonly unknown[]) =>
  (value: unknown): boolean =>
    words.includes(value);

/** Of the fields that most rows have: whether the schema takes a value as it is. */
const PLAIN = new Map<string, (value: unknown) => boolean>([
  ["name", (value) => typeof value === "string" && isName(value)],
  ["factor", isOneOf(FACTORS)],
  ["secret", isText],
  ["pin", isText],
  ["password", isText],
  ["mode", isOneOf(MODES)],
  ["types", () => false],
  ["digits", Number.isSafeInteger],
  ["period", Number.isSafeInteger],
  ["counter", (value) => Number.isSafeInteger(value) && (value as number) >= 0],
  ["algorithm", isOneOf(ALGORITHMS)],
  ["enabled", isFlag],
  ["active", isFlag],
]);

/** A row of plain fields as the schema reads it, many times as fast; undefined for all else, which the schema has to see. */
export function readPlain(input: unknown): Given | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  const row = input as Record<string, unknown>;
  for (const field of Object.keys(row)) {
    const takes = PLAIN.get(field);
    if (!takes || (row[field] !== undefined && !takes(row[field]))) return undefined;
  }
  const { name, secret, pin, password, digits, period, counter, algorithm } = row;
  if (name === undefined || secret === undefined) return undefined;
  const { factor = "totp", mode = "code", enabled = true, active = false } = row;
  const given = {
    name,
    factor,
    secret,
    pin,
    password,
    mode,
    digits,
    period,
    counter,
    algorithm,
    enabled,
    active,
  };
  return given as Given;
}

/**
 * Checks `input` and fills in what it leaves out; what the core checks (lengths, digits, windows) is left to
 * enrol. `now` is in seconds. Throws DialwardError("usage") naming the field, and never its value.
 */
export function makeProfile(input: unknown, now: number): { profile: Profile; start: Start } {
  const given = readPlain(input) ?? readAny(input);
  const { active, counter, next, drift, recovered } = given;
  const motp = given.factor === "motp";
  if (motp && given.pin === undefined) throw usage("pin: mOTP needs one, of 4 to 7 digits");
  if (!motp && given.pin !== undefined) throw usage("pin: only mOTP has one");
  if (given.pin !== undefined && !/^[0-9]{4,7}$/.test(given.pin)) throw usage("pin: must be 4 to 7 digits");
  const elsewhere = given.passwordFrom !== undefined;
  if (given.mode !== "code" && !given.password && !elsewhere)
    throw usage(`password: mode ${given.mode} needs one`);
  if (elsewhere && given.password) throw usage("password: the directory has it; leave it out");
  if (elsewhere && given.mode === "code") throw usage("passwordFrom: mode code has no password");
  if (given.mode === "code" && given.password) throw usage("password: mode code has none");
  if (motp && given.algorithm) throw usage("algorithm: mOTP has one only, MD5; leave it out");
  if (given.factor === "hotp" && given.period !== undefined) throw usage("period: HOTP has none");
  if (given.factor !== "hotp" && counter !== undefined) throw usage("counter: only HOTP has one");
  if (given.factor === "hotp" && next !== undefined) throw usage("next: HOTP has a counter");
  if (given.factor === "hotp" && drift) throw usage("drift: HOTP has no clock");
  if (recovered && given.recovery === undefined) throw usage("recovered: there are no recovery codes");
  const key = parseSecret(given.factor, given.secret);
  // Each by its name: copied with what is no part of it left out, a row would take several times as long.
  const profile: { [Key in keyof Required<Profile>]: Profile[Key] } = {
    name: given.name,
    factor: given.factor,
    secret: formatSecret(given.factor, key),
    pin: given.pin,
    password: given.password,
    mode: given.mode,
    types: given.types ?? DIAL_IN_TYPES,
    digits: given.digits ?? DEFAULT_DIGITS,
    period:
      given.factor === "hotp"
        ? undefined
        : (given.period ?? (motp ? MOTP_PERIOD_SECONDS : DEFAULT_PERIOD_SECONDS)),
    algorithm: motp ? undefined : (given.algorithm ?? "sha1"),
    enabled: given.enabled,
    created: given.created ?? now,
    driftBound: given.driftBound,
    recovery: given.recovery,
    groups: given.groups,
    passwordFrom: given.passwordFrom,
    attributes: given.attributes,
    valid: given.valid,
    logins: given.logins,
    onLimit: given.onLimit,
  };
  return { profile, start: { active, counter: counter ?? next, drift, recovered } };
}

/**
 * Stands in a record for a password that the directory has: nobody can type it, and admission puts it in place of what
 * the directory has called right. Another one in each process.
 */
export const STAND_IN: string = randomBytes(16).toString("hex");

/** What the core enrols. With `start` for a fresh state. */
export function toEnrolment(profile: Profile, start?: Start): Enrolment {
  const { factor, algorithm, digits, mode, types, enabled, pin, period, driftBound, recovery } = profile;
  const password = profile.passwordFrom === "directory" ? STAND_IN : profile.password;
  const all: { [Key in keyof Enrolment]: Enrolment[Key] | undefined } = {
    factor,
    secret: parseSecret(factor, profile.secret),
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
