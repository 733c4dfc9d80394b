// Who is in an embedded store: names, slots, states and sealed profiles, resident, and the append to the spent log that
// goes before any change of a state.
import { DialwardError } from "../errors.ts";
import { storeError } from "./data-folder.ts";
import { keep } from "./keep.ts";
import { NameTable } from "./name-table.ts";
import type { Realm } from "./realm.ts";
import type { SpentLog } from "./spent-log.ts";
import type { States } from "./states.ts";
import type { Entry } from "./store.ts";

/** Profiles that are remembered, sealed. */
const KNOWN = 20_000;

/** One entry that is to be appended to the spent log. */
export type Spent = readonly [slot: number, revision: number, state: Uint8Array];

export class UserTable {
  readonly realm: Realm;
  readonly states: States;
  readonly names: NameTable;
  readonly #log: SpentLog;
  readonly #profiles = new Map<number, Buffer>();

  constructor(realm: Realm, states: States, log: SpentLog) {
    this.realm = realm;
    this.states = states;
    this.names = new NameTable(states.count);
    this.#log = log;
  }

  entry(user: string): Entry | undefined {
    const slot = this.names.slotOf(user);
    if (slot === 0) return undefined;
    let profile = this.#profiles.get(slot);
    if (!profile) {
      const read = this.realm.folder.get(this.realm.key("profile", user));
      if (!read)
        throw storeError(this.realm.folder.path, "read", new Error(`the profile of "${user}" is gone`));
      profile = keep(read);
      this.#profiles.set(slot, profile);
      if (this.#profiles.size > KNOWN) this.#profiles.delete(this.#profiles.keys().next().value!);
    }
    return this.entryOf(slot, profile);
  }

  entryOf(slot: number, profile: Buffer): Entry {
    const entry: Entry = { profile, state: this.states.at(slot), revision: this.states.version(slot) };
    if (this.states.isDamaged(slot)) entry.damaged = true;
    return entry;
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

  /** A slot's profile has changed: it is read when it is asked for. */
  forget(slot: number): void {
    this.#profiles.delete(slot);
  }

  /** Appends states, and takes them once they are on the disk. Throws DialwardError("store"). */
  append(batch: readonly Spent[]): void {
    try {
      for (const [slot, revision, state] of batch) this.#log.add(slot, revision, state);
      this.#log.commit();
    } catch (cause) {
      throw storeError(this.realm.folder.path, "written", cause);
    }
    for (const [slot, revision, state] of batch) this.states.put(slot, revision, state);
  }

  /** Names of the users that are refused, in byte order. */
  damaged(): string[] {
    const names: string[] = [];
    for (const [name, slot] of this.names) if (this.states.isDamaged(slot)) names.push(name);
    return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }
}
