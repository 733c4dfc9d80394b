// An import of any size: checked row by row, stored in pieces, all or none.
import { pauseAtUser } from "../core/turn.ts";
import { DialwardError } from "../errors.ts";
import { NameTable } from "../store/name-table.ts";
import type { NewUser, Store } from "../store/store.ts";
import type { Changed, UserEntries } from "./entries.ts";

/** A row of an import that was refused; rows count from 1. */
export interface BadRow {
  row: number;
  name: string | undefined;
  reason: string;
}

/** Rows of an import that are stored at once. */
const PIECE = 400;

/** What an import works with. */
interface Import {
  entries: UserEntries;
  store: Pick<Store, "create">;
  changed: Changed;
  /** Hears how many rows are checked. */
  onProgress: (checked: number) => void;
}

/** Adds all of `rows` or, if one is bad, none, and returns the bad ones. */
export async function importUsers(
  rows: Iterable<unknown> | AsyncIterable<unknown>,
  { entries, store, changed, onProgress }: Import,
): Promise<BadRow[]> {
  const bad: BadRow[] = [];
  const rowOf = new NameTable();
  /** What is good, until something is bad: then the rest is only looked at. */
  async function* enrolled(): AsyncGenerator<NewUser[]> {
    let piece: NewUser[] = [];
    let at = 0;
    for await (const input of rows) {
      await pauseAtUser(at++);
      try {
        const { row } = entries.enrol(input);
        const first = rowOf.add(row.user, at);
        if (first !== at) throw new DialwardError("usage", `name: is in row ${first} too`);
        if (bad.length === 0) piece.push(row);
      } catch (error) {
        if (!(error instanceof DialwardError)) throw error;
        bad.push({ row: at, name: nameOf(input), reason: error.message });
      }
      if (at % PIECE !== 0) continue;
      onProgress(at);
      if (bad.length === 0) yield piece;
      piece = [];
    }
    if (bad.length > 0) throw new Refused();
    yield piece;
    onProgress(at);
  }
  try {
    const taken = await store.create(enrolled());
    if (taken.length === 0 && rowOf.count > 0) changed("user added", namesOf(rowOf), rowOf.count);
    const reason = "name: there is such a user already";
    return taken.map((name) => ({ row: rowOf.slotOf(name), name, reason }));
  } catch (error) {
    if (error instanceof Refused) return bad;
    throw error;
  }
}

/** Ends an import whose rows are not all good. */
class Refused extends Error {}

function* namesOf(table: NameTable): Iterable<string> {
  for (const [name] of table) yield name;
}

function nameOf(input: unknown): string | undefined {
  const name = (input as { name?: unknown } | null)?.name;
  return typeof name === "string" ? name.slice(0, 64) : undefined;
}

/** What is wrong with each of `rows`; undefined where it could be added now. */
export async function checkRows(
  rows: readonly unknown[],
  entries: UserEntries,
  store: Pick<Store, "load">,
): Promise<(string | undefined)[]> {
  const names: string[] = [];
  const wrong: (string | undefined)[] = [];
  for (const [i, input] of rows.entries()) {
    await pauseAtUser(i);
    try {
      names.push(entries.check(input));
      wrong.push(undefined);
    } catch (error) {
      if (!(error instanceof DialwardError)) throw error;
      wrong.push(error.message);
    }
  }
  const stored = await store.load(names);
  let at = 0;
  return wrong.map((why) => why ?? (stored[at++] && "name: there is such a user already"));
}
