// The users file of OATH Toolkit's pam_oath and mod_authn_otp: `TYPE NAME PIN HEX-SECRET [COUNTER …]`, and the file of
// google-authenticator's PAM module: the secret, then options and scratch codes.
import { formatSecret } from "../users/profile.ts";
import { badLine, type Row } from "./row.ts";

/** The rows of a users.oath; a PIN becomes the password before the code. */
export function readOathUsers(text: string): Row[] {
  return text.split(/\r?\n/).flatMap((line, i): Row[] => {
    const [type = "", name = "", pin = "-", hex = "", counter = "0"] = line.trim().split(/\s+/);
    if (type === "" || type.startsWith("#")) return [];
    const match = /^(HOTP|MOTP)(?:\/(E|T\d*))?(?:\/(\d+))?$/.exec(type);
    if (match === null) throw badLine(i + 1, "has a type that is neither HOTP, HOTP/T30 nor MOTP");
    const [, kind, moving, digits] = match;
    if (pin === "+") throw badLine(i + 1, "has its PIN elsewhere (+), which cannot be taken over");
    if (!/^([0-9a-f]{2}){1,64}$/i.test(hex)) throw badLine(i + 1, "has no hexadecimal secret");
    if (kind === "MOTP") return [{ name, factor: "motp", secret: hex, pin: pin === "-" ? "" : pin }];
    const row: Row = {
      name,
      secret: formatSecret("totp", Buffer.from(hex, "hex")),
      digits: Number(digits ?? 6),
    };
    if (pin !== "-") Object.assign(row, { mode: "password+code", password: pin });
    if (moving?.startsWith("T")) return [{ ...row, factor: "totp", period: Number(moving.slice(1) || 30) }];
    return [{ ...row, factor: "hotp", counter: Number(counter) }];
  });
}

/** The row of a ~/.google_authenticator, which does not name its user. Its scratch codes are left behind. */
export function readGoogleAuthenticator(text: string, name: string): Row[] {
  const [secret = "", ...options] = text.split(/\r?\n/);
  const option = (key: string): string | undefined =>
    options.map((line) => new RegExp(`^" ${key}(?: (\\S+))?`).exec(line)).find((match) => match)?.[1];
  const counter = option("HOTP_COUNTER");
  // HOTP_COUNTER holds the counter of the next code.
  if (counter !== undefined) return [{ name, factor: "hotp", secret, counter: Number(counter) }];
  return [{ name, factor: "totp", secret, period: Number(option("STEP_SIZE") ?? 30) }];
}
