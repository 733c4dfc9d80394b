// The data folder: one process has it open. Its database (LevelDB, in `profiles/`) holds what changes rarely, and the
// lock: LevelDB's own, which the system takes away from a process that dies. (classic-level's documentation.)
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { DialwardError } from "../errors.ts";

const DATABASE = "profiles";
/** The version of what is in the database, under this key. */
const VERSION = 2;
const VERSION_KEY = "version";
/** LevelDB's memory for what is not in its files yet, and for blocks that it has read. */
const WRITE_BUFFER_BYTES = 4 << 20;
const CACHE_BYTES = 8 << 20;
/** Its files that are open at once, and mapped: no more descriptors than that, nor memory. It takes no fewer, nor smaller. */
const OPEN_FILES = 74;
const FILE_BYTES = 1 << 20;
/** What is fetched at once of keys in order: each time another thread has to come to it. */
const FETCHED_BYTES = 1 << 18;
const REOPEN_MS = 1000;

/** What a write does to one key. */
export type Write = { type: "put"; key: string; value: Buffer } | { type: "del"; key: string };

export interface OpenOptions {
  /** Makes what is missing; else a folder without a store is an error that names it. */
  create?: boolean;
  /** Hears that the database could not be opened again after it had failed. */
  lost?: (error: unknown) => void;
}

export class DataFolder {
  readonly path: string;
  readonly #level: ClassicLevel<string, Buffer>;
  readonly #lost: (error: unknown) => void;
  #opening: NodeJS.Timeout | undefined;
  /** The last write that was asked for. */
  #written: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(path: string, level: ClassicLevel<string, Buffer>, lost: (error: unknown) => void) {
    this.path = path;
    this.#level = level;
    this.#lost = lost;
  }

  /**
   * Opens the folder, and keeps every other process out of it until close(). Throws DialwardError("not-found") where no
   * store is there, ("busy") where another process has it open, or ("store").
   */
  static async open(
    path: string,
    { create = false, lost = () => {} }: OpenOptions = {},
  ): Promise<DataFolder> {
    const location = join(path, DATABASE);
    if (!create && !existsSync(location)) throw noStore(path);
    try {
      if (create) mkdirSync(location, { recursive: true, mode: 0o700 });
      const isNew = create && readdirSync(location).length === 0;
      const level = new ClassicLevel<string, Buffer>(location, {
        keyEncoding: "utf8",
        valueEncoding: "buffer",
        createIfMissing: isNew,
        writeBufferSize: WRITE_BUFFER_BYTES,
        cacheSize: CACHE_BYTES,
        maxOpenFiles: OPEN_FILES,
        maxFileSize: FILE_BYTES,
      });
      await level.open();
      const folder = new DataFolder(path, level, lost);
      try {
        await folder.#checkVersion(isNew);
      } catch (error) {
        await level.close();
        throw error;
      }
      return folder;
    } catch (cause) {
      throw storeError(path, "opened", cause);
    }
  }

  /** Reads one value now, on this thread. Throws DialwardError("store"). */
  get(key: string): Buffer | undefined {
    return this.#guardSync(() => this.#level.getSync(key));
  }

  /** Throws DialwardError("store"). */
  async getMany(keys: readonly string[]): Promise<(Buffer | undefined)[]> {
    return this.#guard("read", () => this.#level.getMany([...keys]));
  }

  /**
   * Keys that begin with `prefix`, with their values, in byte order, `limit` at most, from after `after` on.
   * Throws DialwardError("store").
   */
  async *entries(prefix: string, after = prefix): AsyncIterable<[string, Buffer][]> {
    const highWaterMarkBytes = FETCHED_BYTES;
    const iterator = this.#level.iterator({ gt: after, lt: behind(prefix), highWaterMarkBytes });
    try {
      for (;;) {
        const some = await this.#guard("read", () => iterator.nextv(1000));
        if (some.length === 0) return;
        yield some;
      }
    } finally {
      await iterator.close();
    }
  }

  /**
   * All of `writes`, or none; on the disk when it resolves, unless `sync` is false. One after the other as they were asked
   * for: the database's threads keep no order. Throws DialwardError("store").
   */
  async write(writes: readonly Write[], sync = true): Promise<void> {
    const mine = this.#written.then(() => this.#write(writes, sync));
    this.#written = mine.catch(() => {});
    return mine;
  }

  async #write(writes: readonly Write[], sync: boolean): Promise<void> {
    await this.#guard("written", async () => {
      if (this.#level.status !== "open") throw new Error("it has failed, and is not open again yet");
      // Handed over one by one: as an array they would be copied, which takes longer than all the rest of a write.
      const batch = this.#level.batch();
      for (const write of writes)
        if (write.type === "put") batch.put(write.key, write.value);
        else batch.del(write.key);
      try {
        await batch.write({ sync });
      } catch (error) {
        await this.#reopen();
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.#written;
    this.#closed = true;
    clearTimeout(this.#opening);
    await this.#level.close();
  }

  /** LevelDB takes no write after one has failed. Until it is open again, what is not in memory is refused. */
  async #reopen(): Promise<void> {
    try {
      if (this.#level.status === "open") await this.#level.close();
      if (!this.#closed) await this.#level.open();
    } catch (error) {
      const { cause } = error as { cause?: { code?: string } };
      if (cause?.code === "LEVEL_LOCKED" || cause?.code === "LEVEL_CORRUPTION") return this.#lost(error);
      // A full disk, for example: there may be room soon.
      if (!this.#closed) this.#opening = setTimeout(() => void this.#reopen(), REOPEN_MS).unref();
    }
  }

  async #checkVersion(isNew: boolean): Promise<void> {
    if (isNew) await this.write([{ type: "put", key: VERSION_KEY, value: Buffer.from(String(VERSION)) }]);
    const version = this.get(VERSION_KEY)?.toString();
    if (version === String(VERSION)) return;
    throw new DialwardError(
      "store",
      version === undefined
        ? `The store in ${this.path} is damaged: it does not tell its version. Restore a backup.`
        : `The store in ${this.path} was written by ${Number(version) < VERSION ? "an older" : "a newer"} version of ` +
            `Dialward (version ${version}; this one knows ${VERSION}). Use that version` +
            `${Number(version) < VERSION ? ", or restore a backup that it makes" : ""}; nothing was changed.`,
    );
  }

  async #guard<T>(verb: "read" | "written", action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      throw storeError(this.path, verb, cause);
    }
  }

  #guardSync<T>(action: () => T): T {
    try {
      return action();
    } catch (cause) {
      throw storeError(this.path, "read", cause);
    }
  }
}

/** The first key behind all that begin with `prefix`, whose last letter is one of ASCII. */
function behind(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

function noStore(path: string): DialwardError {
  return new DialwardError(
    "not-found",
    `There is no store in ${path}. Check --data and --config; to make a new one: dialward --data ${path} init`,
  );
}

/** What went wrong with the store in the folder `path`. */
export function storeError(path: string, verb: "opened" | "read" | "written", cause: unknown): DialwardError {
  if (cause instanceof DialwardError) return cause;
  const error = cause as { code?: string; message?: string; cause?: { code?: string; message?: string } };
  if (error.cause?.code === "LEVEL_LOCKED")
    return new DialwardError("busy", `The store in ${path} is open in another process.`, { cause });
  const why = error.cause?.message ?? error.message ?? String(cause);
  return new DialwardError(
    "store",
    `The store in ${path} cannot be ${verb}: ${why}. Check the disk's space, and that the folder and all in it ` +
      "belong to the user who runs this.",
    { cause },
  );
}
