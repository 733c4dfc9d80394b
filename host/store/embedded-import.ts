// Users that are added to an embedded store: in one write of the database, or, where they come in pieces, in one for
// each under a number. Until the number is cleared nobody of them is there, and a start takes back what a crash left.
import { numberBytes, type Realm } from "./realm.ts";
import type { Write } from "./data-folder.ts";
import type { SpentSecrets } from "./spent-secrets.ts";
import type { NewUser } from "./store.ts";
import { idOf, importNumberOf } from "./user-row.ts";
import type { Spent, UserTable } from "./user-table.ts";

/** Users that one write of the database adds. */
const ADDED_AT_ONCE = 2000;
/** Reading all known secrets takes as long as looking up one in so many. */
const LOOKED_UP = 8;

export class Imports {
  readonly #table: UserTable;
  readonly #realm: Realm;
  readonly #secrets: SpentSecrets;
  /** The highest number of an import. */
  #last = 0;

  constructor(table: UserTable, secrets: SpentSecrets) {
    this.#table = table;
    this.#realm = table.realm;
    this.#secrets = secrets;
  }

  /** Hears of the number that a user's row has. */
  seen(number: number): void {
    if (number > this.#last) this.#last = number;
  }

  /** The number of the import that was cut off before this start, if one was. */
  interrupted(): number | undefined {
    return this.#realm.folder.get(this.#realm.key("import", ""))?.readUInt32LE(0);
  }

  /**
   * Adds users, all or none. Where names are not free these are returned, and nobody is added. What reading `users` throws
   * is thrown. A user is in the log before its profile is stored.
   */
  async add(users: readonly NewUser[] | AsyncIterable<readonly NewUser[]>): Promise<string[]> {
    const { names } = this.#table;
    const taken: string[] = [];
    let number = 0;
    /** The first piece, until there is another: users who come in one piece need no number. */
    let first: readonly NewUser[] | undefined;
    const before = this.#table.states.count;
    let added = 0;
    const add = async (some: readonly NewUser[]): Promise<void> => {
      if (LOOKED_UP * added >= before) await this.#secrets.beginMany();
      added += some.length;
      await this.#realm.folder.write(this.#enter(some, number).writes);
    };
    try {
      for await (const some of inPieces(users)) {
        if (some.length === 0) continue; // as a file of so many rows as make whole pieces ends with
        for (const { user } of some) if (names.slotOf(user) !== 0) taken.push(user);
        if (taken.length > 0) continue;
        if (!first) {
          first = some;
          continue;
        }
        if (number === 0) {
          await this.#begin((number = ++this.#last));
          await add(first);
          first = [];
        }
        await add(some);
      }
      if (taken.length === 0 && number > 0)
        await this.#realm.folder.write([{ type: "del", key: this.#realm.key("import", "") }]);
      else if (taken.length === 0 && first) {
        const { writes, slots } = this.#enter(first, number);
        await this.#realm.folder.write(writes);
        first.forEach(({ user }, i) => names.set(user, slots[i]!));
      }
    } catch (error) {
      await this.takeBack().catch(() => {}); // else a start does it
      throw error;
    } finally {
      this.#secrets.endMany();
    }
    if (number === 0) return taken;
    if (taken.length > 0) await this.takeBack();
    else
      await this.#table.pages.scan((page, from, to) => {
        if (importNumberOf(page, to) === number) names.setBytes(page, from, to, idOf(page, to));
      });
    return taken;
  }

  /** Removes what an import has left that did not come to its end. */
  async takeBack(): Promise<void> {
    const number = this.interrupted();
    if (number === undefined) return;
    for await (const some of this.#table.pages.all()) {
      const writes: Write[] = [];
      const rows = this.#table.pages.change();
      for (const [user, row] of some) {
        if (row.importNumber !== number) continue;
        rows.remove(row.id);
        writes.push({ type: "del", key: this.#realm.key("profile", user) });
        writes.push(...this.#secrets.takeBack(row.id, row));
      }
      if (writes.length > 0) await this.#realm.folder.write([...rows.writes(), ...writes]);
    }
    // In the log there are states of theirs.
    await this.#table.checkpoint();
    await this.#realm.folder.write([{ type: "del", key: this.#realm.key("import", "") }]);
  }

  async #begin(number: number): Promise<void> {
    const key = this.#realm.key("import", "");
    await this.#realm.folder.write([{ type: "put", key, value: numberBytes(number) }]);
  }

  /** Logs the states of new users; their slots, and what is to be written of them. */
  #enter(users: readonly NewUser[], importNumber: number): { writes: Write[]; slots: number[] } {
    const writes: Write[] = [];
    /** Slots that have somebody by these writes, which the database does not tell yet. */
    const claimed = new Set<number>();
    const slots: number[] = [];
    const batch: Spent[] = [];
    const rows = this.#table.pages.change(this.#secrets.lastSlot);
    for (const { user, profile, state, mark } of users) {
      const found = this.#secrets.claim(mark, state, claimed);
      slots.push(found.slot);
      batch.push([found.slot, found.revision, found.state]);
      const { slot: id, revision } = found;
      rows.put(user, { id, revision, hash: mark.hash, period: mark.period, importNumber });
      writes.push(...found.writes, this.#realm.putProfile(user, profile));
    }
    this.#table.append(batch);
    writes.push(...rows.writes());
    return { writes, slots };
  }
}

async function* inPieces(
  users: readonly NewUser[] | AsyncIterable<readonly NewUser[]>,
): AsyncIterable<readonly NewUser[]> {
  if (Symbol.asyncIterator in users) return yield* users;
  for (let at = 0; at < users.length; at += ADDED_AT_ONCE) yield users.slice(at, at + ADDED_AT_ONCE);
}
