// The store of one machine: profiles in the data folder's database, states resident and in the spent log. A login
// appends its state and syncs; it reads nothing from the disk but a profile that nobody has asked for yet.
import { join } from "node:path";
import { existsSync, mkdirSync } from "node:fs";
import { pauseAtUser } from "../core/turn.ts";
import { ChangeOrder } from "./change-order.ts";
import { storeError, type DataFolder } from "./data-folder.ts";
import { ProfileChanges } from "./embedded-changes.ts";
import { Imports } from "./embedded-import.ts";
import { Sessions } from "./embedded-sessions.ts";
import type { NameTable } from "./name-table.ts";
import { Realm } from "./realm.ts";
import { SpentLog } from "./spent-log.ts";
import { isLater } from "./spent-entry.ts";
import { SpentSecrets } from "./spent-secrets.ts";
import { States } from "./states.ts";
import type { Entry, NewUser, Resealed, SecretMark, Session, Store, Update } from "./store.ts";
import { idOf, importNumberOf, revisionOf } from "./user-row.ts";
import { UserTable } from "./user-table.ts";

export interface EmbeddedOptions {
  /** Whose users: those of the service, or the administrator's own account. */
  realm?: "users" | "administrator";
  /** Makes what is missing. */
  create?: boolean;
  /** Entries of a log. */
  logEntries?: number;
  /** How long no other log is tried after one could not be begun, in milliseconds. */
  retryMs?: number;
  /** Told what an administrator should know. */
  warn?: (message: string) => void;
}

export class EmbeddedStore implements Store {
  readonly #realm: Realm;
  readonly #table: UserTable;
  readonly #log: SpentLog;
  readonly #order: ChangeOrder;
  readonly #secrets: SpentSecrets;
  readonly #imports: Imports;
  readonly #changes: ProfileChanges;
  readonly #sessions: Sessions;

  private constructor(realm: Realm, states: States, log: SpentLog) {
    this.#realm = realm;
    this.#table = new UserTable(realm, states, log);
    this.#log = log;
    this.#order = new ChangeOrder((user) => this.slotOf(user));
    this.#secrets = new SpentSecrets(this.#table);
    this.#imports = new Imports(this.#table, this.#secrets);
    this.#changes = new ProfileChanges(this.#table, this.#secrets, this.#order);
    this.#sessions = new Sessions(realm);
  }

  /** Opens the users of a data folder. Throws DialwardError("store"). */
  static async open(folder: DataFolder, options: EmbeddedOptions = {}): Promise<EmbeddedStore> {
    const { realm: whose = "users", create = false, warn = () => {} } = options;
    const path = join(folder.path, whose === "users" ? "spent" : `${whose}-spent`);
    const realm = new Realm(folder, whose === "users" ? "u" : "a");
    const states = new States();
    try {
      const noted = realm.notedLog();
      if (!existsSync(path)) {
        if (noted !== undefined) mkdirSync(path, { mode: 0o700 });
        // A copied folder has users alone: what was never noted there was never there.
        else if (create || whose !== "users") SpentLog.create(path);
      }
      const { log, reading } = SpentLog.open(path, states, {
        ...(options.logEntries !== undefined && { logEntries: options.logEntries }),
        ...(options.retryMs !== undefined && { retryMs: options.retryMs }),
        begun: (sequence) => void realm.noteLog(sequence).catch(() => {}),
        failed: (error) => warn(`No checkpoint of ${path} could be written: ${String(error)}`),
      });
      // A log that has begun was noted: one that ends before is not the newest.
      if (noted !== undefined && isLater(noted, reading.sequence)) reading.clean = !(reading.lost = true);
      const store = new EmbeddedStore(realm, states, log);
      await store.#readUsers(reading.lost);
      await log.begin(reading, noted);
      await realm.noteLog(log.sequence);
      await store.#imports.takeBack();
      const damaged = store.damaged().length;
      if (damaged > 0)
        warn(
          `${damaged} users are refused: what was spent of their codes may have been lost (see: dialward store check)`,
        );
      return store;
    } catch (cause) {
      throw storeError(folder.path, "opened", cause);
    }
  }

  /** All states, packed, by slot; `slotOf` says which is a user's, or 0. */
  get states(): States {
    return this.#table.states;
  }

  slotOf(user: string): number {
    return this.#table.names.slotOf(user);
  }

  get names(): NameTable {
    return this.#table.names;
  }

  load(users: readonly string[]): (Entry | undefined)[] | Promise<(Entry | undefined)[]> {
    const read = (): (Entry | undefined)[] => users.map((user) => this.#table.entry(user));
    return this.#order.isQuiet ? read() : this.#order.settled(users).then(read);
  }

  async commit(updates: readonly Update[]): Promise<boolean[]> {
    if (updates.some(({ profile }) => profile !== undefined)) return this.#changes.commit(updates);
    if (!this.#order.isQuiet) await this.#order.settled(updates.map(({ user }) => user));
    // Numbers, and no object for each: this is every login's.
    const slots = updates.map(({ user, revision }) => this.#table.slotAt(user, revision));
    this.#table.spend(slots, updates);
    return slots.map((slot) => slot !== 0);
  }

  async create(users: readonly NewUser[] | AsyncIterable<readonly NewUser[]>): Promise<string[]> {
    return this.#order.change([], () => this.#imports.add(users));
  }

  async remove(user: string): Promise<boolean> {
    return this.#changes.remove(user);
  }

  async reseal(sealed: readonly Resealed[]): Promise<void> {
    await this.#changes.reseal(sealed);
  }

  async acceptLoss(user: string, state: Uint8Array): Promise<boolean> {
    return this.#changes.acceptLoss(user, state);
  }

  watch(changed: (slot: number) => void): void {
    this.#table.watch(changed);
  }

  /** Names of the users that are refused until acceptLoss, in byte order. */
  damaged(): string[] {
    return this.#table.damaged();
  }

  async *list(): AsyncIterable<{ user: string; entry: Entry }> {
    const prefix = this.#realm.key("profile", "");
    // The database is read as it was when this began: who has changed since is read anew, or a profile of before would
    // go with a revision of now.
    const begun = this.states.newest;
    let listed = 0;
    for await (const some of this.#realm.folder.entries(prefix))
      for (const [key, profile] of some) {
        await pauseAtUser(listed++); // before the state is read: a login may change it meanwhile
        const user = key.slice(prefix.length);
        const slot = this.slotOf(user);
        if (slot === 0) continue;
        const same = this.states.version(slot) <= begun;
        const entry = same ? this.#table.entryOf(user, slot, profile) : this.#table.entry(user);
        if (entry) yield { user, entry };
      }
  }

  async marks(users: readonly string[]): Promise<(SecretMark | undefined)[]> {
    return this.#table.pages.rows(users.map((user) => this.slotOf(user)));
  }

  async saveSession(session: Session): Promise<void> {
    await this.#sessions.save(session);
  }

  async dropSession(id: string): Promise<Session | undefined> {
    return this.#sessions.drop(id);
  }

  async sessions(): Promise<Session[]> {
    return this.#sessions.all();
  }

  async document(name: string): Promise<Uint8Array | undefined> {
    return this.#realm.folder.get(this.#realm.key("document", name));
  }

  async saveDocument(name: string, document: Uint8Array): Promise<void> {
    const value = Buffer.from(document);
    await this.#realm.folder.write([{ type: "put", key: this.#realm.key("document", name), value }]);
  }

  /** Writes all states into one file, and begins a new log. */
  async checkpoint(): Promise<void> {
    await this.#table.checkpoint();
  }

  async close(): Promise<void> {
    await this.#order.end();
    await this.#log.close();
  }

  async #readUsers(lost: boolean): Promise<void> {
    const interrupted = this.#imports.interrupted();
    await this.#table.pages.scan((page, from, to) => {
      const importNumber = importNumberOf(page, to);
      this.#imports.seen(importNumber);
      if (importNumber > 0 && importNumber === interrupted) return;
      const id = idOf(page, to);
      this.names.setBytes(page, from, to, id);
      this.states.check(id, revisionOf(page, to), lost);
    });
    await this.#secrets.expire(lost);
    await this.#sessions.read();
  }
}
