// One set of users in a data folder's database: those of the service, or the administrator's own account. What its keys
// are called, and the rows that are read and written as one.
import type { DataFolder, Write } from "./data-folder.ts";

/**
 * users: a page of their rows (user-pages.ts). profile: the sealed one. secret: the slot that remembers what was spent with it.
 * left: a slot whose user is gone. import: the number of one that is under way.
 */
type Kind = "users" | "profile" | "secret" | "left" | "session" | "import" | "document";

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

  putProfile(user: string, profile: Uint8Array): Write {
    const { buffer, byteOffset, length } = profile;
    const value = Buffer.isBuffer(profile) ? profile : Buffer.from(buffer, byteOffset, length);
    return { type: "put", key: this.key("profile", user), value };
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
