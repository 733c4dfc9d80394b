// Which store the configuration means: the data folder's own, or Redis.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readRedis, type Config, type RedisOptions } from "../config/config.ts";
import { createPrivateFile } from "../config/private-file.ts";
import { DialwardError } from "../errors.ts";
import { silentLog, type Log } from "../log/log.ts";
import { DataFolder } from "./data-folder.ts";
import { EmbeddedStore } from "./embedded.ts";
import { KEY_FILE } from "./seal.ts";
import type { Store } from "./store.ts";

/**
 * Opens the users' store: that of `folder`, or the configuration's servers. `warn` is told what an administrator should
 * mend. Throws DialwardError("store") or ("config"). A Redis that does not answer is opened all the same: each use is
 * refused until it does.
 */
export async function openStore(
  config: Config,
  folder: DataFolder,
  { log, warn, create = false }: { log: Log; warn: (message: string) => void; create?: boolean },
): Promise<Store> {
  const redis = readRedis(config, warn);
  return redis === undefined ? EmbeddedStore.open(folder, { create, warn }) : openRedisStore(redis, log);
}

/**
 * Opens what `data` is to be copied to: servers, or another data folder, which gets the sealing keys too, without
 * which its users would be lost. Throws DialwardError("store") or ("exists").
 */
export async function openTarget(
  target: RedisOptions | string,
  data: string,
): Promise<{ store: Store; close(): Promise<void> }> {
  if (typeof target !== "string") {
    const store = await openRedisStore(target, silentLog);
    return { store, close: () => store.close() };
  }
  const path = resolve(target);
  const folder = await DataFolder.open(path, { create: true });
  try {
    const key = join(data, KEY_FILE);
    if (existsSync(key)) {
      const copy = join(path, KEY_FILE);
      const keys = readFileSync(key);
      createPrivateFile(copy, keys);
      const there = readFileSync(copy);
      const same = there.equals(keys);
      for (const read of [keys, there]) read.fill(0);
      if (!same)
        throw new DialwardError("exists", `${copy} holds other keys than ${key}. Name another folder.`);
    }
    const store = await EmbeddedStore.open(folder, { create: true });
    const close = async (): Promise<void> => {
      await store.close();
      await folder.close();
    };
    return { store, close };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

/** Loaded only where it is used: a command should start fast. */
async function openRedisStore(options: RedisOptions, log: Log): Promise<Store> {
  const { openRedis } = await import("./redis.ts");
  return openRedis(options, log);
}
