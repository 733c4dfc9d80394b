// andOTP (its wiki, "Special features", and its backup's tests): a list of {secret, issuer, label, type, …}. Encrypted
// ones are bytes without a mark, in files that end in .aes, or OpenPGP messages.
import { encryptedBy, readAccounts, toUser } from "./app.ts";
import type { Format } from "./source.ts";

export const andOtp: Format = {
  name: "andotp",
  title: "andOTP, plain-text backup",
  recognises: (source) =>
    isEncrypted(source.name, source.head) ||
    (Array.isArray(source.json) &&
      source.json.length > 0 &&
      source.json.every((one) => has(one, "secret", "label", "type"))),
  *read(source) {
    const { json } = source;
    if (!Array.isArray(json)) throw encryptedBy("andOTP", "In andOTP: Backups, Plain-text, Backup");
    yield* readAccounts(json, "entry", (fields, notes) => {
      const label = fields.text("label");
      const issuer = fields.take("issuer") as string | undefined;
      if (issuer !== undefined) notes.lose("left behind: issuer");
      return toUser(
        {
          // Before there was a field for it, the issuer stood in the label.
          name: issuer === undefined ? label?.split(" - ").at(-1) : label,
          type: fields.text("type") ?? "",
          secret: fields.text("secret"),
          algorithm: fields.text("algorithm"),
          digits: fields.number("digits"),
          period: fields.number("period"),
          counter: fields.number("counter"),
        },
        notes,
      );
    });
  },
};

function isEncrypted(name: string, head: string): boolean {
  return /otp_accounts[^/]*\.(aes|bin|gpg)$/i.test(name) || head.startsWith("-----BEGIN PGP MESSAGE-----");
}

function has(one: unknown, ...keys: string[]): boolean {
  return typeof one === "object" && one !== null && keys.every((key) => key in one);
}
