// The latest logins with their reason, and each user's last one. Written behind the verdicts, once a second, so that no
// login waits for it; after a crash the last seconds may be missing.
import type { Reason, Verdict } from "../core/dial-in.ts";
import type { LoginEvent } from "../log/login-event.ts";
import type { DataFolder, Write } from "./data-folder.ts";

/** Logins that are kept; the oldest make room. */
const KEPT = 10_000;
const FLUSH_MS = 1000;
/** Logins between two writes; beyond, a flood, the rest is counted only. */
const HELD = 500;
const NAME_LENGTH = 64;

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
  readonly #folder: DataFolder;
  /** The youngest number that is stored, and the oldest. */
  #last: number;
  #first: number;
  #held: Login[] = [];
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  private constructor(folder: DataFolder, first: number, last: number) {
    this.#folder = folder;
    this.#first = first;
    this.#last = last;
  }

  /** Opens the journal of a data folder. Throws DialwardError("store"). */
  static async open(folder: DataFolder): Promise<Journal> {
    const numbers: number[] = [];
    for await (const some of folder.entries(LOGINS))
      for (const [key] of some) numbers.push(Number(key.slice(LOGINS.length)));
    return new Journal(folder, numbers[0] ?? 1, numbers.at(-1) ?? 0);
  }

  /** Notes a login. Never throws, never waits. */
  note({ time, dialIn: { user, nas, source, type }, verdict: { outcome, reason } }: LoginEvent): void {
    if (this.#held.length >= HELD) return;
    const short = (text: string): string => text.slice(0, NAME_LENGTH);
    this.#held.push({
      time,
      user: short(user),
      nas,
      source: short(source),
      type,
      outcome,
      reason,
    });
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref();
  }

  /** The latest logins, the youngest first; of one user where given. Throws DialwardError("store"). */
  async latest(count: number, user?: string): Promise<Login[]> {
    this.#flush();
    await this.#writing;
    const all: Login[] = [];
    for await (const some of this.#folder.entries(LOGINS))
      for (const [, value] of some) all.push(JSON.parse(value.toString()) as Login);
    all.reverse();
    return (user === undefined ? all : all.filter((one) => one.user === user)).slice(0, count);
  }

  /** When a user last logged in, in seconds since 1970. Throws DialwardError("store"). */
  lastLogin(user: string): number | undefined {
    const held = this.#held.findLast((one) => one.user === user && one.outcome === "accept");
    const time = held?.time ?? this.#folder.get(LAST + user)?.readDoubleLE(0);
    return time === undefined ? undefined : Math.floor(time / 1000);
  }

  async close(): Promise<void> {
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const logins = this.#held.splice(0);
    if (logins.length === 0) return;
    const writes: Write[] = [];
    for (const login of logins) {
      writes.push({ type: "put", key: keyOf(++this.#last), value: Buffer.from(JSON.stringify(login)) });
      if (login.outcome !== "accept") continue;
      const time = Buffer.alloc(8);
      time.writeDoubleLE(login.time);
      writes.push({ type: "put", key: LAST + login.user, value: time });
    }
    while (this.#last - this.#first >= KEPT) writes.push({ type: "del", key: keyOf(this.#first++) });
    // Nothing depends on it: what cannot be written is missing in the list.
    this.#writing = this.#writing.then(() => this.#folder.write(writes, false)).catch(() => {});
  }
}

const LOGINS = "login/";
const LAST = "last/";

function keyOf(number: number): string {
  return LOGINS + String(number).padStart(15, "0");
}
