// Users that are added to Redis: drafts first, in pieces, under a number; when the number is written down all of them
// are as good as there, and whoever comes next puts them in place if this process dies.
import { resume } from "../core/state.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { allKeys, keyOf, newRevision, PATIENCE_MS, printMark, readSpent, runScript } from "./redis-keys.ts";
import { CREATE, PLACE, TAKEN } from "./redis-scripts.ts";
import type { NewUser } from "./store.ts";

const DRAFT_PREFIX = "dialward:draft:";
const IMPORT_KEY = "dialward:import";
const DRAFT_SECONDS = 3600;
/** Users that one script adds: Lua takes some thousand values at once. */
const ADDED_AT_ONCE = 1000;

/** Adds all of `users` or, where names are taken, none; these. Drafts of an import that fails end by themselves. */
export async function addUsers(
  connection: RedisConnection,
  users: readonly NewUser[] | AsyncIterable<readonly NewUser[]>,
): Promise<string[]> {
  await finishImport(connection);
  const number = String(newRevision());
  const taken: string[] = [];
  const names: string[] = [];
  const whole = Symbol.asyncIterator in users ? users : [users];
  for await (const some of whole)
    for (const piece of inPieces(some)) {
      const keys = piece.map(({ user }) => keyOf(user));
      for (const i of (await runScript(connection, TAKEN, keys, [])) as number[])
        taken.push(piece[i - 1]!.user);
      if (taken.length > 0) continue;
      const known = await readSpent(
        connection,
        piece.map(({ mark }) => mark),
      );
      const values = piece.flatMap(({ profile, state, mark }, i) => {
        const goesOn = known[i] ? resume(known[i], state) : state;
        return [String(newRevision()), Buffer.from(profile), Buffer.from(goesOn), printMark(mark)];
      });
      const drafts = piece.map(({ user }) => draftOf(number, user));
      await runScript(connection, CREATE, drafts, [String(DRAFT_SECONDS), ...values]);
      for (const { user } of piece) names.push(user);
    }
  if (taken.length > 0 || names.length === 0) return taken;
  // From here on it is done, whoever does it.
  await connection.write((client) => client.set(IMPORT_KEY, number), PATIENCE_MS);
  await place(connection, number, names);
  return [];
}

/** Puts the drafts of an import in place. */
async function place(connection: RedisConnection, number: string, users: readonly string[]): Promise<void> {
  for (const some of inPieces(users))
    await runScript(
      connection,
      PLACE,
      some.flatMap((user) => [draftOf(number, user), keyOf(user)]),
      [],
    );
  await connection.write((client) => client.del(IMPORT_KEY), PATIENCE_MS);
}

/** An import that was interrupted when all of it was there is brought to its end. */
async function finishImport(connection: RedisConnection): Promise<void> {
  const number = await connection.run((client) => client.get(IMPORT_KEY), PATIENCE_MS);
  if (number === null) return;
  const prefix = `${DRAFT_PREFIX}${String(number)}:`;
  const drafts = await connection.run((client) => allKeys(client, prefix), PATIENCE_MS);
  await place(connection, String(number), drafts);
}

function* inPieces<T>(all: readonly T[]): Iterable<T[]> {
  for (let at = 0; at < all.length; at += ADDED_AT_ONCE) yield all.slice(at, at + ADDED_AT_ONCE);
}

function draftOf(number: string, user: string): string {
  return `${DRAFT_PREFIX}${number}:${user}`;
}
