// Backups of a data folder: taken while the service runs, and put back into a folder that has no store yet.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { createPrivateFile } from "../config/private-file.ts";
import { systemClock } from "../core/clock.ts";
import { DialwardError } from "../errors.ts";
import { silentLog } from "../log/log.ts";
import { hasPassphrase, openBackup, sealBackup, type BackupLine } from "../store/backup.ts";
import { KEY_FILE, loadKeys, Sealer } from "../store/seal.ts";
import { Users } from "../users/users.ts";
import { openService, type Service } from "./service.ts";

/** Files of the data folder that a backup has, where they are there. Those with keys only under a passphrase. */
const FILES = ["settings.json"];
export const RADIUS_SECRET = "radius-secret";
const SECRET_FILES = [KEY_FILE, RADIUS_SECRET, "radius-clients.json"];
/** What the root key makes to seal a backup that has no keys in it. */
const LABEL = "backup";

/** All users, groups, the administrator's account and settings; with a passphrase the keys too. */
export function makeBackup(
  service: Service,
  passphrase?: string,
): { pieces: AsyncIterable<Buffer>; users(): number } {
  let users = 0;
  async function* lines(): AsyncGenerator<BackupLine> {
    for await (const line of readLines(service, passphrase !== undefined)) {
      if (line.kind === "user" && line.realm === "users") users++;
      yield line;
    }
  }
  const secret = passphrase === undefined ? { rootKey: service.sealer.derive(LABEL) } : { passphrase };
  return { pieces: sealBackup(lines(), secret), users: () => users };
}

async function* readLines(
  { folder, store, administrator, groups }: Service,
  withKeys: boolean,
): AsyncGenerator<BackupLine> {
  yield { kind: "made", seconds: Math.floor(Date.now() / 1000) };
  for (const name of withKeys ? [...FILES, ...SECRET_FILES] : FILES) {
    const path = join(folder.path, name);
    if (existsSync(path)) yield { kind: "file", name, text: readFileSync(path, "utf8") };
  }
  for (const group of (await groups.all()).values()) yield { kind: "group", group };
  for (const [realm, one] of [["users", store] as const, ["administrator", administrator().store] as const])
    for await (const { user, entry } of one.list()) {
      const [profile, state] = [entry.profile, entry.state].map((bytes) =>
        Buffer.from(bytes).toString("base64"),
      );
      yield { kind: "user", realm, user, profile: profile!, state: state! };
    }
}

/** What is thrown where nobody can tell which codes of a backup are spent. */
export function clockNotSet(): DialwardError {
  return new DialwardError(
    "refused",
    "This machine's clock is not set: nobody knows which codes may be spent.",
  );
}

/**
 * Puts a backup into the data folder, which must have no store. Codes count from the first one that nobody can have
 * used by now; the names of HOTP users, whose counters since the backup nobody knows. Throws DialwardError.
 */
export async function restoreBackup(
  config: Config,
  bytes: Buffer,
  askPassphrase: () => Promise<string>,
  warn: (message: string) => void,
): Promise<{ users: number; made: number; counters: string[] }> {
  const { data } = config;
  if (existsSync(join(data, "profiles")))
    throw new DialwardError(
      "exists",
      `There is a store in ${data}. Name another folder, or move this one away.`,
    );
  if (!systemClock.plausible()) throw clockNotSet();
  const keyFile = join(data, KEY_FILE);
  const secret = hasPassphrase(bytes)
    ? { passphrase: await askPassphrase() }
    : { rootKey: new Sealer(loadKeys(keyFile, false, warn)).derive(LABEL) };
  const backup = await openBackup(bytes, secret);
  for (const [name, text] of backup.files) {
    if (![...FILES, ...SECRET_FILES].includes(name)) continue;
    const path = join(data, name);
    createPrivateFile(path, text);
    if (readFileSync(path, "utf8") !== text)
      throw new DialwardError("exists", `${path} is another one than in the backup. Move it away first.`);
  }
  const service = await openService(config, silentLog, warn, { by: "restore", create: true });
  try {
    for (const group of backup.groups) await service.groups.save(group);
    const { core, sealer, administrator } = service;
    const { users, counters } = await service.users.losses.restore(backup.users("users"));
    const administrators = new Users(core, administrator().store, sealer);
    await administrators.losses.restore(backup.users("administrator"));
    return { users, made: backup.made, counters };
  } finally {
    await service.close();
  }
}
