// The store that several machines share: Redis or Valkey, one hash a user, changed by scripts on the server.
// A user is one key, so that a cluster or a proxy before several servers can spread them.
import { randomInt } from "node:crypto";
import { DialwardError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { RedisOptions } from "../config/config.ts";
import { RedisConnection, USER_PREFIX, type Client } from "./redis-connection.ts";
import type { Entry, NewUser, Session, Store, Update } from "./store.ts";

const SESSIONS_KEY = "dialward:sessions";
const PULSE_KEY = "dialward:pulse";
const PULSE = Buffer.alloc(48);
/** What an administrator asks for may take longer than a login, in milliseconds. */
const PATIENCE_MS = 30_000;
const LISTED_AT_ONCE = 256;

/** ARGV: the revision it must have (0: none), the new one, the state, the profile or nothing. */
const COMMIT = `
if (redis.call('HGET', KEYS[1], 'revision') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'state', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'profile', ARGV[4]) end
return 1`;

/** ARGV: revision, profile and state of each key. Answers which keys exist, and then changes nothing. */
const CREATE = `
local taken = {}
for i, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then taken[#taken + 1] = i end
end
if #taken == 0 then
  for i, key in ipairs(KEYS) do
    redis.call('HSET', key, 'revision', ARGV[3 * i - 2], 'profile', ARGV[3 * i - 1], 'state', ARGV[3 * i])
  end
end
return taken`;

const DROP_SESSION = `
local session = redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
return session`;

/**
 * Opens the store. Where no server answers yet it opens nevertheless: everything is refused until one does.
 * Every method throws DialwardError("store").
 */
export async function openRedis(options: RedisOptions, log: Log): Promise<Store> {
  return new RedisStore(await RedisConnection.open(options, log));
}

class RedisStore implements Store {
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  async load(users: readonly string[]): Promise<(Entry | undefined)[]> {
    return this.#guard("read", () => this.#connection.run((client) => loadAll(client, users)));
  }

  async commit(updates: readonly Update[]): Promise<boolean[]> {
    return this.#guard("written", () => {
      const hold = this.#connection.holdSeconds;
      if (hold > 0)
        throw new Error(
          `it was restarted or failed over, and may have forgotten spent codes: ${hold} s to go`,
        );
      return this.#connection.write(async (client) => {
        if (updates.length === 0) await client.set(PULSE_KEY, PULSE);
        const done = await Promise.all(updates.map((update) => commitOne(client, update)));
        return done.map((one) => Number(one) === 1);
      });
    });
  }

  async create(users: readonly NewUser[]): Promise<string[]> {
    if (users.length === 0) return [];
    const keys = users.map(({ user }) => keyOf(user));
    const values = users.flatMap(({ profile, state }) => [
      newRevision(),
      Buffer.from(profile),
      Buffer.from(state),
    ]);
    const create = (client: Client) => client.eval(CREATE, { keys, arguments: values });
    const taken = await this.#guard("written", () => this.#connection.write(create, PATIENCE_MS));
    return (taken as unknown as number[]).map((i) => users[i - 1]!.user);
  }

  async remove(user: string): Promise<boolean> {
    const remove = (client: Client) => client.del(keyOf(user));
    return (await this.#guard("written", () => this.#connection.write(remove))) === 1;
  }

  async *list(): AsyncIterable<{ user: string; entry: Entry }> {
    const users = await this.#guard("read", () => this.#connection.run(allUsers, PATIENCE_MS));
    for (let i = 0; i < users.length; i += LISTED_AT_ONCE) {
      const some = users.slice(i, i + LISTED_AT_ONCE);
      const entries = await this.load(some);
      for (const [n, user] of some.entries()) if (entries[n]) yield { user, entry: entries[n] };
    }
  }

  async saveSession(session: Session): Promise<void> {
    const text = JSON.stringify(session);
    await this.#guard("written", () =>
      this.#connection.run((client) => client.hSet(SESSIONS_KEY, session.id, text)),
    );
  }

  async dropSession(id: string): Promise<Session | undefined> {
    const drop = (client: Client) => client.eval(DROP_SESSION, { keys: [SESSIONS_KEY], arguments: [id] });
    const text = await this.#guard("written", () => this.#connection.run(drop));
    return text === null ? undefined : JSON.parse(text as string);
  }

  async sessions(): Promise<Session[]> {
    const all = await this.#guard("read", () => this.#connection.run((client) => client.hVals(SESSIONS_KEY)));
    return all.map((text) => JSON.parse(String(text)));
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  async #guard<T>(verb: "read" | "written", action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DialwardError(
        "store",
        `The store ${this.#connection.name} cannot be ${verb}: ${why}. See that the server runs, that it can be ` +
          "reached, and that [store] of the configuration is right.",
        { cause },
      );
    }
  }
}

async function loadAll(client: Client, users: readonly string[]): Promise<(Entry | undefined)[]> {
  const rows = await Promise.all(
    users.map((user) => client.hmGet(keyOf(user), ["profile", "state", "revision"])),
  );
  return rows.map(([profile, state, revision]) =>
    profile && state && revision ? { profile, state, revision: Number(revision) } : undefined,
  );
}

function commitOne(client: Client, { user, revision, profile, state }: Update) {
  const arguments_ = [String(revision), newRevision(), Buffer.from(state), Buffer.from(profile ?? "")];
  return client.eval(COMMIT, { keys: [keyOf(user)], arguments: arguments_ });
}

/** In byte order of the names. */
async function allUsers(client: Client): Promise<string[]> {
  const found = new Map<string, Buffer>(); // a scan may show a key twice
  for await (const keys of client.scanIterator({ MATCH: `${USER_PREFIX}*`, COUNT: 1000 })) {
    for (const key of keys) found.set(key.toString("latin1"), key);
  }
  return [...found.values()].sort(Buffer.compare).map((key) => key.subarray(USER_PREFIX.length).toString());
}

function keyOf(user: string): string {
  return USER_PREFIX + user;
}

/** Random, so that a revision that a failover has forgotten never comes back with another state. */
function newRevision(): string {
  return String(randomInt(1, 2 ** 47));
}
