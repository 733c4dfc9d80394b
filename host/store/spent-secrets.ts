// What was spent with a secret, whoever has it: removed and added again, under another name, by two users at once, it
// goes on from there. A secret's slot is remembered by its mark until its codes are too old, for HOTP for good.
import { firstUnspent, resume, spendUntil } from "../core/state.ts";
import type { Write } from "./data-folder.ts";
import { MarkFilter } from "./mark-filter.ts";
import type { SecretMark } from "./store.ts";
import type { UserRow } from "./user-row.ts";
import type { UserTable } from "./user-table.ts";

/** How long after its last code's step what was spent of a removed secret is remembered: devices may be a day ahead. */
const REMEMBERED_SECONDS = 3 * 86_400;
/** Of the profile whose user is the first of a slot. */
const FIRST_REVISION = 1;

export class SpentSecrets {
  readonly #table: UserTable;
  /** The highest slot that was given; none is given twice. */
  #lastSlot = 0;
  /** All known secrets, while many users are added. */
  #filter: MarkFilter | undefined;

  constructor(table: UserTable) {
    this.#table = table;
  }

  /** The highest slot that any user can have. */
  get lastSlot(): number {
    return this.#lastSlot;
  }

  /** Many users come: the database is not asked for each secret from here until endMany(). Only claim() may make any known. */
  async beginMany(): Promise<void> {
    if (this.#filter) return;
    const filter = new MarkFilter();
    const prefix = this.#table.realm.key("secret", "");
    for await (const some of this.#table.realm.folder.entries(prefix))
      for (const [key] of some) filter.add(Buffer.from(key.slice(prefix.length), "hex"));
    this.#filter = filter;
  }

  endMany(): void {
    this.#filter = undefined;
  }

  /** A slot for a secret: the one that it had, unless somebody has that now. Its state goes on from what was spent. */
  claim(
    { hash }: SecretMark,
    fresh: Uint8Array,
    claimed: Set<number>,
  ): { slot: number; revision: number; state: Uint8Array; writes: Write[] } {
    const key = this.#table.realm.key("secret", hex(hash));
    const isNew = this.#filter?.add(hash) === true;
    const known = isNew ? undefined : this.#table.realm.folder.get(key)?.readDoubleLE(0);
    if (known !== undefined && this.#table.states.has(known)) {
      const before = this.#table.states.at(known);
      const lost = this.#table.states.isDamaged(known) ? Buffer.alloc(before.length, 0xff) : undefined;
      const left = this.#table.realm.key("left", String(known));
      if (claimed.has(known) || !this.#table.realm.folder.get(left)) {
        // Somebody else has the secret: what was spent with it is, and the rest of the state is one's own.
        const state = lost ?? spendUntil(fresh, firstUnspent(before));
        return { slot: ++this.#lastSlot, revision: FIRST_REVISION, state, writes: [] };
      }
      const state = lost ?? resume(before, fresh);
      claimed.add(known);
      const revision = this.#table.states.revision(known) + 1;
      return { slot: known, revision, state, writes: [{ type: "del", key: left }] };
    }
    const slot = ++this.#lastSlot;
    const writes: Write[] = [{ type: "put", key, value: doubleBytes(slot) }];
    return { slot, revision: FIRST_REVISION, state: fresh, writes };
  }

  /** A secret has no user any more: until when what is spent is remembered, and by which slot. */
  forget(slot: number, { hash, period }: UserRow): Write[] {
    const known = this.#table.realm.folder.get(this.#table.realm.key("secret", hex(hash)))?.readDoubleLE(0);
    if (
      known !== undefined &&
      known !== slot &&
      this.#table.states.has(known) &&
      !this.#table.states.isDamaged(slot)
    ) {
      // Two users had this secret. The one who stays must not be let in by what the other has spent.
      const state = spendUntil(this.#table.states.at(known), firstUnspent(this.#table.states.at(slot)));
      this.#table.append([[known, this.#table.states.revision(known), state]]);
    }
    const until = period === 0 ? 0 : Math.floor(Date.now() / 1000) + REMEMBERED_SECONDS;
    const value = Buffer.from(JSON.stringify({ hash: hex(hash), until }));
    return [{ type: "put", key: this.#table.realm.key("left", String(slot)), value }];
  }

  /** As forget(), of a user who was never there: a slot that was new is as if it had never been given. */
  takeBack(slot: number, row: UserRow): Write[] {
    if (row.revision > FIRST_REVISION) return this.forget(slot, row);
    this.#table.states.drop(slot);
    const key = this.#table.realm.key("secret", hex(row.hash));
    return this.#table.realm.folder.get(key)?.readDoubleLE(0) === slot ? [{ type: "del", key }] : [];
  }

  /** At a start, when all states were read: drops what is too old to be accepted again, unless all states are `lost`. */
  async expire(lost: boolean): Promise<void> {
    this.#lastSlot = this.#table.states.last;
    const now = Math.floor(Date.now() / 1000);
    const left = this.#table.realm.key("left", "");
    for await (const some of this.#table.realm.folder.entries(left)) {
      for (const [key, value] of some) {
        const { hash, until } = JSON.parse(value.toString()) as { hash: string; until: number };
        const slot = Number(key.slice(left.length));
        if (until === 0 || until > now || lost) continue;
        // The slot is not used again either.
        this.#table.states.drop(slot);
        const writes: Write[] = [{ type: "del", key }];
        const secret = this.#table.realm.key("secret", hash);
        if (this.#table.realm.folder.get(secret)?.readDoubleLE(0) === slot)
          writes.push({ type: "del", key: secret });
        await this.#table.realm.folder.write(writes, false);
      }
    }
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

function doubleBytes(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleLE(number);
  return bytes;
}
