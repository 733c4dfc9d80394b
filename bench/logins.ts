// How long does a login take, for each proof, in a morning burst and in a steady stream, and how many a second are the
// most? And how much memory is resident with 10,000 users and 1,000 outstanding dial-ins?

import type { Case, Finding, Latency } from "./case.ts";
import { expect, hotp } from "./cases.ts";
import { Conversation, PROOFS, type LoadProof } from "./conversation.ts";
import { SharedSecret } from "../host/radius/client/digest.ts";
import { Generator, type LoadResult } from "./load.ts";
import {
  canPin,
  cpuNanoseconds,
  GENERATOR_CORE,
  makeUsers,
  pinSelf,
  residentMegabytes,
  SECRET,
  SERVER_CORE,
  startDialward,
} from "./servers.ts";

const USERS = 10_000;
const BURST = 1_000;
const STEADY_PER_SECOND = 200;
const STEADY_SECONDS = 3;
const SATURATED = { logins: 3_000, outstanding: 64 };
const OUTSTANDING = 1_000;
const LIMIT_SECONDS = 15;
const MOST_MEGABYTES = 90;

const secret = new SharedSecret(SECRET);

export const logins: Case = {
  name: "logins",
  ticks: () => 4 + 3 * PROOFS.length,
  async run(setting) {
    const title = "RADIUS logins by proof, server on one core, HOTP users (each login has a fresh code)";
    const count = setting.short ? 20 : USERS;
    const users = makeUsers(count);
    const counters = new Array<number>(count).fill(0);
    let turn = 0;
    /** The next users in turn, each with its next code. */
    const next = (many: number, proof: LoadProof): Conversation[] =>
      Array.from({ length: many }, () => {
        const u = turn++ % count;
        const { name, key } = users[u]!;
        return new Conversation(secret, name, hotp(key, counters[u]!++), proof);
      });
    const pinned = !setting.short && canPin();
    setting.progress("logins: importing users");
    const server = await startDialward(`${setting.folder}/logins`, {
      dist: setting.dist,
      users,
      factor: "hotp",
      core: pinned ? SERVER_CORE : undefined,
    });
    const findings: Finding[] = [];
    const latencies: Latency[] = [];
    const few = await Generator.open(server.endpoint, SATURATED.outstanding);
    const many = await Generator.open(server.endpoint, OUTSTANDING);
    try {
      if (setting.short) {
        for (const proof of PROOFS)
          check(proof, await few.saturate(next(count, proof), LIMIT_SECONDS), count);
        return { title, unit: "logins", rates: [], findings };
      }
      if (pinned) pinSelf(String(GENERATOR_CORE));
      const idle = residentMegabytes(server.pid);
      check("first logins", await few.saturate(next(USERS, "PAP"), LIMIT_SECONDS), USERS);
      const peak = { all: 0, own: 0 };
      const watch = setInterval(() => {
        const now = residentMegabytes(server.pid);
        peak.all = Math.max(peak.all, now.all);
        peak.own = Math.max(peak.own, now.own);
      }, 50);
      for (let i = 0; i < 3; i++) {
        check("outstanding", await many.saturate(next(USERS, "PAP"), LIMIT_SECONDS), USERS);
        setting.progress("logins: memory");
      }
      const rates = [];
      for (const proof of PROOFS) {
        const burst = await many.stream(next(BURST, proof), BURST, LIMIT_SECONDS);
        check(`${proof}, burst`, burst, BURST);
        setting.progress(`logins: ${proof}`);
        const steady = await many.stream(
          next(STEADY_PER_SECOND * STEADY_SECONDS, proof),
          STEADY_PER_SECOND,
          LIMIT_SECONDS,
        );
        check(`${proof}, steady`, steady, STEADY_PER_SECOND * STEADY_SECONDS);
        setting.progress(`logins: ${proof}`);
        const perSecond: number[] = [];
        const before = cpuNanoseconds(server.pid);
        for (let i = 0; i < 5; i++) {
          const result = await few.saturate(next(SATURATED.logins, proof), LIMIT_SECONDS);
          check(`${proof}, saturated`, result, SATURATED.logins);
          perSecond.push(SATURATED.logins / result.seconds);
        }
        const each = (cpuNanoseconds(server.pid) - before) / (5 * SATURATED.logins);
        findings.push({
          question: `${proof}: the service's processor time for a login`,
          measured: `${(each / 1000).toFixed(1)} µs`,
        });
        setting.progress(`logins: ${proof}`);
        perSecond.sort((a, b) => a - b);
        rates.push({ name: proof, perSecond: perSecond[2]!, low: perSecond[1]!, high: perSecond[3]! });
        latencies.push(
          { name: `${proof}, burst of ${BURST} users within one second`, ...burst.latencies },
          { name: `${proof}, ${STEADY_PER_SECOND} logins a second`, ...steady.latencies },
        );
      }
      clearInterval(watch);
      findings.unshift({
        question: `Resident memory with ${USERS} users and ${OUTSTANDING} outstanding dial-ins, the most seen`,
        target: `≤ ${MOST_MEGABYTES} MB`,
        measured: `${peak.all.toFixed(0)} MB`,
        met: peak.all <= MOST_MEGABYTES,
        value: peak.all,
      });
      findings.splice(1, 0, {
        question: "Of it, without mapped files; all of it, just started",
        measured: `${peak.own.toFixed(0)} MB; ${idle.all.toFixed(0)} MB`,
      });
      return { title, unit: "logins", rates, findings, latencies };
    } finally {
      few.close();
      many.close();
      if (pinned) pinSelf(`${SERVER_CORE},${GENERATOR_CORE}`);
      await server.stop();
    }
  },
};

/** Every login must have been accepted, once. */
function check(who: string, { accepts, refusals, wrong, lost }: LoadResult, want: number): void {
  expect(
    `${who}: accepted, refused, wrong, lost`,
    `${accepts}, ${refusals}, ${wrong}, ${lost}`,
    `${want}, 0, 0, 0`,
  );
}
