// Who is in an embedded store: names, slots and states, resident, and the append to the spent log that goes before any
// change of a state.
import { DialwardError } from "../errors.ts";
import { storeError } from "./data-folder.ts";
import { NameTable } from "./name-table.ts";
import type { Realm } from "./realm.ts";
import type { SpentLog } from "./spent-log.ts";
import type { States } from "./states.ts";
import type { Entry } from "./store.ts";
import { UserPages } from "./user-pages.ts";

/** One entry that is to be appended to the spent log. */
export type Spent = readonly [slot: number, revision: number, state: Uint8Array];

/** An entry whose profile is read from the database when it is asked for. */
class ResidentEntry implements Entry {
  readonly state: Uint8Array;
  readonly revision: number;
  readonly damaged: boolean;
  readonly slot: number;
  readonly standing: number;
  readonly #table: UserTable;
  readonly #user: string;
  #profile: Uint8Array | undefined;

  constructor(table: UserTable, user: string, slot: number, profile: Uint8Array | undefined) {
    const { states } = table;
    this.state = states.at(slot);
    this.revision = states.version(slot);
    this.damaged = states.isDamaged(slot);
    this.slot = slot;
    this.standing = states.standing(slot);
    this.#table = table;
    this.#user = user;
    this.#profile = profile;
  }

  get profile(): Uint8Array {
    return (this.#profile ??= this.#table.profile(this.#user));
  }
}

export class UserTable {
  readonly realm: Realm;
  readonly states: States;
  readonly names: NameTable;
  readonly pages: UserPages;
  readonly #log: SpentLog;
  readonly #watchers: ((slot: number) => void)[] = [];

  constructor(realm: Realm, states: States, log: SpentLog) {
    this.realm = realm;
    this.states = states;
    this.names = new NameTable(states.count);
    this.pages = new UserPages(realm);
    this.#log = log;
  }

  entry(user: string): Entry | undefined {
    const slot = this.names.slotOf(user);
    return slot === 0 ? undefined : this.entryOf(user, slot);
  }

  /** The entry of the user of a slot; `profile`, where it is read already, is not older than the slot's standing. */
  entryOf(user: string, slot: number, profile?: Uint8Array): Entry {
    return new ResidentEntry(this, user, slot, profile);
  }

  /** A user's sealed profile, read now. Throws DialwardError("store"). */
  profile(user: string): Uint8Array {
    const { folder } = this.realm;
    const profile = folder.get(this.realm.key("profile", user));
    if (!profile) throw storeError(folder.path, "read", new Error(`the profile of "${user}" is gone`));
    return profile;
  }

  /** The user's slot where its entry is still at `revision`, else 0. Throws DialwardError("refused") where it is damaged. */
  slotAt(user: string, revision: number): number {
    const slot = this.names.slotOf(user);
    if (slot === 0 || this.states.version(slot) !== revision) return 0;
    if (!this.states.isDamaged(slot)) return slot;
    throw new DialwardError(
      "refused",
      `What was spent of "${user}" may have been lost: see dialward store check, and dialward store accept-loss ${user}`,
    );
  }

  /** Hears of each slot that is renewed. */
  watch(changed: (slot: number) => void): void {
    this.#watchers.push(changed);
  }

  /** The profile of a slot's user has changed, or may have, or the user is gone: nothing goes by the old one any more. */
  renew(slot: number): void {
    this.states.renew(slot);
    for (const changed of this.#watchers) changed(slot);
  }

  /** Appends states, and takes them once they are on the disk. Throws DialwardError("store"). */
  append(batch: readonly Spent[]): void {
    for (const [slot, revision, state] of batch) this.#log.add(slot, revision, state);
    this.#sync();
    for (const [slot, revision, state] of batch) this.states.put(slot, revision, state);
  }

  /** The same for logins: the state of each of `updates` is that of the slot beside it, where that is not 0. */
  spend(slots: readonly number[], updates: readonly { state: Uint8Array }[]): void {
    const { states } = this;
    for (let i = 0; i < slots.length; i++)
      if (slots[i] !== 0) this.#log.add(slots[i]!, states.revision(slots[i]!), updates[i]!.state);
    this.#sync();
    for (let i = 0; i < slots.length; i++)
      if (slots[i] !== 0) states.put(slots[i]!, states.revision(slots[i]!), updates[i]!.state);
  }

  #sync(): void {
    try {
      this.#log.commit();
    } catch (cause) {
      throw storeError(this.realm.folder.path, "written", cause);
    }
  }

  /** Writes all states into one file, and begins a new log. */
  async checkpoint(): Promise<void> {
    await this.#log.checkpoint();
  }

  /** Names of the users that are refused, in byte order. */
  damaged(): string[] {
    const names: string[] = [];
    if (this.states.damaged === 0) return names; // or a start would look at a million
    for (const [name] of this.names.of((slot) => this.states.isDamaged(slot))) names.push(name);
    return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }
}
