// Debian's redis-server on loopback: started, paused, killed and promoted as a test needs it.
import { createClient } from "@redis/client";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../free-port.ts";

export interface RedisServerOptions {
  /** Each write is in its file before it is answered; else nothing is kept. */
  durable?: boolean;
  replicaOf?: RedisServer | undefined;
  /** It listens for TLS alone; `more` says with what. */
  tls?: boolean;
  /** Settings as in redis.conf. */
  more?: readonly string[];
  port?: number;
  folder?: string;
}

/** In memory: a server that keeps every write must not wait for a disk that others keep busy. */
const PLACE = "/dev/shm";
const running = new Set<RedisServer>();

export class RedisServer {
  readonly port: number;
  readonly folder: string;
  #options: RedisServerOptions;
  #child: ChildProcess | undefined;

  private constructor(port: number, folder: string, options: RedisServerOptions) {
    this.port = port;
    this.folder = folder;
    this.#options = options;
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const folder = options.folder ?? mkdtempSync(join(PLACE, "dialward-redis-"));
    const server = new RedisServer(options.port ?? (await freePort()), folder, options);
    running.add(server);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  /** Starts it, again with what it has kept; with `replicaOf` it follows that one from now on. */
  async start(replicaOf_ = this.#options.replicaOf): Promise<void> {
    this.#options = { ...this.#options, replicaOf: replicaOf_ };
    const { durable = false, replicaOf, tls = false, more = [] } = this.#options;
    const kept = durable ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"];
    const follow = replicaOf ? ["--replicaof", "127.0.0.1", String(replicaOf.port)] : [];
    const port = tls ? ["--port", "0", "--tls-port"] : ["--port"];
    const place = ["--bind", "127.0.0.1", ...port, String(this.port), "--dir", this.folder];
    const quick = ["--save", "", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"];
    this.#child = spawn("redis-server", [...place, ...kept, ...quick, ...follow, ...more], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    await new Promise<void>((resolve, reject) => {
      this.#child!.once("exit", () => reject(new Error(`redis-server ended: ${said}`)));
      this.#child!.stdout!.on(
        "data",
        (text) => /Ready to accept|MASTER <-> REPLICA sync/.test((said += text)) && resolve(),
      );
    });
    if (replicaOf) await until(() => replicaOf.#isFollowed());
  }

  /** Whether a replica has what is written now; it takes a second to say so for the first time. */
  async #isFollowed(): Promise<boolean> {
    const client = await this.#connect();
    try {
      await client.set("test", "here");
      return (await client.wait(1, 200)) > 0;
    } finally {
      client.destroy();
    }
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  pause(): void {
    this.#child!.kill("SIGSTOP");
  }

  resume(): void {
    this.#child!.kill("SIGCONT");
  }

  async promote(): Promise<void> {
    await this.command("REPLICAOF", "NO", "ONE");
  }

  async command(...words: string[]): Promise<string> {
    const client = await this.#connect();
    try {
      return String(await client.sendCommand<string>(words));
    } finally {
      client.destroy();
    }
  }

  async #connect() {
    const client = createClient({ url: this.url });
    client.on("error", () => {});
    await client.connect();
    return client;
  }

  static async stopAll(): Promise<void> {
    for (const server of running) {
      await server.kill();
      rmSync(server.folder, { recursive: true, force: true });
    }
    running.clear();
  }
}

export async function until(met: () => boolean | Promise<boolean>, milliseconds = 40_000): Promise<void> {
  for (const end = Date.now() + milliseconds; !(await met());) {
    if (Date.now() > end) throw new Error("it did not come to that in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
