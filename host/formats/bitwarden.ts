// Bitwarden (bitwarden.com/help/condition-bitwarden-import, and its exports): {encrypted, items: [{name, login:
// {username, totp}}]}, or CSV with login_username and login_totp.
import { encryptedBy, listOf, readAccounts, readCode, within } from "./app.ts";
import { readRecords } from "./records.ts";
import { Fields, readRow, type NewUser, type Notes } from "./row.ts";
import type { Format } from "./source.ts";

export const bitwarden: Format = {
  name: "bitwarden",
  title: "Bitwarden, JSON or CSV without encryption",
  recognises: ({ head, json }) =>
    typeof within(json, "encrypted") === "boolean" || /^[\w,]*\blogin_totp\b/.test(head),
  async *read(source) {
    const { json } = source;
    if (within(json, "encrypted") === true)
      throw encryptedBy(
        "Bitwarden",
        "In Bitwarden: Tools, Export vault, file format .json (not .json (Encrypted))",
      );
    if (json !== undefined) {
      yield* readAccounts(listOf(json, "items"), "item", (fields, notes) => {
        const login = fields.record("login");
        const user = readLogin(login.text("username"), fields.text("name"), login.text("totp"), notes);
        login.leave(notes);
        return user;
      });
      return;
    }
    let heads: string[] | undefined;
    for await (const records of readRecords(source.pieces(), ","))
      for (const { line, cells } of records) {
        if (!heads) {
          heads = cells;
          continue;
        }
        const columns = heads;
        yield readRow(`line ${line}`, (notes) => {
          const fields = Fields.ofCells(columns, cells);
          const user = readLogin(
            fields.text("login_username"),
            fields.text("name"),
            fields.text("login_totp"),
            notes,
          );
          fields.leave(notes);
          return user;
        });
      }
  },
};

function readLogin(
  username: string | undefined,
  title: string | undefined,
  code: string | undefined,
  notes: Notes,
): NewUser {
  notes.name = username ?? title;
  if (username !== undefined || !code?.includes("://")) return readCode(code, username ?? title, notes);
  // The label of the URI names the account, before the item's title does.
  return readCode(code, undefined, notes);
}
