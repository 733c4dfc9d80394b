// One set of users in a data folder's database: those of the service, or the administrator's own account. What its keys
// are called, and the rows that are read and written as one.
import { storeError, type DataFolder, type Write } from "./data-folder.ts";
import { decodeUser, encodeUser, type UserRow } from "./user-row.ts";

/**
 * name: a user's row (user-row.ts). profile: the sealed one. secret: the slot that remembers what was spent with it.
 * left: a slot whose user is gone. import: the number of one that is under way.
 */
type Kind = "name" | "profile" | "secret" | "left" | "session" | "import" | "document";

export class Realm {
  readonly folder: DataFolder;
  readonly #prefix: string;

  constructor(folder: DataFolder, prefix: "u" | "a") {
    this.folder = folder;
    this.#prefix = prefix;
  }

  key(kind: Kind, name: string): string {
    return `${this.#prefix}/${kind}/${name}`;
  }

  /** A user's row. Throws DialwardError("store") where there is none. */
  row(user: string): UserRow {
    const row = this.folder.get(this.key("name", user));
    if (!row) throw storeError(this.folder.path, "read", new Error(`the entry of "${user}" is gone`));
    return decodeUser(row);
  }

  putRow(user: string, row: UserRow): Write {
    return { type: "put", key: this.key("name", user), value: encodeUser(row) };
  }

  putProfile(user: string, profile: Uint8Array): Write {
    return { type: "put", key: this.key("profile", user), value: Buffer.from(profile) };
  }

  /** All rows, some at a time, in byte order of the names. */
  async *rows(): AsyncIterable<[user: string, row: UserRow][]> {
    const prefix = this.key("name", "");
    for await (const some of this.folder.entries(prefix))
      yield some.map(([key, value]) => [key.slice(prefix.length), decodeUser(value)]);
  }

  /** The spent log that was noted last; undefined in a new or copied folder. */
  notedLog(): number | undefined {
    return this.folder.get(`${this.#prefix}/log`)?.readUInt32LE(0);
  }

  /** Remembers, beside the log, that it has gone on to `sequence`: one that is gone is noticed. */
  async noteLog(sequence: number): Promise<void> {
    await this.folder.write([{ type: "put", key: `${this.#prefix}/log`, value: numberBytes(sequence) }]);
  }
}

/** A number of 32 bits as it stands in the database. */
export function numberBytes(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number >>> 0);
  return bytes;
}
