// dialward serve: wires the service and runs it until it is told to stop.
import { InvalidArgumentError, type Command } from "commander";
import { printEndpoint } from "../config/endpoint.ts";
import type { Failure } from "../workers/messages.ts";
import type { Workers } from "../workers/primary.ts";
import { warn } from "./output.ts";
import type { CommonOptions } from "./session.ts";

/** More processes than this wait for each other's writes. */
const MOST_WORKERS = 64;

/** Adds `serve` to `program`. */
export function addServe(program: Command): void {
  program
    .command("serve")
    .description("answer RADIUS requests and OpenVPN's management sockets until SIGTERM or SIGINT")
    .option(
      "--workers <number>",
      `processes that answer RADIUS requests, up to ${MOST_WORKERS}: with 2 or more, this one only hands requests to them`,
      readWorkers,
      1,
    )
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions & { workers: number }>();
      const [
        { loadClients, loadConfig, ownName, readOpenvpns },
        { openLog },
        { startOpenvpn },
        { startRadius },
        { openService },
        { startPages },
        { dropPrivileges },
        { systemClock },
        { Sources },
        { openWorkers },
        { keepHeapSmall },
      ] = await Promise.all([
        import("../config/config.ts"),
        import("../log/log.ts"),
        import("../openvpn/management.ts"),
        import("../radius/server.ts"),
        import("../service/service.ts"),
        import("../web/start.ts"),
        import("../service/privileges.ts"),
        import("../core/clock.ts"),
        import("../admission/source-backoff.ts"),
        import("../workers/primary.ts"),
        import("../service/heap.ts"),
      ]);
      const stopped = untilSignal();
      keepHeapSmall();
      const config = loadConfig(options.config, options.data);
      const { log, flush, setLevel } = openLog(config.log.level, options.workers > 1);
      // What nobody asks for is neither loaded nor counted.
      const monitoring =
        config.metrics.listen === undefined ? undefined : await import("../service/metrics.ts");
      const metrics = monitoring && new monitoring.Metrics();
      let workers: Workers | undefined;
      const sources = new Sources((...failure) => workers?.tell(failure));
      const service = await openService(config, log, warn, {
        by: "pages",
        ...(metrics && { note: metrics.note.bind(metrics), noted: metrics.noted.bind(metrics) }),
        sources,
      });
      // What has been opened, so that a door that cannot open does not leave the others open.
      const doors: { close(): Promise<void> | void }[] = [];
      const opened = <Door extends (typeof doors)[number]>(door: Door): Door => {
        doors.push(door);
        return door;
      };
      try {
        const { clients, secretFile } = loadClients(config, warn);
        const { listen, accounting } = config.radius;
        const { admission, callers, store } = service;
        if (options.workers > 1) {
          const hear = (failure: Failure): void => sources.count(...failure);
          workers = await openWorkers({ workers: options.workers, config, clients, log, hear });
        }
        const radius = opened(
          workers ??
            (await startRadius({
              listen,
              accounting,
              clients,
              admission,
              callers,
              store,
              log,
            })),
        );
        for (const one of readOpenvpns(config))
          opened(startOpenvpn({ ...one, admission, store, log, service: ownName(config) }));
        const web = await startPages(config, service, log, warn);
        if (web && "close" in web) opened(web);
        const watched = { ...service, clock: systemClock, radius: radius.counters, workers };
        const monitor =
          monitoring && opened(await monitoring.startMonitor(config.metrics.listen!, metrics!, watched));
        dropPrivileges(config);
        // They are born without privileges: what a worker cannot do later, when it is started again, fails now.
        await workers?.start();
        process.stdout.write(`data        ${config.data}\n`);
        process.stdout.write(`RADIUS      ${radius.all.authentication.map(printEndpoint).join(" ")}\n`);
        if (workers) process.stdout.write(`workers     ${workers.workers}\n`);
        process.stdout.write(`accounting  ${radius.all.accounting.map(printEndpoint).join(" ")}\n`);
        if (secretFile)
          process.stdout.write(`secret      in ${secretFile}, for RADIUS clients on this machine\n`);
        for (const { socket, name } of config.openvpn)
          process.stdout.write(`OpenVPN     ${name}, management socket ${socket}\n`);
        if (web && "problem" in web) process.stdout.write(`pages       off: ${web.problem}\n`);
        else if (web) process.stdout.write(`pages       ${web.url}\n`);
        if (web && "setupFile" in web)
          process.stdout.write(
            `setup code  in ${web.setupFile}, for choosing the administrator's password\n`,
          );
        if (monitor)
          process.stdout.write(`metrics     http://${printEndpoint(monitor.address)}/metrics and /healthz\n`);
        process.on("SIGHUP", () => {
          try {
            const next = loadConfig(options.config, options.data);
            const { clients } = loadClients(next, (message) => log.warn(message));
            if ("configure" in radius) radius.configure(clients, next.log.level);
            else radius.useClients(clients);
            setLevel(next.log.level);
            service.audit?.reopen();
            log.info("the configuration has been read again: clients, log level, audit file");
          } catch (error) {
            log.error({ why: (error as Error).message }, "the configuration was not read again");
          }
        });
        process.stdout.write("ready\n");
        await stopped;
      } finally {
        await Promise.all(doors.map(async (door) => door.close()));
        await service.close();
        flush();
      }
    });
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
}

function readWorkers(text: string): number {
  const workers = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (workers < 1 || workers > MOST_WORKERS)
    throw new InvalidArgumentError(`It must be a number from 1 to ${MOST_WORKERS}.`);
  return workers;
}
