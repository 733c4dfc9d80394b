// What an administrator does with users: the command line and the web pages call the same functions.
import { isSynchronised, systemClock, type Clock } from "../core/clock.ts";
import { RECORD_STATE, type Core } from "../core/core.ts";
import type { DialIn, DialInType, Verdict } from "../core/dial-in.ts";
import { SERVICE_NAME } from "../config/schema.ts";
import { diagnose, diagnoseStranger, readClock } from "./doctor.ts";
import type { Finding } from "./findings.ts";
import { diagnoseVerify, Draft, verifying } from "./draft-profile.ts";
import { DialwardError } from "../errors.ts";
import { holdOff } from "./hold.ts";
import { importUsers, type BadRow } from "./import-users.ts";
import { toRow, type MovedUser } from "./moved.ts";
import { isName, makeProfile, otpauthUri, toEnrolment, type Profile } from "./profile.ts";
import { findCodes, followDevice } from "./resync.ts";
import { readTypedCode } from "./typed-code.ts";
import type { Rules } from "../groups/group.ts";
import type { Sealer } from "../store/seal.ts";
import type { Entry, NewUser, Store } from "../store/store.ts";
import { exists, notFound, UserEntries, type Changed, type User } from "./entries.ts";

/** Generations of recovery codes; the first comes back after the last. */
const GENERATIONS = 255;

/** What an administrator is shown once, when a user is added. */
export interface Enrolled extends User {
  uri: string;
}

/** What `edit` may change. */
export type ProfileChanges = {
  [Key in "pin" | "password" | "mode" | "types" | "enabled" | "groups" | "passwordFrom" | keyof Rules]?:
    Profile[Key] | null | undefined;
};

/** Whoever judges a dial-in as a login does. */
export interface Judge {
  submit(dialIn: DialIn): Promise<Verdict>;
}

/** Adds, changes, looks into and removes users of a store; each change is sealed and told. */
export class Users {
  readonly #core: Core;
  readonly #store: Store;
  readonly #sealer: Sealer;
  readonly #clock: Clock;
  readonly #entries: UserEntries;
  readonly #changed: Changed;
  readonly #issuer: string;
  readonly #entitled: (profile: Profile, now: number) => Promise<Finding[]>;

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
    entitled: (profile: Profile, now: number) => Promise<Finding[]> = async () => [],
  ) {
    this.#entitled = entitled;
    this.#changed = changed;
    this.#issuer = issuer;
    this.#core = core;
    this.#store = store;
    this.#sealer = sealer;
    this.#clock = clock;
    this.#entries = new UserEntries(core, store, sealer, clock, changed);
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
    const names: string[] = [];
    const wrong = rows.map((input) => {
      try {
        names.push(this.#entries.check(input));
        return undefined;
      } catch (error) {
        if (error instanceof DialwardError) return error.message;
        throw error;
      }
    });
    const stored = await this.#store.load(names);
    let at = 0;
    return wrong.map((why) => why ?? (stored[at++] && "name: there is such a user already"));
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
    for await (const { user: name, entry } of this.#store.list()) {
      try {
        yield this.#entries.read(name, entry);
      } catch (error) {
        if (!(error instanceof DialwardError)) throw error;
        yield { name, problem: error.message };
      }
    }
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
      const record = this.#core.enrol(toEnrolment(profile), entry.state);
      return { profile: this.#entries.seal(profile), state: record.slice(RECORD_STATE) };
    });
  }

  /**
   * Adds users of a backup as they were, all or none; no code that may have been used since is right. The names whose
   * counters (HOTP) nobody can know. Throws DialwardError("sealed"), ("exists") or ("usage").
   */
  async restore(
    rows: readonly { user: string; profile: Uint8Array; state: Uint8Array }[],
  ): Promise<{ counters: string[] }> {
    const counters: string[] = [];
    const added = rows.map(({ user, profile: sealed, state }): NewUser => {
      const { profile } = this.#entries.read(user, { profile: sealed, state, revision: 0 });
      if (profile.factor === "hotp") counters.push(user);
      const held = holdOff(this.#core, profile, state, this.#clock.seconds());
      return { user, profile: sealed, state: held.state, mark: this.#entries.mark(profile) };
    });
    const [taken] = await this.#store.create(added);
    if (taken !== undefined) throw exists(taken);
    return { counters };
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
  async acceptLoss(name: string, counter?: number): Promise<number> {
    const entry = await this.#entries.load(name);
    if (!entry.damaged) throw new DialwardError("refused", `Nothing of "${name}" is lost.`);
    const { profile } = this.#entries.read(name, entry);
    const { state, seconds } = holdOff(this.#core, profile, entry.state, this.#clock.seconds(), counter);
    if (!(await this.#store.acceptLoss(name, state)))
      throw new DialwardError("conflict", `"${name}" was changed just now. Try again.`);
    this.#changed("loss accepted", [name], 1);
    return seconds;
  }

  /** Ends a wait: forgets the failures, and nothing else. Throws DialwardError("not-found"). */
  async unlock(name: string): Promise<User> {
    return this.#entries.change("user unlocked", name, ({ state }) => ({ state: this.#core.unlock(state) }));
  }

  /**
   * What is wrong with a code that was refused, the likeliest first. Changes nothing and spends nothing.
   * `synchronised` tells whether this machine's clock is.
   */
  async diagnose(
    name: string,
    code: string,
    type?: DialInType,
    synchronised: () => Promise<boolean | undefined> = isSynchronised,
  ): Promise<Finding[]> {
    const [entry] = isName(name) ? await this.#store.load([name]) : [];
    if (!entry) return diagnoseStranger(name, await this.#names());
    const { profile, standing, waitSeconds } = this.#entries.read(name, entry);
    const clock = await readClock(this.#clock, synchronised);
    const entitled = await this.#entitled(profile, clock.seconds);
    const patient = { profile, state: entry.state, standing, waitSeconds, type, entitled };
    return diagnose(this.#core, patient, code, clock);
  }

  /**
   * Follows a device whose clock or counter has gone astray, found by two consecutive codes, which are spent.
   * Answers how many steps it is ahead. Throws DialwardError("not-found") or ("refused").
   */
  async resync(name: string, typed: readonly [string, string]): Promise<{ user: User; offset: number }> {
    const entry = await this.#entries.load(name);
    const now = this.#clock.seconds();
    const codes = [readTypedCode(typed[0]), readTypedCode(typed[1])] as const;
    const found = await findCodes(
      this.#core,
      this.#entries.read(name, entry).profile,
      entry.state,
      codes,
      now,
    );
    let offset = 0;
    const user = await this.#entries.change("user followed", name, ({ profile: sealed, state, revision }) => {
      const { profile } = this.#entries.read(name, { profile: sealed, state, revision });
      const followed = followDevice(this.#core, profile, state, codes, found, now);
      offset = followed.offset;
      return { profile: this.#entries.seal(followed.profile), state: followed.state };
    });
    return { user, offset };
  }

  /** Throws DialwardError("not-found"). */
  async remove(name: string): Promise<void> {
    if (!isName(name) || !(await this.#store.remove(name))) throw notFound(name);
    this.#changed("user removed", [name], 1);
  }

  /**
   * Judges a code as a login does, through `admission`, and makes a pending profile active. The code is spent.
   * A wrong one comes with what the doctor finds. Throws DialwardError("not-found").
   */
  async verify(name: string, code: string, admission: Judge): Promise<Verdict & { findings: Finding[] }> {
    const { profile } = await this.get(name);
    const verdict = await admission.submit(verifying(profile, code));
    if (verdict.reason !== "wrong-code") return { ...verdict, findings: [] };
    const { state } = await this.#entries.load(name);
    return { ...verdict, findings: await diagnoseVerify(this.#core, profile, state, code, this.#clock) };
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
      const record = this.#core.enrol(toEnrolment(profile), entry.state);
      return { profile: this.#entries.seal(profile), state: record.slice(RECORD_STATE) };
    });
  }

  /**
   * The ten recovery codes of a user, in order; with `renew`, or where there were none, new ones in place of those
   * before. Throws DialwardError("not-found").
   */
  async recoveryCodes(name: string, renew = false): Promise<string[]> {
    const { recovery } = (await this.get(name)).profile;
    if (renew || recovery === undefined) {
      await this.#entries.change("recovery codes made", name, (entry) => {
        const { profile } = this.#entries.read(name, entry);
        const next = ((profile.recovery ?? 0) % GENERATIONS) + 1;
        return { profile: this.#entries.seal({ ...profile, recovery: next }), state: entry.state };
      });
    }
    const entry = await this.#entries.load(name);
    const record = this.#core.enrol(toEnrolment(this.#entries.read(name, entry).profile), entry.state);
    try {
      return this.#core.recoveryCodes(record);
    } finally {
      record.fill(0);
    }
  }

  async #names(): Promise<string[]> {
    const names: string[] = [];
    for await (const { user } of this.#store.list()) names.push(user);
    return names;
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
