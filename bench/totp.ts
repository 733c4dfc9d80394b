// How fast is a TOTP validation with a window of one step to each side, against liboath and the libraries in JavaScript?

import type { Case, Lack } from "./case.ts";
import { rates, ratio } from "./case.ts";
import { clear, expect, hotp, KEYS, NOW, Page, request, STEP, USERS, wrongCode } from "./cases.ts";
import { busyNanoseconds, measure, type Side } from "./rounds.ts";
import * as abi from "../assembly/abi.ts";

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
  ticks: (rounds) => rounds,
  async run(setting) {
    const enrolments = KEYS.map((secret) => ({ factor: "totp" as const, secret }));
    const wrong = KEYS.map((_, i) => request(i, clear(WRONG)));
    const sides: Side[] = [];
    for (const [name, module] of [
      ["SIMD", setting.simd],
      ["strict", setting.strict],
    ] as const) {
      const page = new Page(module, enrolments, wrong);
      for (let shift = -2; shift <= 2; shift++) {
        const right = KEYS.map((key, i) => request(i, clear(hotp(key, STEP + shift))));
        const reason = Math.abs(shift) <= 1 ? "ok" : "wrong-code";
        page.judge(right).forEach((got, i) => expect(`${name}, user ${i}, ${shift} steps away`, got, reason));
      }
      page.judge().forEach((got) => expect(`${name}, wrong code`, got, "wrong-code"));
      page.judgeBare().forEach((got) => expect(`${name}, wrong code, bare`, got, abi.VERDICT_WRONG));
      sides.push(page.bare(`Dialward ${name}, verb`, USERS));
      sides.push(page.whole(`Dialward ${name}, Core.verify`, USERS));
    }
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
    const title = "TOTP, SHA-1, window ±1, a wrong code, 64 users a batch";
    if (setting.short) {
      liboath?.stop();
      return { title, unit: "validations", rates: [], findings: [], lacks };
    }
    const measured = await measure(sides, setting.rounds, () => setting.progress("totp"));
    liboath?.stop();
    const oath = measured.find(({ name }) => name.startsWith("liboath"))?.name ?? "liboath";
    const find = (start: string) => measured.find(({ name }) => name.startsWith(start))?.name ?? start;
    return {
      title,
      unit: "validations",
      rates: rates(measured),
      findings: [
        ratio("TOTP ±1, SIMD file, against liboath", measured, "Dialward SIMD, verb", oath, 6),
        ratio("TOTP ±1, SIMD file, against otpauth", measured, "Dialward SIMD, verb", find("otpauth"), 50),
        ratio("TOTP ±1, strict file, against liboath", measured, "Dialward strict, verb", oath, 2.5),
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
      ],
      lacks,
    };
  },
};
