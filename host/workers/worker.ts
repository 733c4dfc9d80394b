// A worker: a process that has a service of its own, on the store that all share, and answers what the primary hands it.

import { DialwardError } from "../errors.ts";
import { keepHeapSmall } from "../service/heap.ts";
import { openLog } from "../log/log.ts";
import { Metrics } from "../service/metrics.ts";
import { openDoor } from "../radius/listener.ts";
import type { Datagram } from "../radius/sockets.ts";
import { openService } from "../service/service.ts";
import { Sources } from "../admission/source-backoff.ts";
import type { Failure, Order, Report, Setup } from "./messages.ts";
import { pack, unpack } from "./parcel.ts";

/** How long a worker whose primary is gone may take to close its store, in milliseconds. */
const CLOSE_MS = 5000;

/** Runs until the primary says stop, or is gone. Throws DialwardError "usage" where there is no primary. */
export async function runWorker(): Promise<void> {
  if (process.send === undefined)
    throw new DialwardError("usage", "A worker is started by `dialward serve --workers`.");
  // A terminal and systemd send signals to all processes; the primary says what follows from them.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  const left = new Promise<void>((resolve) => process.once("disconnect", resolve));
  const first = await Promise.race([
    left,
    new Promise<Order>((resolve) => process.once("message", (order) => resolve(order as Order))),
  ]);
  if (first?.kind !== "start") process.exit(1);
  let close: () => Promise<void>;
  try {
    close = await work(first.setup);
  } catch (error) {
    const { message } = error as Error;
    tell({ kind: "failed", code: error instanceof DialwardError ? error.code : undefined, message });
    process.exitCode = 1;
    return process.disconnect();
  }
  await left;
  setTimeout(() => process.exit(1), CLOSE_MS).unref();
  await close();
  process.exit(0);
}

/** Opens the service and answers until it is told to stop, then disconnects. Resolves, once it is ready, to its end. */
async function work({ config, clients }: Setup): Promise<() => Promise<void>> {
  keepHeapSmall();
  const { log, flush, setLevel } = openLog(config.log.level, true);
  const metrics = new Metrics();
  const replies: Datagram[] = [];
  const failures: Failure[] = [];
  /** Whether a parcel has come that the primary has not been told of. */
  let taken = false;
  let closing: Promise<void> | undefined;

  const sources = new Sources((...failure) => {
    failures.push(failure);
    process.nextTick(report);
  });
  // The primary has warned already.
  const service = await openService(config, log, () => {}, {
    note: metrics.note.bind(metrics),
    noted: metrics.noted.bind(metrics),
    sources,
  });
  const { admission, callers, store, audit } = service;
  // All replies of a batch are made before the next tick; their bytes are other replies' then.
  const send = (reply: Datagram): boolean => {
    if (replies.push({ ...reply, bytes: Buffer.from(reply.bytes) }) === 1) process.nextTick(report);
    return true;
  };
  const door = openDoor({ clients, admission, callers, store, log }, { send, isIdle: () => true });
  metrics.watch({ admission, radius: door.counters, audit });

  function report(): void {
    if (failures.length > 0) tell({ kind: "failures", failures: failures.splice(0) });
    if (replies.length === 0 && !taken) return;
    tell(pack(replies, taken));
    replies.length = 0;
    taken = false;
  }

  function take(parcel: Uint8Array): void {
    for (const { bytes, address, port, accounting } of unpack(parcel).datagrams) {
      try {
        door.receive(bytes, { address, port }, accounting);
      } catch (error) {
        door.drops.note("failed", address, error);
      }
    }
    taken = true;
    // The replies say it too, if they are ready by then.
    setImmediate(report);
  }

  function close(): Promise<void> {
    return (closing ??= (async () => {
      await door.close();
      report();
      await service.close();
      flush();
    })());
  }

  process.on("message", (message: Order | Uint8Array) => {
    if (message instanceof Uint8Array) return take(message);
    switch (message.kind) {
      case "failures":
        for (const failure of message.failures) sources.count(...failure);
        break;
      case "metrics":
        void metrics.registry
          .getMetricsAsJSON()
          .then((numbers) => tell({ kind: "metrics", metrics: numbers }));
        break;
      case "configure":
        door.useClients(message.setup.clients);
        setLevel(message.setup.config.log.level);
        try {
          audit?.reopen();
        } catch (error) {
          log.error({ why: (error as Error).message }, "the audit log was not opened again");
        }
        break;
      case "stop":
        // The callback comes when all before it has been written.
        void close().then(() => tell({ kind: "stopped" }, () => process.disconnect()));
        break;
      case "start": // it has come already
    }
  });
  tell({ kind: "ready" });
  return close;
}

/** A primary that is gone hears nothing; "disconnect" tells. */
function tell(message: Report | Uint8Array, then: () => void = () => {}): void {
  if (process.connected) process.send!(message, undefined, undefined, then);
}
