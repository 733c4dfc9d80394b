// How many logins there were, by hour and reason, for a month: counted as verdicts leave, and kept in login-counts.json of
// the data folder, so that a picture of them reads no log.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { replacePrivateFile } from "../config/private-file.ts";
import type { LoginEvent } from "../log/login-event.ts";

const FILE = "login-counts.json";
const HOUR_MS = 3_600_000;
const HOURS = 31 * 24;
const SAVE_MS = 60_000;

/** As those who are let in are counted; a text that is put together for each login is garbage. */
const LET_IN: Record<string, string> = { ok: "+ok", "password-ok": "+password-ok" };

const fileSchema = z.record(z.string(), z.record(z.string(), z.int()));

/** Logins of one span of time. */
export interface Span {
  /** Its beginning, milliseconds since 1970. */
  from: number;
  accepted: number;
  refused: number;
}

export class LoginCounts {
  readonly #file: string;
  readonly #now: () => number;
  /** By hours since 1970, then by reason. */
  readonly #hours: Map<number, Map<string, number>>;
  #timer: NodeJS.Timeout | undefined;

  /** Opens the counts; what cannot be read begins anew, since nothing depends on them. */
  constructor(folder: string, now: () => number = Date.now) {
    this.#file = join(folder, FILE);
    this.#now = now;
    this.#hours = readCounts(this.#file);
  }

  /** Counts a verdict. */
  note({ time, verdict: { reason, outcome } }: LoginEvent): void {
    const hour = Math.floor(time / HOUR_MS);
    let counts = this.#hours.get(hour);
    if (counts === undefined) {
      this.#hours.set(hour, (counts = new Map()));
      for (const old of this.#hours.keys()) if (old <= hour - HOURS) this.#hours.delete(old);
    }
    const key = outcome === "refuse" ? reason : (LET_IN[reason] ?? `+${reason}`);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    this.#timer ??= setTimeout(() => this.save(), SAVE_MS).unref();
  }

  /** The last `count` spans of so many hours, the oldest first. */
  spans(count: number, hours: number): Span[] {
    const end = Math.floor(this.#now() / HOUR_MS) + 1;
    return Array.from({ length: count }, (_, i) => {
      const from = end - (count - i) * hours;
      const span = { from: from * HOUR_MS, accepted: 0, refused: 0 };
      for (let hour = from; hour < from + hours; hour++) {
        for (const [key, number] of this.#hours.get(hour) ?? [])
          if (key.startsWith("+")) span.accepted += number;
          else span.refused += number;
      }
      return span;
    });
  }

  /** Refusals of the last so many hours by reason, the most frequent first. */
  refusals(hours: number): [reason: string, count: number][] {
    const from = Math.floor(this.#now() / HOUR_MS) - hours;
    const sums = new Map<string, number>();
    for (const [hour, counts] of this.#hours) {
      if (hour <= from) continue;
      for (const [key, number] of counts)
        if (!key.startsWith("+")) sums.set(key, (sums.get(key) ?? 0) + number);
    }
    return [...sums].toSorted(([, a], [, b]) => b - a);
  }

  /** Writes what is counted. A full disk loses it. */
  save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const all = Object.fromEntries(
      [...this.#hours].map(([hour, counts]) => [hour, Object.fromEntries(counts)]),
    );
    try {
      replacePrivateFile(this.#file, JSON.stringify(all) + "\n");
    } catch {
      // nothing depends on them
    }
  }
}

function readCounts(file: string): Map<number, Map<string, number>> {
  try {
    const all = fileSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    return new Map(
      Object.entries(all).map(([hour, counts]) => [Number(hour), new Map(Object.entries(counts))]),
    );
  } catch {
    return new Map();
  }
}
