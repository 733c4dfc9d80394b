// The spent log of a data folder: appends a batch, syncs it, and writes a checkpoint of all states now and then.
// (spent-log.md has the format; spent-reader.ts reads it.)
import { fdatasyncSync, fsyncSync, mkdirSync, openSync, renameSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeCheckpoint } from "./spent-checkpoint.ts";
import * as entries from "./spent-entry.ts";
import { ENTRY_BYTES, isLater, STATE_AT } from "./spent-entry.ts";
import {
  fillWithZeros,
  pathOf,
  syncFolder,
  tryClose,
  writeAll,
  writeFileSynced,
  writeWhole,
  ZEROS,
} from "./spent-files.ts";
import { readSpentLog, type Reading } from "./spent-reader.ts";
import type { States } from "./states.ts";

/** Entries of one log, and with many users half as many as there are users: a checkpoint costs one for each. */
export const LOG_ENTRIES = 65_536;
/** After a failure the next log is tried this often, in milliseconds. */
const RETRY_MS = 1000;
const SPARE = "spare.draft";
const BLANK = Buffer.alloc(ENTRY_BYTES);

export interface SpentLogOptions {
  /** Entries of a log; for tests. */
  logEntries?: number;
  retryMs?: number;
  /** Hears of the number of a log that has begun. */
  begun?: (sequence: number) => void;
  /** Hears why a checkpoint could not be written; it is tried again with the next log. */
  failed?: (error: unknown) => void;
}

interface OpenLog {
  descriptor: number;
  sequence: number;
  /** Entries that are synced, and for how many there is room. */
  count: number;
  room: number;
}

export class SpentLog {
  readonly #folder: string;
  readonly #states: States;
  readonly #options: SpentLogOptions;
  #log: OpenLog | undefined;
  /** The newest log that has begun, and how many of its entries count. */
  #sequence: number;
  #count: number;
  #batch = Buffer.alloc(128 * ENTRY_BYTES);
  #size = 0;
  /** The room of a file of zeros that lies ready for the next log, and the making of it. */
  #spare: number | undefined;
  #preparing: Promise<void> | undefined;
  #checkpoint: Promise<void> | undefined;
  #failedAt = -Infinity;
  #closed = false;

  /** `reading`: what readSpentLog has found in `folder`. Call begin() before anything is appended. */
  private constructor(folder: string, states: States, reading: Reading, options: SpentLogOptions) {
    this.#folder = folder;
    this.#states = states;
    this.#options = options;
    this.#sequence = reading.sequence;
    this.#count = reading.count;
  }

  /** Makes the log of a new store, with nothing in it. Throws where it cannot be written. */
  static create(folder: string): void {
    mkdirSync(folder, { mode: 0o700 });
    const parts = { sequence: 1, count: 0, before: 0 };
    for (const kind of ["checkpoint", "log"] as const)
      writeFileSynced(pathOf(folder, 1, kind), entries.makeHeader({ ...parts, kind: entries.KINDS[kind] }));
    syncFolder(folder);
    syncFolder(dirname(folder));
  }

  /**
   * Reads the log into `states`, whose users without an entry behind rot are damaged; `reading.lost` says that all are,
   * and is left to the caller. Throws DialwardError("store") where a newer version has written it.
   */
  static open(
    folder: string,
    states: States,
    options: SpentLogOptions = {},
  ): { log: SpentLog; reading: Reading } {
    let rotten = 0;
    const reading = readSpentLog(folder, {
      entry: (id, revision, bytes, at) => states.put(id, revision, bytes, at),
      rot: () => (rotten = states.newest),
      forget: () => states.clear(),
    });
    for (let slot = 1; slot <= states.last; slot++)
      if (states.has(slot) && states.version(slot) <= rotten) states.lose(slot);
    return { log: new SpentLog(folder, states, reading, options), reading };
  }

  /** The newest log's number. */
  get sequence(): number {
    return this.#sequence;
  }

  /**
   * Makes ready for appends. Where the log is `clean` they go on behind the last entry; else into a new one, numbered
   * beyond `noted` too, and before it a checkpoint of `states` as they are now. Throws where it cannot be written.
   */
  async begin({ clean, room, lost }: Reading, noted = 0): Promise<void> {
    if (clean) {
      const descriptor = openSync(pathOf(this.#folder, this.#sequence, "log"), "r+");
      this.#log = { descriptor, sequence: this.#sequence, count: this.#count, room };
      return;
    }
    if (isLater(noted, this.#sequence)) {
      this.#sequence = noted;
      this.#count = 0;
    }
    if (lost) this.#count = 0;
    this.#roll(0);
    await this.#checkpoint;
  }

  /** Adds an entry to the batch; `state`: 48 bytes. */
  add(id: number, revision: number, state: Uint8Array): void {
    const at = this.#size;
    if (at === this.#batch.length) {
      const larger = Buffer.alloc(2 * this.#batch.length);
      this.#batch.copy(larger);
      this.#batch = larger;
    }
    this.#batch.set(state, at + STATE_AT);
    entries.sealEntry(this.#batch, at, id, revision, at > 0);
    this.#size += ENTRY_BYTES;
  }

  /**
   * Appends the batch and syncs it; a batch of nothing writes and syncs too, so that it takes as long. Throws where it
   * is not known to be on the disk; it counts as not written then. On both ways the batch is empty afterwards.
   */
  commit(): void {
    const size = this.#size;
    const count = size / ENTRY_BYTES;
    this.#size = 0;
    if (!this.#log || this.#log.count + Math.max(count, 1) > this.#log.room) this.#roll(count);
    const log = this.#log!;
    const at = (log.count + 1) * ENTRY_BYTES;
    try {
      if (count === 0) writeAll(log.descriptor, BLANK, ENTRY_BYTES, at);
      else writeAll(log.descriptor, this.#batch, size, at);
      fdatasyncSync(log.descriptor);
    } catch (error) {
      // What is in the file now is not known, and a second sync would not tell: the next log goes on.
      this.#leave();
      throw error;
    }
    log.count += count;
    this.#count = log.count;
    if (2 * log.count > log.room) this.#prepare();
  }

  /** Writes a checkpoint of the states as they are now, behind a new log; resolves when it is in place. */
  async checkpoint(): Promise<void> {
    await this.#checkpoint;
    this.#roll(0);
    await this.#checkpoint;
  }

  /** Resolves when the folder's files are closed, and nothing more is written. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([this.#preparing, this.#checkpoint]);
    this.#leave();
  }

  #leave(): void {
    if (!this.#log) return;
    tryClose(this.#log.descriptor);
    this.#log = undefined;
  }

  /** Goes on in the next log, with room for at least `count` entries. Throws where it cannot be made. */
  #roll(count: number): void {
    const now = performance.now();
    if (now < this.#failedAt + (this.#options.retryMs ?? RETRY_MS))
      throw new Error("it could not be written just now; it is tried again within a second");
    const sequence = (this.#sequence + 1) >>> 0;
    const room = Math.max(this.#entries(), 2 * count);
    const path = pathOf(this.#folder, sequence, "log");
    const spare = this.#spare !== undefined && this.#spare >= room;
    const draft = spare ? join(this.#folder, SPARE) : `${path}.draft`;
    let descriptor: number | undefined;
    try {
      descriptor = openSync(draft, spare ? "r+" : "w", 0o600);
      this.#spare = undefined;
      if (!spare) fillWithZeros(descriptor, room);
      const header = { sequence, kind: entries.KIND_LOG, count: room, before: this.#count };
      writeAll(descriptor, entries.makeHeader(header), ENTRY_BYTES, 0);
      fsyncSync(descriptor);
      renameSync(draft, path);
      syncFolder(this.#folder);
    } catch (error) {
      // The next log may be in place and say how many entries of this one count: no more may follow here.
      this.#leave();
      this.#failedAt = now;
      if (descriptor !== undefined) tryClose(descriptor);
      throw error;
    }
    this.#leave();
    this.#log = { descriptor, sequence, count: 0, room };
    this.#sequence = sequence;
    this.#count = 0;
    this.#options.begun?.(sequence);
    const written = (this.#checkpoint ?? Promise.resolve())
      .then(() => writeCheckpoint(this.#folder, sequence, this.#states, () => this.#closed))
      .catch((error) => this.#options.failed?.(error))
      .finally(() => {
        if (this.#checkpoint === written) this.#checkpoint = undefined;
      });
    this.#checkpoint = written;
  }

  #entries(): number {
    return this.#options.logEntries ?? Math.max(LOG_ENTRIES, this.#states.count >> 1);
  }

  /** Fills a file with zeros for the next log, beside the logins, once this one is half full. */
  #prepare(): void {
    if (this.#spare !== undefined || this.#preparing !== undefined || this.#closed) return;
    const write = async (): Promise<void> => {
      const room = this.#entries();
      const file = await open(join(this.#folder, SPARE), "w", 0o600);
      try {
        for (let left = (room + 1) * ENTRY_BYTES; left > 0 && !this.#closed; left -= ZEROS.length)
          await writeWhole(file, ZEROS, Math.min(left, ZEROS.length), null);
        await file.sync();
      } finally {
        await file.close();
      }
      if (!this.#closed) this.#spare = room;
    };
    // Where it fails, the next log is filled when it begins, and says why it cannot be.
    this.#preparing = write()
      .catch(() => {})
      .finally(() => (this.#preparing = undefined));
  }
}
