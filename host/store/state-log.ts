// The log of logins inside the LMDB file: a commit appends the states that it changed as one value, instead of writing
// each into its place; now and then all go to their places. Dozens of users then cost two pages of disk, not dozens.
import type { Database } from "lmdb";

/** A user's state from its revision on. */
export interface Placed {
  revision: number;
  state: Uint8Array;
}

/** One commit: user, revision and 48 bytes of state, or null for a user whose place counts again. */
export type Commit = (readonly [string, number, Uint8Array | null])[];

/** Commits in the log before the states go to their places. */
export const LOGGED_COMMITS = 64;

/**
 * What the log holds, read from it and kept. Commits are numbered without a gap, and the last one stays when the log is
 * emptied, so that every process that shares the file knows whether it has missed any.
 */
export class StateLog {
  readonly #log: Database<Commit, number>;
  readonly #most: number;
  readonly #states = new Map<string, Placed>();
  /** The number of the youngest commit that is known, and how many there are. */
  #last = 0;
  #commits = 0;
  /** What the transaction under way does. */
  #appended: Commit | undefined;
  #emptied = false;

  constructor(log: Database<Commit, number>, most: number) {
    this.#log = log;
    this.#most = most;
  }

  /** Whether it is time to put the states into their places. */
  get isLong(): boolean {
    return this.#commits >= this.#most;
  }

  /** Users whose state is here. */
  get size(): number {
    return this.#states.size;
  }

  /** The state that counts, where it is not the one in its place. */
  get(user: string): Placed | undefined {
    return this.#states.get(user);
  }

  /**
   * Reads what other processes have committed: at the start of a transaction, or when the read snapshot is new. The
   * users that they changed; undefined where some may have been missed.
   */
  catchUp(): string[] | undefined {
    this.#appended = undefined;
    this.#emptied = false;
    // As a rule there is nothing new, and the last one known is there: two looks, since a range costs ten times as much.
    if (!this.#log.doesExist(this.#last + 1) && this.#log.doesExist(this.#last)) return [];
    const [oldest = 0, next] = this.#log.getKeys({ start: this.#last, limit: 2 });
    if (oldest === this.#last && next === undefined) return [];
    const missed = oldest > this.#last + 1;
    if (oldest !== this.#last) this.#clear();
    const changed: string[] = [];
    for (const { key, value } of this.#log.getRange({ start: missed ? oldest : this.#last + 1 })) {
      this.#take(value);
      this.#last = key;
      for (const [user] of value) changed.push(user);
    }
    return missed ? undefined : changed;
  }

  /** Adds a commit to the transaction, its only one. */
  append(commit: Commit): void {
    this.#appended = commit;
    this.#log.putSync(this.#last + 1, commit);
  }

  /** Hands every state to `put`, in the transaction, and begins anew; append() must follow. */
  empty(put: (user: string, placed: Placed) => void): void {
    this.#emptied = true;
    for (const [user, placed] of this.#states) put(user, placed);
    for (const key of [...this.#log.getKeys()]) this.#log.removeSync(key);
  }

  /** The transaction is on the disk: what it appended. */
  committed(): Commit {
    if (this.#emptied) this.#clear();
    if (!this.#appended) return [];
    this.#take(this.#appended);
    this.#last++;
    return this.#appended;
  }

  #clear(): void {
    this.#states.clear();
    this.#commits = 0;
  }

  #take(commit: Commit): void {
    for (const [user, revision, state] of commit)
      if (state) this.#states.set(user, { revision, state });
      else this.#states.delete(user);
    this.#commits++;
  }
}
