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
export async function makeBackup(
  { folder, store, administrator, sealer, groups }: Service,
  passphrase?: string,
): Promise<{ users: number; file: Buffer }> {
  const lines: BackupLine[] = [{ kind: "made", seconds: Math.floor(Date.now() / 1000) }];
  for (const name of passphrase === undefined ? FILES : [...FILES, ...SECRET_FILES]) {
    const path = join(folder.path, name);
    if (existsSync(path)) lines.push({ kind: "file", name, text: readFileSync(path, "latin1") });
  }
  for (const group of (await groups.all()).values()) lines.push({ kind: "group", group });
  let users = 0;
  for (const [realm, one] of [["users", store] as const, ["administrator", administrator().store] as const])
    for await (const { user, entry } of one.list()) {
      if (realm === "users") users++;
      const [profile, state] = [entry.profile, entry.state].map((bytes) =>
        Buffer.from(bytes).toString("base64"),
      );
      lines.push({ kind: "user", realm, user, profile: profile!, state: state! });
    }
  const secret = passphrase === undefined ? { rootKey: sealer.derive(LABEL) } : { passphrase };
  return { users, file: await sealBackup(lines, secret) };
}

/** The users of a backup, or its administrators. */
export function usersOf(
  lines: readonly BackupLine[],
  realm: "users" | "administrator",
): { user: string; profile: Buffer; state: Buffer }[] {
  return lines.flatMap((line) =>
    line.kind === "user" && line.realm === realm
      ? [
          {
            user: line.user,
            profile: Buffer.from(line.profile, "base64"),
            state: Buffer.from(line.state, "base64"),
          },
        ]
      : [],
  );
}

/** When a backup was made, in seconds since 1970. */
export function madeAt(lines: readonly BackupLine[]): number {
  return lines.reduce((time, line) => (line.kind === "made" ? line.seconds : time), 0);
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
  const lines = await openBackup(bytes, secret);
  for (const line of lines) {
    if (line.kind !== "file" || ![...FILES, ...SECRET_FILES].includes(line.name)) continue;
    const path = join(data, line.name);
    createPrivateFile(path, line.text);
    if (readFileSync(path, "latin1") !== line.text)
      throw new DialwardError("exists", `${path} is another one than in the backup. Move it away first.`);
  }
  const service = await openService(config, silentLog, warn, { by: "restore", create: true });
  try {
    for (const line of lines) if (line.kind === "group") await service.groups.save(line.group);
    let counters: string[] = [];
    let count = 0;
    for (const realm of ["users", "administrator"] as const) {
      const rows = usersOf(lines, realm);
      const { core, sealer, administrator } = service;
      const users = realm === "users" ? service.users : new Users(core, administrator().store, sealer);
      const restored = await users.losses.restore(rows);
      if (realm !== "users") continue;
      count = rows.length;
      ({ counters } = restored);
    }
    return { users: count, made: madeAt(lines), counters };
  } finally {
    await service.close();
  }
}
