// A map that forgets each entry after a fixed real time, whatever the wall clock does; bounded by two generations, the
// older of which is dropped whole.

interface Kept<V> {
  value: V;
  /** Milliseconds of the monotonic clock. */
  until: number;
}

/** Entries live for `milliseconds`, fewer where more than `most` come in that time. */
export class ExpiringMap<K, V> {
  #young = new Map<K, Kept<V>>();
  #old = new Map<K, Kept<V>>();
  #weight = 0;
  #turned: number;
  readonly #milliseconds: number;
  readonly #most: number;
  readonly #now: () => number;

  /** `most`: the weight of a generation; two are kept. `now` returns milliseconds that never go back. */
  constructor(milliseconds: number, most: number, now = (): number => performance.now()) {
    this.#milliseconds = milliseconds;
    this.#most = most;
    this.#now = now;
    this.#turned = now();
  }

  /** Entries that take memory, those whose time is over among them. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: K): V | undefined {
    const kept = this.#young.get(key) ?? this.#old.get(key);
    return kept !== undefined && this.#now() < kept.until ? kept.value : undefined;
  }

  /** Keeps `value` from now on; `weight` is its share of `most`. */
  set(key: K, value: V, weight = 1): void {
    const now = this.#now();
    if (now - this.#turned >= this.#milliseconds || this.#weight + weight > this.#most) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = 0;
      this.#turned = now;
    }
    this.#young.set(key, { value, until: now + this.#milliseconds });
    this.#weight += weight;
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
