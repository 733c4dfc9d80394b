// Users that are added to Redis: drafts first, in pieces, under the import's number. Users are made of them by whose number
// stands in the marker alone: one import at a time, so that what is free stays free. If its process dies, whoever wants
// the marker next brings it to its end.
import { resume } from "../core/state.ts";
import { MaybeWritten, type RedisConnection } from "./redis-connection.ts";
import { allKeys, keyOf, newRevision, PATIENCE_MS, printMark, readSpent, runScript } from "./redis-keys.ts";
import { CREATE, PLACE, RELEASE, TAKEN } from "./redis-scripts.ts";
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
  const number = String(newRevision());
  const taken: string[] = [];
  const names: string[] = [];
  const whole = Symbol.asyncIterator in users ? users : [users];
  for await (const some of whole)
    for (const piece of inPieces(some)) {
      taken.push(...(await findTaken(connection, namesOf(piece), (user) => [keyOf(user)])));
      if (taken.length > 0) continue;
      await writeDrafts(connection, number, piece);
      names.push(...namesOf(piece));
    }
  if (taken.length > 0 || names.length === 0) return taken;
  for (;;) {
    await claim(connection, number);
    try {
      const ended = await finish(connection, number, names);
      if (ended) return ended;
    } catch (cause) {
      // From here on another may do what is left of it.
      throw new MaybeWritten((cause as Error).message, { cause });
    }
  }
}

async function writeDrafts(
  connection: RedisConnection,
  number: string,
  users: readonly NewUser[],
): Promise<void> {
  const known = await readSpent(
    connection,
    users.map(({ mark }) => mark),
  );
  const values = users.flatMap(({ profile, state, mark }, i) => {
    const goesOn = known[i] ? resume(known[i], state) : state;
    return [String(newRevision()), Buffer.from(profile), Buffer.from(goesOn), printMark(mark)];
  });
  const drafts = namesOf(users).map((user) => draftOf(number, user));
  await runScript(connection, CREATE, drafts, [String(DRAFT_SECONDS), ...values]);
}

/** Takes the marker; the import that holds it is brought to its end before. */
async function claim(connection: RedisConnection, number: string): Promise<void> {
  for (;;) {
    const set = await connection.write(
      (client) => client.set(IMPORT_KEY, number, { condition: "NX" }),
      PATIENCE_MS,
    );
    if (set !== null) return;
    const other = await connection.run((client) => client.get(IMPORT_KEY), PATIENCE_MS);
    if (other === null) continue;
    const prefix = `${DRAFT_PREFIX}${String(other)}:`;
    const drafts = await connection.run((client) => allKeys(client, prefix), PATIENCE_MS);
    await finish(connection, String(other), drafts);
  }
}

/**
 * Makes users of the drafts of the import that holds the marker, or of none of them, and gives it back. Returns the names
 * that are taken; undefined where another has given it back before, and done neither.
 */
async function finish(
  connection: RedisConnection,
  number: string,
  users: readonly string[],
): Promise<string[] | undefined> {
  // A draft that another has made a user of is gone, and is not taken.
  const both = (user: string) => [draftOf(number, user), keyOf(user)];
  const taken = await findTaken(connection, users, both);
  if (taken.length === 0)
    for (const some of inPieces(users)) {
      const keys = [IMPORT_KEY, ...some.flatMap(both)];
      if (Number(await runScript(connection, PLACE, keys, [number])) === 1) continue;
      const left = await findTaken(connection, some, (user) => [draftOf(number, user)]);
      if (left.length > 0) return undefined;
    }
  await runScript(connection, RELEASE, [IMPORT_KEY], [number]);
  return taken;
}

/** Those of `users` of whom all keys are there. */
async function findTaken(
  connection: RedisConnection,
  users: readonly string[],
  keysOf: (user: string) => string[],
): Promise<string[]> {
  const taken: string[] = [];
  for (const some of inPieces(users)) {
    const keys = some.map(keysOf);
    const found = await runScript(connection, TAKEN, keys.flat(), [String(keys[0]!.length)]);
    for (const group of found as number[]) taken.push(some[group - 1]!);
  }
  return taken;
}

function namesOf(users: readonly NewUser[]): string[] {
  return users.map(({ user }) => user);
}

function* inPieces<T>(all: readonly T[]): Iterable<T[]> {
  for (let at = 0; at < all.length; at += ADDED_AT_ONCE) yield all.slice(at, at + ADDED_AT_ONCE);
}

function draftOf(number: string, user: string): string {
  return `${DRAFT_PREFIX}${number}:${user}`;
}
