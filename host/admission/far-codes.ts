// Codes that were refused because this machine's clock is far off: looked for within a day, behind the verdict and now
// and then, so that the clock watch hears of a clock by which nobody gets in. Spends nothing, tells nobody of a code.
import { RECORD_DIGITS } from "../../assembly/abi.ts";
import type { Core } from "../core/core.ts";
import { stepSeconds } from "../core/enrolment.ts";
import { pauseAtCode } from "../core/turn.ts";

const DAY_SECONDS = 86_400;
/** One search takes some 20 ms of processor time, in pieces. */
const BETWEEN_MS = 5000;

export class FarCodes {
  readonly #core: Core;
  readonly #found: (user: string, ahead: number) => void;
  #last = -Infinity;

  /** `found` hears by how many seconds the device of a user is ahead of this machine's clock. */
  constructor(core: Core, found: (user: string, ahead: number) => void) {
    this.#core = core;
    this.#found = found;
  }

  /**
   * Looks for the code at the end of `text` among those of `record` within a day of `time`. Undefined for `user`: nobody
   * is told, and the work is the same. What comes within five seconds of another one is not looked at.
   */
  async look(user: string | undefined, text: Uint8Array, record: Uint8Array, time: number): Promise<void> {
    const now = performance.now();
    const period = stepSeconds(record);
    if (period === 0 || now - this.#last < BETWEEN_MS) return;
    this.#last = now;
    const copy = Uint8Array.from(record); // a Buffer's slice() would be the record itself
    const code = Buffer.from(text).toString("latin1").slice(-copy[RECORD_DIGITS]!);
    try {
      for (let i = 0; i <= 2 * Math.ceil(DAY_SECONDS / period); i++) {
        await pauseAtCode(i);
        const ahead = (i % 2 === 1 ? (i + 1) / 2 : -i / 2) * period;
        if (time + ahead < 0 || this.#core.generate(copy, time + ahead) !== code) continue;
        if (user !== undefined) this.#found(user, ahead);
        return;
      }
    } finally {
      copy.fill(0);
    }
  }
}
