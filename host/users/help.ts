// What helps a user who cannot log in: the doctor, a first code, a device that has gone astray, recovery codes.
import { isSynchronised, type Clock } from "../core/clock.ts";
import type { Core } from "../core/core.ts";
import type { DialIn, DialInType, Verdict } from "../core/dial-in.ts";
import type { Store } from "../store/store.ts";
import { diagnose, diagnoseStranger, readClock } from "./doctor.ts";
import { diagnoseVerify, verifying } from "./draft-profile.ts";
import type { User, UserEntries } from "./entries.ts";
import type { Finding } from "./findings.ts";
import { isName, toEnrolment, type Profile } from "./profile.ts";
import { findCodes, followDevice } from "./resync.ts";
import { readTypedCode } from "./typed-code.ts";

/** Generations of recovery codes; the first comes back after the last. */
const GENERATIONS = 255;

/** Whoever judges a dial-in as a login does. */
export interface Judge {
  submit(dialIn: DialIn): Promise<Verdict>;
}

/** Tells of a profile, seconds since 1970, what its groups, hours, limits and directory keep out. */
export type Entitled = (profile: Profile, now: number) => Promise<Finding[]>;

/** Looks into users and gets them in again; each change is sealed and told. */
export class UserHelp {
  readonly #core: Core;
  readonly #store: Store;
  readonly #entries: UserEntries;
  readonly #clock: Clock;
  readonly #entitled: Entitled;

  constructor(core: Core, store: Store, entries: UserEntries, clock: Clock, entitled: Entitled) {
    this.#core = core;
    this.#store = store;
    this.#entries = entries;
    this.#clock = clock;
    this.#entitled = entitled;
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
   * Judges a code as a login does, through `admission`, and makes a pending profile active. The code is spent.
   * A wrong one comes with what the doctor finds. Throws DialwardError("not-found").
   */
  async verify(name: string, code: string, admission: Judge): Promise<Verdict & { findings: Finding[] }> {
    const { profile } = this.#entries.read(name, await this.#entries.load(name));
    const verdict = await admission.submit(verifying(profile, code));
    if (verdict.reason !== "wrong-code") return { ...verdict, findings: [] };
    const { state } = await this.#entries.load(name);
    return { ...verdict, findings: await diagnoseVerify(this.#core, profile, state, code, this.#clock) };
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

  /**
   * The ten recovery codes of a user, in order; with `renew`, or where there were none, new ones in place of those
   * before. Throws DialwardError("not-found").
   */
  async recoveryCodes(name: string, renew = false): Promise<string[]> {
    const { recovery } = this.#entries.read(name, await this.#entries.load(name)).profile;
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
