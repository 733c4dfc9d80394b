// Which store the configuration means: LMDB in the data folder, or Redis.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readRedis, type Config, type RedisOptions } from "../config/config.ts";
import { createPrivateFile } from "../config/private-file.ts";
import { DialwardError } from "../errors.ts";
import { silentLog, type Log } from "../log/log.ts";
import { openLmdb } from "./lmdb.ts";
import { KEY_FILE } from "./seal.ts";
import type { Store } from "./store.ts";

/** The embedded store's file in the data folder. */
const STORE_FILE = "dialward.mdb";

/**
 * Opens the store; `warn` is told what an administrator should mend. Throws DialwardError("store") or ("config").
 * A Redis that does not answer is opened all the same: each use is refused until it does.
 */
export async function openStore(config: Config, log: Log, warn: (message: string) => void): Promise<Store> {
  const redis = readRedis(config, warn);
  if (redis === undefined) return openLmdb(join(config.data, STORE_FILE));
  mkdirSync(config.data, { recursive: true, mode: 0o700 });
  return openRedisStore(redis, log);
}

/**
 * Opens what `data` is to be copied to: servers, or another data folder, which gets the sealing keys too, without
 * which its users would be lost. Throws DialwardError("store") or ("exists").
 */
export async function openTarget(target: RedisOptions | string, data: string): Promise<Store> {
  if (typeof target !== "string") return openRedisStore(target, silentLog);
  const store = openLmdb(join(resolve(target), STORE_FILE));
  const key = join(data, KEY_FILE);
  if (existsSync(key)) {
    const copy = join(resolve(target), KEY_FILE);
    createPrivateFile(copy, readFileSync(key, "latin1"));
    if (readFileSync(copy, "latin1") !== readFileSync(key, "latin1")) {
      await store.close();
      throw new DialwardError("exists", `${copy} holds other keys than ${key}. Name another folder.`);
    }
  }
  return store;
}

/** Loaded only where it is used: a command should start fast. */
async function openRedisStore(options: RedisOptions, log: Log): Promise<Store> {
  const { openRedis } = await import("./redis.ts");
  return openRedis(options, log);
}
