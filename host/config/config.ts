// The configuration: one TOML file, every key optional, unknown keys refused by name. Relative paths in it are
// relative to the file's folder.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse, TomlError } from "smol-toml";
import type * as z from "zod/mini";
import { SECRET_BYTES } from "../../assembly/radius/abi.ts";
import { configSchema, redisUrlSchema, SERVICE_NAME } from "./schema.ts";
import type { DialInType } from "../core/dial-in.ts";
import { DialwardError, describeFailure, systemWords } from "../errors.ts";
import { readAddedClients } from "./client-file.ts";
import { canonicalPrefix } from "./networks.ts";
import { describeIssues } from "./schema-errors.ts";
import { createPrivateFile, warnIfReadable } from "./private-file.ts";

export interface RedisOptions {
  /** redis:// or rediss:// (TLS); the first that says it is the primary is used. */
  urls: readonly string[];
  password?: string | undefined;
  /** Certificates that may sign the server's, PEM; else the system's. */
  ca?: string | undefined;
  /** Replicas that must have each write before it counts. */
  wait: number;
  /** How long logins are refused after a restart or failover that may have lost writes. */
  holdSeconds: number;
}

/** How to reach the directory that has users' passwords. */
export type DirectoryOptions =
  | { kind: "ldap"; url: string; name: string; startTls: boolean; ca: string | undefined; timeout: number }
  | { kind: "radius"; server: string; secret: string; timeout: number };

/** A NAS, with its secret. */
export interface RadiusClient {
  /** An IPv4 or IPv6 address, or a prefix such as 10.0.0.0/8. */
  address: string;
  secret: string;
  name: string;
  /** Drop its requests without Message-Authenticator; "auto": once one with it has come. */
  requireMessageAuthenticator: boolean | "auto";
  /** CHAP passes without Message-Authenticator, from beyond this machine too. */
  unsignedChap?: boolean | undefined;
  /** What becomes of "u@realm", of "DOMAIN\\u", and of capitals, before the user is looked up. */
  realm?: "keep" | "strip" | undefined;
  domain?: "keep" | "strip" | undefined;
  case?: "exact" | "fold" | undefined;
  /** The dial-in type of all its requests; else it is told from each request. */
  type?: DialInType | undefined;
  /** Whether it understands Access-Challenge; else it is told from each request. */
  challenge?: boolean | undefined;
  /** It sends a login that is answered late again, as a new packet: the second copy counts as the first. */
  resends?: "openvpn-plugin" | undefined;
  /** Whether its calling stations are callers; "auto": as its logins tell (host/admission/caller.ts). */
  station?: "auto" | "caller" | "none" | undefined;
  /** Where it takes Disconnect-Requests (RFC 5176), HOST:PORT. */
  disconnect?: string | undefined;
}

/** The configuration as it applies. */
export interface Config extends z.output<typeof configSchema> {
  /** The data folder, absolute. */
  data: string;
  /** The file itself names it: it is meant, and may be made for its first users. */
  namesData: boolean;
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
  const { data: inFile, radius, openvpn } = parsed.data;
  const twin = openvpn.find(({ name }) => radius.clients.some((one) => one.name === name));
  if (twin !== undefined)
    throw new DialwardError(
      "config",
      `${file}: openvpn: a RADIUS client has the name "${twin.name}" too, and sessions are told apart by it.`,
    );
  // As a shell's variable that is not set gives it.
  if (data === "") throw new DialwardError("config", "--data names no folder: it is empty.");
  const chosen =
    data !== undefined ? resolve(data) : inFile !== undefined ? resolve(folder, inFile) : defaultData();
  return { ...parsed.data, data: chosen, namesData: data === undefined && inFile !== undefined, folder };
}

/** The RADIUS clients of the configuration with their secrets, whose files may be root's. Throws DialwardError("config"). */
export function readClients(config: Config, warn: (message: string) => void): RadiusClient[] {
  return config.radius.clients.map(({ secret: given, secretFile, ...client }) => {
    const { address, name = address } = client;
    const secret = given ?? readSecret(resolve(config.folder, secretFile!), warn);
    const { length } = Buffer.from(secret);
    if (length > SECRET_BYTES)
      throw new DialwardError(
        "config",
        `The secret of RADIUS client ${name} has ${length} bytes; it may have ${SECRET_BYTES} at most.`,
      );
    return { ...client, name, secret };
  });
}

/**
 * The RADIUS clients: those of the configuration, which are `configured`, and those that were added on the pages. Where
 * none is configured: this machine, with a secret that is made once and kept in the data folder; `secretFile` then names
 * it. Root reads `configured` before, and the rest as the data folder's owner, who may have put a link there.
 */
export function loadClients(
  config: Config,
  warn: (message: string) => void,
  configured: readonly RadiusClient[] = readClients(config, warn),
): { clients: RadiusClient[]; secretFile?: string } {
  if (configured.length === 0) {
    const secretFile = join(config.data, "radius-secret");
    createPrivateFile(secretFile, `${randomBytes(24).toString("base64url")}\n`);
    const secret = readSecret(secretFile, warn);
    const common = { secret, requireMessageAuthenticator: "auto" as const, name: "loopback" };
    const own = ["127.0.0.1", "::1"].map((address) => ({ ...common, address }));
    return { clients: [...own, ...readAddedClients(config.data)], secretFile };
  }
  const taken = new Set(configured.map(({ address }) => canonicalPrefix(address)));
  const added = readAddedClients(config.data).filter(({ address }) => !taken.has(canonicalPrefix(address)));
  return { clients: [...configured, ...added] };
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

/** What asks [directory], with its secret or certificates from their files; undefined where there is none. */
export function readDirectory(config: Config, warn: (message: string) => void): DirectoryOptions | undefined {
  if (config.directory === undefined) return undefined;
  const { url, name = "", startTls, caFile, radius, secretFile, timeoutSeconds } = config.directory;
  const timeout = timeoutSeconds * 1000;
  const path = (file: string): string => resolve(config.folder, file);
  if (url !== undefined)
    return { kind: "ldap", url, name, startTls, timeout, ca: caFile && readText(path(caFile)) };
  const secret = readSecret(path(secretFile!), warn, "directory's secret");
  return { kind: "radius", server: radius!, secret, timeout };
}

/** Checks the address of a Redis as the configuration does. Throws DialwardError("usage"). */
export function parseStoreUrl(text: string): string {
  const parsed = redisUrlSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new DialwardError("usage", `--to: ${parsed.error.issues[0]!.message}`);
}

/** The installation's name, where it has one of its own ([service] name). */
export function ownName({ service }: Config): string | undefined {
  return service.name === SERVICE_NAME ? undefined : service.name;
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
    return parse(readUtf8(file));
  } catch (error) {
    // smol-toml's message goes on with the lines themselves, which may hold a secret.
    const [why] = systemWords(error).split("\n");
    const where = error instanceof TomlError ? `, line ${error.line}, column ${error.column}` : "";
    throw new DialwardError("config", `${file}${where}: ${why}`);
  }
}

function readSecret(file: string, warn: (message: string) => void, what = "RADIUS secret"): string {
  try {
    warnIfReadable(file, warn);
    const secret = readUtf8(file).replace(/\r?\n$/, "");
    if (secret !== "") return secret;
  } catch (error) {
    throw new DialwardError("config", `The ${what} cannot be read: ${describeFailure(error)}`);
  }
  throw new DialwardError("config", `The ${what} file ${file} is empty.`);
}

function readText(file: string): string {
  try {
    return readUtf8(file);
  } catch (error) {
    throw new DialwardError("config", describeFailure(error));
  }
}

/** A text without its byte order mark. Throws what the system says, or that it is of another encoding. */
function readUtf8(file: string): string {
  const bytes = readFileSync(file);
  try {
    // Letters of another one would be replaced without a word, those of a shared secret too.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw Object.assign(error as Error, { path: file });
  }
}
