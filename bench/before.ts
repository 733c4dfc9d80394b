// Is an accepted login as fast as in an earlier commit? Its core and ours work through the same batches, in turns.
// `git worktree add DIR COMMIT`, build there, then `npm run bench -- --only before --against DIR`.

import { readFileSync } from "node:fs";
import type { Enrolment } from "../host/core/core.ts";
import { type Case, ratio, rates, SEVERAL } from "./case.ts";
import { clear, expect, hotp, KEYS, motp, NOW, Page, request, STEP, USERS } from "./cases.ts";
import { proof } from "./mschapv2.ts";
import { measure, type Side } from "./rounds.ts";

const MOTP_STEP = Math.floor(NOW / 10);
const motpKey = (key: Uint8Array) => key.subarray(0, 8);
const text = (key: Uint8Array) => Buffer.from(motpKey(key)).toString("hex");

/** What logs in: an enrolment of each key, and its right proof. */
const LOGINS: Record<string, (key: Uint8Array) => [Enrolment, ReturnType<typeof proof>]> = {
  "TOTP ±1": (secret) => [{ factor: "totp", secret }, clear(hotp(secret, STEP))],
  "mOTP ±6": (key) => [
    { factor: "motp", secret: motpKey(key), pin: "1234" },
    clear(motp(text(key), "1234", MOTP_STEP)),
  ],
  "MS-CHAPv2 over TOTP ±1": (secret) => [{ factor: "totp", secret }, proof(hotp(secret, STEP))],
};

export const before: Case = {
  name: "before",
  processes: SEVERAL,
  ticks: (rounds) => rounds,
  async run({ simd, strict, against, short, rounds, progress }) {
    // The earlier commit lays its page out by its own bench (run.mjs makes it a bundle).
    const earlier = (await import(new URL("before.mjs", import.meta.url).href)) as { Page: typeof Page };
    const read = (name: string) => new WebAssembly.Module(readFileSync(`${against}/dist/${name}`));
    const files = [
      { file: "SIMD", now: simd, old: read("dialward.simd.wasm") },
      { file: "strict", now: strict, old: read("dialward.wasm") },
    ];
    const sides: Side[] = [];
    const questions: string[] = [];
    for (const [name, login] of Object.entries(LOGINS)) {
      const logins = KEYS.map(login);
      const enrolments = logins.map(([enrolment]) => enrolment);
      const requests = logins.map(([, proof], i) => request(i, proof));
      for (const { file, now, old } of files) {
        const question = `${name}, ${file}`;
        const pages = [
          new Page(now, enrolments, requests),
          new earlier.Page(old, enrolments, requests),
        ] as const;
        for (const page of pages) page.judge().forEach((reason) => expect(question, reason, "ok"));
        questions.push(question);
        sides.push(pages[0].bare(question, USERS), pages[1].bare(`${question}, before`, USERS));
      }
    }
    const heading = { title: "Accepted logins, 64 users a batch, against an earlier commit", unit: "logins" };
    if (short) return { ...heading, rates: [], findings: [] };
    const measured = await measure(sides, rounds, () => progress("before"));
    return {
      ...heading,
      rates: rates(measured),
      findings: questions.map((question) => ratio(question, measured, question, `${question}, before`, 1)),
    };
  },
};
