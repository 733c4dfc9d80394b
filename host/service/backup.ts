// Backups of a data folder: taken while the service runs, and put back into a folder that has no store yet.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { createPrivateFile } from "../config/private-file.ts";
import { systemClock } from "../core/clock.ts";
import { DialwardError } from "../errors.ts";
import { silentLog } from "../log/log.ts";
import { ImportedGroups } from "../groups/imported-groups.ts";
import { parseKeyFile } from "../store/key-file.ts";
import { hasPassphrase, openBackup, sealBackup, type BackupLine } from "../store/backup.ts";
import { KEY_FILE, loadKeys, Sealer } from "../store/seal.ts";
import { Users } from "../users/users.ts";
import { openService, type Service } from "./service.ts";

/** Files of the data folder that a backup has, where they are there. Those with keys only under a passphrase. */
const FILES = ["settings.json"];
const SECRET_FILES = [KEY_FILE, "radius-secret", "radius-clients.json"];
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

/**
 * Adds the users of a backup to a service that runs, as they were, sealed anew by its own keys: all, or none where one of
 * them is there. The same codes are refused as by restoreBackup(). Throws DialwardError.
 */
export async function restoreUsers(
  { users, sealer, groups }: Pick<Service, "users" | "sealer" | "groups">,
  bytes: Buffer,
  passphrase: string,
): Promise<{ users: number; made: number; counters: string[] }> {
  if (!systemClock.plausible()) throw clockNotSet();
  if (!hasPassphrase(bytes))
    throw new DialwardError(
      "usage",
      "This backup has no keys in it: it is put back on a terminal, beside them. Run: dialward restore",
    );
  const lines = await openBackup(bytes, { passphrase });
  const keys = lines.find((line) => line.kind === "file" && line.name === KEY_FILE);
  if (keys?.kind !== "file") throw new DialwardError("sealed", "The backup has no keys.");
  const old = new Sealer(parseKeyFile(Buffer.from(keys.text), "the backup"));
  const brought = await ImportedGroups.open({
    list: async () => [...(await groups.all()).values()],
    save: (group) => groups.save(group),
  });
  for (const line of lines) if (line.kind === "group") brought.hear(line.group);
  await brought.save();
  const { counters } = await sealer.using(() =>
    users.losses.restore(
      usersOf(lines, "users").map(({ user, profile, state }) => {
        const plain = old.open(user, profile);
        const sealed = sealer.seal(user, plain);
        plain.fill(0);
        return { user, profile: sealed, state };
      }),
    ),
  );
  return { users: usersOf(lines, "users").length, made: madeAt(lines), counters };
}

/** The users of a backup. */
function usersOf(
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

function madeAt(lines: readonly BackupLine[]): number {
  return lines.reduce((time, line) => (line.kind === "made" ? line.seconds : time), 0);
}

function clockNotSet(): DialwardError {
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
