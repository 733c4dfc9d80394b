// Has this machine's clock moved? Devices' clocks drift each by itself: where those of many users change together, against
// what they were, it is this machine's. Learned from accepted logins, and from refused ones whose codes are of another
// time of the day (far-codes.ts); in bounded memory.

/** Users whose last logins are looked at together, and how many of them must agree. */
const USERS = 12;
const AGREEING = 10;
/** A smaller change is how fast people type. */
const LEAST_SECONDS = 30;
/** Users whose usual offset is remembered, in each of two generations; the older one makes room. */
const MOST = 10_000;
/** Users whose codes were found far off, and how many of them must agree, to how many seconds. */
const FAR_USERS = 8;
const FAR_AGREEING = 3;
const FAR_SECONDS = 60;
/** How long a move is told of. */
const TOLD_SECONDS = 86_400;

export class ClockWatch {
  /** Seconds by which a user's device is ahead of the clock as it was before it moved. */
  #usual = new Map<string, number>();
  #older = new Map<string, number>();
  /** By how much the latest logins differ from that, one for each user, the youngest at the end. */
  readonly #changes = new Map<string, number>();
  /** By how much the clock seems off to the latest users who were refused. */
  readonly #far = new Map<string, number>();
  readonly #tell: (seconds: number) => void;
  readonly #now: () => number;
  /** What this machine's clock has moved by in all. */
  #shift = 0;
  #moved = 0;
  #since = -Infinity;

  /** `tell` hears of each move, in seconds, positive for forward; `now` returns seconds that never go back. */
  constructor(
    tell: (seconds: number) => void = () => {},
    now: () => number = () => performance.now() / 1000,
  ) {
    this.#tell = tell;
    this.#now = now;
  }

  /** Users who are remembered. */
  get size(): number {
    return this.#usual.size + this.#older.size;
  }

  /** Seconds by which the clock has moved within the last day, positive for forward; 0 where it has not. */
  get moved(): number {
    return this.#now() - this.#since < TOLD_SECONDS ? this.#moved : 0;
  }

  /**
   * A user was accepted by a device that is `ahead` seconds ahead of the clock; `before`: as its state had it before the
   * login; `period`: seconds of a step.
   */
  note(user: string, ahead: number, before: number, period: number): void {
    const usual = this.#usual.get(user) ?? this.#older.get(user) ?? before;
    if (this.#usual.size >= MOST && !this.#usual.has(user)) {
      this.#older = this.#usual;
      this.#usual = new Map();
    }
    this.#usual.set(user, usual);
    const change = ahead + this.#shift - usual;
    const counts = Math.abs(change) >= Math.max(LEAST_SECONDS, period);
    this.#changes.delete(user);
    this.#changes.set(user, counts ? change : 0);
    if (this.#changes.size > USERS) this.#changes.delete(this.#changes.keys().next().value!);
    if (!counts) return;
    const agreeing = [...this.#changes.values()].filter((one) => one * change > 0);
    if (agreeing.length < AGREEING) return;
    // Devices that seem to have gone back have stayed where they are: the clock has gone forward. The mean, since each
    // login tells it to a step only.
    const seconds = -mean(agreeing);
    this.#shift += seconds;
    this.#changes.clear();
    this.#move(seconds);
  }

  /** A user was refused whose device is so many seconds ahead of the clock, too far to be let in. */
  found(user: string, ahead: number): void {
    this.#far.delete(user);
    this.#far.set(user, ahead);
    if (this.#far.size > FAR_USERS) this.#far.delete(this.#far.keys().next().value!);
    const agreeing = [...this.#far.values()].filter((one) => Math.abs(one - ahead) <= FAR_SECONDS);
    if (agreeing.length < FAR_AGREEING) return;
    this.#far.clear();
    const seconds = -mean(agreeing);
    if (Math.abs(seconds - this.moved) > FAR_SECONDS) this.#move(seconds);
  }

  #move(seconds: number): void {
    this.#moved = seconds;
    this.#since = this.#now();
    this.#tell(seconds);
  }
}

function mean(numbers: readonly number[]): number {
  return Math.round(numbers.reduce((sum, one) => sum + one, 0) / numbers.length);
}
