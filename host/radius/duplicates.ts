// Retransmissions: a request that comes again gets the answer that the first one got, byte for byte.
// Source: RFC 5080 section 2.2.2. Bounded in number and time by two generations, the older of which is dropped whole.

/** How long an answer is kept at least, in milliseconds; at most it is twice as long. */
const KEPT_MS = 15_000;
/** How many are kept in a generation. */
const KEPT = 16_384;

/** A map that forgets: an entry lives between `milliseconds` and twice that, fewer if many come. */
export class Generations<T> {
  #young = new Map<string, T>();
  #old = new Map<string, T>();
  #turned: number;

  readonly milliseconds: number;
  readonly most: number;

  constructor(milliseconds: number = KEPT_MS, most: number = KEPT, now: number = Date.now()) {
    this.milliseconds = milliseconds;
    this.most = most;
    this.#turned = now;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string, now: number = Date.now()): T | undefined {
    this.#turn(now);
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, value: T, now: number = Date.now()): void {
    this.#turn(now);
    this.#young.set(key, value);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  #turn(now: number): void {
    const since = now - this.#turned;
    // A clock that was set back counts as a turn, or entries would live for as long as it was set back.
    if (since >= 0 && since < this.milliseconds && this.#young.size < this.most) return;
    this.#old = since < 2 * this.milliseconds ? this.#young : new Map();
    this.#young = new Map();
    this.#turned = now;
  }
}
