// Changes of profiles come one after the other. While a user is being changed its logins wait, or one would write over
// the state that goes with the change.

export class ChangeOrder {
  readonly #slotOf: (user: string) => number;
  #changes: Promise<unknown> = Promise.resolve();
  /** Slots whose profile is being changed. */
  readonly #changing = new Map<number, Promise<unknown>>();

  /** `slotOf` returns 0 for who is nobody. */
  constructor(slotOf: (user: string) => number) {
    this.#slotOf = slotOf;
  }

  /** Runs `action` after all changes before it, while nobody else changes `users`. */
  async change<T>(users: readonly string[], action: () => Promise<T>): Promise<T> {
    const mine = this.#changes
      .catch(() => {})
      .then(async () => {
        const slots = users.map(this.#slotOf).filter((slot) => slot !== 0);
        const running = action();
        const settled = running.catch(() => {});
        for (const slot of slots) this.#changing.set(slot, settled);
        try {
          return await running;
        } finally {
          for (const slot of slots) this.#changing.delete(slot);
        }
      });
    this.#changes = mine.catch(() => {});
    return mine;
  }

  /** Whether nobody is being changed. */
  get isQuiet(): boolean {
    return this.#changing.size === 0;
  }

  /** Resolves when no change of these users is under way. */
  async settled(users: readonly string[]): Promise<void> {
    while (this.#changing.size > 0) {
      const busy = users.flatMap((user) => this.#changing.get(this.#slotOf(user)) ?? []);
      if (busy.length === 0) return;
      await Promise.all(busy);
      await Promise.resolve();
    }
  }

  /** Resolves when no change is under way. */
  async end(): Promise<void> {
    await this.#changes.catch(() => {});
  }
}
