// The store that several machines share: Redis or Valkey, one hash a user, changed by scripts on the server.
// A user is one key, so that a cluster or a proxy before several servers can spread them.
import { DialwardError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { RedisOptions } from "../config/config.ts";
import { MaybeWritten, RedisConnection, USER_PREFIX, wrongType, type Client } from "./redis-connection.ts";
import { addUsers } from "./redis-import.ts";
import {
  allKeys,
  keyOf,
  newRevision,
  parseMark,
  PATIENCE_MS,
  printMark,
  readSpent,
  runScript,
  spentKeyOf,
} from "./redis-keys.ts";
import { COMMIT, DROP_SESSION, LOAD, MEND, REMOVE } from "./redis-scripts.ts";
import { packUpdates, unpackEntries } from "./redis-rows.ts";
import { STATE_BYTES } from "./spent-entry.ts";
import type { Entry, NewUser, Resealed, SecretMark, Session, Store, Update } from "./store.ts";

const SESSIONS_KEY = "dialward:sessions";
const DOCUMENTS_KEY = "dialward:documents";
const PULSE_KEY = "dialward:pulse";
const PULSE = Buffer.alloc(STATE_BYTES);
/** How long what was spent of a removed secret is remembered where codes get too old: devices may be a day ahead. */
const REMEMBERED_SECONDS = 3 * 86_400;
const LISTED_AT_ONCE = 64;
/** What COMMIT says. */
const TOOK_PLACE = "1".charCodeAt(0);

/**
 * Opens the store. Where no server answers yet it opens nevertheless: everything is refused until one does.
 * Every method throws DialwardError("store").
 */
export async function openRedis(options: RedisOptions, log: Log): Promise<Store> {
  return new RedisStore(await RedisConnection.open(options, log));
}

class RedisStore implements Store {
  readonly shared = true;
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  async load(users: readonly string[]): Promise<(Entry | undefined)[]> {
    return this.#guard("read", () => this.#connection.run((client) => loadAll(client, users)));
  }

  async commit(updates: readonly Update[]): Promise<boolean[]> {
    return this.#guard("written", async () => {
      const known = await readSpent(
        this.#connection,
        updates.map(({ mark }) => mark),
      );
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
        const keys = updates.map(({ user }) => keyOf(user));
        const done = await client.eval(COMMIT, { keys, arguments: [packUpdates(updates, known)] });
        return updates.map((_, i) => (done as unknown as Buffer)[i] === TOOK_PLACE);
      });
    });
  }

  async create(users: readonly NewUser[] | AsyncIterable<readonly NewUser[]>): Promise<string[]> {
    return this.#guard("written", () => addUsers(this.#connection, users));
  }

  async remove(user: string): Promise<boolean> {
    return this.#guard("written", async () => {
      for (;;) {
        const [mark] = await this.marks([user]);
        const seconds = String(mark?.period === 0 ? 0 : REMEMBERED_SECONDS);
        const values = [mark ? printMark(mark) : "", seconds];
        const done = Number(
          await runScript(this.#connection, REMOVE, [keyOf(user), spentKeyOf(mark)], values),
        );
        if (done === -2) throw foreignKey(user);
        if (done >= 0) return done === 1;
      }
    });
  }

  async reseal(sealed: readonly Resealed[]): Promise<void> {
    const entries = await this.load(sealed.map(({ user }) => user));
    const same = sealed.flatMap((one, i) => {
      const entry = entries[i];
      return entry?.revision === one.revision ? [{ ...one, state: entry.state }] : [];
    });
    if (same.length > 0) await this.commit(same);
  }

  async acceptLoss(user: string, state: Uint8Array): Promise<boolean> {
    const [entry] = await this.load([user]);
    if (entry?.damaged && entry.profile.length === 0) throw foreignKey(user);
    if (!entry?.damaged) return false;
    return this.#guard("written", async () => {
      const revision = await this.#connection.run((client) => client.hGet(keyOf(user), "revision"));
      const values = [String(revision ?? ""), String(newRevision()), Buffer.from(state)];
      return Number(await runScript(this.#connection, MEND, [keyOf(user)], values)) === 1;
    });
  }

  async marks(users: readonly string[]): Promise<(SecretMark | undefined)[]> {
    const read = (client: Client) =>
      Promise.all(users.map((user) => client.hGet(keyOf(user), "mark").catch(ignoreWrongType)));
    const marks = await this.#guard("read", () => this.#connection.run(read, PATIENCE_MS));
    return marks.map((text) => (text ? parseMark(String(text)) : undefined));
  }

  async *list(): AsyncIterable<{ user: string; entry: Entry }> {
    const users = await this.#guard("read", () =>
      this.#connection.run((client) => allKeys(client, USER_PREFIX), PATIENCE_MS),
    );
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

  async #guard<T>(verb: "read" | "written", action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      if (cause instanceof DialwardError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      const done = cause instanceof MaybeWritten ? `may have been ${verb}` : `cannot be ${verb}`;
      throw new DialwardError(
        "store",
        `The store ${this.#connection.name} ${done}: ${why}. See that the server runs, that it can be ` +
          "reached, and that [store] of the configuration is right.",
        { cause },
      );
    }
  }
}

async function loadAll(client: Client, users: readonly string[]): Promise<(Entry | undefined)[]> {
  if (users.length === 0) return [];
  const rows = await client.eval(LOAD, { keys: users.map(keyOf), arguments: [] });
  return unpackEntries(rows as unknown as Buffer, users.length);
}

function foreignKey(user: string): DialwardError {
  return new DialwardError(
    "refused",
    `The key ${keyOf(user)} in Redis does not hold a user: another program has written it. Look at it, remove it ` +
      `there (DEL), and add "${user}" again.`,
  );
}

function ignoreWrongType(error: Error): undefined {
  if (!wrongType(error)) throw error;
}
