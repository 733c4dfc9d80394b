// How fast is mOTP over ±18 steps (three minutes to each side), against node:crypto's MD5 candidate by candidate?

import * as crypto from "node:crypto";
import type { Case } from "./case.ts";
import { conclude, ratio, SEVERAL } from "./case.ts";
import { clear, coreSides, expect, KEYS, motp as code, NOW, request, USERS } from "./cases.ts";
import { busyNanoseconds } from "./rounds.ts";

const REACH = 18;
const STEP = Math.floor(NOW / 10);
const SECRETS = KEYS.map((key) => key.subarray(0, 8));
const TEXTS = SECRETS.map((secret) => Buffer.from(secret).toString("hex"));
const PINS = SECRETS.map((_, i) => String(1000 + i));
const WRONG = wrong();

/** A code of hexadecimal digits that no user has near STEP. */
function wrong(): string {
  const right = new Set<string>();
  TEXTS.forEach((secret, u) => {
    for (let i = -REACH - 1; i <= REACH + 1; i++) right.add(code(secret, PINS[u]!, STEP + i));
  });
  for (let n = 0xabc123; ; n++) if (!right.has(n.toString(16))) return n.toString(16);
}

type Digest = (text: string) => string;
const createHash: Digest = (text) => crypto.createHash("md5").update(text).digest("hex");
/** The one-shot form, which is faster; from Node 20.12. */
const hash: Digest = (text) =>
  (crypto as unknown as { hash(a: string, b: string): string }).hash("md5", text);

/** The whole window, without exiting early, as a careful server in JavaScript would. */
function validate(user: number, typed: string, digest: Digest): boolean {
  let found = false;
  const tail = TEXTS[user]! + PINS[user]!;
  for (let i = -REACH; i <= REACH; i++)
    if (digest(String(STEP + i) + tail).slice(0, 6) === typed) found = true;
  return found;
}

export const motp: Case = {
  name: "motp",
  processes: SEVERAL,
  ticks: (rounds) => rounds,
  async run(setting) {
    const sides = coreSides(setting, {
      enrolments: SECRETS.map((secret, i) => ({
        factor: "motp",
        secret,
        pin: PINS[i],
        back: REACH,
        forward: REACH,
      })),
      wrong: SECRETS.map((_, i) => request(i, clear(WRONG))),
      right: (shift) => TEXTS.map((secret, i) => request(i, clear(code(secret, PINS[i]!, STEP + shift)))),
      inside: [-REACH, REACH],
      unitsPerRun: USERS,
    });
    for (const [name, digest] of [
      ["node:crypto createHash", createHash],
      ["node:crypto hash", hash],
    ] as const) {
      TEXTS.forEach((secret, u) => {
        expect(`${name}, last step`, validate(u, code(secret, PINS[u]!, STEP + REACH), digest), true);
        expect(`${name}, beyond`, validate(u, code(secret, PINS[u]!, STEP + REACH + 1), digest), false);
      });
      sides.push({
        name,
        unitsPerRun: USERS,
        garbage: true,
        run(times) {
          let matches = 0;
          const took = busyNanoseconds(() => {
            for (let t = 0; t < times; t++)
              for (let u = 0; u < USERS; u++) matches += validate(u, WRONG, digest) ? 1 : 0;
          });
          expect(`${name}, wrong code`, matches, 0);
          return took;
        },
      });
    }
    const heading = { title: "mOTP, window ±18 steps, a wrong code, 64 users a batch", unit: "validations" };
    return conclude(setting, "motp", heading, sides, undefined, (measured) => [
      ratio(
        "mOTP ±18, SIMD file, against node:crypto's createHash",
        measured,
        "Dialward SIMD",
        "node:crypto createHash",
        30,
      ),
      ratio(
        "mOTP ±18, SIMD file, against node:crypto's one-shot hash",
        measured,
        "Dialward SIMD",
        "node:crypto hash",
        30,
      ),
      ratio(
        "The same through Core.verify, SIMD file, against createHash",
        measured,
        "Dialward SIMD, Core.verify",
        "node:crypto createHash",
      ),
      ratio(
        "The same, strict file, against createHash",
        measured,
        "Dialward strict",
        "node:crypto createHash",
      ),
    ]);
  },
};
