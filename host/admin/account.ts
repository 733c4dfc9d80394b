// The administrator's own account. It logs in through an admission of its own, on a store of its own, so that the
// core judges password, code, replay and back-off as for everybody, and no VPN daemon can reach the account.
// What the core compares as the password is scrypt's output.
import { Admission, type AdmissionOptions } from "../admission/admission.ts";
import { readStation } from "../admission/station.ts";
import { systemClock, type Clock } from "../core/clock.ts";
import type { Core } from "../core/core.ts";
import type { DialIn, Verdict } from "../core/dial-in.ts";
import { DialwardError } from "../errors.ts";
import type { Audit } from "../log/audit.ts";
import type { LoginLog } from "../log/log.ts";
import { readTypedCode } from "../users/typed-code.ts";
import { newSecret } from "../users/profile.ts";
import type { AdministratorLogin } from "./administrator-login.ts";
import { checkAccount, makeSalt, PasswordHashes, SCRYPT_COST } from "./password-hash.ts";
import type { Role, SettingsFile } from "./settings.ts";
import type { DataFolder } from "../store/data-folder.ts";
import { EmbeddedStore } from "../store/embedded.ts";
import type { Sealer } from "../store/seal.ts";
import type { Store } from "../store/store.ts";
import type { Draft } from "../users/draft-profile.ts";
import { Users } from "../users/users.ts";

/** Entries of a log of its store: there are two users at most. */
const LOG_ENTRIES = 1024;

export interface AdministratorOptions {
  audit?: Audit | undefined;
  /** How authenticators name the service. */
  issuer?: string;
  /** scrypt's N of the passwords that are set. */
  cost?: number;
  /** Makes the store where it is missing. */
  create?: boolean;
}

export class Administrator {
  readonly #settings: SettingsFile;
  readonly #store: Store;
  readonly #users: Users;
  /** Judges passwords from the LAN, whatever the clock says: who is to set it must get in. */
  readonly #lan: Admission;
  readonly #wan: Admission;
  readonly #cost: number;
  readonly #hashes = new PasswordHashes();
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    store: Store,
    core: Core,
    sealer: Sealer,
    settings: SettingsFile,
    log: LoginLog,
    { audit, cost = SCRYPT_COST, issuer }: AdministratorOptions,
  ) {
    this.#settings = settings;
    this.#cost = cost;
    this.#store = store;
    this.#users = new Users(core, store, sealer, undefined, undefined, issuer);
    const options: AdmissionOptions = {
      log,
      note: (event) => audit?.note(event),
      noted: () => audit?.flush(),
    };
    const always: Clock = { seconds: systemClock.seconds, plausible: () => true };
    this.#lan = new Admission(core, this.#store, sealer, { ...options, clock: always });
    this.#wan = new Admission(core, this.#store, sealer, options);
  }

  /** Opens the account's store in `folder`. Throws DialwardError("store"). */
  static async open(
    folder: DataFolder,
    core: Core,
    sealer: Sealer,
    settings: SettingsFile,
    log: LoginLog,
    options: AdministratorOptions = {},
  ): Promise<Administrator> {
    const { create = false } = options;
    const store = await EmbeddedStore.open(folder, {
      realm: "administrator",
      create,
      logEntries: LOG_ENTRIES,
    });
    return new Administrator(store, core, sealer, settings, log, options);
  }

  /** The account's store, whose profiles are sealed by the same keys as those of users. */
  get store(): Store {
    return this.#store;
  }

  /** The first account's name; undefined before a password is set. */
  get name(): string | undefined {
    return this.#settings.read().accounts[0]?.name;
  }

  /** The accounts, and what each may do. */
  list(): { name: string; role: Role }[] {
    return this.#settings.read().accounts.map(({ name, role }) => ({ name, role }));
  }

  /** What an account may do; undefined where there is none of that name. */
  roleOf(name: string): Role | undefined {
    return this.list().find((one) => one.name === name)?.role;
  }

  /**
   * Sets an account's password, and makes the account where there is none of that name; an enrolled code stays. `role`
   * changes what it may do, all for a new one. Throws DialwardError("usage"), or ("refused") where nobody would be left
   * who may do all.
   */
  async setPassword(name: string, password: string, role?: Role): Promise<void> {
    checkAccount(name, password);
    await this.#inTurn(() => this.#set(name, password, role));
  }

  /** The same of the first account; false where there is one by now. */
  async setFirstPassword(name: string, password: string): Promise<boolean> {
    checkAccount(name, password);
    return this.#inTurn(async () => this.name === undefined && this.#set(name, password));
  }

  async #set(name: string, password: string, role?: Role): Promise<true> {
    const before = this.roleOf(name);
    if (role !== undefined && role !== "all") this.#checkOthers(name);
    const salt = makeSalt();
    const account = { name, salt, cost: this.#cost, role: role ?? before ?? "all" };
    const hash = await this.#hashes.hash(password, account);
    const [lan, wan] = [`lan:${name}`, `wan:${name}`];
    if (before === undefined) {
      // What is left of an account of that name must not open this one.
      for (const one of [lan, wan]) if (await this.#find(one)) await this.#users.remove(one);
      // The LAN's profile never asks for its code: the password alone is its first step.
      const profile = { name: lan, mode: "password-then-code", password: hash, active: true };
      await this.#users.add({ ...profile, secret: newSecret("totp") });
    } else {
      for (const one of [lan, wan])
        if (await this.#find(one)) await this.#users.edit(one, { password: hash });
    }
    this.#settings.change((settings) => {
      const at = settings.accounts.findIndex((one) => one.name === name);
      const accounts = at < 0 ? [...settings.accounts, account] : settings.accounts.with(at, account);
      return { ...settings, accounts };
    });
    return true;
  }

  /** One change of the accounts after the other: nobody changes them between a look and what follows from it. */
  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const mine = this.#turn.then(change);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  /** Removes an account. Throws DialwardError("not-found") or ("refused"). */
  async remove(name: string): Promise<void> {
    await this.#inTurn(async () => {
      if (this.roleOf(name) === undefined)
        throw new DialwardError("not-found", `There is no administrator "${name}".`);
      this.#checkOthers(name);
      const isOther = (one: { name: string }): boolean => one.name !== name;
      this.#settings.change((all) => ({ ...all, accounts: all.accounts.filter(isOther) }));
      for (const one of [`lan:${name}`, `wan:${name}`])
        if (await this.#find(one)) await this.#users.remove(one);
    });
  }

  /** Somebody else must be left who may do all. */
  #checkOthers(name: string): void {
    if (this.list().some((one) => one.name !== name && one.role === "all")) return;
    throw new DialwardError("refused", "Nobody would be left who may do everything.");
  }

  /** Judges a login. From the WAN it is refused unless advanced authentication is on and a code enrolled. */
  async login({ name, password, code, zone, source }: AdministratorLogin): Promise<Verdict> {
    const { accounts, advanced } = this.#settings.read();
    // An unknown name takes the same time: it is hashed with the first one's salt.
    const account = accounts.find((one) => one.name === name) ?? accounts[0];
    const hash = account && (await this.#hashes.hash(password, account));
    if (hash === undefined || (zone === "wan" && !advanced)) {
      return {
        outcome: "refuse",
        reason: hash ? "profile-disabled" : "overloaded",
        waitSeconds: 0,
        offset: 0,
      };
    }
    const station = readStation(source, []);
    const caller = typeof station === "string" ? source : station.place;
    const text = Buffer.from(zone === "wan" ? hash + readTypedCode(code) : hash);
    const dialIn: DialIn = {
      user: `${zone}:${name}`,
      proof: { kind: "clear", text },
      source,
      nas: "pages",
      caller,
    };
    const verdict = await (zone === "lan" ? this.#lan : this.#wan).submit(dialIn);
    if (zone === "wan" || verdict.outcome !== "continue") return verdict;
    await this.#users.unlock(`lan:${name}`);
    return { ...verdict, outcome: "accept", reason: "ok" };
  }

  /** Whether a code of the account, the first where none is named, is enrolled and verified. */
  async enrolled(name = this.name): Promise<boolean> {
    return name !== undefined && (await this.#find(`wan:${name}`))?.standing === "active";
  }

  /** Begins to enrol an account's code; nothing is stored before `saveCode`. Throws DialwardError("usage"). */
  async draftCode(name = this.name): Promise<{ draft: Draft; uri: string }> {
    if (name === undefined) throw new DialwardError("usage", "Set the administrator's password first.");
    const { password } = (await this.#users.get(`lan:${name}`)).profile;
    const input = { name: `wan:${name}`, mode: "password+code", password, secret: newSecret("totp") };
    const draft = await this.#users.draft(input, (await this.#find(input.name)) !== undefined);
    return { draft, uri: this.#users.uri({ ...draft.profile, name }) };
  }

  /** Saves a verified draft, and lets the administrator in from the WAN with it. Throws DialwardError("usage"). */
  async saveCode(draft: Draft): Promise<void> {
    if (!draft.active) throw new DialwardError("usage", "Verify a code first.");
    const { name } = draft.profile;
    await this.#inTurn(async () => {
      // The password of now: it may have been changed since the draft was begun, and the account removed.
      const { password } = (await this.#users.get(name.replace(/^wan:/, "lan:"))).profile;
      await this.#users.save(draft, (await this.#find(name)) && (() => true));
      await this.#users.edit(name, { password });
      this.#settings.change((settings) => ({ ...settings, advanced: true }));
    });
  }

  /** Ends the waiting time after failures, from everywhere. */
  async unlock(): Promise<void> {
    for await (const one of this.#users.list())
      if (!("problem" in one)) await this.#users.unlock(one.profile.name);
  }

  async close(): Promise<void> {
    await this.#lan.close();
    await this.#wan.close();
    await this.#store.close();
  }

  async #find(name: string) {
    const [entry] = await this.#store.load([name]);
    return entry && this.#users.get(name);
  }
}
