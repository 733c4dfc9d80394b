// What an answer to a RADIUS request is made of, and what it takes to give one.

import type { Callers } from "../admission/caller.ts";
import type { Pending } from "../admission/pending-challenges.ts";
import type { DialIn, MsChapV2Keys, Verdict } from "../core/dial-in.ts";
import type { Log } from "../log/log.ts";

/** What a reply holds, before it is laid out and signed. */
export interface Answer {
  code: number;
  attributes: Buffer[];
}

/** What the RADIUS door works with. */
export interface Door {
  admission: { submit(dialIn: DialIn): Promise<Verdict> };
  log: Log;
  callers: Callers;
  pending: Pending<{ kind: "challenge"; nas: string } | EapPending>;
}

/** What waits after a right proof: the peer's acknowledgement, or the second step's code. */
export type EapPending =
  | { kind: "eap-success"; nas: string; identifier: number; keys: MsChapV2Keys }
  | { kind: "eap-code"; nas: string; identifier: number };
