// What a user may do beyond showing a right code: hours, logins at one time, and what an Accept brings. The rules are the
// user's own and its groups' (host/groups/); who is connected, the list of sessions says.
import type { Reason, ReplyAttribute } from "../core/dial-in.ts";
import { encodeAttribute, printAttribute } from "../groups/attribute.ts";
import { effective, replyAttributes, type Effective, type Group } from "../groups/group.ts";
import type { Groups } from "../groups/groups.ts";
import { validAt } from "../groups/validity.ts";
import type { Session } from "../store/store.ts";
import type { UserRules } from "./record-cache.ts";

/** What an Accept has room for, beside what the protocol puts there (assembly/radius/abi.ts, EXTRA_BYTES). */
const REPLY_BYTES = 2048;

export interface EntitlementOptions {
  groups: Groups;
  /** Who is connected; those of whom nothing was heard for long are not in it. */
  sessions(): Promise<readonly Session[]>;
  /** The users of a group, for a limit of the group's. */
  members(group: string): Promise<ReadonlySet<string>>;
  /** Ends a session that makes room for a newer one. Never rejects. */
  end(session: Session): void;
}

/** What was found for one login. */
export interface Entitled {
  /** Why the login may not pass whatever it shows; undefined where it may. */
  refused: Reason | undefined;
  rules: Effective;
  /** Sessions to end if it passes. */
  over: readonly Session[];
}

export class Entitlements {
  readonly #options: EntitlementOptions;

  constructor(options: EntitlementOptions) {
    this.#options = options;
  }

  /** What `user` may do at `now` (seconds since 1970). A group that is gone refuses: what it forbade is not forgotten. */
  async check(user: string, own: UserRules, now: number): Promise<Entitled> {
    let groups: Group[];
    try {
      groups = await this.#options.groups.named(own.groups);
    } catch {
      return { refused: "group-missing", rules: effective(own, []), over: [] };
    }
    const rules = effective(own, groups);
    if (rules.valid && !validAt(rules.valid, now).valid) return { refused: "not-valid-now", rules, over: [] };
    const over = await this.#over(user, rules);
    if (over.length > 0 && rules.onLimit === "refuse-newest")
      return { refused: "too-many-logins", rules, over: [] };
    return { refused: undefined, rules, over };
  }

  /** The attributes of an Accept to the NAS `nas`, as the log names it. */
  reply({ rules }: Entitled, nas: string, now: number): readonly ReplyAttribute[] {
    // A client that is a prefix has the address behind its name.
    let room = REPLY_BYTES;
    const reply = replyAttributes(rules, nas.split("@")[0]!, now).map((attribute) => ({
      name: attribute.definition.name,
      value: printAttribute(attribute).replace(/^[^=]*= /, ""),
      bytes: encodeAttribute(attribute),
    }));
    // The user's own stand first; what several groups add beyond the room is left out.
    return reply.filter(({ bytes }) => bytes.length <= room && ((room -= bytes.length), true));
  }

  /** A login has passed: those that were too many go. */
  admitted({ over }: Entitled): void {
    for (const session of over) this.#options.end(session);
  }

  /** The oldest sessions that one more would make too many. */
  async #over(user: string, { logins, groupLogins }: Effective): Promise<Session[]> {
    if (logins === undefined && groupLogins.length === 0) return [];
    const connected = (await this.#options.sessions()).toSorted((a, b) => a.since - b.since);
    const over = new Set<Session>();
    const count = (mine: readonly Session[], most: number): void => {
      for (const session of mine.slice(0, Math.max(0, mine.length + 1 - most))) over.add(session);
    };
    if (logins !== undefined)
      count(
        connected.filter((session) => session.user === user),
        logins,
      );
    for (const { group, logins: most } of groupLogins) {
      const members = await this.#options.members(group);
      count(
        connected.filter((session) => members.has(session.user)),
        most,
      );
    }
    return [...over];
  }
}
