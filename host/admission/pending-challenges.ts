// What waits for a user's next word: after a right password the code, after a right proof its acknowledgement.
// Only who has shown a right password or code gets an entry, so a flood of strangers cannot push one out.

import { randomBytes } from "node:crypto";

/**
 * What users are asked who must show a code, in the second step of `password, then code` for example. `service` is the
 * installation's name, where it has one of its own: the user may have codes for several.
 */
export function codePrompt(service?: string): string {
  return service === undefined ? "Enter the code: " : `Enter the code of ${service}: `;
}

/** How long an entry waits, in milliseconds. */
export const PENDING_MS = 60_000;
/** How many wait at most: in all, and for one user. The oldest make room. */
const MOST = 10_000;
const MOST_OF_ONE = 8;

interface Waiting<T> {
  value: T;
  user: string;
  until: number;
}

/** Values under a random key of 16 bytes (RADIUS State, OpenVPN's state id), each taken once. */
export class Pending<T> {
  readonly #waiting = new Map<string, Waiting<T>>();
  readonly #ofUser = new Map<string, string[]>();
  /** What users are asked whose entry waits for a code. */
  readonly prompt: string;

  /** `service` is the installation's name, where it has one of its own. */
  constructor(service?: string) {
    this.prompt = codePrompt(service);
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Keeps `value` for a minute and returns its key, 16 bytes. `now`: milliseconds that never go back. */
  put(value: T, user: string, now: number = performance.now()): Buffer {
    for (const [key, entry] of this.#waiting) {
      if (entry.until > now && this.#waiting.size < MOST) break;
      this.#remove(key, entry.user);
    }
    const mine = this.#ofUser.get(user) ?? [];
    if (mine.length >= MOST_OF_ONE) this.#remove(mine[0]!, user);
    const key = randomBytes(16);
    const text = key.toString("hex");
    this.#waiting.set(text, { value, user, until: now + PENDING_MS });
    this.#ofUser.set(user, [...(this.#ofUser.get(user) ?? []), text]);
    return key;
  }

  /** The value of `key`, once and in time, for `user` only. */
  take(key: Uint8Array, user: string, now: number = performance.now()): T | undefined {
    const text = Buffer.from(key).toString("hex");
    const entry = this.#waiting.get(text);
    if (entry === undefined || entry.user !== user) return undefined;
    this.#remove(text, user);
    return entry.until > now ? entry.value : undefined;
  }

  #remove(key: string, user: string): void {
    this.#waiting.delete(key);
    const rest = this.#ofUser.get(user)?.filter((each) => each !== key) ?? [];
    if (rest.length === 0) this.#ofUser.delete(user);
    else this.#ofUser.set(user, rest);
  }
}
