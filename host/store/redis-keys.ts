// How a store lies in Redis: the names of its keys, and what stands in them.
import { randomInt } from "node:crypto";
import { USER_PREFIX, type Client, type RedisConnection } from "./redis-connection.ts";
import type { SecretMark } from "./store.ts";

/** What was spent of secrets whose users are gone, by mark. */
const SPENT_PREFIX = "dialward:spent:";
/** What an administrator asks for may take longer than a login, in milliseconds. */
export const PATIENCE_MS = 30_000;

/** Where a user lies. */
export function keyOf(user: string): string {
  return USER_PREFIX + user;
}

/** Where it lies what was spent with a secret that nobody has; `mark` undefined: nowhere. */
export function spentKeyOf(mark: SecretMark | undefined): string {
  return SPENT_PREFIX + (mark ? Buffer.from(mark.hash).toString("hex") : "");
}

/** Random, so that a revision that a failover has forgotten never comes back with another state. */
export function newRevision(): number {
  return randomInt(1, 2 ** 47);
}

export function printMark({ hash, period }: SecretMark): string {
  return `${period} ${Buffer.from(hash).toString("hex")}`;
}

export function parseMark(text: string): SecretMark {
  const [period, hash = ""] = text.split(" ");
  return { period: Number(period), hash: Buffer.from(hash, "hex") };
}

/** Runs a script that an administrator has asked for. */
export function runScript(
  connection: RedisConnection,
  script: string,
  keys: string[],
  values: (string | Buffer)[],
): Promise<unknown> {
  const run = (client: Client) => client.eval(script, { keys, arguments: values });
  return connection.write(run, PATIENCE_MS);
}

/** What was spent of secrets whose users are gone. */
export async function readSpent(
  connection: RedisConnection,
  marks: readonly (SecretMark | undefined)[],
): Promise<(Buffer | null | undefined)[]> {
  if (!marks.some(Boolean)) return [];
  const read = (client: Client) =>
    Promise.all(marks.map(async (mark) => (mark ? client.get(spentKeyOf(mark)) : null)));
  return connection.run(read, PATIENCE_MS);
}

/** What follows `prefix` in all keys, in byte order. */
export async function allKeys(client: Client, prefix: string): Promise<string[]> {
  const found = new Map<string, Buffer>(); // a scan may show a key twice
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
    for (const key of keys) found.set(key.toString("latin1"), key);
  }
  return [...found.values()].sort(Buffer.compare).map((key) => key.subarray(prefix.length).toString());
}
