// The RADIUS server of several processes: this one has the sockets, hands each datagram to its user's worker, and sends
// the replies. It looks at no packet beyond User-Name. Replay is impossible by the store's compare-and-set alone.

import type { RadiusClient } from "../config/config.ts";
import type { Endpoint } from "../config/endpoint.ts";
import type { Log, LogLevel } from "../log/log.ts";
import { Clients } from "../radius/clients.ts";
import { Drops, newCounters, type RadiusCounters } from "../radius/counters.ts";
import { openSockets, type RadiusSockets } from "../radius/sockets.ts";
import type { MetricsOfOne } from "../service/metrics.ts";
import type { Failure, Setup } from "./messages.ts";
import { ownerOf } from "./owner.ts";
import { WorkerProcess, type Hearer } from "./process.ts";

export interface WorkersOptions extends Setup {
  workers: number;
  log: Log;
  /** Counts in this process a login that failed in a worker. */
  hear(failure: Failure): void;
}

export interface Workers {
  readonly addresses: { authentication: Endpoint; accounting: Endpoint };
  readonly all: { authentication: readonly Endpoint[]; accounting: readonly Endpoint[] };
  /** What this process drops itself; the workers count the rest. */
  readonly counters: RadiusCounters;
  readonly workers: number;
  /** How many of them do not answer now. */
  readonly away: number;
  /** Starts the workers; resolves when all are ready. Throws DialwardError where one cannot be. */
  start(): Promise<void>;
  /** SIGHUP: has all work by these, and open the audit file again. Throws DialwardError "config", and changes nothing. */
  configure(clients: readonly RadiusClient[], level: LogLevel): void;
  /** Tells all workers of a login that failed in this process. */
  tell(failure: Failure): void;
  /** The numbers of each worker. */
  metrics(): Promise<MetricsOfOne[]>;
  /** Takes nothing new, answers what has begun, ends the workers, closes the sockets. */
  close(): Promise<void>;
}

/** Opens the sockets. Throws DialwardError "config" where an address cannot be listened on or a client is off. */
export async function openWorkers(options: WorkersOptions): Promise<Workers> {
  const { log } = options;
  let setup: Setup = { config: options.config, clients: options.clients };
  void new Clients(setup.clients);
  const counters = newCounters();
  const drops = new Drops(counters, log);
  let sockets: RadiusSockets | undefined;
  let flushing = false;
  let closing = false;

  const hearer: Hearer = {
    log,
    setup: () => setup,
    send: (reply) => void sockets?.send(reply),
    failures(failures, from) {
      failures.forEach(options.hear);
      for (const each of workers) if (each !== from) each.hear(failures);
    },
  };
  const workers = Array.from({ length: options.workers }, (_, i) => new WorkerProcess(i + 1, hearer));

  function receive(bytes: Buffer, { address, port }: Endpoint, accounting: boolean): void {
    if (closing) return;
    const worker = find(ownerOf(bytes, workers.length));
    if (!worker?.hand({ bytes, address, port, accounting })) return drops.note("noWorker", address);
    if (flushing) return;
    flushing = true;
    // After all that this turn of the event loop has brought.
    setImmediate(flush);
  }

  /** The owner, or while it is away the next one that is not. */
  function find(owner: number): WorkerProcess | undefined {
    for (let i = 0; i < workers.length; i++) {
      const worker = workers[(owner + i) % workers.length]!;
      if (worker.ready) return worker;
    }
    return undefined;
  }

  function flush(): void {
    flushing = false;
    for (const worker of workers) worker.flush();
  }

  sockets = await openSockets(options.config.radius, receive, drops);
  return {
    addresses: sockets.addresses,
    all: sockets.all,
    counters,
    workers: workers.length,
    get away() {
      return workers.filter(({ ready }) => !ready).length;
    },
    async start() {
      await Promise.all(workers.map((worker) => worker.start()));
    },
    configure(clients, level) {
      void new Clients(clients);
      // All else stays as it was, for a worker that is started again too.
      const { config } = setup;
      setup = { config: { ...config, log: { ...config.log, level } }, clients };
      for (const worker of workers) worker.configure();
    },
    tell(failure) {
      for (const worker of workers) worker.hear([failure]);
    },
    metrics: () => Promise.all(workers.map((worker) => worker.metrics())),
    async close() {
      closing = true;
      await Promise.all(workers.map((worker) => worker.stop()));
      await sockets.close();
    },
  };
}
