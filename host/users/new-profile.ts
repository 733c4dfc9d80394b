// A new profile from what is typed in: a row of an import, a form, or options of a command, checked and filled in.
import * as z from "zod/mini";
import {
  DEFAULT_DIGITS,
  DEFAULT_PERIOD_SECONDS,
  MOTP_PERIOD_SECONDS,
  RECOVERY_CODES,
} from "../../assembly/abi.ts";
import { DIAL_IN_TYPES } from "../core/dial-in.ts";
import { describeIssues } from "../config/schema-errors.ts";
import { DialwardError } from "../errors.ts";
import { ruleFields } from "../groups/group.ts";
import { timeSchema } from "../groups/validity.ts";
import {
  ALGORITHMS,
  FACTORS,
  formatSecret,
  isName,
  MODES,
  parseSecret,
  type Profile,
  type Start,
} from "./profile.ts";

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
  created: z.optional(timeSchema),
  /** Which ten recovery codes are good, and a bit for each of them that is used. */
  recovery: z.optional(z.int().check(z.minimum(1), z.maximum(255))),
  recovered: z.optional(z.int().check(z.nonnegative(), z.maximum((1 << RECOVERY_CODES) - 1))),
});
export type NewProfile = z.input<typeof newProfileSchema>;

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
 * enrol. `now` is in seconds; `key` is the secret's. Throws DialwardError("usage") naming the field, and never its value.
 */
export function makeProfile(input: unknown, now: number): { profile: Profile; start: Start; key: Buffer } {
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
  return { profile, start: { active, counter: counter ?? next, drift, recovered }, key };
}

function usage(message: string): DialwardError {
  return new DialwardError("usage", message);
}
