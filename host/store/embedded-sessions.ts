// The sessions of an embedded store: resident, and in the database so that a restart knows who is connected.
import type { Realm } from "./realm.ts";
import type { Session } from "./store.ts";

export class Sessions {
  readonly #realm: Realm;
  readonly #sessions = new Map<string, Session>();

  constructor(realm: Realm) {
    this.#realm = realm;
  }

  async read(): Promise<void> {
    for await (const some of this.#realm.folder.entries(this.#realm.key("session", "")))
      for (const [, value] of some) {
        const session = JSON.parse(value.toString()) as Session;
        this.#sessions.set(session.id, session);
      }
  }

  async save(session: Session): Promise<void> {
    this.#sessions.set(session.id, session);
    const value = Buffer.from(JSON.stringify(session));
    await this.#realm.folder.write(
      [{ type: "put", key: this.#realm.key("session", session.id), value }],
      false,
    );
  }

  async drop(id: string): Promise<Session | undefined> {
    const session = this.#sessions.get(id);
    if (!session) return undefined;
    this.#sessions.delete(id);
    await this.#realm.folder.write([{ type: "del", key: this.#realm.key("session", id) }], false);
    return session;
  }

  all(): Session[] {
    return [...this.#sessions.values()];
  }
}
