// What the store costs: a batch in the spent log against lmdb's transaction, and a login on Redis against the embedded
// store.

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Admission } from "../host/admission/admission.ts";
import { Core } from "../host/core/core.ts";
import { silentLog } from "../host/log/log.ts";
import { DataFolder } from "../host/store/data-folder.ts";
import { EmbeddedStore } from "../host/store/embedded.ts";
import { openRedis } from "../host/store/redis.ts";
import { Sealer } from "../host/store/seal.ts";
import { SpentLog } from "../host/store/spent-log.ts";
import { States } from "../host/store/states.ts";
import type { Store } from "../host/store/store.ts";
import { formatSecret } from "../host/users/profile.ts";
import { Users } from "../host/users/users.ts";
import { RedisServer } from "../test/slow/redis-server.ts";
import type { Case, Finding, Lack } from "./case.ts";
import { atMost, rates } from "./case.ts";
import { expect, hotp, NOW } from "./cases.ts";
import { busy, keyOf } from "./many-users.ts";
import { measure, median, type Measured, type Side } from "./rounds.ts";

const BATCH = 64;

function times(
  question: string,
  measured: readonly Measured[],
  one: string,
  other: string,
  most: number,
): Finding {
  const rounds = (name: string) => measured.find((side) => side.name === name)!.rounds;
  const [ours, theirs] = [rounds(one), rounds(other)];
  const value = median(ours.map((nanoseconds, round) => nanoseconds / theirs[round]!));
  return atMost(question, value, most, `${value.toFixed(2)} ×`, "×");
}

async function logSide(folder: string): Promise<Side> {
  SpentLog.create(join(folder, "spent"));
  const states = new States();
  const { log, reading } = SpentLog.open(join(folder, "spent"), states);
  await log.begin(reading);
  const state = Buffer.alloc(48, 7);
  return {
    name: "spent log",
    unitsPerRun: 1,
    garbage: true,
    run: (count) =>
      busy(async () => {
        for (let t = 0; t < count; t++) {
          for (let slot = 1; slot <= BATCH; slot++) log.add(slot, 1, state);
          log.commit();
        }
      }),
  };
}

/** lmdb as the first edition used it: a transaction of 64 values by name, synced. */
async function lmdbSide(folder: string): Promise<Side | undefined> {
  // Not bundled: it brings a compiled library.
  const entry = join(process.cwd(), "bench/node_modules/lmdb/index.js");
  if (!existsSync(entry)) return undefined;
  const { open } = (await import(entry)) as { open(options: object): LmdbDatabase };
  const database = open({ path: join(folder, "lmdb"), encoding: "binary", noSubdir: true });
  const state = Buffer.alloc(48, 7);
  return {
    name: "lmdb",
    unitsPerRun: 1,
    garbage: true,
    run: (count) =>
      busy(async () => {
        for (let t = 0; t < count; t++)
          database.transactionSync(() => {
            for (let slot = 1; slot <= BATCH; slot++) database.putSync(`user${slot}`, state);
          });
      }),
  };
}

interface LmdbDatabase {
  transactionSync(action: () => void): void;
  putSync(key: string, value: Buffer): void;
}

/** Logins of 64 users at once, each by its own next code. */
async function loginSide(name: string, core: Core, store: Store): Promise<Side> {
  const sealer = new Sealer([Buffer.alloc(32, 7)]);
  const [names, secret] = [
    Array.from({ length: BATCH }, (_, i) => `user${i}`),
    formatSecret("totp", keyOf(0)),
  ];
  expect(
    name,
    (await new Users(core, store, sealer).import(names.map((each) => ({ name: each, secret, active: true }))))
      .length,
    0,
  );
  let time = NOW;
  const admission = new Admission(core, store, sealer, {
    clock: { seconds: () => time, plausible: () => true },
  });
  return {
    name,
    unitsPerRun: BATCH,
    garbage: true,
    run: (count) =>
      busy(async () => {
        for (let t = 0; t < count; t++) {
          time += 30;
          const text = Buffer.from(hotp(keyOf(0), Math.floor(time / 30)));
          const verdicts = await Promise.all(
            names.map((user) => admission.submit({ user, proof: { kind: "clear", text }, source: "" })),
          );
          for (const { reason } of verdicts) expect(name, reason, "ok");
        }
      }),
  };
}

export const store: Case = {
  name: "store",
  ticks: (rounds) => rounds,
  async run(setting) {
    const core = (): Core => new Core(setting.simd);
    const lacks: Lack[] = [];
    const findings: Finding[] = [];
    const folder = join(setting.folder, "store");
    mkdirSync(folder, { recursive: true });
    const [log, lmdb] = [await logSide(folder), await lmdbSide(folder)];
    if (!lmdb) lacks.push({ what: "lmdb (bench/package.json)", packages: [] });
    const opened = await DataFolder.open(join(folder, "embedded"), { create: true });
    const embedded = await loginSide(
      "embedded store",
      core(),
      await EmbeddedStore.open(opened, { create: true }),
    );
    const server = await RedisServer.start({ durable: true }).catch(() => undefined);
    if (!server) lacks.push({ what: "Redis", packages: ["redis-server"] });
    const redis =
      server &&
      (await loginSide(
        "Redis",
        core(),
        await openRedis({ urls: [server.url], wait: 0, holdSeconds: 0 }, silentLog),
      ));
    const sides = [log, lmdb, embedded, redis].filter((side) => side !== undefined);
    try {
      for (const side of sides) await side.run(1);
      const measured = setting.short
        ? []
        : await measure(sides, setting.rounds, () => setting.progress("store"));
      if (!setting.short && lmdb)
        findings.push(
          times(
            "Commit of a batch of 64, processor time: the spent log against lmdb's transaction",
            measured,
            "spent log",
            "lmdb",
            0.5,
          ),
        );
      if (!setting.short && redis)
        findings.push(
          times(
            "A login on Redis against the embedded store, processor time of the service",
            measured,
            "Redis",
            "embedded store",
            2,
          ),
        );
      const title = "The store";
      return {
        title,
        unit: "batches or logins",
        rates: rates(measured),
        findings: setting.short ? [] : findings,
        lacks,
      };
    } finally {
      await RedisServer.stopAll();
    }
  },
};
