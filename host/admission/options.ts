// What admission is given beside the core, the store and the keys; all of it has a default.
import type { Clock } from "../core/clock.ts";
import type { Directory } from "../directory/directory.ts";
import type { LoginLog } from "../log/log.ts";
import type { LoginSink } from "../log/login-event.ts";
import type { Callers } from "./caller.ts";
import type { ClockWatch } from "./clock-watch.ts";
import type { Entitlements } from "./entitlement.ts";
import type { Sources } from "./source-backoff.ts";

export interface AdmissionOptions {
  clock?: Clock;
  log?: LoginLog;
  queueLength?: number;
  /** Records that are kept unsealed. */
  cachedRecords?: number;
  /** Back-off by caller; its own where none is given. */
  sources?: Sources;
  /** Hears how far devices are ahead of this machine's clock; its own where none is given. */
  clockWatch?: ClockWatch;
  /** Hears from where users were let in; its own where none is given. */
  callers?: Callers;
  /** What users may do beyond a right code; nothing is asked where it is not given. */
  entitlements?: Entitlements;
  /** Has the passwords of users whose profile says so. */
  directory?: Directory;
  /** What a user is told who has shown the password, and has no device yet (host/users/invitations.ts). */
  invite?: (user: string) => string | undefined;
  /** Hears of every verdict before it leaves, beside the log. */
  note?: LoginSink;
  /** Hears that so many verdicts were noted, and how long their commit took, before they leave. */
  noted?: (verdicts: number, commitSeconds: number | undefined) => void;
}
