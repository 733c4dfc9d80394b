// Retransmissions: a request that comes again gets the answer that the first one got, byte for byte.
// Source: RFC 5080 section 2.2.2. Bounded in number and time by two generations, the older of which is dropped whole.

/** How long an answer is kept at least, in milliseconds; at most it is twice as long. */
const KEPT_MS = 15_000;
/** How many are kept in a generation. */
const KEPT = 16_384;

/** A map that forgets: an entry lives between `milliseconds` and twice that, fewer if many come. */
export class Generations<K, T> {
  /** By scope first: the key within it can be a small number then, which is found without making and reading a text. */
  #young = new Map<string, Map<K, T>>();
  #old = new Map<string, Map<K, T>>();
  #added = 0;
  #turned: number;

  readonly milliseconds: number;
  readonly most: number;

  constructor(milliseconds: number = KEPT_MS, most: number = KEPT, now: number = Date.now()) {
    this.milliseconds = milliseconds;
    this.most = most;
    this.#turned = now;
  }

  get size(): number {
    let size = 0;
    for (const scopes of [this.#young, this.#old]) for (const { size: more } of scopes.values()) size += more;
    return size;
  }

  get(scope: string, key: K, now: number = Date.now()): T | undefined {
    this.#turn(now);
    return this.#young.get(scope)?.get(key) ?? this.#old.get(scope)?.get(key);
  }

  set(scope: string, key: K, value: T, now: number = Date.now()): void {
    this.#turn(now);
    let keys = this.#young.get(scope);
    if (keys === undefined) this.#young.set(scope, (keys = new Map()));
    const before = keys.size;
    keys.set(key, value);
    this.#added += keys.size - before;
  }

  delete(scope: string, key: K): void {
    this.#young.get(scope)?.delete(key);
    this.#old.get(scope)?.delete(key);
  }

  #turn(now: number): void {
    const since = now - this.#turned;
    // A clock that was set back counts as a turn, or entries would live for as long as it was set back.
    if (since >= 0 && since < this.milliseconds && this.#added < this.most) return;
    this.#old = since < 2 * this.milliseconds ? this.#young : new Map();
    this.#young = new Map();
    this.#added = 0;
    this.#turned = now;
  }
}
