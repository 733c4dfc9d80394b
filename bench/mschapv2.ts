// How fast is MS-CHAPv2 against every candidate of a TOTP window ±1, against C with OpenSSL's SHA-1, MD4 and DES?

import type { Case, Lack } from "./case.ts";
import { conclude, ratio, SEVERAL } from "./case.ts";
import { coreSides, expect, hotp, KEYS, request, STEP, USERS } from "./cases.ts";
import type { Proof } from "../host/core/dial-in.ts";
import { respondMsChapV2 } from "../host/radius/client/peer-mschapv2.ts";

const AUTHENTICATOR = Buffer.from(KEYS[0]!.subarray(0, 16));
const PEER = Buffer.from(KEYS[1]!.subarray(0, 16));
const NAME = "user";

function ntResponse(password: string): Buffer {
  const name = Buffer.from(NAME);
  return respondMsChapV2({ authenticatorChallenge: AUTHENTICATOR, peerChallenge: PEER, name, password })
    .response;
}

/** A response to the challenges of all. */
export function proof(password: string): Proof {
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
  processes: SEVERAL,
  ticks: (rounds) => rounds,
  async run(setting) {
    const wrongProof = proof("not a code");
    const sides = coreSides(setting, {
      enrolments: KEYS.map((secret) => ({ factor: "totp", secret })),
      wrong: KEYS.map((_, i) => request(i, wrongProof)),
      right: (shift) => KEYS.map((key, i) => request(i, proof(hotp(key, STEP + shift)))),
      inside: [-1, 1],
      unitsPerRun: USERS,
    });
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
    const heading = {
      title: "MS-CHAPv2 over TOTP ±1, a wrong code, 64 users a batch",
      unit: "validations",
      lacks,
    };
    return conclude(setting, "mschapv2", heading, sides, c, (measured) => {
      const peer = measured.find(({ name }) => name.startsWith("C,"))?.name ?? "C";
      return [
        ratio(
          "MS-CHAPv2 over TOTP ±1, SIMD file, against C with OpenSSL",
          measured,
          "Dialward SIMD",
          peer,
          1,
        ),
        ratio("The same through Core.verify, SIMD", measured, "Dialward SIMD, Core.verify", peer),
        ratio("The same, strict file", measured, "Dialward strict", peer),
      ];
    });
  },
};
