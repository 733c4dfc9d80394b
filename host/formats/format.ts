// The formats that users are imported from, and how one is told by a file's first bytes.

export const FORMATS = [
  "json",
  "csv",
  "oath",
  "pskc",
  "freeradius",
  "google-authenticator",
  "otpauth",
  "qr",
] as const;
export type Format = (typeof FORMATS)[number];

/** The format of a file by its first bytes; undefined where they do not tell. */
export function guessFormat(bytes: Buffer): Format | undefined {
  const head = bytes
    .subarray(0, 4096)
    .toString("latin1")
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart();
  if (/^(\x89PNG|\xff\xd8|GIF8)/.test(head)) return "qr";
  if (/^[{[]/.test(head)) return "json";
  if (head.startsWith("<")) return "pskc";
  if (/^(otpauth|otpauth-migration|motp):/.test(head)) return "otpauth";
  if (/^(HOTP|MOTP)\b/m.test(head)) return "oath";
  if (/TOTP-Secret/i.test(head)) return "freeradius";
  const [first = ""] = head.split("\n", 1);
  if (/[,;]/.test(first) && /\bname\b/i.test(first) && /\bsecret\b/i.test(first)) return "csv";
  if (/^[A-Z2-7]{16,}\s*\n" /.test(head)) return "google-authenticator";
  return undefined;
}
