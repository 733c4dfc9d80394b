// The users as a list shows them: in memory, so that search, filters and order touch neither the store nor a login.
// It is built when somebody first looks, follows what is told here, and asks the store for what others have changed.
import type { LoginEvent } from "../log/login-event.ts";
import { DialwardError } from "../errors.ts";
import type { User } from "./entries.ts";
import { letLoginsIn, pauseAtUser } from "../core/turn.ts";
import { compareRows, UserSearch, type UserQuery, type UserRow } from "./user-query.ts";
import type { Users } from "./users.ts";

/**
 * A store of no more users is looked through at each visit; a larger one behind the page, this often at most: soon where
 * others may change it, and else in case that something was not told here.
 */
const SMALL = 1000;
const RESCAN_SHARED_MS = 20_000;
const RESCAN_MS = 1_800_000;

/** Rows of the list that are looked at between two turns: logins wait no longer than for these. */
const ROWS_A_TURN = 1024;

interface KnownRow extends UserRow {
  /** Of what the row was made from; NaN where it is not known. */
  revision: number;
  /** The scan that found it last. */
  scan: number;
}

export class UserIndex {
  readonly #users: Users;
  readonly #lastLogin: (name: string) => number | undefined;
  readonly #rows = new Map<string, KnownRow>();
  /** The rows by name; undefined where some were added or removed since. */
  #sorted: UserRow[] | undefined;
  readonly #changed = new Set<string>();
  readonly #lists = new Map<string, readonly string[]>();
  #scanned = -Infinity;
  /** Counts scans. */
  #scanNumber = 0;
  #scanning: Promise<void> | undefined;

  readonly #rescanMs: number;
  readonly #small: number;
  readonly #turn: number;
  readonly #search: UserSearch;

  /**
   * `lastLogin` is the history's, in seconds; `shared` where others may change the store; `small` is how many users are
   * looked through at each visit, `turn` how many rows in one turn of the event loop.
   */
  constructor(
    users: Users,
    lastLogin: (name: string) => number | undefined,
    {
      shared = false,
      small = SMALL,
      turn = ROWS_A_TURN,
    }: { shared?: boolean | undefined; small?: number; turn?: number } = {},
  ) {
    this.#users = users;
    this.#rescanMs = shared ? RESCAN_SHARED_MS : RESCAN_MS;
    this.#small = small;
    this.#turn = turn;
    this.#search = new UserSearch(turn);
    this.#lastLogin = lastLogin;
  }

  /** Hears of a change by an administrator. */
  noteChange(name: string): void {
    if (this.#scanNumber > 0) this.#changed.add(name); // a first look that is under way may have passed by
  }

  /** Hears of a verdict. */
  noteVerdict({ time, dialIn: { user, activate }, verdict }: LoginEvent): void {
    const { outcome, reason, waitSeconds } = verdict;
    const row = this.#rows.get(user);
    if (row === undefined || reason === "source-must-wait") return;
    if (waitSeconds > 0) row.waitUntil = time + waitSeconds * 1000;
    // Who is let in may wait elsewhere all the same: the store says.
    else if (row.waitUntil > 0) this.#changed.add(user);
    if (outcome !== "accept") return;
    row.last = Math.floor(time / 1000);
    if (activate && row.state === "pending") row.state = "active";
  }

  /** A page of the list, how many match, and how many there are. */
  async query(query: UserQuery): Promise<{ rows: UserRow[]; found: number; total: number }> {
    await this.#refresh();
    const sorted = (this.#sorted ??= [...this.#rows.values()].sort(compareRows));
    return { ...(await this.#search.find(sorted, query)), total: sorted.length };
  }

  /** Who is in a group, for a limit of the group's: asked at each login of its users, so that no list is made of it. */
  async members(group: string): Promise<Pick<ReadonlySet<string>, "has">> {
    await this.#refresh();
    return { has: (name) => this.#rows.get(name)?.groups.includes(group) === true };
  }

  /** The names of the users of each group that has some. */
  async byGroup(): Promise<ReadonlyMap<string, readonly string[]>> {
    await this.#refresh();
    const found = new Map<string, string[]>();
    for (const { name, groups } of this.#rows.values())
      for (const group of groups) {
        const names = found.get(group);
        if (names) names.push(name);
        else found.set(group, [name]);
      }
    return found;
  }

  async #refresh(): Promise<void> {
    const first = this.#scanned < 0;
    const old = performance.now() - this.#scanned > this.#rescanMs;
    if (first || old || this.#rows.size <= this.#small) {
      this.#scanning ??= this.#scan().finally(() => (this.#scanning = undefined));
      if (first || this.#rows.size <= this.#small) await this.#scanning;
    }
    const names = [...this.#changed];
    this.#changed.clear();
    for (const [i, name] of names.entries()) {
      await pauseAtUser(i);
      await this.#read(name);
    }
  }

  /** Looks through the store for users that are new, gone, or changed. */
  async #scan(): Promise<void> {
    const number = ++this.#scanNumber;
    const known = (name: string, revision: number): boolean => {
      const row = this.#rows.get(name);
      if (row?.revision !== revision) return false;
      row.scan = number;
      return true;
    };
    for await (const one of this.#users.scan(known)) {
      if (one !== undefined) this.#put(one.name, one.revision, "user" in one ? one.user : one.problem);
    }
    let seen = 0;
    for (const { name, scan } of this.#rows.values()) {
      if (scan !== number) this.#drop(name);
      if (++seen % this.#turn === 0) await letLoginsIn();
    }
    this.#scanned = performance.now();
  }

  async #read(name: string): Promise<void> {
    try {
      this.#put(name, NaN, await this.#users.get(name));
    } catch (error) {
      if (!(error instanceof DialwardError)) throw error;
      if (error.code === "not-found") this.#drop(name);
      else this.#put(name, NaN, error.message);
    }
  }

  #put(name: string, revision: number, user: User | string): void {
    const old = this.#rows.get(name);
    if (old === undefined) this.#sorted = undefined;
    const row = old ?? { name, folded: name.toLowerCase(), last: this.#lastLogin(name) ?? 0 };
    const shown =
      typeof user === "string"
        ? { state: "unusable" as const, problem: user, types: [], groups: [], waitUntil: 0 }
        : {
            state: user.standing,
            factor: user.profile.factor,
            types: this.#shared(user.profile.types),
            groups: this.#shared(user.profile.groups ?? []),
            waitUntil: user.waitSeconds > 0 ? Date.now() + user.waitSeconds * 1000 : 0,
          };
    // In its place: the sorted list holds the same rows.
    this.#rows.set(name, Object.assign(row, shown, { revision, scan: this.#scanNumber }));
  }

  #drop(name: string): void {
    if (this.#rows.delete(name)) this.#sorted = undefined;
  }

  /** Most users have the same types and groups: one list for all of them. */
  #shared<List extends readonly string[]>(list: List): List {
    const key = JSON.stringify(list);
    if (!this.#lists.has(key)) this.#lists.set(key, list);
    return this.#lists.get(key) as List;
  }
}
