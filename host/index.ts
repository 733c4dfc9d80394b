// The package's public API: enrol, verify a batch, read verdicts, without RADIUS and without a store.

import { Core, RECORD_STATE, REQUESTS, type Enrolment } from "./core/core.ts";
import type { DialIn, Proof, Verdict } from "./core/dial-in.ts";

export type { Algorithm, Enrolment, Factor, Mode } from "./core/core.ts";
export { DIAL_IN_TYPES, type DialIn, type DialInType, type MsChapV2Keys } from "./core/dial-in.ts";
export type { Proof, Reason, Verdict } from "./core/dial-in.ts";
export { DialwardError, type ErrorCode } from "./errors.ts";

/** A dial-in for a verifier; `source` may be left out where back-off need not tell known sources from strangers. */
export type Attempt = Omit<DialIn, "source"> & { source?: number };

/** Holds the records of its users in memory. */
export interface Verifier {
  /**
   * Adds or replaces a user. With `state` (from `state()`) the user goes on from there; without, it is new.
   * Throws DialwardError("usage") that names the field which is wrong.
   */
  enrol(user: string, enrolment: Enrolment, state?: Uint8Array): void;
  /**
   * Verdicts on attempts, in their order; `time` is seconds since 1970. Whoever wants a code to stay spent after a
   * crash stores `state()` of the users before acting on a verdict.
   */
  verify(attempts: readonly Attempt[], time?: number): Verdict[];
  /** 48 bytes: the last accepted step, drift and failures. Not secret. Undefined for an unknown user. */
  state(user: string): Uint8Array | undefined;
  /** Forgets a user; false where there was none. */
  remove(user: string): boolean;
}

/** A verifier over the WebAssembly core of this installation. Throws DialwardError("core") if that cannot be trusted. */
export function createVerifier(): Verifier {
  const core = Core.load();
  const records = new Map<string, Uint8Array>();
  const decoy = core.decoy();

  function verifyBatch(attempts: readonly Attempt[], time: number): Verdict[] {
    const users = [...new Set(attempts.map(({ user }) => user))];
    return core.verify(
      users.map((user) => records.get(user) ?? decoy),
      attempts.map(({ source = 0, ...attempt }) => ({
        record: users.indexOf(attempt.user),
        dialIn: { ...attempt, source: "" },
        time,
        source,
      })),
    );
  }

  return {
    enrol(user, enrolment, state) {
      records.set(user, core.enrol(enrolment, state));
    },
    verify(attempts, time = Math.floor(Date.now() / 1000)) {
      const verdicts: Verdict[] = [];
      for (let i = 0; i < attempts.length; i += REQUESTS) {
        verdicts.push(...verifyBatch(attempts.slice(i, i + REQUESTS), time));
      }
      return verdicts;
    },
    state: (user) => records.get(user)?.slice(RECORD_STATE),
    remove: (user) => records.delete(user),
  };
}

/** The clear proof: what the user typed. */
export function clear(text: string): Proof {
  return { kind: "clear", text: new TextEncoder().encode(text) };
}
