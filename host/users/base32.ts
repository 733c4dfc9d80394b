// Base32 (RFC 4648 section 6), as people see the secrets of TOTP and HOTP.

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** In upper case, without padding. */
export function encodeBase32(bytes: Uint8Array): string {
  // Put together letter by letter, a text would be as many pieces.
  const text = Buffer.allocUnsafe(Math.ceil((bytes.length * 8) / 5));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text[at++] = BASE32.charCodeAt((held >> (bits - 5)) & 31);
  }
  if (bits > 0) text[at] = BASE32.charCodeAt((held << (5 - bits)) & 31);
  const encoded = text.toString("latin1");
  text.fill(0);
  return encoded;
}

/** Of each letter's code: its five bits, or NO_DIGIT. */
const DIGITS = new Uint8Array(128).fill(0xff);
const NO_DIGIT = 0xff;
for (let i = 0; i < BASE32.length; i++)
  for (const letter of [BASE32[i]!, BASE32[i]!.toLowerCase()]) DIGITS[letter.charCodeAt(0)] = i;

/** The bytes of base32 (RFC 4648 section 6) without padding or with it, in any case; undefined where it is none. */
export function decodeBase32(text: string): Buffer | undefined {
  let length = text.length;
  while (text[length - 1] === "=") length--;
  if (length % 8 === 1 || length % 8 === 3 || length % 8 === 6) return undefined;
  const bytes = Buffer.alloc((length * 5) >> 3);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < length; i++) {
    const digit = DIGITS[text.charCodeAt(i)] ?? NO_DIGIT;
    if (digit === NO_DIGIT) return undefined;
    held = ((held << 5) | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes[at++] = (held >> (bits -= 8)) & 255;
  }
  return bytes;
}
