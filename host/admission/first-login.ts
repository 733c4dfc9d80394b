// The first login of a user who has no device yet: whoever shows the password gets a link to set one up. The password is
// judged by the core in the same call as all others, in place of password and code, so guessing it counts and waits alike;
// without a code nobody gets in by it.
import { askPasswordAlone, RECORD_STATE, type CoreRequest } from "../core/core.ts";
import { typedText, type DialIn, type Verdict } from "../core/dial-in.ts";
import { isActive, stateOf } from "../core/state.ts";
import type { Candidate } from "./batch.ts";

/** A login in its batch. */
interface Row extends CoreRequest {
  candidate: Candidate;
  barred: Verdict | undefined;
}

/** A batch in which there are first logins. */
interface Prepared {
  /** What the core is asked. */
  requests: readonly CoreRequest[];
  /** Once it has judged: puts the states back, and makes refusals of its verdicts. */
  finish(verdicts: Verdict[]): void;
  /** The requests whose password was right. */
  proved: ReadonlySet<number>;
}

export class FirstLogins {
  readonly #invite: ((user: string) => string | undefined) | undefined;

  /** `invite` makes what a user is told; without it there are no first logins. */
  constructor(invite?: (user: string) => string | undefined) {
    this.#invite = invite;
  }

  /** Whether a dial-in of the user of `record` is judged by the password alone. */
  isFirst({ proof, nas, second, activate }: DialIn, record: Uint8Array | undefined): boolean {
    if (this.#invite === undefined || record === undefined || isActive(stateOf(record))) return false;
    return nas !== undefined && !second && !activate && typedText(proof) !== undefined;
  }

  /** Has the passwords of first logins judged: changes `records` in place. Undefined where there are none. */
  prepare(rows: readonly Row[], records: Uint8Array[]): Prepared | undefined {
    if (this.#invite === undefined) return undefined;
    const first = new Set<number>();
    const proved = new Set<number>();
    const changed = new Map<Candidate, Uint8Array>();
    const requests: CoreRequest[] = [...rows];
    for (const [i, row] of rows.entries()) {
      const { candidate, dialIn, barred } = row;
      if (barred !== undefined || !this.isFirst(dialIn, candidate.known)) continue;
      const alone = changed.get(candidate) ?? askPasswordAlone(candidate.record);
      if (alone === undefined) continue;
      changed.set(candidate, alone);
      records[candidate.index] = alone;
      requests[i] = { ...row, dialIn: { ...dialIn, activate: true } };
      first.add(i);
    }
    if (first.size === 0) return undefined;
    const finish = (verdicts: Verdict[]): void => {
      for (const [{ record }, alone] of changed) {
        record.set(alone.subarray(RECORD_STATE), RECORD_STATE);
        alone.fill(0);
      }
      for (const i of first) {
        const { outcome, reason, waitSeconds } = verdicts[i]!;
        if (outcome === "continue") proved.add(i);
        if (outcome === "continue" || reason === "wrong-code")
          verdicts[i] = { outcome: "refuse", reason: "profile-pending", waitSeconds, offset: 0 };
      }
    };
    return { requests, finish, proved };
  }

  /** Tells the user where to set up a device. */
  tell(verdict: Verdict, { user }: DialIn): void {
    const message = this.#invite!(user);
    if (message !== undefined) verdict.message = message;
  }
}
