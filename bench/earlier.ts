// Against an earlier build (--against DIR, a built tree, for example of the first edition): what a login costs by each proof, one
// login alone, and each user's first one after a start. And what garbage a login of this build makes.

import type { Case, Finding, Outcome, Setting } from "./case.ts";
import { ratio } from "./case.ts";
import { expect, hotp } from "./cases.ts";
import { Conversation, PROOFS, type LoadProof } from "./conversation.ts";
import { Generator } from "./load.ts";
import { median, type Measured } from "./rounds.ts";
import { SharedSecret } from "../host/radius/client/digest.ts";
import {
  canPin,
  cpuNanoseconds,
  GENERATOR_CORE,
  makeUsers,
  pinSelf,
  SECRET,
  SERVER_CORE,
  startDialward,
  type Server,
  type User,
} from "./servers.ts";

const OUTSTANDING = 64;
const USERS = 15_000;
const ROUND_LOGINS = 1_500;
const ALONE_LOGINS = 200;
const MOST_ROUNDS = 20;
const LIMIT_SECONDS = 60;
const GARBAGE_LOGINS = 45_000;
const MOST_GARBAGE_BYTES = 1536;
/** At most so much of the earlier build's cost. */
const TARGETS: Partial<Record<LoadProof, number>> = { "MS-CHAPv2": 0.6, "EAP-MSCHAPv2": 0.5 };

const secret = new SharedSecret(SECRET);

/** A build with its users, each of whom has a next code. */
class Build {
  readonly name: string;
  readonly server: Server;
  readonly line: Generator;
  readonly alone: Generator;
  readonly #users: readonly User[];
  readonly #counters: number[];
  #turn = 0;

  private constructor(name: string, server: Server, users: readonly User[], lines: [Generator, Generator]) {
    this.name = name;
    this.server = server;
    [this.line, this.alone] = lines;
    this.#users = users;
    this.#counters = users.map(() => 0);
  }

  static async start(
    name: string,
    folder: string,
    dist: string,
    core: number | undefined,
    nodeArguments: readonly string[] = [],
  ): Promise<Build> {
    const users = makeUsers(USERS);
    const server = await startDialward(folder, { dist, users, factor: "hotp", core, nodeArguments });
    const open = (outstanding: number): Promise<Generator> => Generator.open(server.endpoint, outstanding);
    return new Build(name, server, users, [await open(OUTSTANDING), await open(1)]);
  }

  /** So many logins of the next users in turn; nanoseconds by the clock and of the server for each, and the median latency. */
  async run(
    proof: LoadProof,
    many: number,
    line = this.line,
  ): Promise<{ wall: number; cpu: number; p50: number }> {
    const logins = Array.from({ length: many }, () => {
      const u = this.#turn++ % USERS;
      const { name, key } = this.#users[u]!;
      return new Conversation(secret, name, hotp(key, this.#counters[u]!++), proof);
    });
    const before = cpuNanoseconds(this.server.pid);
    const { accepts, seconds, latencies } = await line.saturate(logins, LIMIT_SECONDS);
    expect(`${this.name}, ${proof}: accepts`, accepts, many);
    const cpu = (cpuNanoseconds(this.server.pid) - before) / many;
    return { wall: (seconds * 1e9) / many, cpu, p50: latencies.p50 };
  }

  async stop(): Promise<void> {
    this.line.close();
    this.alone.close();
    await this.server.stop();
  }
}

export const earlier: Case = {
  name: "earlier",
  ticks: () => 4,
  async run(setting) {
    const title = "RADIUS logins by proof against an earlier build, HOTP users, server on one core";
    const outcome: Outcome = { title, unit: "logins", rates: [], findings: [] };
    if (setting.short) return outcome;
    const core = canPin() ? SERVER_CORE : undefined;
    const findings = [await measureGarbage(setting, core)];
    setting.progress("earlier: garbage");
    const ours = await Build.start("Dialward", `${setting.folder}/ours`, setting.dist, core);
    const { against } = setting;
    const theirs =
      against && (await Build.start("earlier", `${setting.folder}/earlier`, `${against}/dist`, core));
    const builds = theirs ? [ours, theirs] : [ours];
    try {
      if (core !== undefined) pinSelf(String(GENERATOR_CORE));
      findings.push(await measureFirst(ours));
      if (theirs) await theirs.run("PAP", USERS);
      setting.progress("earlier: first logins");
      findings.push(...(await compare(builds, Math.min(MOST_ROUNDS, setting.rounds))));
      setting.progress("earlier: proofs");
    } finally {
      if (core !== undefined) pinSelf(`${SERVER_CORE},${GENERATOR_CORE}`);
      for (const build of builds) await build.stop();
    }
    return { ...outcome, findings };
  },
};

/** Each user's first login after a start, in turns of as many as later ones are measured by. */
async function measureFirst(build: Build): Promise<Finding> {
  // The program is compiled while it runs: the first half of the users is for that.
  await build.run("PAP", USERS / 2);
  const turns = async (): Promise<number> => {
    const rounds: number[] = [];
    for (let i = 0; i < USERS / 2 / ROUND_LOGINS; i++)
      rounds.push((await build.run("PAP", ROUND_LOGINS)).wall);
    return median(rounds);
  };
  const first = await turns();
  const again = await turns();
  const times = again / first;
  return {
    question: `Rate of each user's first login after a start, of ${USERS}, against the later ones`,
    target: "≥ 0.7 ×",
    measured: `${times.toFixed(2)} ×: ${(1e9 / first).toFixed(0)} a second`,
    met: times >= 0.7,
    value: times,
  };
}

async function measureGarbage(setting: Setting, core: number | undefined): Promise<Finding> {
  const trace = ["--trace-gc", "--trace-gc-nvp"];
  const build = await Build.start("Dialward", `${setting.folder}/garbage`, setting.dist, core, trace);
  try {
    await build.run("PAP", GARBAGE_LOGINS);
    const before = build.server.allocated!();
    await build.run("PAP", GARBAGE_LOGINS);
    const each = (build.server.allocated!() - before) / GARBAGE_LOGINS;
    return {
      question: "Garbage of a PAP login, bytes of V8's heap",
      target: `≤ ${MOST_GARBAGE_BYTES}`,
      measured: each.toFixed(0),
      met: each <= MOST_GARBAGE_BYTES,
      value: each,
    };
  } finally {
    await build.stop();
  }
}

/** Builds in turns, by each proof with 64 outstanding, and PAP alone. */
async function compare(builds: readonly Build[], rounds: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  const sides = (): Measured[] => builds.map(({ name }) => ({ name, rounds: [], nanoseconds: 0 }));
  for (const proof of [...PROOFS, "alone"] as const) {
    const measured = sides();
    for (let round = 0; round < rounds; round++)
      for (let i = 0; i < builds.length; i++) {
        const which = (i + round) % builds.length;
        const build = builds[which]!;
        const result =
          proof === "alone"
            ? (await build.run("PAP", ALONE_LOGINS, build.alone)).p50 * 1e6
            : (await build.run(proof, ROUND_LOGINS)).cpu;
        measured[which]!.rounds.push(result);
      }
    const what = proof === "alone" ? "PAP, one login alone, p50" : `${proof}: processor time for a login`;
    const most = proof === "alone" ? 0.6 : TARGETS[proof];
    const each = measured.map((side) => `${(median(side.rounds) / 1000).toFixed(1)} µs`);
    findings.push({ question: what, measured: each[0]!, value: median(measured[0]!.rounds) });
    if (builds.length < 2) continue;
    // How much of the other's, not how many times as fast.
    const { value = NaN } = ratio(what, measured, builds[1]!.name, builds[0]!.name);
    findings.push({
      question: `The same against the earlier build, which takes ${each[1]!}`,
      target: most === undefined ? undefined : `≤ ${most} ×`,
      measured: `${value.toFixed(2)} ×`,
      met: most === undefined ? undefined : value <= most,
      value,
    });
  }
  return findings;
}
