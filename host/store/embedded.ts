// The store of one machine: profiles in the data folder's database, states resident and in the spent log. A login
// appends its state and syncs; it reads nothing from the disk but a profile that was not asked for lately.
import { join } from "node:path";
import { existsSync, mkdirSync } from "node:fs";
import { firstUnspent, resume, spendUntil } from "../core/state.ts";
import { DialwardError } from "../errors.ts";
import { DataFolder, storeError, type Write } from "./data-folder.ts";
import { keep } from "./keep.ts";
import { NameTable } from "./name-table.ts";
import { SpentLog } from "./spent-log.ts";
import { isLater } from "./spent-reader.ts";
import { States } from "./states.ts";
import type { Entry, NewUser, SecretMark, Session, Store, Update } from "./store.ts";
import { decodeUser, encodeUser, type UserRow } from "./user-row.ts";

/** Profiles that are remembered, sealed. */
const KNOWN = 20_000;
/** Users that are added by one write of the database. */
const ADDED_AT_ONCE = 2000;
/** How long after its last code's step what was spent of a removed secret is remembered: devices may be a day ahead. */
const REMEMBERED_SECONDS = 3 * 86_400;

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
  readonly #folder: DataFolder;
  readonly #prefix: string;
  readonly #states: States;
  readonly #log: SpentLog;
  readonly #names: NameTable;
  readonly #profiles = new Map<number, Buffer>();
  readonly #sessions = new Map<string, Session>();
  /** Changes of profiles come one after the other. */
  #changes: Promise<unknown> = Promise.resolve();
  /** Slots whose profile is being changed: a login waits, or it would write over the state that goes with it. */
  readonly #changing = new Map<number, Promise<unknown>>();
  #lastImport = 0;
  /** The highest slot that was given; none is given twice. */
  #lastSlot = 0;

  private constructor(folder: DataFolder, prefix: string, states: States, log: SpentLog) {
    this.#folder = folder;
    this.#prefix = prefix;
    this.#states = states;
    this.#names = new NameTable(states.count);
    this.#log = log;
  }

  /** Opens the users of a data folder. Throws DialwardError("store"). */
  static async open(folder: DataFolder, options: EmbeddedOptions = {}): Promise<EmbeddedStore> {
    const { realm = "users", create = false, warn = () => {} } = options;
    const path = join(folder.path, realm === "users" ? "spent" : `${realm}-spent`);
    const prefix = realm === "users" ? "u" : "a";
    const states = new States();
    try {
      const noted = folder.get(`${prefix}/log`)?.readUInt32LE(0);
      if (!existsSync(path)) {
        if (noted !== undefined) mkdirSync(path, { mode: 0o700 });
        // A copied folder has users alone: what was never noted there was never there.
        else if (create || realm !== "users") SpentLog.create(path);
      }
      let store: EmbeddedStore | undefined;
      const { log, reading } = SpentLog.open(path, states, {
        ...(options.logEntries !== undefined && { logEntries: options.logEntries }),
        ...(options.retryMs !== undefined && { retryMs: options.retryMs }),
        begun: (sequence) => void store?.noteLog(sequence).catch(() => {}),
        failed: (error) => warn(`No checkpoint of ${path} could be written: ${String(error)}`),
      });
      // A log that has begun was noted: one that ends before is not the newest.
      if (noted !== undefined && isLater(noted, reading.sequence)) reading.clean = !(reading.lost = true);
      store = new EmbeddedStore(folder, prefix, states, log);
      await store.#readUsers(reading.lost);
      await log.begin(reading, noted);
      await store.noteLog(log.sequence);
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
    return this.#states;
  }

  slotOf(user: string): number {
    return this.#names.slotOf(user);
  }

  get names(): NameTable {
    return this.#names;
  }

  async load(users: readonly string[]): Promise<(Entry | undefined)[]> {
    await this.#settled(users);
    return users.map((user) => this.#entry(user));
  }

  async commit(updates: readonly Update[]): Promise<boolean[]> {
    if (updates.some(({ profile }) => profile !== undefined))
      return this.#change(
        updates.map(({ user }) => user),
        () => this.#commitProfiles(updates),
      );
    await this.#settled(updates.map(({ user }) => user));
    return this.#commitStates(updates);
  }

  async create(users: readonly NewUser[]): Promise<string[]> {
    return this.#change([], async () => {
      const taken = users.filter(({ user }) => this.#names.slotOf(user) !== 0).map(({ user }) => user);
      if (taken.length > 0 || users.length === 0) return taken;
      // More than one write of the database is one import: a start takes back what a crash left of it.
      const pieces = Math.ceil(users.length / ADDED_AT_ONCE);
      const number = pieces > 1 ? ++this.#lastImport : 0;
      const marker = this.#key("import", "");
      const slots: number[] = [];
      const claimed = new Set<number>();
      try {
        if (number > 0) await this.#folder.write([{ type: "put", key: marker, value: numberBytes(number) }]);
        for (let i = 0; i < pieces; i++) {
          const some = users.slice(i * ADDED_AT_ONCE, (i + 1) * ADDED_AT_ONCE);
          const { writes, slots: added } = await this.#enter(some, claimed, number);
          await this.#folder.write(writes, number === 0);
          slots.push(...added);
        }
        if (number > 0) await this.#folder.write([{ type: "del", key: marker }]);
      } catch (error) {
        if (number > 0) await this.#takeBack().catch(() => {}); // else a start does it
        throw error;
      }
      users.forEach(({ user }, i) => this.#names.set(user, slots[i]!));
      return [];
    });
  }

  async remove(user: string): Promise<boolean> {
    return this.#change([user], async () => {
      const slot = this.#names.slotOf(user);
      if (slot === 0) return false;
      const row = this.#row(user);
      const writes: Write[] = [
        { type: "del", key: this.#key("name", user) },
        { type: "del", key: this.#key("profile", user) },
        ...(await this.#forget(slot, row)),
      ];
      await this.#folder.write(writes);
      this.#names.delete(user);
      this.#profiles.delete(slot);
      // The log tells of the change too: a database that has lost it is noticed.
      this.#append([[slot, this.#states.revision(slot) + 1, this.#states.at(slot)]]);
      return true;
    });
  }

  async reseal(user: string, revision: number, profile: Uint8Array): Promise<boolean> {
    return this.#change([user], async () => {
      const slot = this.#names.slotOf(user);
      if (slot === 0 || this.#states.version(slot) !== revision) return false;
      await this.#folder.write([
        { type: "put", key: this.#key("profile", user), value: Buffer.from(profile) },
      ]);
      this.#profiles.delete(slot);
      return true;
    });
  }

  async acceptLoss(user: string, state: Uint8Array): Promise<boolean> {
    return this.#change([user], async () => {
      const slot = this.#names.slotOf(user);
      if (slot === 0 || !this.#states.isDamaged(slot)) return false;
      const revision = this.#states.revision(slot) + 1;
      await this.#folder.write([this.#put(user, { ...this.#row(user), revision })]);
      this.#append([[slot, revision, state]]);
      return true;
    });
  }

  /** Names of the users that are refused until acceptLoss, in byte order. */
  damaged(): string[] {
    const names: string[] = [];
    for (const [name, slot] of this.#names) if (this.#states.isDamaged(slot)) names.push(name);
    return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  async *list(): AsyncIterable<{ user: string; entry: Entry }> {
    const prefix = this.#key("profile", "");
    for await (const some of this.#folder.entries(prefix))
      for (const [key, profile] of some) {
        const user = key.slice(prefix.length);
        const slot = this.#names.slotOf(user);
        if (slot !== 0) yield { user, entry: this.#entryOf(slot, profile) };
      }
  }

  async marks(users: readonly string[]): Promise<(SecretMark | undefined)[]> {
    const rows = await this.#folder.getMany(users.map((user) => this.#key("name", user)));
    return rows.map((row) => row && decodeUser(row));
  }

  async saveSession(session: Session): Promise<void> {
    this.#sessions.set(session.id, session);
    const value = Buffer.from(JSON.stringify(session));
    await this.#folder.write([{ type: "put", key: this.#key("session", session.id), value }], false);
  }

  async dropSession(id: string): Promise<Session | undefined> {
    const session = this.#sessions.get(id);
    if (!session) return undefined;
    this.#sessions.delete(id);
    await this.#folder.write([{ type: "del", key: this.#key("session", id) }], false);
    return session;
  }

  async sessions(): Promise<Session[]> {
    return [...this.#sessions.values()];
  }

  async document(name: string): Promise<Uint8Array | undefined> {
    return this.#folder.get(this.#key("document", name));
  }

  async saveDocument(name: string, document: Uint8Array): Promise<void> {
    const value = Buffer.from(document);
    await this.#folder.write([{ type: "put", key: this.#key("document", name), value }]);
  }

  /** Writes all states into one file, and begins a new log. */
  async checkpoint(): Promise<void> {
    await this.#log.checkpoint();
  }

  async close(): Promise<void> {
    await this.#changes.catch(() => {});
    await this.#log.close();
  }

  /** Remembers, beside the log, that it has gone on to `sequence`: one that is gone is noticed. */
  async noteLog(sequence: number): Promise<void> {
    await this.#folder.write([{ type: "put", key: `${this.#prefix}/log`, value: numberBytes(sequence) }]);
  }

  #key(
    kind: "name" | "profile" | "secret" | "left" | "session" | "import" | "document",
    name: string,
  ): string {
    return `${this.#prefix}/${kind}/${name}`;
  }

  #entry(user: string): Entry | undefined {
    const slot = this.#names.slotOf(user);
    if (slot === 0) return undefined;
    let profile = this.#profiles.get(slot);
    if (!profile) {
      const read = this.#folder.get(this.#key("profile", user));
      if (!read) throw storeError(this.#folder.path, "read", new Error(`the profile of "${user}" is gone`));
      profile = keep(read);
      this.#profiles.set(slot, profile);
      if (this.#profiles.size > KNOWN) this.#profiles.delete(this.#profiles.keys().next().value!);
    }
    return this.#entryOf(slot, profile);
  }

  #entryOf(slot: number, profile: Buffer): Entry {
    const entry: Entry = { profile, state: this.#states.at(slot), revision: this.#states.version(slot) };
    if (this.#states.isDamaged(slot)) entry.damaged = true;
    return entry;
  }

  #commitStates(updates: readonly Update[]): boolean[] {
    const done: boolean[] = [];
    const batch: [slot: number, revision: number, state: Uint8Array][] = [];
    for (const { user, revision, state } of updates) {
      const slot = this.#names.slotOf(user);
      const same = slot !== 0 && this.#states.version(slot) === revision;
      if (same) this.#refuseDamaged(user, slot);
      if (same) batch.push([slot, this.#states.revision(slot), state]);
      done.push(same);
    }
    this.#append(batch);
    return done;
  }

  async #commitProfiles(updates: readonly Update[]): Promise<boolean[]> {
    const done: boolean[] = [];
    const batch: [slot: number, revision: number, state: Uint8Array][] = [];
    const writes: Write[] = [];
    const moved: (() => void)[] = [];
    const claimed = new Set<number>();
    for (const { user, revision, profile, mark, state } of updates) {
      let slot = this.#names.slotOf(user);
      const same = slot !== 0 && this.#states.version(slot) === revision;
      done.push(same);
      if (!same) continue;
      this.#refuseDamaged(user, slot);
      const row = this.#row(user);
      let next = { ...row, revision: this.#states.revision(slot) + 1 };
      let goesOn = state;
      if (mark && !row.hash.equals(mark.hash)) {
        const old = slot;
        writes.push(...(await this.#forget(old, row)));
        const found = await this.#claim(mark, state, claimed);
        ({ slot, state: goesOn } = found);
        writes.push(...found.writes);
        next = { ...next, ...markOf(mark), id: slot, revision: found.revision };
        moved.push(() => {
          this.#names.set(user, slot);
          this.#profiles.delete(old);
        });
        batch.push([old, this.#states.revision(old) + 1, this.#states.at(old)]);
      }
      // The same secret again, as somebody has just typed it in: what was spent is spent.
      else if (mark) goesOn = resume(this.#states.at(slot), state);
      if (profile) {
        writes.push(this.#put(user, next));
        writes.push({ type: "put", key: this.#key("profile", user), value: Buffer.from(profile) });
        moved.push(() => this.#profiles.delete(slot));
      }
      batch.push([slot, next.revision, goesOn]);
    }
    if (writes.length > 0) await this.#folder.write(writes);
    for (const each of moved) each();
    this.#append(batch);
    return done;
  }

  /** Appends states, and takes them once they are on the disk. */
  #append(batch: readonly (readonly [slot: number, revision: number, state: Uint8Array])[]): void {
    try {
      for (const [slot, revision, state] of batch) this.#log.add(slot, revision, state);
      this.#log.commit();
    } catch (cause) {
      throw storeError(this.#folder.path, "written", cause);
    }
    for (const [slot, revision, state] of batch) this.#states.put(slot, revision, state);
  }

  /** Logs the states of new users; their slots, and what is to be written of them. */
  async #enter(
    users: readonly NewUser[],
    claimed: Set<number>,
    importNumber: number,
  ): Promise<{ writes: Write[]; slots: number[] }> {
    const writes: Write[] = [];
    const slots: number[] = [];
    const batch: [slot: number, revision: number, state: Uint8Array][] = [];
    for (const { user, profile, state, mark } of users) {
      const found = await this.#claim(mark, state, claimed);
      slots.push(found.slot);
      batch.push([found.slot, found.revision, found.state]);
      const row = { id: found.slot, revision: found.revision, ...markOf(mark), importNumber };
      writes.push(this.#put(user, row), ...found.writes);
      writes.push({ type: "put", key: this.#key("profile", user), value: Buffer.from(profile) });
    }
    this.#append(batch);
    return { writes, slots };
  }

  /** A slot for a secret: the one that it had, unless somebody has that now. Its state goes on from what was spent. */
  async #claim(
    { hash }: SecretMark,
    fresh: Uint8Array,
    claimed: Set<number>,
  ): Promise<{ slot: number; revision: number; state: Uint8Array; writes: Write[] }> {
    const key = this.#key("secret", hex(hash));
    const known = this.#folder.get(key)?.readDoubleLE(0);
    if (known !== undefined && this.#states.has(known)) {
      const before = this.#states.at(known);
      const lost = this.#states.isDamaged(known) ? Buffer.alloc(before.length, 0xff) : undefined;
      const left = this.#key("left", String(known));
      if (claimed.has(known) || !this.#folder.get(left)) {
        // Somebody else has the secret: what was spent with it is, and the rest of the state is one's own.
        const state = lost ?? spendUntil(fresh, firstUnspent(before));
        return { slot: ++this.#lastSlot, revision: 1, state, writes: [] };
      }
      const state = lost ?? resume(before, fresh);
      claimed.add(known);
      const revision = this.#states.revision(known) + 1;
      return { slot: known, revision, state, writes: [{ type: "del", key: left }] };
    }
    const slot = ++this.#lastSlot;
    return { slot, revision: 1, state: fresh, writes: [{ type: "put", key, value: doubleBytes(slot) }] };
  }

  /** A secret has no user any more: until when what is spent is remembered, and by which slot. */
  async #forget(slot: number, { hash, period }: UserRow): Promise<Write[]> {
    const known = this.#folder.get(this.#key("secret", hex(hash)))?.readDoubleLE(0);
    if (known !== undefined && known !== slot && this.#states.has(known) && !this.#states.isDamaged(slot)) {
      // Two users had this secret. The one who stays must not be let in by what the other has spent.
      const state = spendUntil(this.#states.at(known), firstUnspent(this.#states.at(slot)));
      this.#append([[known, this.#states.revision(known), state]]);
    }
    const until = period === 0 ? 0 : Math.floor(Date.now() / 1000) + REMEMBERED_SECONDS;
    const value = Buffer.from(JSON.stringify({ hash: hex(hash), until }));
    return [{ type: "put", key: this.#key("left", String(slot)), value }];
  }

  #row(user: string): UserRow {
    const row = this.#folder.get(this.#key("name", user));
    if (!row) throw storeError(this.#folder.path, "read", new Error(`the entry of "${user}" is gone`));
    return decodeUser(row);
  }

  #put(user: string, row: UserRow): Write {
    return { type: "put", key: this.#key("name", user), value: encodeUser(row) };
  }

  #refuseDamaged(user: string, slot: number): void {
    if (!this.#states.isDamaged(slot)) return;
    throw new DialwardError(
      "refused",
      `What was spent of "${user}" may have been lost: see dialward store check, and dialward store accept-loss ${user}`,
    );
  }

  /** Runs `action` after all changes before it, while nobody else changes `users`. */
  async #change<T>(users: readonly string[], action: () => Promise<T>): Promise<T> {
    const mine = this.#changes
      .catch(() => {})
      .then(async () => {
        const slots = users.map((user) => this.#names.slotOf(user)).filter((slot) => slot !== 0);
        const running = action();
        const settled = running.catch(() => {});
        for (const slot of slots) this.#changing.set(slot, settled);
        try {
          return await running;
        } finally {
          for (const slot of slots) this.#changing.delete(slot);
        }
      });
    this.#changes = mine.catch(() => {});
    return mine;
  }

  /** Resolves when no change of these users is under way. */
  async #settled(users: readonly string[]): Promise<void> {
    while (this.#changing.size > 0) {
      const busy = users.flatMap((user) => this.#changing.get(this.#names.slotOf(user)) ?? []);
      if (busy.length === 0) return;
      await Promise.all(busy);
      await Promise.resolve();
    }
  }

  async #readUsers(lost: boolean): Promise<void> {
    await this.#takeBack();
    const prefix = this.#key("name", "");
    for await (const some of this.#folder.entries(prefix)) {
      for (const [key, value] of some) {
        const { id, revision, importNumber } = decodeUser(value);
        this.#names.set(key.slice(prefix.length), id);
        this.#states.check(id, revision, lost);
        if (importNumber > this.#lastImport) this.#lastImport = importNumber;
      }
    }
    this.#lastSlot = this.#states.last;
    const now = Math.floor(Date.now() / 1000);
    const left = this.#key("left", "");
    for await (const some of this.#folder.entries(left)) {
      for (const [key, value] of some) {
        const { hash, until } = JSON.parse(value.toString()) as { hash: string; until: number };
        const slot = Number(key.slice(left.length));
        if (until === 0 || until > now || lost) continue;
        // Too old to be accepted again. The slot is not used again either.
        this.#states.drop(slot);
        const writes: Write[] = [{ type: "del", key }];
        const secret = this.#key("secret", hash);
        if (this.#folder.get(secret)?.readDoubleLE(0) === slot) writes.push({ type: "del", key: secret });
        await this.#folder.write(writes, false);
      }
    }
    const sessions = this.#key("session", "");
    for await (const some of this.#folder.entries(sessions))
      for (const [, value] of some) {
        const session = JSON.parse(value.toString()) as Session;
        this.#sessions.set(session.id, session);
      }
  }

  /** Removes what an import has left that did not come to its end. */
  async #takeBack(): Promise<void> {
    const marker = this.#key("import", "");
    const number = this.#folder.get(marker)?.readUInt32LE(0);
    if (number === undefined) return;
    const prefix = this.#key("name", "");
    for await (const some of this.#folder.entries(prefix)) {
      const writes: Write[] = [];
      for (const [key, value] of some) {
        const row = decodeUser(value);
        if (row.importNumber !== number) continue;
        const user = key.slice(prefix.length);
        writes.push({ type: "del", key }, { type: "del", key: this.#key("profile", user) });
        writes.push(...(await this.#forget(row.id, row)));
      }
      await this.#folder.write(writes, false);
    }
    await this.#folder.write([{ type: "del", key: marker }]);
  }
}

function markOf({ hash, period }: SecretMark): { hash: Buffer; period: number } {
  return { hash: Buffer.from(hash), period };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function numberBytes(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number >>> 0);
  return bytes;
}

function doubleBytes(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(number);
  return bytes;
}
