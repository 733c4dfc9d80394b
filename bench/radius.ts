// How many PAP logins a second does the service accept on one core, each spent step synced to the store, against
// FreeRADIUS with rlm_totp, which stores nothing, and against the same with each step stored in SQLite? 64 logins are
// outstanding; the servers take turns on one core. Bare echoes tell how much of it is moving datagrams.

import type { Case, Lack, Setting } from "./case.ts";
import { rates, ratio, SEVERAL } from "./case.ts";
import { expect, hotp } from "./cases.ts";
import { DEFAULT_TOTP_DRIFT_STEPS } from "../assembly/abi.ts";
import { Conversation, type Dialogue } from "./conversation.ts";
import { Echo, startEcho } from "./echo.ts";
import { freeRadiusVersion, startFreeRadius } from "./freeradius.ts";
import { SharedSecret } from "../host/radius/client/digest.ts";
import { Generator, type LoadResult } from "./load.ts";
import { median, type Measured } from "./rounds.ts";
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
const USERS = 20_000;
const ROUND_LOGINS = 2_000;
/** It takes a hundred times as long for each. */
const STORED_LOGINS = 200;
const LIMIT_SECONDS = 60;
const OURS = "Dialward";
const STORES = ", each step in SQLite";
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

/** A server that is measured. */
interface Side {
  name: string;
  server: Server;
  line: Generator;
  /** The logins of a round. */
  next(round: number): Promise<readonly Dialogue[]>;
}

async function measureRadius(setting: Setting, title: string): Promise<Awaited<ReturnType<Case["run"]>>> {
  const lacks: Lack[] = [];
  const users = makeUsers(USERS);
  const pinned = canPin();
  if (!pinned) lacks.push({ what: "pinning to one of two cores", packages: ["util-linux"] });
  const core = pinned ? SERVER_CORE : undefined;
  const sides: Side[] = [];
  const add = async (
    name: string,
    server: Server | undefined,
    next: Side["next"],
    what: Lack,
  ): Promise<void> => {
    if (server === undefined) lacks.push(what);
    else sides.push({ name, server, next, line: await Generator.open(server.endpoint, OUTSTANDING) });
  };
  setting.progress("radius: importing users");
  try {
    const blocks = new Blocks(users);
    const options = { dist: setting.dist, users, factor: "totp", core } as const;
    const dialward = await startDialward(`${setting.folder}/radius`, options);
    await add(OURS, dialward, () => blocks.take(), { what: OURS, packages: [] });
    const lack = { what: "FreeRADIUS", packages: ["freeradius"] };
    const version = freeRadiusVersion();
    for (const stores of version === undefined ? [] : [false, true]) {
      const folder = `${setting.folder}/freeradius${stores ? "-sql" : ""}`;
      const server = await startFreeRadius(folder, users, core, stores);
      const many = stores ? STORED_LOGINS : ROUND_LOGINS;
      // It does not mind a code that was used, so that the clock's step does.
      const next = async (round: number): Promise<Conversation[]> => {
        await awayFromBoundary();
        const first = (round * many) % USERS;
        const some = users.slice(first, first + many);
        return some.map(({ name, key }) => new Conversation(secret, name, hotp(key, stepNow()), "PAP"));
      };
      await add(`FreeRADIUS ${version}, rlm_totp${stores ? STORES : ""}`, server, next, lack);
    }
    if (version === undefined) lacks.push(lack);
    for (const kind of ["dgram", "C"] as const) {
      const echo = await startEcho(setting.folder, kind, core);
      const next = async (): Promise<Echo[]> => Array.from({ length: ROUND_LOGINS }, () => new Echo());
      await add(`bare echo, ${kind}`, echo, next, { what: "an echo in C", packages: ["gcc"] });
    }
    if (pinned) pinSelf(String(GENERATOR_CORE));
    // The first login of a user opens its profile, and programs are compiled while they run: not what is asked here.
    for (let i = 0; i < USERS / ROUND_LOGINS; i++) {
      for (const side of sides) await run(side, i);
      setting.progress("radius: first logins");
    }
    return await compare(setting, title, sides, lacks);
  } finally {
    if (pinned) pinSelf(`${SERVER_CORE},${GENERATOR_CORE}`);
    for (const { server, line } of sides) {
      line.close();
      await server.stop();
    }
  }
}

/** One round of a side; every login must have been accepted: a rate of anything else says nothing. */
async function run(
  { name, server, line, next }: Side,
  round: number,
): Promise<{ wall: number; cpu: number; latencies: LoadResult["latencies"] }> {
  const logins = await next(round);
  const before = cpuNanoseconds(server.pid);
  const { accepts, refusals, wrong, lost, seconds, latencies } = await line.saturate(logins, LIMIT_SECONDS);
  const cpu = (cpuNanoseconds(server.pid) - before) / logins.length;
  expect(`${name}: refused, wrong, lost`, `${refusals}, ${wrong}, ${lost}`, "0, 0, 0");
  expect(`${name}: accepts`, accepts, logins.length);
  return { wall: (seconds * 1e9) / logins.length, cpu, latencies };
}

async function compare(
  setting: Setting,
  title: string,
  sides: readonly Side[],
  lacks: readonly Lack[],
): Promise<Awaited<ReturnType<Case["run"]>>> {
  const measured = (): Measured[] => sides.map(({ name }) => ({ name, rounds: [], nanoseconds: 0 }));
  const [wall, cpu] = [measured(), measured()];
  const latencies: LoadResult["latencies"][] = [];
  for (let round = 0; round < Math.min(setting.rounds, MOST_ROUNDS); round++) {
    for (let i = 0; i < sides.length; i++) {
      const which = (i + round) % sides.length;
      const result = await run(sides[which]!, round);
      wall[which]!.rounds.push(result.wall);
      cpu[which]!.rounds.push(result.cpu);
      if (which === 0) latencies.push(result.latencies);
    }
    setting.progress("radius");
  }
  for (const side of [...wall, ...cpu]) side.nanoseconds = median(side.rounds);
  const middle = (of: "p50" | "p99" | "max") => median(latencies.map((one) => one[of]));
  const peers = sides.filter(({ name }) => name.startsWith("FreeRADIUS"));
  const findings = peers.flatMap(({ name }) => {
    const stores = name.endsWith(STORES);
    const which = stores ? "FreeRADIUS that stores each step" : "FreeRADIUS, which stores nothing";
    return [
      ratio(`RADIUS PAP accepts, each synced, against ${which}`, wall, OURS, name, stores ? 5 : 1.3),
      ratio("The same by the servers' processor time", cpu, OURS, name, stores ? undefined : 1.4),
    ];
  });
  const times = cpu.map(({ name, nanoseconds }) => ({
    question: `Processor time for a login: ${name}`,
    measured: `${(nanoseconds / 1000).toFixed(1)} µs`,
    value: nanoseconds,
  }));
  const name = `${OURS}, ${OUTSTANDING} outstanding, medians of the rounds`;
  return {
    title,
    unit: "accepts",
    rates: rates(wall),
    findings: [...findings, ...times],
    latencies: [{ name, p50: middle("p50"), p99: middle("p99"), max: middle("max") }],
    lacks,
  };
}
