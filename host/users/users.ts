// What an administrator does with users: the command line and the web pages call the same functions.
import { systemClock, type Clock } from "../core/clock.ts";
import type { Core } from "../core/core.ts";
import { SERVICE_NAME } from "../config/schema.ts";
import { Draft } from "./draft-profile.ts";
import { DialwardError } from "../errors.ts";
import { UserHelp, type Entitled } from "./help.ts";
import { checkRows, importUsers, type BadRow } from "./import-users.ts";
import { UserLosses } from "./losses.ts";
import { toRow, type MovedUser } from "./moved.ts";
import { isName, otpauthUri, toEnrolment, type Profile } from "./profile.ts";
import { makeProfile } from "./new-profile.ts";
import type { Rules } from "../groups/group.ts";
import type { Sealer } from "../store/seal.ts";
import type { Entry, Store } from "../store/store.ts";
import { exists, notFound, UserEntries, type Changed, type User } from "./entries.ts";

/** What an administrator is shown once, when a user is added. */
export interface Enrolled extends User {
  uri: string;
}

/** What `edit` may change. */
export type ProfileChanges = {
  [Key in "pin" | "password" | "mode" | "types" | "enabled" | "groups" | "passwordFrom" | keyof Rules]?:
    Profile[Key] | null | undefined;
};

/** Adds, changes, looks into and removes users of a store; each change is sealed and told. */
export class Users {
  readonly #core: Core;
  readonly #store: Store;
  readonly #sealer: Sealer;
  readonly #clock: Clock;
  readonly #entries: UserEntries;
  readonly #changed: Changed;
  readonly #issuer: string;
  /** For who cannot log in. */
  readonly help: UserHelp;
  /** For what is not known to be unspent. */
  readonly losses: UserLosses;

  /**
   * `changed` hears of every change that took place, for the audit log; `issuer` names the installation in QR codes;
   * `entitled` tells the doctor of groups, hours, limits and the directory.
   */
  constructor(
    core: Core,
    store: Store,
    sealer: Sealer,
    clock: Clock = systemClock,
    changed: Changed = () => {},
    issuer = SERVICE_NAME,
    entitled: Entitled = async () => [],
  ) {
    this.#changed = changed;
    this.#issuer = issuer;
    this.#core = core;
    this.#store = store;
    this.#sealer = sealer;
    this.#clock = clock;
    this.#entries = new UserEntries(core, store, sealer, clock, changed);
    this.help = new UserHelp(core, store, this.#entries, clock, entitled);
    this.losses = new UserLosses(core, store, this.#entries, clock, changed);
  }

  /** Adds one user, given as a row of an import. Throws DialwardError("usage") or ("exists"). */
  async add(input: unknown): Promise<Enrolled> {
    return this.#sealer.using(async () => {
      const { row, user, counter } = this.#entries.enrol(input);
      const taken = await this.#store.create([row]);
      if (taken.length > 0) throw exists(row.user);
      this.#changed("user added", [row.user], 1);
      return { ...user, uri: this.uri(user.profile, counter) };
    });
  }

  /** What an authenticator scans. */
  uri(profile: Profile, counter?: number): string {
    return otpauthUri(profile, counter, this.#issuer);
  }

  /** What is wrong with each of `rows`; undefined where it could be added now. Changes nothing. */
  async check(rows: readonly unknown[]): Promise<(string | undefined)[]> {
    return checkRows(rows, this.#entries, this.#store);
  }

  /**
   * Adds all of `rows` or, if one is bad, none, and returns the bad ones. `onProgress` hears how many rows are
   * checked.
   */
  async import(
    rows: Iterable<unknown> | AsyncIterable<unknown>,
    onProgress: (checked: number) => void = () => {},
  ): Promise<BadRow[]> {
    return this.#sealer.using(() =>
      importUsers(rows, { entries: this.#entries, store: this.#store, changed: this.#changed, onProgress }),
    );
  }

  /**
   * Users with their secrets, as rows that `import` takes: all where none is named. Throws DialwardError("not-found") or
   * ("sealed").
   */
  async *export(names: readonly string[]): AsyncIterable<MovedUser> {
    const row = (name: string, entry: Entry): MovedUser =>
      toRow(this.#entries.read(name, entry).profile, entry.state);
    if (names.length === 0) for await (const { user, entry } of this.#store.list()) yield row(user, entry);
    for (const name of names) yield row(name, await this.#entries.load(name));
  }

  /** Throws DialwardError("not-found") or ("sealed"). */
  async get(name: string): Promise<User> {
    return this.#entries.read(name, await this.#entries.load(name));
  }

  /** Every user in byte order of the names; one whose profile does not open comes with what is wrong. */
  async *list(): AsyncIterable<User | { name: string; problem: string }> {
    for await (const one of this.scan(() => false)) if (one) yield "user" in one ? one.user : one;
  }

  /** As list(), but of a user whose revision is `known` it yields undefined, and does not open its profile. */
  async *scan(
    known: (name: string, revision: number) => boolean,
  ): AsyncIterable<
    ({ name: string; revision: number } & ({ user: User } | { problem: string })) | undefined
  > {
    for await (const { user: name, entry } of this.#store.list()) {
      const { revision } = entry;
      if (known(name, revision)) {
        yield undefined;
        continue;
      }
      try {
        yield { name, revision, user: this.#entries.read(name, entry) };
      } catch (error) {
        if (!(error instanceof DialwardError)) throw error;
        yield { name, revision, problem: error.message };
      }
    }
  }

  /** Throws DialwardError("not-found"). */
  async setEnabled(name: string, enabled: boolean): Promise<User> {
    return this.#entries.change(enabled ? "user enabled" : "user disabled", name, (entry) => {
      const profile: Profile = { ...this.#entries.read(name, entry).profile, enabled };
      // The core checks the profile again before it is stored.
      const state = this.#core.enrolState(toEnrolment(profile), entry.state);
      return { profile: this.#entries.seal(profile), state };
    });
  }

  /** Ends a wait: forgets the failures, and nothing else. Throws DialwardError("not-found"). */
  async unlock(name: string): Promise<User> {
    return this.#entries.change("user unlocked", name, ({ state }) => ({ state: this.#core.unlock(state) }));
  }

  /** Throws DialwardError("not-found"). */
  async remove(name: string): Promise<void> {
    if (!isName(name) || !(await this.#store.remove(name))) throw notFound(name);
    this.#changed("user removed", [name], 1);
  }

  /**
   * A profile that is not stored yet: its first code can be verified before it is saved. With `replace` it takes the
   * place of the user of that name. Throws DialwardError("usage"), ("exists") or ("not-found").
   */
  async draft(input: unknown, replace = false): Promise<Draft> {
    const { profile, start } = makeProfile(input, this.#clock.seconds());
    const [entry] = await this.#store.load([profile.name]);
    if (entry && !replace) throw exists(profile.name);
    if (!entry && replace) throw notFound(profile.name);
    return new Draft(this.#core, this.#clock, profile, start, this.uri(profile, start.counter));
  }

  /**
   * Stores a draft, pending or active as it is by now. With `replaces` the user of that name keeps all but the secret, and
   * `own`, what the user has chosen, if the profile is one that `replaces` knows. Throws DialwardError("exists"), ("not-found") or ("conflict").
   */
  async save(
    draft: Draft,
    replaces?: (stored: Profile) => boolean,
    own: Partial<Pick<Profile, "pin" | "password">> = {},
  ): Promise<User> {
    const { profile, state } = draft;
    const mark = this.#entries.mark(profile);
    if (replaces) {
      return this.#entries.change("user replaced", profile.name, (entry) => {
        const stored = this.#entries.read(profile.name, entry).profile;
        if (!replaces(stored)) throw changedMeanwhile(profile.name);
        const { driftBound: _driftBound, recovery: _recovery, ...kept } = stored;
        return { profile: this.#entries.seal({ ...kept, ...own, secret: profile.secret }), state, mark };
      });
    }
    const taken = await this.#sealer.using(() =>
      this.#store.create([{ user: profile.name, profile: this.#entries.seal(profile), state, mark }]),
    );
    if (taken.length > 0) throw exists(profile.name);
    this.#changed("user added", [profile.name], 1);
    return this.get(profile.name);
  }

  /**
   * Changes what an administrator may change without a new secret: a key of `changes` that is undefined stays as it
   * is, one that is null is taken away. With `isAsShown` only a profile that it knows is changed. Throws DialwardError("usage"), ("not-found") or
   * ("conflict").
   */
  async edit(
    name: string,
    changes: ProfileChanges,
    isAsShown: (stored: Profile) => boolean = () => true,
  ): Promise<User> {
    return this.#entries.change("user edited", name, (entry) => {
      const old = this.#entries.read(name, entry).profile;
      if (!isAsShown(old)) throw changedMeanwhile(name);
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const { created, driftBound, recovery, ...plain } = withoutEmpty({ ...old, ...given });
      if (plain.mode === "code") delete plain.passwordFrom;
      if (plain.mode === "code" || plain.passwordFrom) delete plain.password;
      const profile: Profile = { ...makeProfile(plain, created).profile, driftBound, recovery };
      const state = this.#core.enrolState(toEnrolment(profile), entry.state);
      return { profile: this.#entries.seal(profile), state };
    });
  }
}

function changedMeanwhile(name: string): DialwardError {
  return new DialwardError("conflict", `"${name}" was changed meanwhile. Look at it, and try again.`);
}

/** Without what is taken away, and rules that say nothing: no groups, no attributes, no hours, a limit of 0. */
function withoutEmpty(rules: object): Profile {
  const left = Object.fromEntries(
    Object.entries(rules).filter(([, value]) => value !== null),
  ) as unknown as Profile;
  if (left.groups?.length === 0) delete left.groups;
  if (left.attributes?.length === 0) delete left.attributes;
  if (left.valid && Object.keys(left.valid).length === 0) delete left.valid;
  if (left.logins === 0) delete left.logins;
  return left;
}
