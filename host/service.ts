// Opens what every door needs, in order: the core, the store, the sealing keys, admission.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Administrator } from "./administrator.ts";
import { Admission, type AdmissionOptions } from "./admission.ts";
import type { Config } from "./config.ts";
import { Core } from "./core.ts";
import { Journal } from "./journal.ts";
import type { Log } from "./log.ts";
import { SettingsFile } from "./settings.ts";
import { openStore } from "./store/open.ts";
import { loadKeys, Sealer } from "./store/seal.ts";
import type { Store } from "./store/store.ts";
import { Users } from "./users.ts";

export interface Service {
  core: Core;
  store: Store;
  admission: Admission;
  users: Users;
  journal: Journal;
  settings: SettingsFile;
  /** Opened when it is first asked for. */
  administrator(): Administrator;
  /** Finishes what has begun, then closes the store. */
  close(): Promise<void>;
}

/** Opens the service on `config.data`; `warn` is told what an administrator should mend. */
export async function openService(
  config: Config,
  log: Log,
  warn: (message: string) => void,
): Promise<Service> {
  const core = Core.load();
  const store = await openStore(config, log, warn);
  try {
    const keyFile = join(config.data, "key");
    // A new key for a store that has users would only hide that theirs is missing.
    const mayCreate = !existsSync(keyFile) && (await isEmpty(store));
    const sealer = new Sealer(loadKeys(keyFile, mayCreate, warn));
    const journal = new Journal(config.data);
    const note: AdmissionOptions["note"] = (dialIn, verdict) => journal.note(dialIn, verdict);
    const admission = new Admission(core, store, sealer, { log, note });
    const users = new Users(core, store, sealer);
    const settings = new SettingsFile(config.data);
    let account: Administrator | undefined;
    const administrator = (): Administrator =>
      (account ??= new Administrator(config.data, core, sealer, settings, log));
    const close = async (): Promise<void> => {
      await admission.close();
      await account?.close();
      await journal.close();
      await store.close();
    };
    return { core, store, admission, users, journal, settings, administrator, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function isEmpty(store: Store): Promise<boolean> {
  for await (const _ of store.list()) return false;
  return true;
}
