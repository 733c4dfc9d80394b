// JSON of our own: {"users":[{…}]}, each user with the keys of `dialward user add` (newProfileSchema).
import { DialwardError } from "../errors.ts";
import { readRow, refuse, type NewUser, type ReadRow } from "./row.ts";
import type { Format } from "./source.ts";

export const json: Format = {
  name: "json",
  title: 'Dialward: {"users":[{"name":…,"secret":…}]}',
  recognises: ({ json }) => usersOf(json) !== undefined,
  *read(source): Generator<ReadRow> {
    const users = usersOf(source.json);
    if (!users)
      throw new DialwardError(
        "usage",
        source.json === undefined ? "This is not JSON." : 'It must hold {"users":[…]}.',
      );
    for (const [i, user] of users.entries())
      yield readRow(`row ${i + 1}`, (notes) => {
        if (typeof user !== "object" || user === null || Array.isArray(user)) return refuse("is no user");
        const { name } = user as { name?: unknown };
        notes.name = typeof name === "string" ? name : undefined;
        return user as NewUser;
      });
  },
};

function usersOf(value: unknown): unknown[] | undefined {
  const users = (value as { users?: unknown } | undefined)?.users;
  return Array.isArray(users) ? users : undefined;
}
