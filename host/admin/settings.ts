// What the administrator decides on the pages or by `dialward administrator` and `dialward management`: one JSON
// file in the data folder, which holds no secret. Read anew each time: command line and pages see each other.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { DialwardError } from "../errors.ts";
import { describeIssues } from "../config/schema-errors.ts";
import { replacePrivateFile } from "../config/private-file.ts";
import { LOG_LEVELS } from "../log/log.ts";
import { isPrefix, PRIVATE_NETWORKS } from "../config/networks.ts";

/** What can be opened to the Internet, and the TCP port it usually has. */
export const SERVICES = { https: 443, sslVpn: 443, tr069: 8069, ssh: 22 } as const;
export type ServiceName = keyof typeof SERVICES;
export const SERVICE_NAMES = Object.keys(SERVICES) as ServiceName[];

const portSchema = z.int().check(z.minimum(1), z.maximum(65535));
const flagSchema = (value: boolean) => z._default(z.boolean(), value);
const serviceSchema = (port: number) =>
  z.prefault(z.strictObject({ open: flagSchema(false), port: z._default(portSchema, port) }), {});

/** What an administrator may do: everything, or unlock, ask the doctor and give links. */
export const ROLES = ["all", "helpdesk"] as const;
export type Role = (typeof ROLES)[number];

const accountSchema = z.strictObject({
  name: z.string(),
  salt: z.string(),
  cost: z.int(),
  role: z._default(z.enum(ROLES), "all"),
});

const settingsSchema = z.strictObject({
  /** The administrators; none before the first password is set. */
  accounts: z._default(z.array(accountSchema), []),
  /** Logins from elsewhere than the LAN are possible, with a one-time password. */
  advanced: flagSchema(false),
  /** What the pages say of themselves; the configuration file goes before it. */
  web: z.prefault(
    z.strictObject({
      /** HOST:PORT where they listen beside this machine's own. */
      listen: z.optional(z.string()),
      proxies: z._default(z.array(z.string().check(z.refine(isPrefix))), []),
      path: z._default(z.string().check(z.regex(/^(\/[\w.-]+)*$/)), ""),
      names: z._default(z.array(z.string()), []),
    }),
    {},
  ),
  /** RADIUS is answered on all addresses of this machine; the configuration file goes before it. */
  radius: z.prefault(z.strictObject({ everywhere: flagSchema(false) }), {}),
  log: z.prefault(z.strictObject({ level: z.optional(z.enum(LOG_LEVELS)) }), {}),
  lan: z._default(
    z
      .array(z.string().check(z.refine(isPrefix, "must be an address or a prefix, such as 192.168.1.0/24")))
      .check(z.minLength(1, "must be one network at least")),
    [...PRIVATE_NETWORKS],
  ),
  management: z.prefault(
    z.strictObject({
      enabled: flagSchema(false),
      https: serviceSchema(SERVICES.https),
      sslVpn: serviceSchema(SERVICES.sslVpn),
      tr069: serviceSchema(SERVICES.tr069),
      ssh: serviceSchema(SERVICES.ssh),
      /** Do not answer pings from the Internet. */
      disablePing: flagSchema(true),
      /** The rule set is put into the kernel, now and at each start. */
      install: flagSchema(false),
    }),
    {},
  ),
});
export type Settings = z.output<typeof settingsSchema>;

export class SettingsFile {
  readonly #file: string;

  constructor(folder: string) {
    this.#file = join(folder, "settings.json");
  }

  /** Throws DialwardError("config") if the file is damaged. */
  read(): Settings {
    let text = "{}";
    try {
      text = readFileSync(this.#file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    return parseSettings(text, this.#file);
  }

  /** Changes the settings, whole or not at all. Throws DialwardError("usage") naming the field. */
  change(change: (settings: Settings) => Settings): Settings {
    const parsed = settingsSchema.safeParse(change(this.read()));
    if (!parsed.success) throw new DialwardError("usage", describeIssues(parsed.error));
    replacePrivateFile(this.#file, JSON.stringify(parsed.data, null, 2) + "\n");
    return parsed.data;
  }
}

/** Settings from the text of such a file, which `from` names. Throws DialwardError("config"). */
export function parseSettings(text: string, from: string): Settings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DialwardError("config", `${from} is not JSON. Remove it to begin anew.`);
  }
  const parsed = settingsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DialwardError("config", `${from}: ${describeIssues(parsed.error)}`);
}
