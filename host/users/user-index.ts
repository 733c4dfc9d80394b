// The users as a list shows them: in memory, so that search, filters and order touch neither the store nor a login.
// It is built when somebody first looks, follows what is told here, and asks the store for what others have changed.
import type { LoginEvent } from "../log/login-event.ts";
import { DialwardError } from "../errors.ts";
import type { User } from "./entries.ts";
import type { Profile } from "./profile.ts";
import { ranked } from "./ranked.ts";
import type { Users } from "./users.ts";

/** A store of no more users is looked through at each visit; a larger one behind the page, this often at most. */
const SMALL = 1000;
const RESCAN_MS = 20_000;
/** Entries between two turns of the event loop. */
const ENTRIES_A_TURN = 128;
/** Rows of the list that are looked at between two turns: logins wait no longer than for these. */
const ROWS_A_TURN = 4096;
/** Above the largest index of a row, so that both fit one number. */
const ROWS = 2 ** 20;

export type RowState = User["standing"] | "unusable";

/** A user in the list. */
export interface UserRow {
  name: string;
  /** As searches see it. */
  folded: string;
  state: RowState;
  /** What is wrong with a profile that does not open. */
  problem?: string;
  factor?: Profile["factor"];
  types: Profile["types"];
  groups: readonly string[];
  /** Milliseconds since 1970 until an attempt counts again. */
  waitUntil: number;
  /** Seconds since 1970 of the last login; 0 is never. */
  last: number;
}

export const FILTERS = ["active", "pending", "disabled", "unusable", "waits", "never"] as const;
export const ORDERS = ["name", "last", "longest"] as const;

export interface UserQuery {
  text: string;
  filter?: (typeof FILTERS)[number] | undefined;
  factor?: Profile["factor"] | undefined;
  /** Users in this group. */
  group?: string | undefined;
  order: (typeof ORDERS)[number];
  /** Rows to leave out, and to show. */
  from: number;
  count: number;
}

export class UserIndex {
  readonly #users: Users;
  readonly #lastLogin: (name: string) => number | undefined;
  readonly #rows = new Map<string, UserRow & { revision: number }>();
  /** The rows by name; undefined where some were added or removed since. */
  #sorted: UserRow[] | undefined;
  readonly #changed = new Set<string>();
  readonly #lists = new Map<string, readonly string[]>();
  #scanned = -Infinity;
  #scanning: Promise<void> | undefined;

  readonly #small: number;
  readonly #turn: number;
  /** Where the rows of one turn stand. */
  readonly #keys: Float64Array;

  /**
   * `lastLogin` is the history's, in seconds; `small` is how many users are looked through at each visit, `turn` how many
   * rows in one turn of the event loop.
   */
  constructor(
    users: Users,
    lastLogin: (name: string) => number | undefined,
    { small = SMALL, turn = ROWS_A_TURN } = {},
  ) {
    this.#users = users;
    this.#small = small;
    this.#turn = turn;
    this.#keys = new Float64Array(turn);
    this.#lastLogin = lastLogin;
  }

  /** Hears of a change by an administrator. */
  noteChange(name: string): void {
    if (this.#scanned > 0) this.#changed.add(name);
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
    const now = Date.now();
    const wanted = query.text.trim().toLowerCase();
    this.#sorted ??= [...this.#rows.values()].sort((a, b) =>
      a.folded < b.folded ? -1 : a.folded > b.folded ? 1 : a.name < b.name ? -1 : 1,
    );
    const sorted = this.#sorted;
    const total = sorted.length;
    const { from, count } = query;
    const byName = query.order === "name";
    if (byName && !narrows(query, wanted))
      return { rows: sorted.slice(from, from + count), found: total, total };
    let found = 0;
    const rows: UserRow[] = [];
    // Rows stand by name already; in another order each piece is sorted by itself, and no list is made of all.
    const pieces: Float64Array[] = [];
    for (let at = 0; at < total; at += this.#turn) {
      if (at > 0) await new Promise((resolve) => setImmediate(resolve));
      const before = found;
      for (let i = at; i < Math.min(at + this.#turn, total); i++) {
        const row = sorted[i]!;
        if (!matches(row, query, wanted, now)) continue;
        if (!byName) this.#keys[found - before] = place(row, i, query);
        else if (found >= from && found < from + count) rows.push(row);
        found++;
      }
      if (!byName) pieces.push(this.#keys.slice(0, found - before).sort());
    }
    for (const key of ranked(pieces, from, count)) rows.push(sorted[((key % ROWS) + ROWS) % ROWS]!);
    return { rows, found, total };
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
    const old = performance.now() - this.#scanned > RESCAN_MS;
    if (first || old || this.#rows.size <= this.#small) {
      this.#scanning ??= this.#scan().finally(() => (this.#scanning = undefined));
      if (first || this.#rows.size <= this.#small) await this.#scanning;
    }
    const names = [...this.#changed];
    this.#changed.clear();
    for (const name of names) await this.#read(name);
  }

  /** Looks through the store for users that are new, gone, or changed. */
  async #scan(): Promise<void> {
    const gone = new Set(this.#rows.keys());
    let seen = 0;
    const known = (name: string, revision: number): boolean => {
      gone.delete(name);
      return this.#rows.get(name)?.revision === revision;
    };
    for await (const one of this.#users.scan(known)) {
      if (one !== undefined) this.#put(one.name, one.revision, "user" in one ? one.user : one.problem);
      if (++seen % ENTRIES_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const name of gone) this.#drop(name);
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
    this.#rows.set(name, Object.assign(row, shown, { revision }) as UserRow & { revision: number });
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

function passes(row: UserRow, filter: NonNullable<UserQuery["filter"]>, now: number): boolean {
  if (filter === "waits") return row.waitUntil > now;
  if (filter === "never") return row.last === 0;
  return row.state === filter;
}

/** Whether a query leaves anybody out. */
function narrows({ factor, group, filter }: UserQuery, text: string): boolean {
  return text !== "" || factor !== undefined || group !== undefined || filter !== undefined;
}

function matches(row: UserRow, query: UserQuery, text: string, now: number): boolean {
  return (
    (text === "" || row.folded.includes(text)) &&
    (query.factor === undefined || row.factor === query.factor) &&
    (query.group === undefined || row.groups.includes(query.group)) &&
    (query.filter === undefined || passes(row, query.filter, now))
  );
}

/** Where the row that is the list's i-th stands in an order, as a number: sorted ten times faster than rows. */
function place({ last }: UserRow, i: number, { order }: UserQuery): number {
  return order === "name" ? i : (order === "longest" ? last : -last) * ROWS + i;
}
