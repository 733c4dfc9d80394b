// Root's part. Started as root, the service binds its ports and then becomes the owner of its data folder for good; a
// command of root works as that owner. So whoever holds the folder can make root neither read nor write elsewhere, and
// nothing that root does there belongs to somebody else.
import {
  closeSync,
  constants,
  existsSync,
  fchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { DialwardError } from "../errors.ts";

interface Ids {
  uid: number;
  gid: number;
}

/** Runs `action` as the owner of the data folder, where this process is root's; else as who it is. */
export async function asOwner<T>(config: Pick<Config, "data">, action: () => Promise<T>): Promise<T> {
  const owner = ownerOf(config.data);
  if (!owner || !process.seteuid || !process.setegid || !process.setgroups || !process.getgroups)
    return action();
  const [groups, gid] = [process.getgroups(), process.getegid!()];
  // The user last: whoever is not root any more cannot change the groups.
  process.setgroups([owner.gid]);
  process.setegid(owner.gid);
  process.seteuid(owner.uid);
  try {
    return await action();
  } finally {
    process.seteuid(0);
    process.setegid(gid);
    process.setgroups(groups);
  }
}

/** Within asOwner: runs `action` as root again, where this process is root's. For what is outside the folder only. */
export async function asRoot<T>(action: () => Promise<T>): Promise<T> {
  const uid = process.geteuid?.();
  if (process.getuid?.() !== 0 || uid === 0 || uid === undefined) return action();
  process.seteuid!(0);
  try {
    return await action();
  } finally {
    process.seteuid!(uid);
  }
}

/**
 * Makes the data folder where it is missing (0700), for [run] where root makes it; and the audit file, which may lie
 * where only root makes files. Throws DialwardError("config") or what the system says.
 */
export function makeFolder(config: Pick<Config, "data" | "folder" | "log" | "run">): void {
  const ids = runIds(config);
  if (!existsSync(config.data)) {
    mkdirSync(dirname(config.data), { recursive: true });
    mkdirSync(config.data, { mode: 0o700 });
    if (ids) giveFolder(config.data, ids);
  }
  const owner = ownerOf(config.data);
  const audit = config.log.audit === undefined ? undefined : resolve(config.folder, config.log.audit);
  // Below a folder of the owner's there may be links of his: what is there he makes himself, when it is opened.
  if (owner && audit !== undefined && !isBelowHis(audit, owner)) makeFileFor(audit, owner);
}

/**
 * Becomes, for good, the owner of the data folder, where this process is root's. Throws DialwardError("config") where
 * that is not the user that [run] names.
 */
export function becomeOwner(config: Pick<Config, "data" | "run">): void {
  const ids = runIds(config);
  const owner = ownerOf(config.data) ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  if (ids && ids.uid !== owner.uid)
    throw new DialwardError(
      "config",
      process.getuid?.() === 0
        ? `${config.data} belongs to user ${owner.uid}, and [run] names user ${ids.uid}. Run: chown -R ` +
            `${ids.uid}:${ids.gid} ${config.data}`
        : "[run] names another user than the one who runs this. Start as root.",
    );
  if (process.getuid?.() !== 0 || owner.uid === 0) return;
  // The groups first: whoever is not root any more cannot give them up.
  process.setgroups!([]);
  process.setgid!(ids?.gid ?? owner.gid);
  process.setuid!(owner.uid);
}

/** Who owns a folder that root does not; undefined too where this process is not root's. */
function ownerOf(folder: string): Ids | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const found = statSync(folder, { throwIfNoEntry: false });
  return found && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : undefined;
}

/** Whom [run] names; undefined where it names nobody. Throws DialwardError("config"). */
export function runIds({ run: { user, group } }: Pick<Config, "run">): Ids | undefined {
  if (user === undefined && group === undefined) return undefined;
  if (!process.getuid) throw new DialwardError("config", "[run] is for systems that have users and groups.");
  const found = user === undefined ? undefined : find("/etc/passwd", user, "user");
  const gid = group === undefined ? found?.group : find("/etc/group", group, "group").id;
  return { uid: found?.id ?? process.getuid(), gid: gid ?? 0 };
}

/** Node has no getpwnam: the local files are read. A service's user is in them. */
function find(file: string, name: string, what: string): { id: number; group: number } {
  const row = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .find(([first]) => first === name);
  if (row === undefined)
    throw new DialwardError("config", `[run] ${what}: there is no ${what} "${name}" in ${file}.`);
  return { id: Number(row[2]), group: Number(row[3]) };
}

function giveFolder(path: string, { uid, gid }: Ids): void {
  if (process.getuid?.() !== 0) return;
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    fchownSync(descriptor, uid, gid);
  } finally {
    closeSync(descriptor);
  }
}

function isBelowHis(path: string, { uid }: Pick<Ids, "uid">): boolean {
  const folder = dirname(path);
  if (folder === path) return false;
  return lstatSync(folder, { throwIfNoEntry: false })?.uid === uid || isBelowHis(folder, { uid });
}

/** A file that exists stays whose it is. */
function makeFileFor(path: string, { uid, gid }: Ids): void {
  if (existsSync(path)) return;
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL, 0o600); // O_EXCL follows no link
  try {
    fchownSync(descriptor, uid, gid);
  } finally {
    closeSync(descriptor);
  }
}
