// What people type as a code, and what reaches us of it: apps show "123 456", a NAS ends a password by a zero byte.
// For texts that are a code as a whole; the core does the same for logins.

/** White space, and every kind of hyphen and dash. */
const GAPS = /[\s\u00ad\u2010-\u2015\u2212-]/g;
const CODE = /^[0-9a-f]{6,8}$/i;

/** The code that `text` is, without spaces, dashes and what follows a zero byte; other texts as they are, trimmed. */
export function readTypedCode(text: string): string {
  const [typed = ""] = text.split("\0", 1);
  const packed = typed.replace(GAPS, "");
  return CODE.test(packed) ? packed : typed.trim();
}

/** `text` with the digits of other scripts (Arabic, Devanagari, full-width …) as 0 to 9. */
export function toPlainDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    // Unicode has the ten digits of a script in a row, and such rows side by side.
    let first = digit.codePointAt(0)!;
    const value = first;
    while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
    return String((value - first) % 10);
  });
}
