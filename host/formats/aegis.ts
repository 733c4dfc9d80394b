// Aegis (its docs/vault.md, and the plain vault of its tests): {version, header, db: {entries: […]}}; in an encrypted one
// db is a text.
import { encryptedBy, listOf, readAccounts, toUser, within } from "./app.ts";
import { decodeBase32 } from "../users/base32.ts";
import { refuse } from "./row.ts";
import type { Format } from "./source.ts";

export const aegis: Format = {
  name: "aegis",
  title: "Aegis, plain JSON",
  recognises: ({ json }) => within(json, "db") !== undefined && within(json, "header") !== undefined,
  *read({ json }) {
    if (typeof within(json, "db") === "string")
      throw encryptedBy("Aegis", "In Aegis: Settings, Import & Export, Export, without “Encrypt the vault”");
    yield* readAccounts(listOf(json, "db", "entries"), "entry", (fields, notes) => {
      const name = fields.text("name");
      const type = fields.text("type") ?? "";
      const info = fields.record("info");
      const user = toUser(
        {
          name,
          type,
          secret: secretOf(type, info.text("secret")),
          // mOTP has MD5 and no other.
          algorithm: type === "motp" ? void info.take("algo") : info.text("algo"),
          digits: info.number("digits"),
          period: info.number("period"),
          counter: info.number("counter"),
          pin: info.text("pin"),
        },
        notes,
      );
      info.leave(notes);
      return user;
    });
  },
};

/** Aegis writes the bytes of all secrets in base32, those of mOTP too. */
function secretOf(type: string, text: string | undefined): string | Uint8Array | undefined {
  if (type !== "motp" || text === undefined) return text;
  return decodeBase32(text) ?? refuse("secret: is not base32");
}
