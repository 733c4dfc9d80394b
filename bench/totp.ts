// How fast is a TOTP validation with a window of one step to each side, against liboath and the libraries in JavaScript?

import type { Case, Lack } from "./case.ts";
import { conclude, ratio, SEVERAL } from "./case.ts";
import { clear, coreSides, expect, hotp, KEYS, NOW, request, STEP, USERS, wrongCode } from "./cases.ts";
import { busyNanoseconds } from "./rounds.ts";

const WRONG = wrongCode(2);

/** A library in JavaScript that validates TOTP, window ±1 step, SHA-1, six digits (peers.mjs). */
interface Peer {
  name: string;
  version: string;
  prepare(key: Uint8Array): (token: string, seconds: number) => boolean;
}

/** The peers are a bundle of their own, so that the bench runs without them where npm could not fetch them. */
async function loadPeers(): Promise<readonly Peer[]> {
  try {
    return ((await import(new URL("peers.mjs", import.meta.url).href)) as { peers: readonly Peer[] }).peers;
  } catch {
    return [];
  }
}

export const totp: Case = {
  name: "totp",
  processes: SEVERAL,
  ticks: (rounds) => rounds,
  async run(setting) {
    const sides = coreSides(setting, {
      enrolments: KEYS.map((secret) => ({ factor: "totp", secret })),
      wrong: KEYS.map((_, i) => request(i, clear(WRONG))),
      right: (shift) => KEYS.map((key, i) => request(i, clear(hotp(key, STEP + shift)))),
      inside: [-1, 1],
      unitsPerRun: USERS,
    });
    const lacks: Lack[] = [];
    const liboath = await setting.native("liboath", ["-loath"]);
    if (!liboath) lacks.push({ what: "liboath", packages: ["gcc", "liboath-dev"] });
    else {
      for (let user = 0; user < USERS; user++) {
        for (let shift = -2; shift <= 2; shift++) {
          const answer = await liboath.ask(`check ${user} ${NOW} ${hotp(KEYS[user]!, STEP + shift)}`);
          expect(`liboath, ${shift} steps away`, answer, Math.abs(shift) <= 1 ? "match" : "no");
        }
      }
      expect("liboath, wrong code", await liboath.ask(`check 0 ${NOW} ${WRONG}`), "no");
      const run = async (times: number) => Number(await liboath.ask(`run ${times} ${NOW} ${WRONG}`));
      sides.push({ name: await liboath.ask("version"), unitsPerRun: USERS, run });
    }
    const peers = await loadPeers();
    if (peers.length === 0)
      lacks.push({ what: "otpauth, otplib, speakeasy (npm ci --prefix bench)", packages: [] });
    for (const { name, version, prepare } of peers) {
      const validators = KEYS.map((key) => prepare(key));
      for (let shift = -2; shift <= 2; shift++) {
        validators.forEach((validate, i) =>
          expect(
            `${name}, ${shift} steps away`,
            validate(hotp(KEYS[i]!, STEP + shift), NOW),
            Math.abs(shift) <= 1,
          ),
        );
      }
      sides.push({
        name: `${name} ${version}`,
        unitsPerRun: USERS,
        garbage: true,
        run(times) {
          let matches = 0;
          const took = busyNanoseconds(() => {
            for (let t = 0; t < times; t++)
              for (const validate of validators) matches += validate(WRONG, NOW) ? 1 : 0;
          });
          expect(`${name}, wrong code`, matches, 0);
          return took;
        },
      });
    }
    const heading = {
      title: "TOTP, SHA-1, window ±1, a wrong code, 64 users a batch",
      unit: "validations",
      lacks,
    };
    return conclude(setting, "totp", heading, sides, liboath, (measured) => {
      const oath = measured.find(({ name }) => name.startsWith("liboath"))?.name ?? "liboath";
      const find = (start: string) => measured.find(({ name }) => name.startsWith(start))?.name ?? start;
      return [
        ratio("TOTP ±1, SIMD file, against liboath", measured, "Dialward SIMD", oath, 6),
        ratio("TOTP ±1, SIMD file, against otpauth", measured, "Dialward SIMD", find("otpauth"), 50),
        ratio("TOTP ±1, strict file, against liboath", measured, "Dialward strict", oath, 2.5),
        ratio(
          "The same through Core.verify, SIMD, against liboath",
          measured,
          "Dialward SIMD, Core.verify",
          oath,
        ),
        ratio(
          "The same through Core.verify, SIMD, against otpauth",
          measured,
          "Dialward SIMD, Core.verify",
          find("otpauth"),
        ),
        ratio(
          "The same through Core.verify, strict, against liboath",
          measured,
          "Dialward strict, Core.verify",
          oath,
        ),
      ];
    });
  },
};
