// Back-off by caller: who fails as many users (password spraying) waits. The core counts failures by user; this counts
// the users by caller (caller.ts), in memory and by a clock that nobody sets. Nothing locks for ever.
import { createHmac, randomBytes } from "node:crypto";

/** Users that cost nothing: behind one address there may be an office. */
const FREE = 20;
/** The first wait, and the longest; doubled by each further user in between. Seconds. */
const FIRST_WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 3600;
/** One user is forgotten in this time. */
const FADE_SECONDS = 600;
/** Callers that are remembered; those that failed longest ago make room. */
const MOST = 10_000;

interface Failures {
  count: number;
  /** Seconds of the monotonic clock. */
  last: number;
  /** The users whom it failed as last, hashed: names are as long as an attacker likes. */
  users: number[];
}

/** Counts the users whom each caller fails as. */
export class Sources {
  readonly #failures = new Map<string, Failures>();
  readonly #key = randomBytes(32);
  readonly #now: () => number;

  /** `now` returns seconds that never go back, so that no clock that is set makes anybody wait. */
  constructor(now: () => number = () => performance.now() / 1000) {
    this.#now = now;
  }

  get size(): number {
    return this.#failures.size;
  }

  /** Seconds until a dial-in from `caller` as a user who has not logged in from there is considered; 0 is now. */
  waitSeconds(caller: string): number {
    const known = this.#failures.get(caller);
    if (known === undefined) return 0;
    const now = this.#now();
    const count = faded(known, now);
    if (count < FREE) return 0;
    const wait = Math.min(FIRST_WAIT_SECONDS * 2 ** (count - FREE), LONGEST_WAIT_SECONDS);
    return Math.max(0, Math.ceil(wait - (now - known.last)));
  }

  /**
   * Counts a wrong code, or a user who is not there; again the same user is the core's concern, and counts nothing
   * here. A success ends nothing: who sprays may have an account too.
   */
  fail(caller: string, user: string): void {
    const known = this.#failures.get(caller);
    const now = this.#now();
    const hash = createHmac("sha256", this.#key).update(user).digest().readUInt32LE(0);
    const count = known === undefined ? 0 : faded(known, now);
    const users = count === 0 ? [] : known!.users;
    if (users.includes(hash)) return;
    users.push(hash);
    if (users.length > FREE) users.shift();
    this.#failures.delete(caller);
    this.#failures.set(caller, { count: count + 1, last: now, users }); // the youngest stands last
    if (this.#failures.size > MOST) this.#failures.delete(this.#failures.keys().next().value!);
  }
}

function faded({ count, last }: Failures, now: number): number {
  return Math.max(0, count - Math.floor((now - last) / FADE_SECONDS));
}
