// Groups of a file that is imported: those that stand in a sealed file are made where there are none of their names, and a
// user who names a group that is nowhere is refused, since it could not log in.
import { isDeepStrictEqual } from "node:util";
import { groupSchema, type Group } from "./group.ts";

/** For each user what is wrong with it, undefined where it can be added; Users.check. */
type Check = (users: readonly { groups?: unknown; name: string }[]) => Promise<(string | undefined)[]>;

/** Where the groups are kept. */
interface GroupDesk {
  list(): Promise<readonly Group[]>;
  save(group: Group): Promise<unknown>;
}

export class ImportedGroups {
  readonly #desk: GroupDesk;
  readonly #there: ReadonlyMap<string, Group>;
  readonly #brought = new Map<string, Group>();

  private constructor(desk: GroupDesk, there: ReadonlyMap<string, Group>) {
    this.#desk = desk;
    this.#there = there;
  }

  /** Knows the groups that there are. */
  static async open(desk: GroupDesk): Promise<ImportedGroups> {
    return new ImportedGroups(desk, new Map((await desk.list()).map((one) => [one.name, one])));
  }

  /** Hears of a group in the file; what is none is left out, and its users are refused. */
  hear(group: unknown): void {
    const { data } = groupSchema.safeParse(group);
    if (data) this.#brought.set(data.name, data as Group);
  }

  /** `check`, which refuses users of unknown groups besides. */
  checking(check: Check): Check {
    return async (users) => {
      const wrong = await check(users);
      return users.map(({ groups }, i) => wrong[i] ?? this.#unknown(groups));
    };
  }

  /** Makes those that are missing; the names of those of which there is another one, which stays. */
  async save(): Promise<string[]> {
    const others: string[] = [];
    for (const [name, group] of this.#brought) {
      const there = this.#there.get(name);
      if (there === undefined) await this.#desk.save(group);
      else if (!isDeepStrictEqual(there, group)) others.push(name);
    }
    return others;
  }

  #unknown(groups: unknown): string | undefined {
    // What is no name at all the profile's own check refuses.
    const names = Array.isArray(groups) ? groups.filter((name) => typeof name === "string") : [];
    const missing = names.find((name) => !this.#there.has(name) && !this.#brought.has(name));
    if (missing === undefined) return undefined;
    return `groups: there is no group "${missing}". Make it first: dialward group save`;
  }
}
