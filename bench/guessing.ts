// How likely is somebody who guesses a code without pause for a year, and how long does he keep the owner out?

import type { Case, Finding } from "./case.ts";
import { ownerTime } from "./guessed-owner.ts";
import { attackShare } from "./guesser.ts";
import { FACTORS, randomFrom } from "./guessing-game.ts";
import { Core } from "../host/core/core.ts";

const MOST_SHARE = 0.01;
const MOST_SECONDS = 300;
const PROOFS = ["clear", "chap", "mschapv2"] as const;
/** Steps by which a device is off: none, and as many as the default window follows. */
const OFF = { totp: [0, -0.7, 3.5], motp: [0, 0.4, 11.5], hotp: [0] } as const;

export const guessing: Case = {
  name: "guessing",
  ticks: () => FACTORS.length,
  run(setting) {
    const core = new Core(setting.strict);
    const findings: Finding[] = [];
    for (const factor of FACTORS) {
      for (const off of OFF[factor.enrolment.factor]) {
        const { waits, door, beside } = attackShare(core, factor, off, randomFrom(1));
        const all = waits + door + beside;
        const percent = (share: number) => `${(100 * share).toFixed(3)} %`;
        findings.push({
          question: `${factor.name}, device ${off} steps off: a year of guesses, the owner logging in every day`,
          target: `≤ ${100 * MOST_SHARE} %`,
          measured: `${percent(all)} (after waits ${percent(waits)}, in them ${percent(door)}, beside the owner ${percent(beside)})`,
          met: all <= MOST_SHARE,
          value: 100 * all,
        });
      }
      for (const proof of PROOFS) {
        const { median, p99, max } = ownerTime(core, factor, proof, setting.short ? 40 : 1000, randomFrom(2));
        findings.push({
          question: `${factor.name}, ${proof}: until the owner is in, beside one guess a second from the same source`,
          target: `99 of 100 ≤ ${MOST_SECONDS} s`,
          measured: `median ${median.toFixed(0)} s, 99 of 100 ${p99.toFixed(0)} s, longest ${max.toFixed(0)} s`,
          met: p99 <= MOST_SECONDS,
          value: p99,
        });
      }
      setting.progress(`guessing: ${factor.name}`);
    }
    return Promise.resolve({
      title: "Guessing, simulated with the core",
      unit: "years",
      rates: [],
      findings,
    });
  },
};
