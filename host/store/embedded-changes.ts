// Changes of an embedded store's profiles, one after the other: the database first, then the log, which tells of the
// change too, so that a database that has lost it is noticed.
import { resume } from "../core/state.ts";
import type { ChangeOrder } from "./change-order.ts";
import type { Write } from "./data-folder.ts";
import type { SpentSecrets } from "./spent-secrets.ts";
import type { Resealed, Update } from "./store.ts";
import type { Spent, UserTable } from "./user-table.ts";

export class ProfileChanges {
  readonly #table: UserTable;
  readonly #secrets: SpentSecrets;
  readonly #order: ChangeOrder;

  constructor(table: UserTable, secrets: SpentSecrets, order: ChangeOrder) {
    this.#table = table;
    this.#secrets = secrets;
    this.#order = order;
  }

  /** Store.commit, where profiles are among the updates. */
  async commit(updates: readonly Update[]): Promise<boolean[]> {
    return this.#order.change(
      updates.map(({ user }) => user),
      () => this.#commit(updates),
    );
  }

  async remove(user: string): Promise<boolean> {
    return this.#order.change([user], async () => {
      const slot = this.#table.names.slotOf(user);
      if (slot === 0) return false;
      const row = this.#table.pages.row(user, slot);
      const rows = this.#table.pages.change();
      rows.remove(slot);
      const writes: Write[] = [
        ...rows.writes(),
        { type: "del", key: this.#table.realm.key("profile", user) },
        ...this.#secrets.forget(slot, row),
      ];
      try {
        await this.#table.realm.folder.write(writes);
        this.#table.names.delete(user);
      } finally {
        this.#table.renew(slot);
      }
      this.#table.append([[slot, this.#table.states.revision(slot) + 1, this.#table.states.at(slot)]]);
      return true;
    });
  }

  async reseal(sealed: readonly Resealed[]): Promise<void> {
    const users = sealed.map(({ user }) => user);
    await this.#order.change(users, async () => {
      const { names, states, realm } = this.#table;
      const same = sealed.filter(({ user, revision }) => {
        const slot = names.slotOf(user);
        return slot !== 0 && states.version(slot) === revision;
      });
      await realm.folder.write(same.map(({ user, profile }) => realm.putProfile(user, profile)));
    });
  }

  async acceptLoss(user: string, state: Uint8Array): Promise<boolean> {
    return this.#order.change([user], async () => {
      const slot = this.#table.names.slotOf(user);
      if (slot === 0 || !this.#table.states.isDamaged(slot)) return false;
      const revision = this.#table.states.revision(slot) + 1;
      const rows = this.#table.pages.change();
      rows.put(user, { ...this.#table.pages.row(user, slot), revision });
      await this.#table.realm.folder.write(rows.writes());
      this.#table.append([[slot, revision, state]]);
      return true;
    });
  }

  async #commit(updates: readonly Update[]): Promise<boolean[]> {
    const done: boolean[] = [];
    const batch: Spent[] = [];
    const writes: Write[] = [];
    const rows = this.#table.pages.change();
    const moved: [user: string, slot: number][] = [];
    const renewed: number[] = [];
    const claimed = new Set<number>();
    for (const { user, revision, profile, mark, state } of updates) {
      let slot = this.#table.slotAt(user, revision);
      done.push(slot !== 0);
      if (slot === 0) continue;
      const row = this.#table.pages.row(user, slot);
      let next = { ...row, revision: this.#table.states.revision(slot) + 1 };
      let goesOn = state;
      if (mark && !Buffer.from(row.hash).equals(mark.hash)) {
        const old = slot;
        rows.remove(old);
        writes.push(...this.#secrets.forget(old, row));
        const found = this.#secrets.claim(mark, state, claimed);
        ({ slot, state: goesOn } = found);
        writes.push(...found.writes);
        const { revision } = found;
        next = { ...next, hash: mark.hash, period: mark.period, id: slot, revision };
        moved.push([user, slot]);
        renewed.push(old);
        batch.push([old, this.#table.states.revision(old) + 1, this.#table.states.at(old)]);
      }
      // The same secret again, as somebody has just typed it in: what was spent is spent.
      else if (mark) goesOn = resume(this.#table.states.at(slot), state);
      if (profile) {
        writes.push(this.#table.realm.putProfile(user, profile));
        renewed.push(slot);
      }
      rows.put(user, next);
      batch.push([slot, next.revision, goesOn]);
    }
    try {
      writes.push(...rows.writes());
      if (writes.length > 0) await this.#table.realm.folder.write(writes);
      for (const [user, slot] of moved) this.#table.names.set(user, slot);
    } finally {
      // Whether or not the database says that it has them: the next login reads what is there.
      for (const slot of renewed) this.#table.renew(slot);
    }
    this.#table.append(batch);
    return done;
  }
}
