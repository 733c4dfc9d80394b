// Codes as an authenticator makes them, by node:crypto alone: what the tests type in. (RFC 4226, RFC 6238, Mobile-OTP)
import { createHash, createHmac } from "node:crypto";

/** HOTP by RFC 4226 section 5.3. */
export function hotp(key: Uint8Array, counter: number, digits = 6, algorithm = "sha1"): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(algorithm, key).update(moving).digest();
  const at = mac[mac.length - 1]! & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 10 ** digits).padStart(digits, "0");
}

/** TOTP by RFC 6238 at `time` in seconds. */
export function totp(key: Uint8Array, time: number, digits = 6, algorithm = "sha1", period = 30): string {
  return hotp(key, Math.floor(time / period), digits, algorithm);
}

/** Mobile-OTP: the first six hexadecimal digits of MD5(time / 10 ‖ secret ‖ PIN). */
export function motp(secret: string, pin: string, time: number): string {
  return createHash("md5")
    .update(`${Math.floor(time / 10)}${secret}${pin}`)
    .digest("hex")
    .slice(0, 6);
}

/** Of Crockford's base 32, by value. */
export const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";

/** The first 60 bits in Crockford's base 32, in groups. */
function letters(digest: Buffer): string {
  const bits = digest.readBigUInt64BE(0) >> 4n;
  const all = Array.from({ length: 12 }, (_, i) => LETTERS[Number((bits >> BigInt(5 * (11 - i))) & 31n)]);
  return all.join("").match(/.{4}/g)!.join("-");
}

/** Recovery code i of a generation, as assembly/recovery.ts describes it; mOTP's key is secret and PIN as text. */
export function recovery(
  factor: "totp" | "hotp" | "motp",
  key: Uint8Array,
  generation: number,
  i: number,
  algorithm = "sha1",
): string {
  if (factor === "motp")
    return letters(
      createHash("md5")
        .update(Buffer.of(0x72, generation, i))
        .update(key)
        .digest(),
    );
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(2n ** 63n + BigInt(16 * generation + i));
  return letters(createHmac(algorithm, key).update(counter).digest());
}
