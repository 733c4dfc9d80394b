// A user looked at once more, before an answer leaves that was judged a while ago: an acknowledgement of EAP, a second
// step, a token. Whoever was changed, disabled or removed meanwhile goes no further.
import type { Clock } from "../core/clock.ts";
import type { DialInType, Look } from "../core/dial-in.ts";
import type { Log } from "../log/log.ts";
import { lookAt, type Candidates, type Seen } from "./batch.ts";
import type { Entitlements } from "./entitlement.ts";

export class SecondLook {
  readonly #candidates: Candidates;
  readonly #entitlements: Entitlements | undefined;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(candidates: Candidates, entitlements: Entitlements | undefined, clock: Clock, log: Log) {
    this.#candidates = candidates;
    this.#entitlements = entitlements;
    this.#clock = clock;
    this.#log = log;
  }

  /** Admission.look says what it returns. Never throws or rejects. */
  look(user: string, nas: string, type?: DialInType, standing?: Uint8Array): Look | Promise<Look> {
    try {
      const seen = this.#candidates.find(user, (found) => lookAt(found, type, standing));
      // Most users have no rules, and each login by EAP comes by here: no promise is made for them.
      if (!(seen instanceof Promise) && (seen.reason !== "ok" || seen.rules === undefined)) return seen;
      return this.#weigh(user, nas, seen).catch((error: unknown) => this.#failed(error));
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** What the rules of a user who may pass say now. */
  async #weigh(user: string, nas: string, seen: Seen | Promise<Seen>): Promise<Look> {
    const { reason, rules } = await seen;
    if (reason !== "ok" || rules === undefined || this.#entitlements === undefined) return { reason };
    const now = this.#clock.seconds();
    const entitled = await this.#entitlements.check(user, rules, now, true);
    if (entitled.refused !== undefined) return { reason: entitled.refused };
    return { reason, attributes: this.#entitlements.reply(entitled, nas, now) };
  }

  #failed(error: unknown): Look {
    this.#log.error({ err: error }, "a user could not be looked up");
    return { reason: "store-unavailable" };
  }
}
