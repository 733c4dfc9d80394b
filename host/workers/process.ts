// One worker as the primary sees it: a process that is handed datagrams, gives replies, and is started again if it dies.

import { fork, type ChildProcess } from "node:child_process";
import { DialwardError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { Datagram } from "../radius/sockets.ts";
import type { MetricsOfOne } from "../service/metrics.ts";
import type { Failure, Order, Report, Setup } from "./messages.ts";
import { pack, packedBytes, unpack } from "./parcel.ts";

/** What a worker may have before it; beyond, it is behind. As much as a socket's receive buffer holds. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
const RESTART_MS = 1000;
/** A worker that has not told its numbers, or not ended, in this time does not count, or is killed. Milliseconds. */
const METRICS_MS = 2000;
const STOP_MS = 15_000;

/** What the primary does with what a worker tells. */
export interface Hearer {
  /** What all workers work by now. */
  setup(): Setup;
  send(reply: Datagram): void;
  failures(failures: readonly Failure[], from: WorkerProcess): void;
  log: Log;
}

export class WorkerProcess {
  readonly #number: number;
  readonly #hearer: Hearer;
  #child: ChildProcess | undefined;
  #given: Setup | undefined;
  #ready = false;
  #stopping = false;
  #restart: NodeJS.Timeout | undefined;
  #handed: Datagram[] = [];
  /** Bytes that it was handed and has not worked on. */
  #waiting = 0;
  /** Bytes of the parcel that it has; meanwhile the next one gathers. */
  #taking = 0;
  #metrics: ((metrics: MetricsOfOne) => void)[] = [];
  #exited: Promise<void> = Promise.resolve();

  constructor(number: number, hearer: Hearer) {
    this.#number = number;
    this.#hearer = hearer;
  }

  /** Whether it takes datagrams. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Starts it; resolves when it is ready. Throws DialwardError where it ends before. */
  async start(): Promise<void> {
    const child = fork(process.argv[1]!, ["worker"], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child = child;
    this.#waiting = 0;
    this.#taking = 0;
    this.#handed = [];
    this.#given = this.#hearer.setup();
    let failure: DialwardError | undefined;
    const started = new Promise<void>((resolve, reject) => {
      child.on("message", (message: Report | Uint8Array) => {
        if (message instanceof Uint8Array) this.#takeReplies(message);
        else if (message.kind === "failures") this.#hearer.failures(message.failures, this);
        else if (message.kind === "metrics") this.#metrics.shift()?.(message.metrics);
        else if (message.kind === "failed")
          failure = new DialwardError(message.code ?? "refused", `A worker: ${message.message}`);
        else if (message.kind === "ready") {
          this.#ready = true;
          if (this.#given !== this.#hearer.setup()) this.configure();
          resolve();
        }
      });
      this.#exited = new Promise((exited) => {
        const end = (why: string): void => {
          if (this.#child === child) this.#lose(why);
          exited();
          reject(failure ?? new DialwardError("refused", `A worker has ended before it was ready: ${why}.`));
        };
        child.once("exit", (status, signal) => end(signal ?? `exit status ${status}`));
        child.on("error", (error) => {
          if (child.pid === undefined) end(error.message); // it could not be started
        });
      });
    });
    this.#tell({ kind: "start", setup: this.#given });
    return started;
  }

  /** Keeps a datagram until flush(); false, and nothing is kept, where it has too much before it. */
  hand(datagram: Datagram): boolean {
    const bytes = packedBytes(datagram);
    if (this.#waiting + bytes > MOST_WAITING_BYTES) return false;
    this.#waiting += bytes;
    this.#handed.push(datagram);
    return true;
  }

  /** Sends what was handed, in one message. While the worker has one, the next one gathers. */
  flush(): void {
    if (this.#taking === 0 && this.#handed.length > 0) this.#send();
  }

  /** Tells it of logins that failed elsewhere. */
  hear(failures: readonly Failure[]): void {
    if (this.#ready) this.#tell({ kind: "failures", failures });
  }

  /** Has it work by what holds now. */
  configure(): void {
    if (!this.#ready) return; // it gets what holds then
    this.#given = this.#hearer.setup();
    this.#tell({ kind: "configure", setup: this.#given });
  }

  /** Its numbers; none where it is not there. */
  metrics(): Promise<MetricsOfOne> {
    if (!this.#ready) return Promise.resolve([]);
    return new Promise((resolve) => {
      this.#metrics.push(resolve);
      setTimeout(resolve, METRICS_MS, []).unref();
      this.#tell({ kind: "metrics" });
    });
  }

  /** Has it answer what it has begun and end; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    if (this.#child === undefined) return;
    this.#send();
    if (this.#ready) this.#tell({ kind: "stop" });
    else if (this.#child.connected) this.#child.disconnect();
    const deadline = setTimeout(() => this.#child?.kill("SIGKILL"), STOP_MS);
    await this.#exited;
    clearTimeout(deadline);
  }

  #send(): void {
    this.#tell(pack(this.#handed));
    this.#handed = [];
    this.#taking = this.#waiting;
  }

  #takeReplies(parcel: Uint8Array): void {
    const { flag: through, datagrams } = unpack(parcel);
    if (through) {
      this.#waiting -= this.#taking;
      this.#taking = 0;
      this.flush();
    }
    for (const reply of datagrams) this.#hearer.send(reply);
  }

  #lose(why: string): void {
    const wasReady = this.#ready;
    this.#ready = false;
    this.#child = undefined;
    for (const resolve of this.#metrics.splice(0)) resolve([]);
    if (this.#stopping || !wasReady) return;
    this.#hearer.log.error({ worker: this.#number, why }, "a worker has ended; it is started again");
    this.#startLater();
  }

  #startLater(): void {
    this.#restart = setTimeout(() => {
      this.start().then(
        () => this.#hearer.log.info({ worker: this.#number }, "a worker was started again"),
        (error: Error) => {
          if (this.#stopping) return;
          this.#hearer.log.error({ worker: this.#number, why: error.message }, "a worker cannot be started");
          this.#startLater();
        },
      );
    }, RESTART_MS);
  }

  #tell(message: Order | Uint8Array): void {
    // Where the worker is gone or going, "exit" tells.
    if (this.#child?.connected) this.#child.send(message, undefined, undefined, () => {});
  }
}
