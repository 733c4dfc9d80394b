// Which RADIUS clients sign their requests by Message-Authenticator, kept in the store: what `auto` has learned holds over
// a restart (an attacker who waits for one could send requests without it), and who never signs is named at each start.
// Source: RFC 2869 section 5.14; CVE-2024-3596.
import * as z from "zod/mini";
import type { Log } from "../log/log.ts";
import type { Store } from "../store/store.ts";

const DOCUMENT = "radius-signing";
/** Clients that are remembered. Those that sign stay: anybody can send what has no signature, from many addresses. */
const MOST = 2048;

const documentSchema = z.record(z.string(), z.boolean());

const ADVICE =
  "this RADIUS client sends no Message-Authenticator: who stands between can change its requests. Let it send one, and set requireMessageAuthenticator.";

/** Where it is kept. */
export type SigningStore = Pick<Store, "document" | "saveDocument">;

export class Signing {
  readonly #store: SigningStore | undefined;
  readonly #log: Log;
  /** By the client's name: whether a login of it was ever signed. */
  readonly #known = new Map<string, boolean>();
  #saving: Promise<void> = Promise.resolve();
  /** A save has been asked for that has not begun. */
  #waiting = false;

  /** Without a store it knows of this run alone. */
  constructor(log: Log, store?: SigningStore) {
    this.#log = log;
    this.#store = store;
  }

  /**
   * Reads what was learned, and tells who never signs. What cannot be read is told too, and learned anew: nobody gets in
   * while the store fails.
   */
  static async open(store: SigningStore, log: Log): Promise<Signing> {
    const signing = new Signing(log, store);
    try {
      signing.#take(await store.document(DOCUMENT));
    } catch (error) {
      log.error(
        { err: error },
        "which RADIUS clients sign their requests cannot be read: it is learned anew",
      );
    }
    for (const [nas, signed] of signing.#known) if (!signed) log.warn({ nas }, ADVICE);
    return signing;
  }

  /** Whether a login of the client was ever signed; undefined where none was seen. */
  of(client: string): boolean | undefined {
    return this.#known.get(client);
  }

  /** A login of the client had a Message-Authenticator, or none. */
  note(client: string, signed: boolean): void {
    const before = this.#known.get(client);
    if (before === true || before === signed || !this.#set(client, signed)) return;
    if (!signed) this.#log.warn({ nas: client }, ADVICE);
    if (!this.#store || this.#waiting) return;
    this.#waiting = true;
    this.#saving = this.#saving.then(() => this.#save());
  }

  /** Resolves when what was learned is stored. */
  async close(): Promise<void> {
    await this.#saving;
  }

  async #save(): Promise<void> {
    const store = this.#store!;
    this.#waiting = false;
    try {
      // Another machine may have learned of others meanwhile.
      this.#take(await store.document(DOCUMENT));
      await store.saveDocument(DOCUMENT, Buffer.from(JSON.stringify(Object.fromEntries(this.#known))));
    } catch (error) {
      this.#log.error({ err: error }, "which RADIUS clients sign their requests could not be stored");
    }
  }

  #take(document: Uint8Array | undefined): void {
    if (document === undefined) return;
    const read = documentSchema.parse(JSON.parse(Buffer.from(document).toString()));
    for (const [client, signed] of Object.entries(read))
      this.#set(client, signed || this.of(client) === true);
  }

  /** False where there is no room for one more that does not sign. */
  #set(client: string, signed: boolean): boolean {
    if (!this.#known.has(client) && this.#known.size >= MOST) {
      if (!signed) return false;
      const [oldest] = [...this.#known].find(([, signs]) => !signs) ?? [...this.#known][0]!;
      this.#known.delete(oldest);
    }
    this.#known.set(client, signed);
    return true;
  }
}
