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
   * Reads what other processes have committed, at the start of a transaction or when the read snapshot is new, and puts
   * it into `known`, which holds users by name: states in place, and without those who must be read again.
   */
  catchUp(known: Map<string, Placed>): void {
    this.#appended = undefined;
    this.#emptied = false;
    // As a rule there is nothing new, and the last one known is there: two looks, since a range costs ten times as much.
    if (!this.#log.doesExist(this.#last + 1) && this.#log.doesExist(this.#last)) return;
    const [oldest = 0] = this.#log.getKeys({ start: this.#last, limit: 1 });
    const missed = oldest > this.#last + 1;
    if (missed) known.clear();
    if (oldest !== this.#last) this.#clear();
    for (const { key, value } of this.#log.getRange({ start: missed ? oldest : this.#last + 1 })) {
      this.#take(value, known);
      this.#last = key;
    }
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

  /** The transaction is on the disk: what it appended goes into `known`, as in catchUp. */
  committed(known: Map<string, Placed>): void {
    if (this.#emptied) this.#clear();
    if (!this.#appended) return;
    this.#take(this.#appended, known);
    this.#last++;
  }

  #clear(): void {
    this.#states.clear();
    this.#commits = 0;
  }

  /** What is known of a user is changed in place, and kept here too: a new one for each login is soon much garbage. */
  #take(commit: Commit, known: Map<string, Placed>): void {
    for (const [user, revision, state] of commit) {
      const one = known.get(user);
      if (state === null) {
        this.#states.delete(user);
        known.delete(user);
      } else if (one === undefined) this.#states.set(user, { revision, state: Buffer.from(state) });
      else {
        one.revision = revision;
        one.state.set(state);
        this.#states.set(user, one);
      }
    }
    this.#commits++;
  }
}
