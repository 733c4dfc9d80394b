// How many PAP logins a second does the service accept on one core, each spent step synced to the store, against
// FreeRADIUS with rlm_totp, which stores nothing, and against the same with each step stored in SQLite? 64 logins are
// outstanding; the servers take turns on one core, and how often it echoes a datagram by itself tells what is the limit.

import type { Case, Lack, Setting } from "./case.ts";
import { rates, ratio, SEVERAL } from "./case.ts";
import { expect, hotp } from "./cases.ts";
import { DEFAULT_TOTP_DRIFT_STEPS } from "../assembly/abi.ts";
import { Conversation } from "./conversation.ts";
import { SharedSecret } from "../host/radius/client/digest.ts";
import { Generator, type LoadResult } from "./load.ts";
import { median, type Measured } from "./rounds.ts";
import {
  canPin,
  cpuNanoseconds,
  freeRadiusVersion,
  GENERATOR_CORE,
  makeUsers,
  pinSelf,
  SECRET,
  SERVER_CORE,
  startDialward,
  startFreeRadius,
  type Server,
  type User,
} from "./servers.ts";

const OUTSTANDING = 64;
const USERS = 20_000;
const ROUND_LOGINS = 2_000;
const LIMIT_SECONDS = 20;
const MOST_ROUNDS = 40;
const secret = new SharedSecret(SECRET);
const stepNow = (): number => Math.floor(Date.now() / 30_000);

/**
 * Gives each block of users a step that it has not used: a code is accepted once. A user whose device runs ahead may
 * use codes of the future, because the window follows the last accepted step (drift); so there are seven for each user
 * at any moment.
 */
class Blocks {
  readonly #users: readonly User[];
  /** For each block its last step and how far that was from the clock's, at most by the bound. */
  readonly #used: { last: number; drift: number }[];
  #next = 0;

  constructor(users: readonly User[]) {
    this.#users = users;
    this.#used = Array.from({ length: Math.floor(users.length / ROUND_LOGINS) }, () => ({
      last: 0,
      drift: 0,
    }));
  }

  /** Logins of one block, each right once; waits while every step that would be accepted is spent. */
  async take(): Promise<Conversation[]> {
    const block = this.#next;
    this.#next = (this.#next + 1) % this.#used.length;
    const { last, drift } = this.#used[block]!;
    let step = 0;
    for (;;) {
      await awayFromBoundary();
      const centre = stepNow() + drift;
      step = Math.max(last + 1, centre - 1);
      if (step <= centre + 1) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    this.#used[block] = { last: step, drift: Math.min(step - stepNow(), DEFAULT_TOTP_DRIFT_STEPS) };
    const users = this.#users.slice(block * ROUND_LOGINS, (block + 1) * ROUND_LOGINS);
    return users.map(({ name, key }) => new Conversation(secret, name, hotp(key, step), "PAP"));
  }
}

/** The same logins for FreeRADIUS: it does not mind a code that was used, so the clock's step does. */
function current(users: readonly User[], round: number): Conversation[] {
  const first = (round * ROUND_LOGINS) % USERS;
  return users
    .slice(first, first + ROUND_LOGINS)
    .map(({ name, key }) => new Conversation(secret, name, hotp(key, stepNow()), "PAP"));
}

/** Waits where it is so late in a step that a code would be old when it arrives. */
async function awayFromBoundary(): Promise<void> {
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 1500) await new Promise((resolve) => setTimeout(resolve, left + 10));
}

export const radius: Case = {
  name: "radius",
  processes: SEVERAL,
  ticks: (rounds) => 1 + USERS / ROUND_LOGINS + Math.min(rounds, MOST_ROUNDS),
  async run(setting) {
    const title = `RADIUS PAP, ${OUTSTANDING} outstanding, server on one core`;
    if (setting.short) return { title, unit: "accepts", rates: [], findings: [] };
    return measureRadius(setting, title);
  },
};

async function measureRadius(setting: Setting, title: string): Promise<Awaited<ReturnType<Case["run"]>>> {
  const lacks: Lack[] = [];
  const users = makeUsers(USERS);
  const pinned = canPin();
  if (!pinned) lacks.push({ what: "pinning to one of two cores", packages: ["util-linux"] });
  const core = pinned ? SERVER_CORE : undefined;
  setting.progress("radius: importing users");
  const dialward = await startDialward(`${setting.folder}/radius`, {
    dist: setting.dist,
    users,
    factor: "totp",
    core,
  });
  const version = freeRadiusVersion();
  const peers: { name: string; server: Server; line: Generator }[] = [];
  if (version)
    for (const stores of [false, true]) {
      const folder = `${setting.folder}/freeradius${stores ? "-sql" : ""}`;
      const server = await startFreeRadius(folder, users, core, stores);
      const name = `FreeRADIUS ${version}, rlm_totp${stores ? ", each step in SQLite" : ""}`;
      if (server) peers.push({ name, server, line: await Generator.open(server.endpoint, OUTSTANDING) });
    }
  if (peers.length < 2) lacks.push({ what: "FreeRADIUS", packages: ["freeradius"] });
  if (pinned) pinSelf(String(GENERATOR_CORE));
  const ours = await Generator.open(dialward.endpoint, OUTSTANDING);
  const measured: Measured[] = ["Dialward", ...peers.map(({ name }) => name)].map((name) => ({
    name,
    rounds: [],
    nanoseconds: 0,
  }));
  const latencies: LoadResult["latencies"][] = [];
  // Processor time of the servers, for machines on which others run too.
  const cpu: Measured[] = measured.map(({ name }) => ({ name, rounds: [], nanoseconds: 0 }));
  try {
    const blocks = new Blocks(users);
    // The first login of a user unseals its profile; this is not what is asked here.
    for (let i = 0; i < USERS / ROUND_LOGINS; i++) {
      check("Dialward", await ours.saturate(await blocks.take(), LIMIT_SECONDS));
      setting.progress("radius: first logins");
    }
    for (const { line } of peers)
      for (let i = 0; i < 2; i++) await line.saturate(current(users, i), LIMIT_SECONDS);
    for (let round = 0; round < Math.min(setting.rounds, MOST_ROUNDS); round++) {
      const logins = await blocks.take();
      const before = cpuNanoseconds(dialward.pid);
      const result = await ours.saturate(logins, LIMIT_SECONDS);
      cpu[0]!.rounds.push((cpuNanoseconds(dialward.pid) - before) / ROUND_LOGINS);
      check("Dialward", result);
      latencies.push(result.latencies);
      measured[0]!.rounds.push((result.seconds * 1e9) / ROUND_LOGINS);
      for (const [i, { name, server, line }] of peers.entries()) {
        await awayFromBoundary();
        const same = current(users, round);
        const before = cpuNanoseconds(server.pid);
        const other = await line.saturate(same, LIMIT_SECONDS);
        cpu[i + 1]!.rounds.push((cpuNanoseconds(server.pid) - before) / ROUND_LOGINS);
        check(name, other);
        measured[i + 1]!.rounds.push((other.seconds * 1e9) / ROUND_LOGINS);
      }
      setting.progress("radius");
    }
  } finally {
    ours.close();
    if (pinned) pinSelf(`${SERVER_CORE},${GENERATOR_CORE}`);
    await dialward.stop();
    for (const { server, line } of peers) {
      line.close();
      await server.stop();
    }
  }
  for (const side of [...measured, ...cpu]) side.nanoseconds = median(side.rounds);
  const middle = (of: "p50" | "p99" | "max") => median(latencies.map((one) => one[of]));
  return {
    title,
    unit: "accepts",
    rates: rates(measured),
    findings: [
      ...peers.flatMap(({ name }, i) => [
        ratio(
          `RADIUS PAP accepts, each synced to the store, against ${i === 0 ? "FreeRADIUS, which stores nothing" : "FreeRADIUS that stores each step"}`,
          measured,
          "Dialward",
          name,
          i === 0 ? 1.3 : 5,
        ),
        ratio(
          "The same by the servers' processor time for a login",
          cpu,
          "Dialward",
          name,
          i === 0 ? 1.4 : undefined,
        ),
      ]),
      {
        question: "Processor time for a login: " + cpu.map(({ name }) => name).join(", "),
        measured: cpu.map(({ nanoseconds }) => `${(nanoseconds / 1000).toFixed(1)} µs`).join(", "),
      },
    ],
    latencies: [
      {
        name: `Dialward, ${OUTSTANDING} outstanding, medians of the rounds`,
        p50: middle("p50"),
        p99: middle("p99"),
        max: middle("max"),
      },
    ],
    lacks,
  };
}

/** Every login must have been accepted: a rate of anything else says nothing. */
function check(who: string, result: LoadResult): void {
  const { accepts, refusals, wrong, lost } = result;
  expect(`${who}: refused, wrong, lost`, `${refusals}, ${wrong}, ${lost}`, "0, 0, 0");
  expect(`${who}: accepts`, accepts, ROUND_LOGINS);
}
