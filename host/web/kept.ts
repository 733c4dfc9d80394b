// What waits for its author, in memory only: each by a random id, for one administrator, not for ever. Everybody's oldest
// make room for the own newer ones alone: strangers, who have one name together, push out nobody else's.
import { randomBytes } from "node:crypto";

/** Keeps at most `most` things of each owner, each for `ms` milliseconds. */
export class Kept<Value extends object> {
  readonly #kept = new Map<string, Value & { owner: string; until: number }>();
  readonly #most: number;
  readonly #ms: number;

  constructor(most: number, ms: number) {
    this.#most = most;
    this.#ms = ms;
  }

  /** Keeps a thing for the administrator `owner`, and returns its id. */
  keep(owner: string, value: Value): string {
    const own = [...this.#kept].filter(([, one]) => one.owner === owner).map(([id]) => id);
    if (own.length >= this.#most) this.#kept.delete(own[0]!);
    const id = randomBytes(16).toString("base64url");
    this.#kept.set(id, { ...value, owner, until: Date.now() + this.#ms });
    // Secrets are in some of them.
    setTimeout(() => this.#kept.delete(id), this.#ms).unref();
    return id;
  }

  /** A thing of `owner`'s; undefined for others, and when it is too old. */
  find(id: string | undefined, owner: string): Value | undefined {
    const kept = this.#kept.get(id ?? "");
    return kept?.owner === owner && kept.until > Date.now() ? kept : undefined;
  }

  /** Forgets a thing and its secrets. */
  end(id: string): void {
    this.#kept.delete(id);
  }
}
