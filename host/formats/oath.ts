// users.oath of OATH Toolkit's pam_oath (liboath/usersfile.c) and the users file of mod_authn_otp (users.sample), which
// look alike: TYPE NAME PIN HEX-SECRET COUNTER …. pam_oath goes on with LAST-CODE TIME and keeps the counter that was
// used last; mod_authn_otp with FAILURES LAST-CODE TIME ADDRESS, and keeps the next one.
import { createHash, createHmac } from "node:crypto";
import { formatSecret } from "../users/profile.ts";
import {
  decodeHex,
  readRow,
  refuse,
  refuseFactor,
  takeDrift,
  wholeNumber,
  type NewUser,
  type Notes,
  type ReadRow,
} from "./row.ts";
import { linesOf, type Format, type ReadOptions } from "./source.ts";

/** Steps around the present whose codes may still be accepted, with room for drift. */
const RECENT_STEPS = 30;

export const oath: Format = {
  name: "oath",
  title: "users.oath of OATH Toolkit (pam_oath)",
  recognises: ({ head }) => /^(HOTP(\/(E|T\d*)(\/\d)?)?)\s+\S+\s+\S+\s+[0-9a-f]/im.test(head),
  read: (source, options) => readUsers(source.text, options, false),
};

export const modAuthnOtp: Format = {
  name: "mod-authn-otp",
  title: "the users file of Apache's mod_authn_otp",
  recognises: ({ head }) =>
    /^MOTP(\/\S+)?\s+\S+\s+\S+\s+[0-9a-f]/im.test(head) ||
    /^HOTP(\/\S+)?\s+(\S+\s+){3}(-\d+|-?\d+\s+\d{1,4}(\s|$))/im.test(head),
  read: (source, options) => readUsers(source.text, options, true),
};

function* readUsers(text: string, options: ReadOptions, apache: boolean): Generator<ReadRow> {
  for (const [line, plain] of linesOf(text))
    yield readRow(`line ${line}`, (notes) => readLine(plain.split(/\s+/), notes, options, apache));
}

function readLine(cells: string[], notes: Notes, { now }: ReadOptions, apache: boolean): NewUser {
  const [type = "", name = "", pin = "-", hex = "", at, ...rest] = cells;
  notes.name = name;
  const [, kind, moving = "E", digits] = /^(HOTP|MOTP)(?:\/(E|T\d*))?(?:\/(\d+))?$/.exec(type) ?? [];
  if (kind === undefined) return refuseFactor("has a type that is neither HOTP, HOTP/T30 nor MOTP");
  const key = decodeHex(hex, "secret");
  // A failure count stands before the last code only in Apache's file, and a code has six digits or more.
  const last = rest[0] !== undefined && /^\d{1,4}$/.test(rest[0]) ? rest[1] : rest[0];
  if (rest.length > 1) notes.lose("left behind: failures, time and place of the last login");
  if (kind === "MOTP") {
    const step = /^MOTP\/(.+?)(?:\/|$)/.exec(type)?.[1];
    if (step !== undefined && step !== "T" && step !== "T10")
      return refuseFactor("mOTP by events or of other than 10 s is not known here");
    if (digits !== undefined && digits !== "6")
      return refuseFactor("mOTP codes of other than 6 digits are not known here");
    if (pin === "-" || pin === "+") return refuse("has no PIN, which mOTP needs");
    const drift = takeDrift(at, "motp", notes);
    const code = (step: number): string => motpCode(step, key, pin);
    return {
      name,
      factor: "motp",
      secret: hex.toLowerCase(),
      pin,
      drift,
      next: afterLast(last, code, now, 10),
    };
  }
  const length = digits === undefined ? 6 : Number(digits);
  const code = (counter: number): string => hotpCode(key, counter, length);
  const user: NewUser = { name, secret: formatSecret("totp", key), digits: length };
  if (pin === "+") notes.weaken("its PIN is kept elsewhere (+): only the code would be asked for");
  else if (pin !== "-") Object.assign(user, { mode: "password+code", password: pin });
  if (moving.startsWith("T")) {
    const period = Number(moving.slice(1) || 30);
    const drift = takeDrift(at, "totp", notes);
    return { ...user, factor: "totp", period, drift, next: afterLast(last, code, now, period) };
  }
  const counter = wholeNumber(at ?? "0", "counter");
  return { ...user, factor: "hotp", counter: nextCounter(counter, last, code, apache, notes) };
}

/** The counter that is not spent: which file it is shows in whose code the last one was. */
function nextCounter(
  counter: number,
  last: string | undefined,
  code: (counter: number) => string,
  apache: boolean,
  notes: Notes,
): number {
  if (last === undefined) return counter;
  if (code(counter) === last) return counter + 1;
  if (counter > 0 && code(counter - 1) === last) return counter;
  notes.lose("its last code is not that of its counter");
  return apache ? counter : counter + 1;
}

/** The step behind that of the last code; undefined where that is too old to be accepted again. */
function afterLast(
  last: string | undefined,
  code: (step: number) => string,
  now: number,
  period: number,
): number | undefined {
  if (last === undefined) return undefined;
  const step = Math.floor(now / period);
  for (let at = step + RECENT_STEPS; at >= Math.max(0, step - RECENT_STEPS); at--)
    if (code(at) === last.toLowerCase()) return at + 1;
  return undefined;
}

function hotpCode(key: Buffer, counter: number, digits: number): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const hash = createHmac("sha1", key).update(moving).digest();
  const at = hash[hash.length - 1]! & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 10 ** digits).padStart(digits, "0");
}

function motpCode(step: number, key: Buffer, pin: string): string {
  return createHash("md5")
    .update(`${step}${key.toString("hex")}${pin}`)
    .digest("hex")
    .slice(0, 6);
}
