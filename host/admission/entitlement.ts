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
  /** Who is connected, as far as the NAS have said. */
  sessions(): Promise<readonly Session[]>;
  /** The users of a group, for a limit of the group's. */
  members(group: string): Promise<Pick<ReadonlySet<string>, "has">>;
  /** Ends a session that makes room for a newer one. Never rejects. */
  end(session: Session): void;
  /** Whether the configuration has a directory; else a user whose password is there is refused. */
  directory: boolean;
}

/** A limit that holds for a user, and the sessions that count for it, the oldest first. */
export interface Limit {
  /** The group whose users count together; undefined: the user alone. */
  group: string | undefined;
  logins: number;
  connected: readonly Session[];
}

/** A session of which nothing was heard for so long does not count: its NAS has lost it, in seconds. */
const SILENCE_SECONDS = 86_400;
/** The same where the NAS tells in between: its word would have come. */
const INTERIM_SILENCE_SECONDS = 3 * 3600;

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

  /**
   * What `user` may do at `now` (seconds since 1970). A group that is gone refuses: what it forbade is not forgotten.
   * `goesOn`: it is asked of a login that has passed already, so that its own session is none too many.
   */
  async check(user: string, own: UserRules, now: number, goesOn = false): Promise<Entitled> {
    let groups: Group[];
    try {
      groups = await this.#options.groups.named(own.groups);
    } catch {
      return { refused: "group-missing", rules: effective(own, []), over: [] };
    }
    const rules = effective(own, groups);
    if (own.directory && !this.#options.directory)
      return { refused: "directory-unreachable", rules, over: [] };
    if (rules.valid && !validAt(rules.valid, now).valid) return { refused: "not-valid-now", rules, over: [] };
    let over: Session[] = [];
    try {
      if (!goesOn) over = await this.#over(user, rules, now);
    } catch {
      return { refused: "store-unavailable", rules, over: [] }; // others in the batch have no limit to ask about
    }
    if (over.length > 0 && rules.onLimit === "refuse-newest")
      return { refused: "too-many-logins", rules, over: [] };
    return { refused: undefined, rules, over };
  }

  /** The attributes of an Accept to the NAS `nas`, as the log names it. */
  reply({ rules }: Entitled, nas: string, now: number): readonly ReplyAttribute[] {
    let room = REPLY_BYTES;
    const reply = replyAttributes(rules, nas, now).map((attribute) => ({
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

  /** The limits that hold for `user` by these rules, with who is connected at `now`. */
  async limits(user: string, { logins, groupLogins }: Effective, now: number): Promise<Limit[]> {
    if (logins === undefined && groupLogins.length === 0) return [];
    const all = await this.#options.sessions();
    const live = all.filter((one) => isLive(one, now)).toSorted((a, b) => a.since - b.since);
    const limits: Limit[] = [];
    if (logins !== undefined)
      limits.push({ group: undefined, logins, connected: live.filter((one) => one.user === user) });
    for (const { group, logins: most } of groupLogins) {
      const members = await this.#options.members(group);
      limits.push({ group, logins: most, connected: live.filter((one) => members.has(one.user)) });
    }
    return limits;
  }

  /** The oldest sessions that one more would make too many. */
  async #over(user: string, rules: Effective, now: number): Promise<Session[]> {
    const over = new Set<Session>();
    for (const { logins, connected } of await this.limits(user, rules, now))
      for (const session of connected.slice(0, Math.max(0, connected.length + 1 - logins))) over.add(session);
    return [...over];
  }
}

function isLive({ since, updated }: Session, now: number): boolean {
  return now - updated < (updated > since ? INTERIM_SILENCE_SECONDS : SILENCE_SECONDS);
}
