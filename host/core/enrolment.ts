// What an administrator decides about a user, and how it becomes the core's enrolment form.

import * as abi from "../../assembly/abi.ts";
import { DIAL_IN_TYPES, type DialInType } from "./dial-in.ts";
import { DialwardError } from "../errors.ts";

export type Factor = "totp" | "hotp" | "motp";
export type Algorithm = "sha1" | "sha256" | "sha512";
export type Mode = "code" | "password+code" | "password-then-code";

/** What an administrator decides about a user, with the key as given. Everything but factor and secret has a default. */
export interface Enrolment {
  factor: Factor;
  /** TOTP, HOTP: 1 to 64 bytes; mOTP: 8 or 16 bytes. */
  secret: Uint8Array;
  /** mOTP: 4 to 7 decimal digits. */
  pin?: string | undefined;
  /** Up to 32 bytes of UTF-8. */
  password?: string | undefined;
  algorithm?: Algorithm | undefined;
  /** 6 to 8. */
  digits?: number | undefined;
  mode?: Mode | undefined;
  types?: readonly DialInType[] | undefined;
  enabled?: boolean | undefined;
  /** Seconds of a step. */
  period?: number | undefined;
  /** Seconds since 1970. */
  t0?: number | undefined;
  /** Steps of the window before and after its centre, and steps that the centre may drift. */
  back?: number | undefined;
  forward?: number | undefined;
  driftBound?: number | undefined;
  /** Which ten recovery codes are good, 1 to 255; 0 is none. */
  recovery?: number | undefined;
  /** For a new state: whether a first code has been verified, and HOTP's counter. */
  active?: boolean | undefined;
  counter?: number | undefined;
}

const FACTORS: Record<Factor, number> = {
  totp: abi.FACTOR_TOTP,
  hotp: abi.FACTOR_HOTP,
  motp: abi.FACTOR_MOTP,
};
const ALGORITHMS: Record<Algorithm, number> = {
  sha1: abi.ALGORITHM_SHA1,
  sha256: abi.ALGORITHM_SHA256,
  sha512: abi.ALGORITHM_SHA512,
};
const MODES: Record<Mode, number> = {
  code: abi.MODE_CODE,
  "password+code": abi.MODE_PASSWORD_CODE,
  "password-then-code": abi.MODE_PASSWORD_THEN_CODE,
};

/** What is wrong with a form, by the status that enrol returns. */
export const FIELDS: Record<number, string> = {
  [abi.STATUS_FACTOR]: "factor must be totp, hotp or motp",
  [abi.STATUS_ALGORITHM]: "algorithm must be sha1, sha256 or sha512, and none for mOTP",
  [abi.STATUS_DIGITS]: "digits must be 6, 7 or 8, and 6 for mOTP",
  [abi.STATUS_MODE]: "mode must be code, password+code or password-then-code",
  [abi.STATUS_TYPES]: "types must be dial-in types",
  [abi.STATUS_STANDING]: "enabled must be true or false",
  [abi.STATUS_KEY]: "secret must have 1 to 64 bytes; for mOTP 8 or 16 bytes and a PIN of 4 to 7 digits",
  [abi.STATUS_PASSWORD]: "password must have at most 32 bytes of UTF-8, and at least one in this mode",
  [abi.STATUS_PERIOD]: "period must be 1 or more seconds, and 10 for mOTP",
  [abi.STATUS_WINDOW]: `back + 1 + forward must be at most ${abi.WINDOW_STEPS} steps; HOTP has neither back nor drift`,
  [abi.STATUS_STATE]: "state is damaged",
};

/** The widest field of each number: what does not fit it must not wrap into something valid. */
const MOST = [
  ["digits", 255],
  ["period", 4294967295],
  ["t0", 4294967295],
  ["back", 65535],
  ["forward", 65535],
  ["driftBound", 65535],
  ["recovery", 255],
  ["counter", Number.MAX_SAFE_INTEGER],
] as const;

const NOTHING = new Uint8Array(0);

function checkNumbers(e: Enrolment): void {
  for (const [field, most] of MOST) {
    const x = e[field];
    if (x !== undefined && !(Number.isInteger(x) && x >= 0 && x <= most)) {
      throw new DialwardError("usage", `${field} must be a whole number from 0 to ${most}.`);
    }
  }
}

/**
 * Writes an enrolment into the form at ENROLMENT_AT of a page; `view` is of the same page. `standing` is STANDING_ENABLED or
 * STANDING_DECOY; the core checks every field when it enrols. Throws DialwardError("usage") for a number that fits no field.
 */
export function writeForm(page: Uint8Array, view: DataView, e: Enrolment, standing: number): void {
  const at = abi.ENROLMENT_AT;
  const motp = e.factor === "motp";
  const hotp = e.factor === "hotp";
  const key = motp ? Buffer.from(Buffer.from(e.secret).toString("hex") + (e.pin ?? "")) : e.secret;
  // The core sees secret and PIN as one: a long PIN behind a short secret would pass for a long secret.
  const keyFits = !motp || (/^\d{4,7}$/.test(e.pin ?? "") && [8, 16].includes(e.secret.length));
  const password = e.password === undefined ? NOTHING : Buffer.from(e.password);
  const steps = motp ? abi.DEFAULT_MOTP_STEPS : abi.DEFAULT_TOTP_STEPS;
  const drift = motp ? abi.DEFAULT_MOTP_DRIFT_STEPS : abi.DEFAULT_TOTP_DRIFT_STEPS;
  checkNumbers(e);
  page.fill(0, at, at + abi.RECORD_BYTES);
  view.setUint8(at + abi.RECORD_FACTOR, FACTORS[e.factor]);
  view.setUint8(
    at + abi.RECORD_ALGORITHM,
    motp && !e.algorithm ? abi.ALGORITHM_MD5 : ALGORITHMS[e.algorithm ?? "sha1"],
  );
  view.setUint8(at + abi.RECORD_DIGITS, e.digits ?? abi.DEFAULT_DIGITS);
  view.setUint8(at + abi.RECORD_MODE, MODES[e.mode ?? "code"]);
  view.setUint8(
    at + abi.RECORD_TYPES,
    (e.types ?? DIAL_IN_TYPES).reduce((set, type) => set | typeBit(type), 0),
  );
  view.setUint8(at + abi.RECORD_STANDING, e.enabled === false ? abi.STANDING_DISABLED : standing);
  view.setUint8(at + abi.RECORD_KEY_LENGTH, keyFits ? Math.min(key.length, 255) : 0);
  view.setUint8(at + abi.RECORD_PASSWORD_LENGTH, Math.min(password.length, 255));
  const period = motp ? abi.MOTP_PERIOD_SECONDS : hotp ? 1 : abi.DEFAULT_PERIOD_SECONDS;
  view.setUint32(at + abi.RECORD_PERIOD, e.period ?? period, true);
  view.setUint32(at + abi.RECORD_T0, e.t0 ?? 0, true);
  view.setUint16(at + abi.RECORD_BACK, e.back ?? (hotp ? 0 : steps), true);
  view.setUint16(at + abi.RECORD_FORWARD, e.forward ?? (hotp ? abi.DEFAULT_HOTP_AHEAD : steps), true);
  view.setUint16(at + abi.RECORD_DRIFT_BOUND, e.driftBound ?? (hotp ? 0 : drift), true);
  view.setUint8(at + abi.RECORD_RECOVERY, e.recovery ?? 0);
  page.set(key.subarray(0, abi.KEY_BYTES), at + abi.RECORD_KEY);
  page.set(password.subarray(0, abi.PASSWORD_BYTES), at + abi.RECORD_PASSWORD);
  view.setUint8(at + abi.RECORD_STATE + abi.STATE_ACTIVE, e.active ? 1 : 0);
  view.setBigUint64(at + abi.RECORD_STATE + abi.STATE_NEXT, BigInt(e.counter ?? 0), true);
}

/** Seconds of a step of the device that a record is for; 0 for HOTP, whose steps have no time. */
export function stepSeconds(record: Uint8Array): number {
  if (record[abi.RECORD_FACTOR] === abi.FACTOR_HOTP) return 0;
  return new DataView(record.buffer, record.byteOffset).getUint32(abi.RECORD_PERIOD, true);
}

/** A dial-in type as its bit in a record and a request; for any other word a bit that the core refuses. */
export function typeBit(type: DialInType): number {
  const bit = DIAL_IN_TYPES.indexOf(type);
  return bit < 0 ? 128 : 1 << bit;
}
