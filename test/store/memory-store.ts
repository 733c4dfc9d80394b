// A store in memory whose commits can be held back, lost or failed, and which remembers what was asked of it.
import type { Entry, NewUser, Resealed, Session, Store, Update } from "../../host/store/store.ts";

export class MemoryStore implements Store {
  readonly entries = new Map<string, Entry>();
  readonly loads: string[][] = [];
  readonly commits: (readonly Update[])[] = [];
  /** Run before a commit takes place: hold it back, change an entry, or throw. */
  beforeCommit: (updates: readonly Update[]) => Promise<void> | void = () => {};
  beforeLoad: () => void = () => {};
  /** Of the last write: a revision never comes back. */
  #revision = 0;

  async load(users: readonly string[]): Promise<(Entry | undefined)[]> {
    this.beforeLoad();
    this.loads.push([...users]);
    return users.map((user) => this.entries.get(user));
  }

  async commit(updates: readonly Update[]): Promise<boolean[]> {
    this.commits.push(updates.map((update) => ({ ...update }))); // the caller uses them again
    await this.beforeCommit(updates);
    return updates.map(({ user, revision, profile, state }) => {
      const entry = this.entries.get(user);
      if ((entry?.revision ?? 0) !== revision) return false;
      const kept = profile ?? entry!.profile;
      this.entries.set(user, { profile: kept, state: Buffer.from(state), revision: ++this.#revision });
      return true;
    });
  }

  async create(users: readonly NewUser[] | AsyncIterable<readonly NewUser[]>): Promise<string[]> {
    const added: NewUser[] = [];
    for await (const some of Symbol.asyncIterator in users ? users : [users]) added.push(...some);
    const taken = added.map(({ user }) => user).filter((user) => this.entries.has(user));
    if (taken.length > 0) return taken;
    for (const { user, profile, state } of added)
      this.entries.set(user, { profile, state, revision: ++this.#revision });
    return [];
  }

  async reseal(sealed: readonly Resealed[]): Promise<void> {
    for (const { user, revision, profile } of sealed) {
      const entry = this.entries.get(user);
      if (entry?.revision === revision)
        this.entries.set(user, { ...entry, profile, revision: ++this.#revision });
    }
  }

  async acceptLoss(): Promise<boolean> {
    return false;
  }

  async marks(users: readonly string[]): Promise<undefined[]> {
    return users.map(() => undefined);
  }

  async remove(user: string): Promise<boolean> {
    return this.entries.delete(user);
  }

  async *list(): AsyncIterable<{ user: string; entry: Entry }> {
    for (const [user, entry] of this.entries) yield { user, entry };
  }

  readonly documents = new Map<string, Uint8Array>();

  async document(name: string): Promise<Uint8Array | undefined> {
    return this.documents.get(name);
  }

  async saveDocument(name: string, document: Uint8Array): Promise<void> {
    this.documents.set(name, document);
  }

  async saveSession(): Promise<void> {}

  async dropSession(): Promise<Session | undefined> {
    return undefined;
  }

  async sessions(): Promise<Session[]> {
    return [];
  }

  async close(): Promise<void> {}
}
