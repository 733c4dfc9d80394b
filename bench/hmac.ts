// How close do four lanes in WebAssembly come to the same algorithm in C with SSE2? The widest window makes the work
// nearly all HMAC-SHA1.

import type { Case, Lack } from "./case.ts";
import { conclude, ratio, SEVERAL } from "./case.ts";
import { clear, coreSides, expect, hotp, KEYS, request, STEP, USERS, wrongCode } from "./cases.ts";
import { createHmac } from "node:crypto";
import * as abi from "../assembly/abi.ts";

const WIDTH: number = abi.WINDOW_STEPS;
const BACK = WIDTH / 2;
const FORWARD = WIDTH - 1 - BACK;
const FIRST = STEP - BACK;
const WRONG = wrongCode(BACK + 1);

export const hmac: Case = {
  name: "hmac",
  processes: SEVERAL,
  ticks: (rounds) => rounds,
  async run(setting) {
    const units = USERS * WIDTH;
    const sides = coreSides(setting, {
      enrolments: KEYS.map((secret) => ({ factor: "totp", secret, back: BACK, forward: FORWARD })),
      wrong: KEYS.map((_, i) => request(i, clear(WRONG))),
      right: (shift) => KEYS.map((key, i) => request(i, clear(hotp(key, STEP + shift)))),
      inside: [-BACK, FORWARD],
      unitsPerRun: units,
    });
    const lacks: Lack[] = [];
    const c = await setting.native("hmac_sha1");
    if (!c) lacks.push({ what: "HMAC-SHA1 in C", packages: ["gcc"] });
    else {
      for (let user = 0; user < USERS; user++) {
        const counter = 2 ** 33 + user;
        const moving = Buffer.alloc(8);
        moving.writeBigUInt64BE(BigInt(counter));
        const mac = createHmac("sha1", KEYS[user]!).update(moving).digest("hex");
        expect("HMAC in C", await c.ask(`hmac ${user} ${counter}`), mac);
        expect("code in C", await c.ask(`code ${user} ${STEP + user}`), hotp(KEYS[user]!, STEP + user));
      }
      const ask = async (line: string) => Number(await c.ask(line));
      sides.push(
        {
          name: "C, SSE2, judged",
          unitsPerRun: units,
          run: (n) => ask(`run ${n} ${FIRST} ${WIDTH} ${WRONG}`),
        },
        { name: "C, SSE2, HMAC alone", unitsPerRun: units, run: (n) => ask(`bare ${n} ${FIRST} ${WIDTH}`) },
      );
    }
    const heading = { title: "HMAC-SHA1 candidates: 64 users, 64 steps each", unit: "candidates", lacks };
    return conclude(setting, "hmac", heading, sides, c, (measured) => [
      ratio(
        "HMAC-SHA1 candidates judged, SIMD file, against C with four SSE2 lanes",
        measured,
        "Dialward SIMD",
        "C, SSE2, judged",
        0.95,
      ),
      ratio(
        "The same against C that makes nothing of its HMACs",
        measured,
        "Dialward SIMD",
        "C, SSE2, HMAC alone",
      ),
      ratio(
        "The same, strict file, against C with four SSE2 lanes",
        measured,
        "Dialward strict",
        "C, SSE2, judged",
      ),
    ]);
  },
};
