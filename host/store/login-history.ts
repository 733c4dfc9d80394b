// The journal: the latest logins with their reason, and each user's last one. Written behind the verdicts, once a
// second, so that no login waits for it; after a crash the last second may be missing.
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { open, type Database, type RootDatabase } from "lmdb";
import { giveToFolderOwner } from "../config/private-file.ts";
import type { DialIn, Reason, Verdict } from "../core/dial-in.ts";
import { completeFile } from "./lmdb-file.ts";
import { checkRoom } from "./room.ts";

/** Logins that are kept; the oldest make room. */
const KEPT = 10_000;
const FLUSH_MS = 1000;
/** Logins between two writes; beyond, a flood, the rest is counted only. */
const HELD = 500;
const NAME_LENGTH = 64;
/** What lmdb and completeFile say of a file that is no store, or not any more. */
const DAMAGED = /MDB_(CORRUPTED|INVALID|PAGE_NOTFOUND|VERSION_MISMATCH)|not a store/;

/** One login. */
export interface Login {
  /** Milliseconds since 1970. */
  time: number;
  user: string;
  nas?: string | undefined;
  source: string;
  type?: string | undefined;
  outcome: Verdict["outcome"];
  reason: Reason;
}

export class Journal {
  readonly #file: string;
  readonly #env: RootDatabase;
  readonly #logins: Database<Login, string>;
  readonly #last: Database<number, string>;
  #held: Login[] = [];
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Opens or makes the journal in the data folder. */
  constructor(folder: string) {
    this.#file = join(folder, "journal.mdb");
    let databases;
    try {
      completeFile(this.#file);
      databases = openDatabases(this.#file);
    } catch (error) {
      if (!DAMAGED.test((error as Error).message)) throw error;
      // Nothing depends on it, so it is put aside and begun anew.
      if (existsSync(this.#file)) renameSync(this.#file, `${this.#file}.damaged`);
      rmSync(`${this.#file}-lock`, { force: true });
      databases = openDatabases(this.#file);
    }
    ({ env: this.#env, logins: this.#logins, last: this.#last } = databases);
    for (const made of [this.#file, `${this.#file}-lock`]) giveToFolderOwner(made);
  }

  /** Notes a login. Never throws, never waits. */
  note({ user, nas, source, type }: DialIn, { outcome, reason }: Verdict): void {
    if (this.#held.length >= HELD) return;
    const short = (text: string): string => text.slice(0, NAME_LENGTH);
    this.#held.push({
      time: Date.now(),
      user: short(user),
      nas,
      source: short(source),
      type,
      outcome,
      reason,
    });
    this.#timer ??= setTimeout(() => void this.#flush().catch(() => {}), FLUSH_MS).unref();
  }

  /** The latest logins, the youngest first; of one user where given. */
  latest(count: number, user?: string): Login[] {
    this.#env.resetReadTxn();
    const found: Login[] = [...this.#held].reverse().filter((one) => user === undefined || one.user === user);
    for (const { value } of this.#logins.getRange({ reverse: true })) {
      if (found.length >= count) break;
      if (user === undefined || value.user === user) found.push(value);
    }
    return found.slice(0, count);
  }

  /** When a user last logged in, in seconds since 1970. */
  lastLogin(user: string): number | undefined {
    const held = this.#held.findLast((one) => one.user === user && one.outcome === "accept");
    const time = held?.time ?? this.#last.get(user);
    return time === undefined ? undefined : Math.floor(time / 1000);
  }

  async close(): Promise<void> {
    await this.#flush().catch(() => {});
    await this.#env.close();
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const logins = this.#held.splice(0);
    if (logins.length === 0) return;
    checkRoom(this.#file);
    // On this thread: lmdb's own leaves a promise unhandled on a full disk, which would end the process.
    this.#env.transactionSync(() => {
      for (const login of logins) {
        // Several processes write here: time, process and number keep the keys apart, and in order.
        const key = `${String(login.time).padStart(15, "0")}-${process.pid}-${String(++this.#count).padStart(9, "0")}`;
        this.#logins.putSync(key, login);
        if (login.outcome === "accept") this.#last.putSync(login.user, login.time);
      }
      const surplus = this.#logins.getCount() - KEPT;
      if (surplus > 0)
        for (const key of [...this.#logins.getKeys({ limit: surplus })]) this.#logins.removeSync(key);
    });
  }
}

function openDatabases(path: string) {
  // As in host/store/lmdb.ts, and for the same reason.
  const env = open({ path, noSubdir: true, maxDbs: 4, overlappingSync: false, eventTurnBatching: false });
  const logins = env.openDB<Login, string>({ name: "logins", encoding: "json" });
  const last = env.openDB<number, string>({ name: "last", encoding: "json" });
  return { env, logins, last };
}
