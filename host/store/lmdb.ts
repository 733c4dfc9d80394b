// The embedded store: one LMDB file that several processes may share. A login reads two values and writes
// the 48 bytes of state. (lmdb's documentation: versions, conditional writes, overlappingSync.)
import { randomInt } from "node:crypto";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { ABORT, getLastVersion, open } from "lmdb";
import { DialwardError } from "../errors.ts";
import { completeFile } from "./lmdb-file.ts";
import { checkRoom } from "./room.ts";
import type { Entry, NewUser, Session, Store, Update } from "./store.ts";

const PULSE_KEY = "pulse";
const PULSE = Buffer.alloc(48);
/** What a new user may take on the disk, in half-filled pages and twice. */
const NEW_USER_BYTES = 4096;
/** Profiles that are remembered. */
const KNOWN = 20_000;

/**
 * Opens or makes the store in `file`; its folder is made (0700) where it is missing.
 * Throws DialwardError("store") when it cannot be opened.
 */
export function openLmdb(file: string): Store {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (!existsSync(file)) checkRoom(file);
    const wasShort = completeFile(file);
    const store = new LmdbStore(file);
    if (wasShort) store.readAll();
    return store;
  } catch (cause) {
    throw storeError(`The store ${file} cannot be opened`, cause);
  }
}

class LmdbStore implements Store {
  readonly #env;
  readonly #states;
  readonly #profiles;
  readonly #sessions;
  readonly #meta;
  readonly #file: string;
  /** The profile of an entry's revision, so that it is not read at every login; the youngest stands last. */
  readonly #known = new Map<string, { revision: number; profile: Uint8Array }>();

  constructor(file: string) {
    this.#file = file;
    // Without overlappingSync a commit is on the disk when it returns or its promise resolves. With
    // eventTurnBatching lmdb 3.5 leaves a promise of a failed commit unhandled, which would end the process.
    this.#env = open({
      path: file,
      noSubdir: true,
      overlappingSync: false,
      eventTurnBatching: false,
      maxDbs: 8,
    });
    chmodSync(file, 0o600);
    this.#states = this.#env.openDB<Uint8Array, string>({
      name: "states",
      encoding: "binary",
      useVersions: true,
    });
    this.#profiles = this.#env.openDB<Uint8Array, string>({ name: "profiles", encoding: "binary" });
    this.#sessions = this.#env.openDB<Session, string>({ name: "sessions", encoding: "json" });
    this.#meta = this.#env.openDB<Uint8Array, string>({ name: "meta", encoding: "binary" });
  }

  /** Throws where a page is not what it must be. */
  readAll(): void {
    for (const user of this.#states.getKeys()) {
      const profile = this.#profiles.getBinary(user);
      if (!profile?.some((byte) => byte !== 0))
        throw new Error(`it is cut short: the profile of "${user}" is gone`);
    }
    for (const _ of this.#sessions.getRange());
  }

  async load(users: readonly string[]): Promise<(Entry | undefined)[]> {
    return this.#guard("read", () => {
      // What another process has committed must be seen, and both values must come from one snapshot.
      this.#env.resetReadTxn();
      return users.map((user) => this.#entry(user));
    });
  }

  async commit(updates: readonly Update[]): Promise<boolean[]> {
    // On this thread: the event loop waits for the disk, which costs nothing here, since what arrives meanwhile
    // waits for the next batch anyway. Handing writes to lmdb's thread and back doubles the work of a login.
    const revisions = await this.#guard("written", () =>
      this.#env.transactionSync(() => {
        if (updates.length === 0) this.#meta.putSync(PULSE_KEY, PULSE);
        return updates.map((update) => this.#write(update));
      }),
    );
    return updates.map(({ user, revision, profile }, i) => {
      const known = this.#known.get(user);
      // Nobody else has written in between, so the profile is still the one that is known.
      if (revisions[i] !== 0 && !profile && known?.revision === revision) known.revision = revisions[i]!;
      return revisions[i] !== 0;
    });
  }

  async create(users: readonly NewUser[]): Promise<string[]> {
    return this.#guard(
      "written",
      () => {
        const taken: string[] = [];
        this.#env.transactionSync(() => {
          for (const { user, profile, state } of users) {
            if (this.#states.doesExist(user)) taken.push(user);
            if (taken.length > 0) continue;
            this.#states.putSync(user, state, firstRevision());
            this.#profiles.putSync(user, profile);
          }
          return taken.length > 0 ? ABORT : undefined;
        });
        return taken;
      },
      users.length * NEW_USER_BYTES,
    );
  }

  async remove(user: string): Promise<boolean> {
    return this.#guard("written", () =>
      this.#env.transactionSync(() => {
        this.#profiles.removeSync(user);
        return this.#states.removeSync(user);
      }),
    );
  }

  async *list(): AsyncIterable<{ user: string; entry: Entry }> {
    const users = await this.#guard("read", () => {
      this.#env.resetReadTxn();
      return [...this.#states.getKeys()];
    });
    for (const user of users) {
      const entry = this.#entry(user);
      if (entry) yield { user, entry };
    }
  }

  async saveSession(session: Session): Promise<void> {
    await this.#guard("written", () => this.#sessions.put(session.id, session));
  }

  async dropSession(id: string): Promise<Session | undefined> {
    return this.#guard("written", async () => {
      this.#env.resetReadTxn();
      const session = this.#sessions.get(id);
      if (session) await this.#sessions.remove(id);
      return session;
    });
  }

  async sessions(): Promise<Session[]> {
    return this.#guard("read", () => {
      this.#env.resetReadTxn();
      return [...this.#sessions.getRange().map(({ value }) => value)];
    });
  }

  async close(): Promise<void> {
    await this.#env.close();
  }

  #entry(user: string): Entry | undefined {
    const state = this.#states.getBinary(user);
    if (!state) return undefined;
    const revision = getLastVersion();
    const known = this.#known.get(user);
    if (known?.revision === revision) return { profile: known.profile, state, revision };
    const profile = this.#profiles.getBinary(user);
    if (!profile) return undefined;
    this.#known.delete(user);
    this.#known.set(user, { revision, profile });
    if (this.#known.size > KNOWN) this.#known.delete(this.#known.keys().next().value!);
    return { profile, state, revision };
  }

  /**
   * Within a write transaction, so that nobody else writes between the comparison and the put. The entry's revision
   * from now on; 0 where it is not what was expected.
   */
  #write({ user, revision, profile, state }: Update): number {
    const current = this.#states.getBinaryFast(user) ? getLastVersion() : 0;
    if (current !== revision) return 0;
    const version = revision === 0 ? firstRevision() : revision + 1;
    this.#states.putSync(user, state, version);
    if (profile) this.#profiles.putSync(user, profile);
    return version;
  }

  async #guard<T>(verb: "read" | "written", action: () => T | Promise<T>, bytes = 0): Promise<T> {
    try {
      if (verb === "written") checkRoom(this.#file, bytes);
      return await action();
    } catch (cause) {
      throw storeError(`The store ${this.#file} cannot be ${verb}`, await rootCause(cause));
    }
  }
}

/** Random, so that a user removed and added again is never taken for the one before. */
function firstRevision(): number {
  return randomInt(1, 2 ** 47);
}

/** lmdb tells the cause of a failed commit in a second promise, which must be listened to. */
async function rootCause(error: unknown): Promise<unknown> {
  const commitError = (error as { commitError?: Promise<never> } | null)?.commitError;
  if (!commitError) return error;
  return Promise.race([
    commitError.catch((cause: unknown) => cause),
    new Promise((resolve) => setTimeout(resolve, 1000, error).unref()),
  ]);
}

function storeError(what: string, cause: unknown): DialwardError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DialwardError(
    "store",
    `${what}: ${why}. Check the disk's space and the file's owner and mode.`,
    { cause },
  );
}
