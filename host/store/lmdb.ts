// The embedded store: one LMDB file that several processes may share. A batch of logins reads each user's state and
// appends the new ones to a log (state-log.ts). (lmdb's documentation: versions, transactionSync, overlappingSync.)
import { randomInt } from "node:crypto";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { ABORT, getLastVersion, open } from "lmdb";
import { giveToFolderOwner } from "../config/private-file.ts";
import { DialwardError } from "../errors.ts";
import { keep } from "./keep.ts";
import { completeFile } from "./lmdb-file.ts";
import { checkRoom } from "./room.ts";
import { LOGGED_COMMITS, StateLog, type Commit, type Placed } from "./state-log.ts";
import type { Entry, NewUser, Session, Store, Update } from "./store.ts";

/** What a new user may take on the disk, in half-filled pages and twice. */
const NEW_USER_BYTES = 4096;
/** What a state takes that goes from the log to its place: a page, and what leads to it. */
const PLACED_BYTES = 8192;
const LISTED_AT_ONCE = 256;
/** Entries that are remembered. */
const KNOWN = 20_000;

/**
 * Opens or makes the store in `file`; its folder is made (0700) where it is missing.
 * Throws DialwardError("store") when it cannot be opened. `loggedCommits` is for tests.
 */
export function openLmdb(file: string, loggedCommits: number = LOGGED_COMMITS): Store {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (!existsSync(file)) checkRoom(file);
    const wasShort = completeFile(file);
    const store = new LmdbStore(file, loggedCommits);
    for (const made of [file, `${file}-lock`]) giveToFolderOwner(made);
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
  readonly #log;
  readonly #file: string;
  /**
   * Entries as of the log's last commit that is known, so that they are not read at every login. Who loads one gets its
   * revision as it is then; the state changes in place, so that it is never older than that revision.
   */
  readonly #known = new Map<string, Entry>();

  constructor(file: string, loggedCommits: number) {
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
    this.#log = new StateLog(
      this.#env.openDB<Commit, number>({ name: "log", encoding: "msgpack" }),
      loggedCommits,
    );
  }

  /** Throws where a page is not what it must be. */
  readAll(): void {
    this.#log.catchUp(this.#known);
    for (const user of this.#states.getKeys()) {
      const profile = this.#profiles.getBinary(user);
      if (!profile?.some((byte) => byte !== 0))
        throw new Error(`it is cut short: the profile of "${user}" is gone`);
    }
    for (const _ of this.#sessions.getRange());
  }

  async load(users: readonly string[]): Promise<(Entry | undefined)[]> {
    return this.#guard("read", () => {
      // What another process has committed must be seen, and all values must come from one snapshot.
      this.#env.resetReadTxn();
      this.#log.catchUp(this.#known);
      return users.map((user) => this.#entry(user));
    });
  }

  async commit(updates: readonly Update[]): Promise<boolean[]> {
    // On this thread: the event loop waits for the disk, which costs nothing here, since what arrives meanwhile
    // waits for the next batch anyway. Handing writes to lmdb's thread and back doubles the work of a login.
    return this.#guard("written", () => this.#change(() => this.#write(updates)));
  }

  async create(users: readonly NewUser[]): Promise<string[]> {
    return this.#guard(
      "written",
      () => {
        const taken: string[] = [];
        this.#env.transactionSync(() => {
          // In order, so that pages are filled.
          for (const { user, profile, state } of users.toSorted((a, b) => (a.user < b.user ? -1 : 1))) {
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
      this.#change(() => {
        this.#log.append([[user, 0, null]]);
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
    for (let at = 0; at < users.length; at += LISTED_AT_ONCE) {
      const some = users.slice(at, at + LISTED_AT_ONCE);
      const entries = await this.load(some);
      for (const [i, user] of some.entries()) if (entries[i]) yield { user, entry: entries[i] };
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

  /** A transaction that begins with all that others have committed; on the disk when it returns. */
  #change<T>(action: () => T): T {
    const result = this.#env.transactionSync(() => {
      this.#log.catchUp(this.#known);
      return action();
    });
    this.#log.committed(this.#known);
    return result;
  }

  #entry(user: string): Entry | undefined {
    const known = this.#known.get(user) ?? this.#read(user);
    return known && { profile: known.profile, state: known.state, revision: known.revision };
  }

  #read(user: string): Entry | undefined {
    const placed = this.#placed(user);
    const profile = placed && this.#profiles.getBinary(user);
    if (!placed || !profile) return undefined;
    const { state, revision } = placed;
    const entry = { profile: keep(profile), state: keep(state), revision };
    this.#known.set(user, entry);
    if (this.#known.size > KNOWN) this.#known.delete(this.#known.keys().next().value!);
    return entry;
  }

  /** A user's state, from the log or from its place. */
  #placed(user: string): Placed | undefined {
    const logged = this.#log.get(user);
    if (logged) return logged;
    const state = this.#states.getBinary(user);
    return state && { revision: getLastVersion(), state };
  }

  /** In a transaction, so that nobody else writes between the comparison and the write. What took place. */
  #write(updates: readonly Update[]): boolean[] {
    if (this.#log.isLong && this.#hasRoom())
      this.#log.empty((user, { revision, state }) => this.#states.putSync(user, state, revision));
    const commit: Commit = [];
    const done = updates.map(({ user, revision, profile, state }) => {
      const current = this.#known.get(user) ?? this.#placed(user);
      if ((current?.revision ?? 0) !== revision) return false;
      const next = revision === 0 ? firstRevision() : revision + 1;
      if (profile) {
        this.#states.putSync(user, state, next);
        this.#profiles.putSync(user, profile);
        commit.push([user, next, null]);
      } else commit.push([user, next, state]);
      return true;
    });
    this.#log.append(commit);
    return done;
  }

  #hasRoom(): boolean {
    try {
      checkRoom(this.#file, this.#log.size * PLACED_BYTES);
      return true;
    } catch {
      return false; // logins go on with what there is
    }
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
