// Who was probably meant by a name that no user has: told to the log behind the verdict, so that nothing waits for it.
import type { DialIn } from "../core/dial-in.ts";
import type { Log } from "../log/log.ts";
import type { Store } from "../store/store.ts";
import { isName } from "../users/profile.ts";
import { otherNames } from "../users/user-name.ts";

/** Looks for users of names like one that nobody has. */
export class MeantUsers {
  readonly #store: Pick<Store, "load">;
  readonly #log: Log;
  #busy = false;

  constructor(store: Pick<Store, "load">, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /** Tells the log which user `dialIn` probably meant. One at a time; what comes meanwhile is not looked at. */
  async tell({ login, user, nas }: DialIn): Promise<void> {
    const names = this.#busy ? [] : otherNames(user).filter(isName);
    if (names.length === 0) return;
    this.#busy = true;
    try {
      const entries = await this.#store.load(names);
      const meant = names.find((_, i) => entries[i] !== undefined);
      if (meant !== undefined)
        this.#log.info({ login, user, nas, meant }, "there is no such user, but one of a name like it");
    } catch {
      // The store has told of its fault where a login needed it.
    } finally {
      this.#busy = false;
    }
  }
}
