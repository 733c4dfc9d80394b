// The configuration: one TOML file, every key optional, unknown keys refused by name. Relative paths in it are
// relative to the file's folder.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse, TomlError } from "smol-toml";
import * as z from "zod";
import { DIAL_IN_TYPES, type DialInType } from "./dialin.ts";
import { DialwardError } from "./errors.ts";
import { describeIssues } from "./issues.ts";
import { LOG_LEVELS } from "./log.ts";
import { isPrefix } from "./networks.ts";
import type { RedisOptions } from "./store/redis-connection.ts";
import { createSecretFile, warnIfReadable } from "./store/seal.ts";

/** A NAS, with its secret. */
export interface RadiusClient {
  /** An IPv4 or IPv6 address, or a prefix such as 10.0.0.0/8. */
  address: string;
  secret: string;
  name: string;
  /** Drop its requests without Message-Authenticator. */
  requireMessageAuthenticator: boolean;
  /** The dial-in type of all its requests; else it is told from each request. */
  type?: DialInType | undefined;
  /** Whether it understands Access-Challenge; else it is told from each request. */
  challenge?: boolean | undefined;
  /** Where it takes Disconnect-Requests (RFC 5176), HOST:PORT. */
  disconnect?: string | undefined;
}

/**
 * Seconds in which any code of a user with the default windows stops being right: a code may be accepted at the far
 * end of the window's drift on one side, and must be out of it on the other (mOTP: 2 × (60 + 120) + 10).
 */
export const HOLD_SECONDS = 370;

const endpointSchema = z
  .string()
  .refine(isEndpoint, "must be HOST:PORT, such as 127.0.0.1:1812 or [::1]:1812");

const clientSchema = z
  .strictObject({
    address: z
      .string()
      .refine(isPrefix, "must be an IP address or a prefix, such as 192.0.2.1 or 10.0.0.0/8"),
    secret: z.string().min(1).optional(),
    secretFile: z.string().min(1).optional(),
    name: z.string().min(1).optional(),
    requireMessageAuthenticator: z.boolean().default(false),
    type: z.enum(DIAL_IN_TYPES).optional(),
    challenge: z.boolean().optional(),
    disconnect: endpointSchema.optional(),
  })
  .refine(({ secret, secretFile }) => (secret === undefined) !== (secretFile === undefined), {
    error: "give either secret or secretFile",
  });

const radiusSchema = z.strictObject({
  listen: endpointSchema.default("127.0.0.1:1812"),
  accounting: endpointSchema.default("127.0.0.1:1813"),
  clients: z.array(clientSchema).default([]),
});

const openvpnSchema = z.strictObject({
  socket: z
    .string()
    .refine((text) => text.includes("/") || isEndpoint(text), "must be a path that holds a / or HOST:PORT"),
  name: z.string().min(1).default("openvpn"),
  passwordFile: z.string().min(1).optional(),
});

const redisUrlSchema = z
  .string()
  .refine(isRedisUrl, "must be redis://HOST:PORT/DATABASE or rediss://…, and the password in passwordFile");

/** Where users are kept: in the data folder, or, with `url`, in Redis or Valkey. */
const storeSchema = z.strictObject({
  url: z.union([redisUrlSchema, z.array(redisUrlSchema).nonempty()]).optional(),
  passwordFile: z.string().min(1).optional(),
  caFile: z.string().min(1).optional(),
  wait: z.int().min(0).max(100).default(0),
  hold: z.int().min(0).default(HOLD_SECONDS),
});

const webSchema = z
  .strictObject({
    /** HOST:PORT, or "off"; where it is left out, 127.0.0.1:8080 if that is free. */
    listen: z.union([z.literal("off"), endpointSchema]).optional(),
    /** PEM files; without them, one is made by openssl where `tls` is true or the pages listen beyond loopback. */
    cert: z.string().min(1).optional(),
    key: z.string().min(1).optional(),
    tls: z.boolean().default(false),
    /** Proxies whose X-Real-IP is believed. */
    proxies: z
      .array(z.string().refine(isPrefix, "must be an IP address or a prefix, such as 192.0.2.1"))
      .default([]),
    /** The path under which a proxy serves the pages, such as /dialward. */
    path: z
      .string()
      .regex(/^(\/[\w.-]+)*$/, "must be a path such as /dialward, without a slash at its end")
      .default(""),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    error: "give both cert and key",
  });

const nameSchema = z.string().regex(/^[A-Za-z_][\w.-]*$/, "must be a name, such as dialward");

const configSchema = z.strictObject({
  data: z.string().min(1).optional(),
  store: storeSchema.prefault({}),
  radius: radiusSchema.prefault({}),
  /** OpenVPN's management sockets; the names tell the sessions apart. */
  openvpn: z.array(openvpnSchema).default([]).refine(areNamedApart, "must have a name each"),
  /** The administrator's pages. */
  web: webSchema.prefault({}),
  log: z
    .strictObject({
      level: z.enum(LOG_LEVELS).default("info"),
      /** A file that gets a line for each verdict and each change by an administrator. */
      audit: z.string().min(1).optional(),
    })
    .prefault({}),
  /** Where /metrics and /healthz are; nowhere by default. */
  metrics: z.strictObject({ listen: endpointSchema.optional() }).prefault({}),
  /** Whom the service runs as, once its ports are open. */
  run: z.strictObject({ user: nameSchema.optional(), group: nameSchema.optional() }).prefault({}),
});

/** The configuration as it applies. */
export interface Config extends z.output<typeof configSchema> {
  /** The data folder, absolute. */
  data: string;
  /** The folder that the paths in it are relative to. */
  folder: string;
}

/**
 * Reads `file`, if any; `data` from the command line wins over the file's. Throws DialwardError("config")
 * naming the key.
 */
export function loadConfig(file?: string, data?: string): Config {
  const folder = file === undefined ? process.cwd() : dirname(resolve(file));
  const parsed = configSchema.safeParse(file === undefined ? {} : readToml(file));
  if (!parsed.success) throw new DialwardError("config", `${file}: ${describeIssues(parsed.error)}`);
  const inFile = parsed.data.data;
  const chosen =
    data !== undefined ? resolve(data) : inFile !== undefined ? resolve(folder, inFile) : defaultData();
  return { ...parsed.data, data: chosen, folder };
}

/**
 * The RADIUS clients with their secrets. Where none is configured: this machine, with a secret that is made
 * once and kept in the data folder; `secretFile` then names it.
 */
export function loadClients(
  config: Config,
  warn: (message: string) => void,
): { clients: RadiusClient[]; secretFile?: string } {
  if (config.radius.clients.length === 0) {
    const secretFile = join(config.data, "radius-secret");
    createSecretFile(secretFile, randomBytes(24).toString("base64url"));
    const secret = readSecret(secretFile, warn);
    const common = { secret, requireMessageAuthenticator: false, name: "loopback" };
    const clients = ["127.0.0.1", "::1"].map((address) => ({ ...common, address }));
    return { clients, secretFile };
  }
  const clients = config.radius.clients.map(({ secret, secretFile, ...client }) => ({
    ...client,
    name: client.name ?? client.address,
    secret: secret ?? readSecret(resolve(config.folder, secretFile!), warn),
  }));
  return { clients };
}

/**
 * How to reach the servers of [store] url, with the password and certificates from their files; undefined where users
 * are kept in the data folder. Throws DialwardError("config").
 */
export function readRedis(config: Config, warn: (message: string) => void): RedisOptions | undefined {
  const { url, passwordFile, caFile, wait, hold } = config.store;
  if (url === undefined) return undefined;
  const path = (file: string): string => resolve(config.folder, file);
  return {
    urls: [url].flat(),
    password:
      passwordFile === undefined ? undefined : readSecret(path(passwordFile), warn, "store's password"),
    ca: caFile === undefined ? undefined : readText(path(caFile)),
    wait,
    holdSeconds: hold,
  };
}

/** Checks the address of a Redis as the configuration does. Throws DialwardError("usage"). */
export function parseStoreUrl(text: string): string {
  const parsed = redisUrlSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new DialwardError("usage", `--to: ${parsed.error.issues[0]!.message}`);
}

/** OpenVPN's management sockets, their paths absolute. */
export function readOpenvpns(config: Config): Config["openvpn"] {
  return config.openvpn.map(({ socket, passwordFile, name }) => ({
    name,
    socket: socket.includes("/") ? resolve(config.folder, socket) : socket,
    ...(passwordFile !== undefined && { passwordFile: resolve(config.folder, passwordFile) }),
  }));
}

/** The data folder where none is given: systemd's STATE_DIRECTORY, else XDG_STATE_HOME or ~/.local/state. */
function defaultData(): string {
  const given = process.env["STATE_DIRECTORY"]?.split(":")[0];
  if (given) return resolve(given);
  return resolve(process.env["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "dialward");
}

function readToml(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    // smol-toml's message goes on with the lines themselves, which may hold a secret.
    const [why] = (error as Error).message.split("\n");
    const where = error instanceof TomlError ? `, line ${error.line}, column ${error.column}` : "";
    throw new DialwardError("config", `${file}${where}: ${why}`);
  }
}

function readSecret(file: string, warn: (message: string) => void, what = "RADIUS secret"): string {
  try {
    warnIfReadable(file, warn);
    const secret = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    if (secret !== "") return secret;
  } catch (error) {
    throw new DialwardError("config", `The ${what} cannot be read: ${(error as Error).message}`);
  }
  throw new DialwardError("config", `The ${what} file ${file} is empty.`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new DialwardError("config", (error as Error).message);
  }
}

function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\/[^/]+(\/\d*)?$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, password } = new URL(text);
  return hostname !== "" && password === "";
}

function isEndpoint(text: string): boolean {
  const match = /^(?:\[([^\]]+)\]|[^:[\]\s]+):(\d{1,5})$/.exec(text);
  return match !== null && Number(match[2]) <= 65535 && (match[1] === undefined || isIP(match[1]) === 6);
}

function areNamedApart(all: readonly { name: string }[]): boolean {
  return new Set(all.map(({ name }) => name)).size === all.length;
}
