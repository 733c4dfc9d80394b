// How fast is MS-CHAPv2 against every candidate of a TOTP window ±1, against C with OpenSSL's SHA-1, MD4 and DES?

import type { Case, Lack } from "./case.ts";
import { rates, ratio } from "./case.ts";
import { expect, hotp, KEYS, Page, request, STEP, USERS } from "./cases.ts";
import { measure, type Side } from "./rounds.ts";
import type { Proof } from "../host/dialin.ts";
import { respondMsChapV2 } from "../host/radius/peer-mschapv2.ts";
import * as abi from "../assembly/abi.ts";

const AUTHENTICATOR = Buffer.from(KEYS[0]!.subarray(0, 16));
const PEER = Buffer.from(KEYS[1]!.subarray(0, 16));
const NAME = "user";

function ntResponse(password: string): Buffer {
  const name = Buffer.from(NAME);
  return respondMsChapV2({ authenticatorChallenge: AUTHENTICATOR, peerChallenge: PEER, name, password })
    .response;
}

function proof(password: string): Proof {
  return {
    kind: "mschapv2",
    authenticatorChallenge: AUTHENTICATOR,
    peerChallenge: PEER,
    response: ntResponse(password),
    name: Buffer.from(NAME),
  };
}

export const mschapv2: Case = {
  name: "mschapv2",
  ticks: (rounds) => rounds,
  async run(setting) {
    const enrolments = KEYS.map((secret) => ({ factor: "totp" as const, secret }));
    const wrongProof = proof("not a code");
    const wrong = KEYS.map((_, i) => request(i, wrongProof));
    const sides: Side[] = [];
    for (const [name, module] of [
      ["SIMD", setting.simd],
      ["strict", setting.strict],
    ] as const) {
      const page = new Page(module, enrolments, wrong);
      for (let shift = -2; shift <= 2; shift++) {
        page
          .judge(KEYS.map((key, i) => request(i, proof(hotp(key, STEP + shift)))))
          .forEach((got) =>
            expect(`${name}, ${shift} steps away`, got, Math.abs(shift) <= 1 ? "ok" : "wrong-code"),
          );
      }
      page.judgeBare().forEach((got) => expect(`${name}, wrong code`, got, abi.VERDICT_WRONG));
      sides.push(page.bare(`Dialward ${name}`, USERS));
      sides.push(page.whole(`Dialward ${name}, Core.verify`, USERS));
    }
    const lacks: Lack[] = [];
    const c = await setting.native("mschapv2", ["-lcrypto"]);
    if (!c) lacks.push({ what: "MS-CHAPv2 in C", packages: ["gcc", "libssl-dev"] });
    else {
      const line = (password: string) =>
        [AUTHENTICATOR, PEER, ntResponse(password)]
          .map((bytes) => Buffer.from(bytes).toString("hex"))
          .join(" ") + ` ${NAME}`;
      for (let user = 0; user < USERS; user++) {
        for (let shift = -2; shift <= 2; shift++) {
          const answer = await c.ask(`check ${user} ${STEP - 1} ${line(hotp(KEYS[user]!, STEP + shift))}`);
          expect(`C, ${shift} steps away`, answer, String(Math.abs(shift) <= 1 ? 1 << (shift + 1) : 0));
        }
      }
      const run = async (n: number) => Number(await c.ask(`run ${n} ${STEP - 1} ${line("not a code")}`));
      sides.push({
        name: `C, ${(await c.ask("version")).split(" ").slice(0, 2).join(" ")}`,
        unitsPerRun: USERS,
        run,
      });
    }
    const title = "MS-CHAPv2 over TOTP ±1, a wrong code, 64 users a batch";
    if (setting.short) {
      c?.stop();
      return { title, unit: "validations", rates: [], findings: [], lacks };
    }
    const measured = await measure(sides, setting.rounds, () => setting.progress("mschapv2"));
    c?.stop();
    const peer = measured.find(({ name }) => name.startsWith("C,"))?.name ?? "C";
    return {
      title,
      unit: "validations",
      rates: rates(measured),
      findings: [
        ratio(
          "MS-CHAPv2 over TOTP ±1, SIMD file, against C with OpenSSL",
          measured,
          "Dialward SIMD",
          peer,
          1,
        ),
        ratio("The same through Core.verify, SIMD", measured, "Dialward SIMD, Core.verify", peer),
        ratio("The same, strict file", measured, "Dialward strict", peer),
      ],
      lacks,
    };
  },
};
