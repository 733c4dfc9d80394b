// Proton Authenticator (its export): {version, entries: [{id, content: {uri, entry_type, name}, note}]}; in an encrypted
// one there are salt and content at the top.
import { encryptedBy, listOf, readAccounts, within } from "./app.ts";
import { readUri } from "./otpauth.ts";
import { refuse } from "./row.ts";
import type { Format } from "./source.ts";

export const proton: Format = {
  name: "proton",
  title: "Proton Authenticator, export without a password",
  recognises: ({ json }) =>
    within(json, "version") !== undefined &&
    (isList(within(json, "entries")) || typeof within(json, "salt") === "string"),
  *read({ json }) {
    if (typeof within(json, "salt") === "string" && typeof within(json, "content") === "string")
      throw encryptedBy(
        "Proton Authenticator",
        "In Proton Authenticator: Settings, Export, without a password",
      );
    yield* readAccounts(listOf(json, "entries"), "entry", (fields, notes) => {
      const content = fields.record("content");
      const name = content.text("name");
      notes.name = name;
      const user = readUri(content.text("uri") ?? refuse("uri: is missing"), notes, name);
      content.leave(notes);
      return name === undefined ? user : { ...user, name };
    });
  },
};

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => within(one, "content", "uri") !== undefined);
}
