// What does `serve --workers 2` bring on two cores, against one process? PAP, and EAP-MSCHAPv2, which takes more of the
// processor. The services take turns. The load generator needs the same two cores, so processor times tell the rest.

import type { Case, Finding } from "./case.ts";
import { rates as printRates, ratio } from "./case.ts";
import { expect, hotp } from "./cases.ts";
import { Conversation, type LoadProof } from "./conversation.ts";
import { SharedSecret } from "../host/radius/client/digest.ts";
import { Generator } from "./load.ts";
import { median, type Measured } from "./rounds.ts";
import {
  cpuNanoseconds,
  mainNanoseconds,
  makeUsers,
  SECRET,
  startDialward,
  withWorkers,
  type Server,
} from "./servers.ts";

const USERS = 2_000;
const OUTSTANDING = 256;
const ROUNDS = 7;
const LIMIT_SECONDS = 20;
/** Logins of a round; and rounds before it counts, since each process compiles its own code while it runs. */
const LOGINS: readonly [LoadProof, number, number][] = [
  ["PAP", 6_000, 10],
  ["EAP-MSCHAPv2", 1_500, 12],
];
const ONE = "one process";
const TWO = "--workers 2";

const secret = new SharedSecret(SECRET);

interface Side {
  name: string;
  server: Server;
  generator: Generator;
  /** The next code of each user. */
  counters: number[];
  turn: number;
}

export const workers: Case = {
  name: "workers",
  processes: 3,
  ticks: () => LOGINS.reduce((sum, [, , warmUp]) => sum + warmUp + ROUNDS, 2),
  async run(setting) {
    const title = `RADIUS logins, ${OUTSTANDING} outstanding: one process and --workers 2, on two cores`;
    const users = makeUsers(setting.short ? 40 : USERS);
    const sides: Side[] = [];
    const findings: Finding[] = [];
    const rates = [];
    try {
      for (const [name, serveArguments] of [
        [ONE, []],
        [TWO, ["--workers", "2"]],
      ] as const) {
        // prettier-ignore
        const folder = `${setting.folder}/workers-${sides.length}`;
        const server = await startDialward(folder, {
          dist: setting.dist,
          users,
          factor: "hotp",
          serveArguments,
        });
        const generator = await Generator.open(server.endpoint, OUTSTANDING);
        sides.push({ name, server, generator, counters: users.map(() => 0), turn: 0 });
        setting.progress("workers: importing users");
      }
      /** One side's logins, all of which must be accepted; nanoseconds for one: by the clock, and of processors. */
      const run = async (side: Side, proof: LoadProof, count: number) => {
        const logins = Array.from({ length: count }, () => {
          const u = side.turn++ % users.length;
          const { name, key } = users[u]!;
          return new Conversation(secret, name, hotp(key, side.counters[u]!++), proof);
        });
        const pids = withWorkers(side.server.pid);
        const [before, mainBefore] = [pids.map(cpuNanoseconds), pids.map(mainNanoseconds)];
        const self = process.cpuUsage();
        const { accepts, refusals, wrong, lost, seconds } = await side.generator.saturate(
          logins,
          LIMIT_SECONDS,
        );
        const { user, system } = process.cpuUsage(self);
        expect(
          `${side.name}, ${proof}: accepted, refused, wrong, lost`,
          `${accepts}, ${refusals}, ${wrong}, ${lost}`,
          `${count}, 0, 0, 0`,
        );
        const each = (spent: (pid: number) => number, start: readonly number[]): number[] =>
          pids.map((pid, i) => (spent(pid) - start[i]!) / count);
        const service = each(cpuNanoseconds, before).reduce((sum, one) => sum + one);
        const busiest = Math.max(...each(mainNanoseconds, mainBefore));
        return {
          clock: (seconds * 1e9) / count,
          service,
          busiest,
          // Neither a main thread nor two cores can do more than this allows.
          alone: Math.max(busiest, service / 2),
          generator: ((user + system) * 1000) / count,
        };
      };
      for (const [proof, count, warmUp] of LOGINS) {
        if (setting.short) {
          for (const side of sides) await run(side, proof, users.length);
          continue;
        }
        for (let round = 0; round < warmUp; round++) {
          for (const side of sides) await run(side, proof, count);
          setting.progress(`workers: ${proof}`);
        }
        const measured = sides.map(({ name }) => ({ name, rounds: [] as Awaited<ReturnType<typeof run>>[] }));
        for (let round = 0; round < ROUNDS; round++) {
          for (let i = 0; i < sides.length; i++) {
            const which = (i + round) % sides.length;
            measured[which]!.rounds.push(await run(sides[which]!, proof, count));
          }
          setting.progress(`workers: ${proof}`);
        }
        const by = (what: "clock" | "service" | "alone" | "busiest" | "generator"): Measured[] =>
          measured.map(({ name, rounds }) => {
            const nanoseconds = rounds.map((took) => took[what]);
            return { name: `${proof}, ${name}`, rounds: nanoseconds, nanoseconds: median(nanoseconds) };
          });
        const [one, two] = [`${proof}, ${ONE}`, `${proof}, ${TWO}`];
        const microseconds = (what: "service" | "generator", side: number) =>
          (by(what)[side]!.nanoseconds / 1000).toFixed(0);
        rates.push(...printRates(by("clock")));
        findings.push(
          ratio(`${proof} logins a second, --workers 2 against one process`, by("clock"), two, one),
          ratio(`${proof}, if the load came from other machines, by processor time`, by("alone"), two, one),
          ratio(`${proof}, with a core for each process, by processor time`, by("busiest"), two, one),
          {
            question: `${proof}: processor time for a login, service + generator: one process; --workers 2`,
            measured: [0, 1]
              .map((side) => `${microseconds("service", side)} + ${microseconds("generator", side)} µs`)
              .join("; "),
          },
        );
      }
      return { title, unit: "logins", rates, findings };
    } finally {
      for (const { generator, server } of sides) {
        generator.close();
        await server.stop();
      }
    }
  },
};
