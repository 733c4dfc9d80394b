// A backup put back into a service that runs: its users, all or none, and where wanted what its administrators had decided.
import { addClient, parseAddedClients, readAddedClients } from "../config/client-file.ts";
import { replacePrivateFile } from "../config/private-file.ts";
import { join } from "node:path";
import { parseSettings, type Settings } from "../admin/settings.ts";
import { systemClock } from "../core/clock.ts";
import { DialwardError } from "../errors.ts";
import { ImportedGroups } from "../groups/imported-groups.ts";
import { hasPassphrase, openBackup, type BackupUser } from "../store/backup.ts";
import { parseKeyFile } from "../store/key-file.ts";
import { KEY_FILE, Sealer } from "../store/seal.ts";
import { Users } from "../users/users.ts";
import { clockNotSet, RADIUS_SECRET } from "./backup.ts";
import type { Service } from "./service.ts";

/** What a backup has brought. */
export interface Restored {
  users: number;
  /** When the backup was made, in seconds since 1970. */
  made: number;
  /** HOTP users, whose counters since then nobody knows. */
  counters: string[];
  /** Names of administrators and RADIUS clients that were added. */
  administrators: string[];
  clients: string[];
}

/** A backup that is open, and of which nothing is put back yet. */
export interface OpenedBackup {
  /** What its administrators had decided. */
  settings: Settings;
  /**
   * Adds its users as they were, sealed by this installation's keys, all or none where one of them is here; `everything`:
   * its administrators and RADIUS clients too, but for those whose names are here. The same codes are refused as by
   * restoreBackup(). Throws DialwardError.
   */
  restore(everything: boolean): Promise<Restored>;
}

type Here = Pick<Service, "core" | "users" | "sealer" | "groups" | "settings" | "administrator">;

/** Opens a backup for a service that runs; `data` is its folder. Throws DialwardError. */
export async function openForService(
  { core, users, sealer, groups, settings, administrator }: Here,
  data: string,
  bytes: Buffer,
  passphrase: string,
): Promise<OpenedBackup> {
  if (!systemClock.plausible()) throw clockNotSet();
  if (!hasPassphrase(bytes))
    throw new DialwardError(
      "usage",
      "This backup has no keys in it: it is put back on a terminal, beside them. Run: dialward restore",
    );
  const backup = await openBackup(bytes, { passphrase });
  const keys = backup.files.get(KEY_FILE);
  if (keys === undefined) throw new DialwardError("sealed", "The backup has no keys.");
  const old = new Sealer(parseKeyFile(Buffer.from(keys), "the backup"));
  const its = parseSettings(backup.files.get("settings.json") ?? "{}", "The backup's settings");

  /** Adds those of `realm` whom `wanted` takes. */
  const bring = (realm: "users" | "administrator", to: Users, wanted = (_user: string) => true) => {
    async function* resealed(): AsyncGenerator<BackupUser[]> {
      for await (const piece of backup.users(realm))
        yield piece
          .filter(({ user }) => wanted(user))
          .map(({ user, profile, state }) => {
            const plain = old.open(user, profile);
            const sealed = sealer.seal(user, plain);
            plain.fill(0);
            return { user, profile: Buffer.from(sealed), state };
          });
    }
    return sealer.using(() => to.losses.restore(resealed()));
  };

  /** Adds the accounts whose names are not here: who is here keeps the password that is known. */
  const bringAdministrators = async (): Promise<string[]> => {
    const accounts = its.accounts.filter(({ name }) => administrator().roleOf(name) === undefined);
    const names = new Set(accounts.flatMap(({ name }) => [`lan:${name}`, `wan:${name}`]));
    await bring("administrator", new Users(core, administrator().store, sealer), (user) => names.has(user));
    settings.change((now) => ({ ...now, accounts: [...now.accounts, ...accounts] }));
    return accounts.map(({ name }) => name);
  };

  const bringClients = (): string[] => {
    // Daemons on this machine know the secret of the backup.
    const secret = backup.files.get(RADIUS_SECRET);
    if (secret !== undefined) replacePrivateFile(join(data, RADIUS_SECRET), secret);
    const here = readAddedClients(data);
    const added = parseAddedClients(
      backup.files.get("radius-clients.json") ?? "[]",
      "The backup's RADIUS clients",
    ).filter((one) => !here.some(({ name, address }) => name === one.name || address === one.address));
    for (const client of added) addClient(data, client);
    return added.map(({ name }) => name);
  };

  return {
    settings: its,
    restore: async (everything) => {
      const brought = await ImportedGroups.open({
        list: async () => [...(await groups.all()).values()],
        save: (group) => groups.save(group),
      });
      for (const group of backup.groups) brought.hear(group);
      await brought.save();
      const { users: count, counters } = await bring("users", users);
      return {
        users: count,
        made: backup.made,
        counters,
        administrators: everything ? await bringAdministrators() : [],
        clients: everything ? bringClients() : [],
      };
    },
  };
}
