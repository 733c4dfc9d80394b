// A profile before it is saved, and how an administrator verifies a code of it.
import type { Clock } from "../core/clock.ts";
import { type Core } from "../core/core.ts";
import { isActive, stateOf } from "../core/state.ts";
import type { DialIn, Verdict } from "../core/dial-in.ts";
import { diagnose, readClock } from "./doctor.ts";
import type { Finding } from "./findings.ts";
import { toEnrolment, type Profile, type Start } from "./profile.ts";
import { readTypedCode } from "./typed-code.ts";

/** A profile before it is saved. It lives in memory only. */
export class Draft {
  readonly profile: Profile;
  readonly uri: string;
  readonly #core: Core;
  readonly #clock: Clock;
  readonly #record: Uint8Array;

  constructor(core: Core, clock: Clock, profile: Profile, start: Start, uri: string) {
    this.profile = profile;
    this.uri = uri;
    this.#core = core;
    this.#clock = clock;
    this.#record = core.enrol(toEnrolment({ ...profile, enabled: true }, start));
  }

  /** Judges a code as a login does; a right one is spent, and makes the draft active. */
  verify(code: string): Verdict {
    const request = {
      record: 0,
      dialIn: verifying(this.profile, code),
      time: this.#clock.seconds(),
      source: 0,
    };
    return this.#core.verify([this.#record], [request])[0]!;
  }

  /** What the doctor finds of a code that was refused. */
  diagnose(code: string): Promise<Finding[]> {
    return diagnoseVerify(this.#core, this.profile, this.state, code, this.#clock);
  }

  /** Whether it may log in once it is saved. */
  get active(): boolean {
    return isActive(stateOf(this.#record));
  }

  /** The record's state by now, 48 bytes. */
  get state(): Uint8Array {
    return stateOf(this.#record).slice();
  }
}

/** The dial-in of an administrator who verifies a code: the code alone, the mode's password is known here. */
export function verifying(profile: Profile, typed: string): DialIn {
  const code = readTypedCode(typed);
  const text = Buffer.from(isBare(profile, code) ? `${profile.password}${code}` : code);
  const second = profile.mode === "password-then-code";
  const proof = { kind: "clear", text } as const;
  return {
    user: profile.name,
    proof,
    source: "administrator",
    caller: "administrator",
    second,
    activate: true,
  };
}

/** What keeps a code from being verified that an administrator has typed; standing and waits do not count. */
export async function diagnoseVerify(
  core: Core,
  profile: Profile,
  state: Uint8Array,
  typed: string,
  clock: Clock,
): Promise<Finding[]> {
  const mode = isBare(profile, readTypedCode(typed)) ? "code" : profile.mode;
  const patient = { profile: { ...profile, mode }, state, waitSeconds: 0, standing: "active" } as const;
  const findings = await diagnose(core, patient, typed, await readClock(clock));
  return findings.filter(({ cause }) => cause !== "right");
}

/** Whether this is the code alone, where the mode has the password before it. */
function isBare({ mode, digits }: Profile, code: string): boolean {
  return mode === "password+code" && code.length <= digits;
}
