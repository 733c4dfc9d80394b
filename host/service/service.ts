// Opens what every door needs, in order: the core, the store, the sealing keys, admission.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Administrator } from "../admin/account.ts";
import { systemClock } from "../core/clock.ts";
import { ClockWatch } from "../admission/clock-watch.ts";
import { Callers } from "../admission/caller.ts";
import { Admission, type AdmissionOptions } from "../admission/admission.ts";
import { Audit } from "../log/audit.ts";
import type { Config } from "../config/config.ts";
import { giveToFolderOwner } from "../config/private-file.ts";
import { Core } from "../core/core.ts";
import { Journal } from "../store/login-history.ts";
import type { Log } from "../log/log.ts";
import { SettingsFile } from "../admin/settings.ts";
import { openStore } from "../store/open.ts";
import { loadKeys, Sealer } from "../store/seal.ts";
import type { Store } from "../store/store.ts";
import { UserIndex } from "../users/user-index.ts";
import type { UserChange } from "../users/entries.ts";
import { Users } from "../users/users.ts";

export interface Service {
  core: Core;
  store: Store;
  admission: Admission;
  callers: Callers;
  users: Users;
  /** The users as the pages list them. */
  index: UserIndex;
  journal: Journal;
  settings: SettingsFile;
  /** Where [log] audit names a file. */
  audit: Audit | undefined;
  /** Opened when it is first asked for. */
  administrator(): Administrator;
  /** Finishes what has begun, then closes the store. */
  close(): Promise<void>;
}

export interface ServiceOptions extends Pick<AdmissionOptions, "note" | "noted" | "sources"> {
  /** Who makes changes, as the audit log names it. */
  by?: string;
}

/**
 * Opens the service on `config.data`; `warn` is told what an administrator should mend. `note` and `noted` hear of
 * verdicts as admission tells them.
 */
export async function openService(
  config: Config,
  log: Log,
  warn: (message: string) => void,
  options: ServiceOptions = {},
): Promise<Service> {
  const core = Core.load();
  const store = await openStore(config, log, warn);
  try {
    const keyFile = join(config.data, "key");
    // A new key for a store that has users would only hide that theirs is missing.
    const mayCreate = !existsSync(keyFile) && (await isEmpty(store));
    const sealer = new Sealer(loadKeys(keyFile, mayCreate, warn));
    const journal = new Journal(config.data);
    const file = config.log.audit === undefined ? undefined : resolve(config.folder, config.log.audit);
    const isNew = file !== undefined && !existsSync(file);
    const by = options.by ?? `command line, uid ${process.getuid?.()}`;
    const audit = file === undefined ? undefined : new Audit(file, by, log);
    if (isNew) giveToFolderOwner(file);
    const note: AdmissionOptions["note"] = (dialIn, verdict) => {
      journal.note(dialIn, verdict);
      audit?.note(dialIn, verdict);
      index.noteVerdict(dialIn, verdict);
      options.note?.(dialIn, verdict);
    };
    const noted: AdmissionOptions["noted"] = (verdicts, commitSeconds) => {
      audit?.flush();
      options.noted?.(verdicts, commitSeconds);
    };
    const { sources } = options;
    const callers = new Callers();
    const clockWatch = new ClockWatch((moved) =>
      log.warn({ moved }, `this machine's clock has moved by about ${moved} s, as many users' devices tell`),
    );
    const clock = { ...systemClock, moved: () => clockWatch.moved };
    const admission = new Admission(core, store, sealer, {
      log,
      note,
      noted,
      callers,
      clockWatch,
      ...(sources && { sources }),
    });
    const issuer = config.service.name;
    const changed = (action: UserChange, user: string): void => {
      audit?.change(action, user);
      index.noteChange(user);
    };
    const users = new Users(core, store, sealer, clock, changed, issuer);
    const index = new UserIndex(users, (name) => journal.lastLogin(name));
    const settings = new SettingsFile(config.data);
    let account: Administrator | undefined;
    const administrator = (): Administrator =>
      (account ??= new Administrator(config.data, core, sealer, settings, log, { audit, issuer }));
    const close = async (): Promise<void> => {
      await admission.close();
      await account?.close();
      await journal.close();
      await store.close();
      audit?.close();
    };
    return { core, store, admission, callers, users, index, journal, settings, audit, administrator, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function isEmpty(store: Store): Promise<boolean> {
  for await (const _ of store.list()) return false;
  return true;
}
