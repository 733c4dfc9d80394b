// What a page of the list of users shows: search, filters and order over rows that stand by name, in pieces.
import { letLoginsIn } from "../core/turn.ts";
import type { User } from "./entries.ts";
import type { Profile } from "./profile.ts";
import { ranked } from "./ranked.ts";

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

/** The order of a list by name. */
export function compareRows(a: UserRow, b: UserRow): number {
  return a.folded < b.folded ? -1 : a.folded > b.folded ? 1 : a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

export class UserSearch {
  readonly #turn: number;
  /** Where the rows of one turn stand. */
  readonly #keys: Float64Array;

  /** Looks at `turn` rows in one turn of the event loop. */
  constructor(turn: number) {
    this.#turn = turn;
    this.#keys = new Float64Array(turn);
  }

  /** Of rows in the order of `compareRows`: those of a page, and how many match. */
  async find(sorted: readonly UserRow[], query: UserQuery): Promise<{ rows: UserRow[]; found: number }> {
    const now = Date.now();
    const wanted = query.text.trim().toLowerCase();
    const total = sorted.length;
    const { from, count } = query;
    const byName = query.order === "name";
    if (byName && !narrows(query, wanted)) return { rows: sorted.slice(from, from + count), found: total };
    let found = 0;
    const rows: UserRow[] = [];
    // Rows stand by name already; in another order each piece is sorted by itself, and no list is made of all.
    const pieces: Float64Array[] = [];
    for (let at = 0; at < total; at += this.#turn) {
      if (at > 0) await letLoginsIn();
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
    return { rows, found };
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
