// Stratum, formerly Authenticator Pro (its doc/BACKUP_FORMAT.md): {Authenticators: [{Type, Username, Secret, …}], …};
// encrypted ones begin with AUTHENTICATORPRO.
import { encryptedBy, listOf, readAccounts, toUser, within } from "./app.ts";
import { refuse } from "./row.ts";
import type { Format } from "./source.ts";

const TYPES: Record<number, string> = { 1: "hotp", 2: "totp", 3: "motp" };
const ALGORITHMS = ["SHA1", "SHA256", "SHA512"];

export const stratum: Format = {
  name: "stratum",
  title: "Stratum (Authenticator Pro), backup without a password",
  recognises: (source) =>
    source.startsWith("AUTHENTICATORPRO") ||
    source.startsWith("AuthenticatorPro") ||
    Array.isArray(within(source.json, "Authenticators")),
  *read(source) {
    if (/^AuthenticatorPro/i.test(source.head))
      throw encryptedBy("Stratum", "In Stratum: Back up, Backup to file, without a password");
    yield* readAccounts(listOf(source.json, "Authenticators"), "authenticator", (fields, notes) => {
      const type = TYPES[fields.number("Type") ?? 0] ?? "";
      const algorithm = fields.number("Algorithm") ?? 0;
      const [period, digits, counter] = [
        fields.number("Period"),
        fields.number("Digits"),
        fields.number("Counter"),
      ];
      return toUser(
        {
          name: fields.text("Username"),
          type,
          secret: fields.text("Secret"),
          algorithm: ALGORITHMS[algorithm] ?? refuse("Algorithm: is not known"),
          digits,
          period,
          counter,
          pin: fields.text("Pin"),
        },
        notes,
      );
    });
  },
};
