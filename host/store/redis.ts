// The store that several machines share: Redis or Valkey, one hash a user, changed by scripts on the server.
// A user is one key, so that a cluster or a proxy before several servers can spread them.
import { randomInt } from "node:crypto";
import { DialwardError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { RedisOptions } from "../config/config.ts";
import { RedisConnection, USER_PREFIX, type Client } from "./redis-connection.ts";
import { resume } from "../core/state.ts";
import type { Entry, NewUser, SecretMark, Session, Store, Update } from "./store.ts";

const SESSIONS_KEY = "dialward:sessions";
const DOCUMENTS_KEY = "dialward:documents";
const PULSE_KEY = "dialward:pulse";
const PULSE = Buffer.alloc(48);
/** What was spent of secrets whose users are gone, by mark. */
const SPENT_PREFIX = "dialward:spent:";
/** How long that is remembered where codes get too old: devices may be a day ahead. */
const REMEMBERED_SECONDS = 3 * 86_400;
/** Users of an import that has not come to its end, under its number; and the number of one that is being put in place. */
const DRAFT_PREFIX = "dialward:draft:";
const IMPORT_KEY = "dialward:import";
const DRAFT_SECONDS = 3600;
/** What an administrator asks for may take longer than a login, in milliseconds. */
const PATIENCE_MS = 30_000;
const LISTED_AT_ONCE = 256;
/** Users that one script adds: Lua takes some thousand values at once. */
const ADDED_AT_ONCE = 1000;

/**
 * ARGV for each key: the revision it must have, the new one, the state, the profile or nothing, the mark or nothing.
 * Returns 1 where it took place, 0 where the revision is another, -1 where the key is none of ours.
 */
const COMMIT = `
local done = {}
for i, key in ipairs(KEYS) do
  local at = 5 * i - 4
  local revision = redis.pcall('HGET', key, 'revision')
  if type(revision) == 'table' then done[i] = -1
  elseif revision ~= ARGV[at] then done[i] = 0
  else
    redis.call('HSET', key, 'revision', ARGV[at + 1], 'state', ARGV[at + 2])
    if ARGV[at + 3] ~= '' then redis.call('HSET', key, 'profile', ARGV[at + 3]) end
    if ARGV[at + 4] ~= '' then redis.call('HSET', key, 'mark', ARGV[at + 4]) end
    done[i] = 1
  end
end
return done`;

/** ARGV: seconds, then revision, profile, state and mark of each key. Drafts get a time to live, users none. */
const CREATE = `
for i, key in ipairs(KEYS) do
  local at = 4 * i - 2
  redis.call('DEL', key)
  redis.call('HSET', key, 'revision', ARGV[at], 'profile', ARGV[at + 1], 'state', ARGV[at + 2], 'mark', ARGV[at + 3])
  redis.call('EXPIRE', key, ARGV[1])
end
return #KEYS`;

/** KEYS: drafts, each followed by its user. */
const PLACE = `
for i = 1, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    if redis.call('RENAMENX', KEYS[i], KEYS[i + 1]) == 1 then redis.call('PERSIST', KEYS[i + 1])
    else redis.call('DEL', KEYS[i]) end
  end
end
return 1`;

const TAKEN = `
local taken = {}
for i, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then taken[#taken + 1] = i end
end
return taken`;

/** KEYS: user, what is remembered of its secret. ARGV: the mark it must have, seconds (0: for good). */
const REMOVE = `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 0 end
if (redis.call('HGET', KEYS[1], 'mark') or '') ~= ARGV[1] then return -1 end
if ARGV[1] ~= '' then
  redis.call('SET', KEYS[2], state)
  if ARGV[2] ~= '0' then redis.call('EXPIRE', KEYS[2], ARGV[2]) end
end
redis.call('DEL', KEYS[1])
return 1`;

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
    const known = await this.#spent(updates.map(({ mark }) => mark));
    return this.#guard("written", () => {
      const hold = this.#connection.holdSeconds;
      if (hold > 0)
        throw new Error(
          `it was restarted or failed over, and may have forgotten spent codes: ${hold} s to go`,
        );
      return this.#connection.write(async (client) => {
        if (updates.length === 0) {
          await client.set(PULSE_KEY, PULSE);
          return [];
        }
        const values = updates.flatMap(({ revision, profile, state, mark }, i) => [
          String(revision),
          newRevision(),
          Buffer.from(known[i] ? resume(known[i], state) : state),
          Buffer.from(profile ?? ""),
          mark ? printMark(mark) : "",
        ]);
        const keys = updates.map(({ user }) => keyOf(user));
        const done = (await client.eval(COMMIT, { keys, arguments: values })) as unknown as number[];
        return done.map((one) => Number(one) === 1);
      });
    });
  }

  async create(users: readonly NewUser[]): Promise<string[]> {
    if (users.length === 0) return [];
    const known = await this.#spent(users.map(({ mark }) => mark));
    return this.#guard("written", async () => {
      await this.#finishImport();
      const taken: string[] = [];
      for (const some of pieces(users)) {
        const keys = some.map(({ user }) => keyOf(user));
        const found = await this.#script(TAKEN, keys, []);
        for (const i of found as number[]) taken.push(some[i - 1]!.user);
      }
      if (taken.length > 0) return taken;
      const number = newRevision();
      let at = 0;
      for (const some of pieces(users)) {
        const values = some.flatMap(({ profile, state, mark }) => {
          const before = known[at++];
          const goesOn = before ? resume(before, state) : state;
          return [newRevision(), Buffer.from(profile), Buffer.from(goesOn), printMark(mark)];
        });
        const keys = some.map(({ user }) => draftOf(number, user));
        await this.#script(CREATE, keys, [String(DRAFT_SECONDS), ...values]);
      }
      // From here on it is done, whoever does it.
      await this.#connection.write((client) => client.set(IMPORT_KEY, number), PATIENCE_MS);
      await this.#place(
        number,
        users.map(({ user }) => user),
      );
      return [];
    });
  }

  async remove(user: string): Promise<boolean> {
    return this.#guard("written", async () => {
      for (;;) {
        const [mark] = await this.marks([user]);
        const keys = [keyOf(user), SPENT_PREFIX + (mark ? Buffer.from(mark.hash).toString("hex") : "")];
        const seconds = String(mark?.period === 0 ? 0 : REMEMBERED_SECONDS);
        const done = await this.#script(REMOVE, keys, [mark ? printMark(mark) : "", seconds]);
        if (Number(done) >= 0) return Number(done) === 1;
      }
    });
  }

  async reseal(user: string, revision: number, profile: Uint8Array): Promise<boolean> {
    const [entry] = await this.load([user]);
    if (entry?.revision !== revision) return false;
    const [done] = await this.commit([{ user, revision, profile, state: entry.state }]);
    return done === true;
  }

  async acceptLoss(): Promise<boolean> {
    return false; // the servers keep no log of their own here: a hold stands in for it (see commit)
  }

  async marks(users: readonly string[]): Promise<(SecretMark | undefined)[]> {
    const read = (client: Client) =>
      Promise.all(users.map((user) => client.hGet(keyOf(user), "mark").catch(wrongType)));
    const marks = await this.#guard("read", () => this.#connection.run(read, PATIENCE_MS));
    return marks.map((text) => (text ? parseMark(String(text)) : undefined));
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

  async document(name: string): Promise<Uint8Array | undefined> {
    const read = (client: Client) => client.hGet(DOCUMENTS_KEY, name);
    return (await this.#guard("read", () => this.#connection.run(read))) ?? undefined;
  }

  async saveDocument(name: string, document: Uint8Array): Promise<void> {
    const bytes = Buffer.from(document);
    await this.#guard("written", () =>
      this.#connection.run((client) => client.hSet(DOCUMENTS_KEY, name, bytes)),
    );
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  /** What was spent of secrets whose users are gone. */
  async #spent(marks: readonly (SecretMark | undefined)[]): Promise<(Buffer | null | undefined)[]> {
    if (!marks.some(Boolean)) return [];
    const read = (client: Client) =>
      Promise.all(
        marks.map(async (mark) =>
          mark ? client.get(SPENT_PREFIX + Buffer.from(mark.hash).toString("hex")) : null,
        ),
      );
    return this.#guard("read", () => this.#connection.run(read, PATIENCE_MS));
  }

  /** Puts the drafts of an import in place. */
  async #place(number: string, users: readonly string[]): Promise<void> {
    for (const some of pieces(users))
      await this.#script(
        PLACE,
        some.flatMap((user) => [draftOf(number, user), keyOf(user)]),
        [],
      );
    await this.#connection.write((client) => client.del(IMPORT_KEY), PATIENCE_MS);
  }

  /** An import that was interrupted when all of it was there is brought to its end. */
  async #finishImport(): Promise<void> {
    const number = await this.#connection.run((client) => client.get(IMPORT_KEY), PATIENCE_MS);
    if (number === null) return;
    const prefix = `${DRAFT_PREFIX}${String(number)}:`;
    const drafts = await this.#connection.run((client) => allKeys(client, prefix), PATIENCE_MS);
    await this.#place(String(number), drafts);
  }

  async #script(script: string, keys: string[], values: (string | Buffer)[]): Promise<unknown> {
    const run = (client: Client) => client.eval(script, { keys, arguments: values });
    return this.#connection.write(run, PATIENCE_MS);
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
    users.map((user) => client.hmGet(keyOf(user), ["profile", "state", "revision"]).catch(wrongType)),
  );
  return rows.map((row) => {
    if (row === WRONG_TYPE) return { profile: Buffer.alloc(0), state: PULSE, revision: -1, damaged: true };
    const [profile, state, revision] = row;
    return profile && state && revision ? { profile, state, revision: Number(revision) } : undefined;
  });
}

const WRONG_TYPE = undefined;

/** A key that something else has written is that user's fault, and no reason to give up the connection. */
function wrongType(error: Error): typeof WRONG_TYPE {
  if (error.message.startsWith("WRONGTYPE")) return WRONG_TYPE;
  throw error;
}

/** In byte order of the names. */
function allUsers(client: Client): Promise<string[]> {
  return allKeys(client, USER_PREFIX);
}

/** What follows `prefix` in all keys, in byte order. */
async function allKeys(client: Client, prefix: string): Promise<string[]> {
  const found = new Map<string, Buffer>(); // a scan may show a key twice
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
    for (const key of keys) found.set(key.toString("latin1"), key);
  }
  return [...found.values()].sort(Buffer.compare).map((key) => key.subarray(prefix.length).toString());
}

function* pieces<T>(all: readonly T[]): Iterable<T[]> {
  for (let at = 0; at < all.length; at += ADDED_AT_ONCE) yield all.slice(at, at + ADDED_AT_ONCE);
}

function draftOf(number: string, user: string): string {
  return `${DRAFT_PREFIX}${number}:${user}`;
}

function printMark({ hash, period }: SecretMark): string {
  return `${period} ${Buffer.from(hash).toString("hex")}`;
}

function parseMark(text: string): SecretMark {
  const [period, hash = ""] = text.split(" ");
  return { period: Number(period), hash: Buffer.from(hash, "hex") };
}

function keyOf(user: string): string {
  return USER_PREFIX + user;
}

/** Random, so that a revision that a failover has forgotten never comes back with another state. */
function newRevision(): string {
  return String(randomInt(1, 2 ** 47));
}
