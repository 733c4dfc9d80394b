// Groups of a file that is imported: those that stand in a sealed file are made where there are none of their names, and a
// user who names a group that is nowhere is refused, since it could not log in.
import { isDeepStrictEqual } from "node:util";
import type { Check } from "../formats/plan.ts";
import { groupSchema, type Group } from "../groups/group.ts";
import type { Desk } from "../service/desk.ts";
import { printable, warn } from "./output.ts";

export class ImportedGroups {
  readonly #desk: Pick<Desk, "groups">;
  readonly #there: ReadonlyMap<string, Group>;
  readonly #brought = new Map<string, Group>();

  private constructor(desk: Pick<Desk, "groups">, there: ReadonlyMap<string, Group>) {
    this.#desk = desk;
    this.#there = there;
  }

  /** Knows the groups that there are. */
  static async open(desk: Pick<Desk, "groups">): Promise<ImportedGroups> {
    return new ImportedGroups(desk, new Map((await desk.groups.list()).map((one) => [one.name, one])));
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

  /** Makes those that are missing; says of which there is another one, which stays. */
  async save(): Promise<void> {
    for (const [name, group] of this.#brought) {
      const there = this.#there.get(name);
      if (there === undefined) await this.#desk.groups.save(group);
      else if (!isDeepStrictEqual(there, group))
        warn(`The group "${printable(name)}" is another one here, and stays as it is here.`);
    }
  }

  #unknown(groups: unknown): string | undefined {
    const names = Array.isArray(groups) ? (groups as unknown[]) : [];
    const missing = names.find((name) => !this.#there.has(String(name)) && !this.#brought.has(String(name)));
    if (missing === undefined) return undefined;
    return `groups: there is no group "${String(missing)}". Make it first: dialward group save`;
  }
}
