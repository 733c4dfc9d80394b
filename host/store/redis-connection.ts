// The connection to Redis or Valkey: finds the primary, gives up on it early, and notices when what it knew may be lost.
// (redis.io: WAIT, INFO, "Redis persistence", "Redis replication": what a restart and a failover can lose.)
import {
  ClientOfflineError,
  createClient,
  ErrorReply,
  RESP_TYPES,
  type RedisClientType,
} from "@redis/client";
import type { Log } from "../log/log.ts";
import type { RedisOptions } from "../config/config.ts";

/** How long a connection, a command and a replica may take, in milliseconds. */
const CONNECT_MS = 1000;
const COMMAND_MS = 1000;
const WAIT_MS = 500;
const AGAIN_MS = 250;
const LIFE_KEY = "dialward:life";
/** The version of what lies in the other keys. */
const VERSION_KEY = "dialward:version";
const VERSION = "1";
export const USER_PREFIX = "dialward:user:";

const TYPES = { [RESP_TYPES.BLOB_STRING]: Buffer } as const;
type Plain = ReturnType<typeof makeClient>;
/** Commands answer with Buffers. */
export type Client = RedisClientType<{}, {}, {}, 2, typeof TYPES>;

/** The server may have done what it was asked to, or will: its answer did not come, or tells too little. */
export class MaybeWritten extends Error {}

/** Whether the server says that something else lies under a key: the fault of who has put it there. */
export function wrongType(error: unknown): boolean {
  return error instanceof ErrorReply && /\bWRONGTYPE\b/.test(error.message);
}

/** One connection that opens itself again; while there is none, everything is refused at once. */
export class RedisConnection {
  readonly #options: RedisOptions;
  readonly #log: Log;
  #client: Client | undefined;
  #plain: Plain | undefined;
  /** The server's process and when it took over, as in LIFE_KEY. */
  #life = "";
  /** By process.uptime(), in seconds. */
  #holdUntil = 0;
  #why = "it has not been reached yet";
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: RedisOptions, log: Log) {
    this.#options = options;
    this.#log = log;
  }

  /** Tries all servers once; where none answers, goes on trying. */
  static async open(options: RedisOptions, log: Log): Promise<RedisConnection> {
    const connection = new RedisConnection(options, log);
    await connection.#connect();
    return connection;
  }

  /** The servers, without what is secret in their addresses. */
  get name(): string {
    return this.#options.urls.map((url) => `${new URL(url).protocol}//${new URL(url).host}`).join(", ");
  }

  /** Seconds for which logins are still refused, because codes that were spent may have been forgotten. */
  get holdSeconds(): number {
    return Math.max(0, Math.ceil(this.#holdUntil - process.uptime()));
  }

  /** Runs `action`; what fails or takes too long closes the connection, and another one is sought. One key alone does not. */
  async run<T>(action: (client: Client) => Promise<T>, milliseconds = COMMAND_MS): Promise<T> {
    const [client, plain] = [this.#client, this.#plain];
    if (client === undefined || plain === undefined) throw new Error(this.#why);
    try {
      return await within(milliseconds, action(client));
    } catch (error) {
      if (!wrongType(error)) this.#drop(plain, error as Error);
      throw error;
    }
  }

  /**
   * Runs `write`, then waits for the replicas. Throws where too few have it, or where the server is not the one
   * any more that this connection was made to: then what was read before may be older than what was spent. Throws
   * MaybeWritten where it was sent, and no refusal has come back.
   */
  async write<T>(write: (client: Client) => Promise<T>, milliseconds = COMMAND_MS): Promise<T> {
    const { wait } = this.#options;
    let sent = false;
    const writing = this.run(async (client) => {
      sent = true;
      // Sent together, and answered in order.
      const [result, life, replicas] = await Promise.all([
        write(client),
        client.get(LIFE_KEY),
        wait > 0 ? client.wait(wait, WAIT_MS) : 0,
      ]);
      if (life?.toString() !== this.#life) throw new Error("its data were exchanged or emptied");
      if (replicas < wait) throw new Error(`only ${replicas} of ${wait} replicas have what was written`);
      return result;
    }, milliseconds);
    return writing.catch((error: Error) => {
      const unsent = !sent || error instanceof ErrorReply || error instanceof ClientOfflineError;
      throw unsent ? error : new MaybeWritten(error.message, { cause: error });
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#plain?.destroy();
    this.#client = this.#plain = undefined;
  }

  async #connect(): Promise<void> {
    for (const url of this.#options.urls) {
      if (this.#closed || this.#client) return;
      const plain = makeClient(url, this.#options);
      plain.on("error", (error: Error) => this.#drop(plain, error));
      try {
        await within(CONNECT_MS, plain.connect());
        const life = await within(COMMAND_MS, this.#confirm(plain));
        if (life === undefined) throw new Error("none of the servers is a primary");
        this.#plain = plain;
        this.#life = life;
        this.#client = plain.withTypeMapping(TYPES) as unknown as Client;
        if (this.#closed) this.close();
        return;
      } catch (error) {
        this.#why = (error as Error).message || String(error);
        if (plain.isOpen) plain.destroy();
      }
    }
    this.#timer = setTimeout(() => void this.#connect(), AGAIN_MS).unref();
  }

  #drop(plain: Plain, error: Error): void {
    if (this.#plain !== plain) return;
    this.#client = this.#plain = undefined;
    this.#why = error.message;
    if (plain.isOpen) plain.destroy();
    if (this.#closed) return;
    this.#log.warn({ store: this.name, err: error }, "the store cannot be reached; logins are refused");
    this.#timer = setTimeout(() => void this.#connect(), AGAIN_MS).unref();
  }

  /**
   * The server's life, or undefined for a replica. A server process that was not seen before has been started
   * again or was promoted: unless it keeps every write, codes spent just before may be forgotten, and logins are
   * refused for as long as such a code could still be right.
   */
  async #confirm(client: Plain): Promise<string | undefined> {
    const info = parseInfo(await client.info());
    if (info.get("role") !== "master") return undefined;
    const replicas = Number(info.get("connected_slaves"));
    const { wait, holdSeconds } = this.#options;
    if (replicas < wait) throw new Error(`only ${replicas} of ${wait} replicas are connected to it`);
    if (replicas > wait)
      this.#log.warn(
        { store: this.name, replicas, wait },
        "a replica that is not waited for may be promoted without the latest writes; set `wait` to their number",
      );
    await client.set(VERSION_KEY, VERSION, { condition: "NX" });
    const version = await client.get(VERSION_KEY);
    if (version !== VERSION)
      throw new Error(
        `it was written by a newer version of Dialward (version ${version}; this one knows ${VERSION}); nothing was changed`,
      );
    const now = Math.floor(Number((await client.sendCommand<string[]>(["TIME"]))[0]));
    const run = info.get("run_id")!;
    const known = await client.get(LIFE_KEY);
    let [seen, since = "0"] = known?.split(" ") ?? [];
    // Its clock was ahead when that was written: nobody waits until it is so late again.
    const setBack = Number(since) > now;
    if (seen !== run || setBack) {
      const lossless = wait > 0 && info.get("aof_enabled") === "1" && (await syncsAlways(client));
      const isNew = known === null && !(await hasUsers(client));
      since = (lossless || isNew) && !setBack ? "0" : String(now);
      await client.set(LIFE_KEY, `${run} ${since}`);
    }
    const hold = Number(since) + holdSeconds - now;
    this.#holdUntil = hold > 0 ? process.uptime() + hold : 0;
    if (hold > 0)
      this.#log.warn(
        { store: this.name, seconds: hold },
        "the store was restarted or failed over and may have forgotten spent codes; logins are refused for now",
      );
    return `${run} ${since}`;
  }
}

function makeClient(url: string, { password, ca }: RedisOptions) {
  return createClient({
    url,
    RESP: 2,
    ...(password !== undefined && { password }),
    disableOfflineQueue: true,
    // within() sees to that; the client's own, a signal for each command, cost more than the commands.
    commandOptions: { timeout: 0 },
    disableClientInfo: true,
    socket: {
      connectTimeout: CONNECT_MS,
      reconnectStrategy: false,
      ...(new URL(url).protocol === "rediss:" && { tls: true as const, ...(ca !== undefined && { ca }) }),
    },
  });
}

async function hasUsers(client: Plain): Promise<boolean> {
  for await (const keys of client.scanIterator({ MATCH: `${USER_PREFIX}*`, COUNT: 1000 }))
    if (keys.length > 0) return true;
  return false;
}

/** False too where the server does not tell. */
async function syncsAlways(client: Plain): Promise<boolean> {
  try {
    return (await client.configGet("appendfsync"))["appendfsync"] === "always";
  } catch {
    return false;
  }
}

function parseInfo(text: string): Map<string, string> {
  return new Map(
    text
      .split("\r\n")
      .filter((line) => line.includes(":"))
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
