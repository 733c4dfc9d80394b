// What may have been spent and is not known: users of a backup, and those whose state has rotted. No code that may have
// been used is right again.
import type { Clock } from "../core/clock.ts";
import type { Core } from "../core/core.ts";
import { DialwardError } from "../errors.ts";
import type { NewUser, Store } from "../store/store.ts";
import { exists, type Changed, type UserEntries } from "./entries.ts";
import { holdOff } from "./hold.ts";

/** A user as it was when a backup was made. */
type Lost = Pick<NewUser, "user" | "profile" | "state">;

/** Brings users back whose spent steps are not known, and lists them. */
export class UserLosses {
  readonly #core: Core;
  readonly #store: Store;
  readonly #entries: UserEntries;
  readonly #clock: Clock;
  readonly #changed: Changed;

  constructor(core: Core, store: Store, entries: UserEntries, clock: Clock, changed: Changed) {
    this.#core = core;
    this.#store = store;
    this.#entries = entries;
    this.#clock = clock;
    this.#changed = changed;
  }

  /**
   * Adds users of a backup as they were, all or none; no code that may have been used since is right. Their number, and
   * the names whose counters (HOTP) nobody can know. Throws DialwardError("sealed"), ("exists") or ("usage").
   */
  async restore(pieces: AsyncIterable<readonly Lost[]>): Promise<{ users: number; counters: string[] }> {
    const counters: string[] = [];
    let users = 0;
    const hold = ({ user, profile: sealed, state }: Lost): NewUser => {
      const { profile } = this.#entries.read(user, { profile: sealed, state, revision: 0 });
      if (profile.factor === "hotp") counters.push(user);
      users++;
      const held = holdOff(this.#core, profile, state, this.#clock.seconds());
      return { user, profile: sealed, state: held.state, mark: this.#entries.mark(profile) };
    };
    async function* held(): AsyncGenerator<NewUser[]> {
      for await (const piece of pieces) yield piece.map(hold);
    }
    const [taken] = await this.#store.create(held());
    if (taken !== undefined) throw exists(taken);
    return { users, counters };
  }

  /** Names of users that are refused because what was spent may have been lost, in byte order. */
  async damaged(): Promise<string[]> {
    const names: string[] = [];
    for await (const { user, entry } of this.#store.list()) if (entry.damaged) names.push(user);
    return names;
  }

  /**
   * Lets a damaged user in again, once no code that it may have used is right any more; the seconds until then. HOTP:
   * `counter` is the first one that was not used. Throws DialwardError("not-found"), ("usage") or ("refused").
   */
  async accept(name: string, counter?: number): Promise<number> {
    const entry = await this.#entries.load(name);
    if (!entry.damaged) throw new DialwardError("refused", `Nothing of "${name}" is lost.`);
    const { profile } = this.#entries.read(name, entry);
    const { state, seconds } = holdOff(this.#core, profile, entry.state, this.#clock.seconds(), counter);
    if (!(await this.#store.acceptLoss(name, state)))
      throw new DialwardError("conflict", `"${name}" was changed just now. Try again.`);
    this.#changed("loss accepted", [name], 1);
    return seconds;
  }
}
