// Back-off by source: who fails over many users (password spraying) waits, whomever he names next. The core counts
// failures by user; this counts them by NAS and calling station, in memory. Nothing locks for ever.

/** Failures that cost nothing: behind one address there may be an office. */
const FREE = 20;
/** The first wait, and the longest; doubled by each failure in between. Seconds. */
const FIRST_WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 3600;
/** One failure is forgotten in this time. */
const FADE_SECONDS = 600;
/** Sources that are remembered; those that failed longest ago make room. */
const MOST = 10_000;

interface Failures {
  count: number;
  /** Seconds since 1970. */
  last: number;
}

export class Sources {
  readonly #failures = new Map<string, Failures>();
  readonly #tell: (source: string, now: number) => void;

  /** `tell` hears of each failure, so that the service's other processes can count it too. */
  constructor(tell: (source: string, now: number) => void = () => {}) {
    this.#tell = tell;
  }

  get size(): number {
    return this.#failures.size;
  }

  /** Seconds until a dial-in from `source` is considered; 0 is now. */
  waitSeconds(source: string, now: number): number {
    const known = this.#failures.get(source);
    if (known === undefined) return 0;
    const count = faded(known, now);
    if (count < FREE) return 0;
    const wait = Math.min(FIRST_WAIT_SECONDS * 2 ** (count - FREE), LONGEST_WAIT_SECONDS);
    // A clock that was set back must not make anybody wait for longer than that.
    return Math.max(0, wait - Math.max(0, now - known.last));
  }

  /** Counts a wrong code, or a user who is not there. A success ends nothing: who sprays may have an account too. */
  fail(source: string, now: number): void {
    this.count(source, now);
    this.#tell(source, now);
  }

  /** Counts a failure that another process has told of. */
  count(source: string, now: number): void {
    const known = this.#failures.get(source);
    const count = (known === undefined ? 0 : faded(known, now)) + 1;
    this.#failures.delete(source);
    this.#failures.set(source, { count, last: now }); // the youngest stands last
    if (this.#failures.size > MOST) this.#failures.delete(this.#failures.keys().next().value!);
  }
}

function faded({ count, last }: Failures, now: number): number {
  return Math.max(0, count - Math.floor(Math.max(0, now - last) / FADE_SECONDS));
}
