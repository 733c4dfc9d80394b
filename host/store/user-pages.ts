// Users' rows (user-row.ts) as they lie in the database: those of sixteen slots under one key, so that a start reads a
// million of them in a second. A page has of each user a byte with the length of the name, the name, and the row.
import { storeError, type Write } from "./data-folder.ts";
import { NAME_BYTES } from "./name-table.ts";
import type { Realm } from "./realm.ts";
import { decodeUser, ROW_BYTES, writeUser, type UserRow } from "./user-row.ts";

const PAGE_SLOTS = 16;

/** Of a page, by slot. */
type Page = Map<number, { user: string; row: UserRow }>;

export class UserPages {
  readonly #realm: Realm;

  constructor(realm: Realm) {
    this.#realm = realm;
  }

  /** The row of the user of a slot. Throws DialwardError("store") where there is none. */
  row(user: string, slot: number): UserRow {
    const { folder } = this.#realm;
    const one = this.read(numberOf(slot)).get(slot);
    if (one?.user === user) return one.row;
    throw storeError(folder.path, "read", new Error(`the entry of "${user}" is gone`));
  }

  /** The rows of users by slot, in their order; undefined where there is none. */
  async rows(slots: readonly number[]): Promise<(UserRow | undefined)[]> {
    const numbers = [...new Set(slots.map(numberOf))];
    const found = await this.#realm.folder.getMany(numbers.map((number) => this.#key(number)));
    const pages = new Map(numbers.map((number, i) => [number, decodePage(found[i])]));
    return slots.map((slot) => pages.get(numberOf(slot))!.get(slot)?.row);
  }

  /**
   * Calls `visit` for all users, in the order of their slots: the name lies from `from` to before `to` of `page`, the row
   * behind it.
   */
  async scan(visit: (page: Buffer, from: number, to: number) => void): Promise<void> {
    for await (const some of this.#realm.folder.entries(this.#realm.key("users", "")))
      for (const [, page] of some) visitPage(page, (from, to) => visit(page, from, to));
  }

  /** All rows, some at a time. */
  async *all(): AsyncIterable<(readonly [user: string, row: UserRow])[]> {
    for await (const some of this.#realm.folder.entries(this.#realm.key("users", "")))
      yield some.flatMap(([, page]) =>
        [...decodePage(page).values()].map(({ user, row }) => [user, row] as const),
      );
  }

  /**
   * What is to be changed in one write of the database, before which no other is begun. `given`: the highest slot that any
   * user can have, where that is known; a page of slots beyond it is not looked for.
   */
  change(given = Infinity): PageChanges {
    return new PageChanges(this, given);
  }

  /** A page as it is stored. */
  read(number: number): Page {
    return decodePage(this.#realm.folder.get(this.#key(number)));
  }

  write(number: number, page: Page): Write {
    const key = this.#key(number);
    return page.size === 0 ? { type: "del", key } : { type: "put", key, value: encodePage(page) };
  }

  #key(number: number): string {
    return this.#realm.key("users", number.toString(16).padStart(8, "0"));
  }
}

/** Rows that are put and taken away in one write. */
export class PageChanges {
  readonly #pages: UserPages;
  readonly #given: number;
  readonly #changed = new Map<number, Page>();

  constructor(pages: UserPages, given: number) {
    this.#pages = pages;
    this.#given = given;
  }

  put(user: string, row: UserRow): void {
    this.#page(row.id).set(row.id, { user, row });
  }

  remove(slot: number): void {
    this.#page(slot).delete(slot);
  }

  writes(): Write[] {
    return Array.from(this.#changed, ([number, page]) => this.#pages.write(number, page));
  }

  #page(slot: number): Page {
    const number = numberOf(slot);
    let page = this.#changed.get(number);
    if (!page) {
      page = number * PAGE_SLOTS > this.#given ? new Map() : this.#pages.read(number);
      this.#changed.set(number, page);
    }
    return page;
  }
}

function numberOf(slot: number): number {
  return Math.floor(slot / PAGE_SLOTS);
}

function encodePage(page: Page): Buffer {
  const bytes = Buffer.allocUnsafe(page.size * (1 + NAME_BYTES + ROW_BYTES));
  let at = 0;
  for (const { user, row } of page.values()) {
    const length = bytes.write(user, at + 1);
    bytes[at] = length;
    at += 1 + length;
    writeUser(row, bytes, at);
    at += ROW_BYTES;
  }
  return bytes.subarray(0, at);
}

function decodePage(bytes: Buffer | undefined): Page {
  const page: Page = new Map();
  if (bytes)
    visitPage(bytes, (from, to) => {
      const row = decodeUser(bytes.subarray(to, to + ROW_BYTES));
      page.set(row.id, { user: bytes.toString("utf8", from, to), row });
    });
  return page;
}

/** Throws where it is no page. */
function visitPage(page: Buffer, visit: (from: number, to: number) => void): void {
  for (let at = 0; at < page.length;) {
    const from = at + 1;
    const to = from + page[at]!;
    at = to + ROW_BYTES;
    if (at > page.length) throw new Error("a page of users is damaged");
    visit(from, to);
  }
}
