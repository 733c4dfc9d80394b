// Started as root, the service opens its ports and then becomes somebody who may do nothing else ([run]).
import { lchownSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { DialwardError } from "../errors.ts";

type Given = Pick<Config, "data" | "folder" | "log">;

/**
 * Becomes [run] user and group for good, and gives them the data folder. Without [run] nothing happens. Throws
 * DialwardError("config") where they do not exist or this process may not.
 */
export function dropPrivileges(config: Given & Pick<Config, "run">): void {
  const { user, group } = config.run;
  if (user === undefined && group === undefined) return;
  if (!process.setuid || !process.setgid || !process.setgroups)
    throw new DialwardError("config", "[run] is for systems that have users and groups.");
  const uid = user === undefined ? undefined : find("/etc/passwd", user, "user");
  const gid = group === undefined ? uid?.group : find("/etc/group", group, "group").id;
  try {
    if (process.getuid!() === 0) give(config, uid?.id ?? 0, gid ?? 0);
    // The groups first: whoever is not root any more cannot give them up.
    process.setgroups([]);
    if (gid !== undefined) process.setgid(gid);
    if (uid !== undefined) process.setuid(uid.id);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new DialwardError("config", `[run] user and group cannot be taken: ${why}. Start as root.`, {
      cause,
    });
  }
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

/** The data folder, the files in it and the audit log: what root has made must still be read and written. */
function give({ data, folder, log }: Given, uid: number, gid: number): void {
  const files = ["", ...readdirSync(data)].map((name) => join(data, name));
  if (log.audit !== undefined) files.push(resolve(folder, log.audit));
  for (const file of files) lchownSync(file, uid, gid); // follows no link out of the folder
}
