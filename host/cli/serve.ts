// dialward serve: wires the service and runs it until it is told to stop.
import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import { printEndpoint } from "../config/endpoint.ts";
import type { Service } from "../service/service.ts";
import { warn } from "./output.ts";
import type { CommonOptions } from "./session.ts";

/** For how long a start waits for users' profiles to be opened, in milliseconds: enough for some ten thousand. */
const WARM_MS = 300;

/** Adds `serve` to `program`. */
export function addServe(program: Command): void {
  program
    .command("serve")
    .description("answer RADIUS requests and OpenVPN's management sockets until SIGTERM or SIGINT")
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      const [
        { loadClients, loadConfig, ownName, readClients, readOpenvpns },
        { openLog },
        { startOpenvpn },
        { bindRadius, startRadius },
        { Signing },
        { openService },
        { makeDesk },
        { startControl },
        { bindPages },
        { startWeb },
        { asOwner, becomeOwner, makeFolder },
        { SettingsFile },
        { isRadiusInFile, radiusEndpoints },
        { systemClock },
        { keepHeapSmall },
        { EndOfHours },
        { endSession },
      ] = await Promise.all([
        import("../config/config.ts"),
        import("../log/log.ts"),
        import("../openvpn/management.ts"),
        import("../radius/server.ts"),
        import("../radius/signing.ts"),
        import("../service/service.ts"),
        import("../service/desk.ts"),
        import("../service/control-server.ts"),
        import("../web/start.ts"),
        import("../web/server.ts"),
        import("../service/privileges.ts"),
        import("../admin/settings.ts"),
        import("../service/radius-endpoints.ts"),
        import("../core/clock.ts"),
        import("../service/heap.ts"),
        import("../service/end-of-hours.ts"),
        import("../service/end-session.ts"),
      ]);
      const stopped = untilSignal();
      // Whoever reads what is printed may go, and the disk behind it may be full: logins go on.
      process.stdout.removeAllListeners("error").on("error", () => {});
      keepHeapSmall();
      const config = loadConfig(options.config, options.data);
      const { log, flush, setLevel } = openLog(config.log.level);
      // What nobody asks for is neither loaded nor counted.
      const monitoring =
        config.metrics.listen === undefined ? undefined : await import("../service/metrics.ts");
      const metrics = monitoring && new monitoring.Metrics();
      // What has been opened, so that a door that cannot open does not leave the others open.
      const doors: { close(): Promise<void> | void }[] = [];
      const opened = <Door extends (typeof doors)[number]>(door: Door): Door => {
        doors.push(door);
        return door;
      };
      let service: Service | undefined;
      try {
        // As root, where it is root that starts it: a port below 1024, and files that only root can read or make.
        makeFolder(config);
        const configured = readClients(config, warn);
        const { clients, secretFile, chosen } = await asOwner(config, async () => ({
          ...loadClients(config, warn, configured),
          chosen: new SettingsFile(config.data).read(),
        }));
        const { listen, accounting } = radiusEndpoints(config, chosen);
        const ports = opened(await bindRadius({ listen, accounting }));
        const webPorts = await bindPages(config, warn);
        if (webPorts && "close" in webPorts) opened(webPorts);
        becomeOwner(config);
        service = await openService(config, log, warn, {
          by: "pages",
          create: true,
          // A store that cannot be opened again is for the next process, which systemd starts.
          lost: (error) => {
            log.error({ err: error }, "the store has failed, and cannot be opened again: the service ends");
            flush();
            process.exit(1);
          },
          ...(metrics && { note: metrics.note.bind(metrics), noted: metrics.noted.bind(metrics) }),
        });
        const { audit, settings } = service;
        const { admission, callers, store } = service;
        const radius = await startRadius(
          {
            ...{ listen, accounting, clients, admission, callers, store, log },
            service: ownName(config),
            signing: await Signing.open(store, log),
          },
          ports,
        );
        doors[0] = radius; // it closes the ports too
        service.clients.seen = radius.clients;
        for (const one of readOpenvpns(config))
          opened(startOpenvpn({ ...one, admission, store, log, service: ownName(config) }));
        // What the pages change of the clients and the log's level holds at once, and after SIGHUP.
        const apply = (next = config): void => {
          radius.useClients(loadClients(next, (message) => log.warn(message)).clients);
          setLevel(settings.read().log.level ?? next.log.level);
        };
        setLevel(settings.read().log.level ?? config.log.level);
        const ended = { admission, log, sessions: () => store.sessions() };
        opened(new EndOfHours({ ...ended, end: (id) => endSession(id, store, config, warn) }).start());
        const web =
          webPorts && "close" in webPorts
            ? startWeb(webPorts, config, service, log, warn, {
                apply,
                radius: {
                  endpoints: () => radius.all.authentication.map(printEndpoint),
                  inFile: isRadiusInFile(config),
                  everywhere: () => settings.read().radius.everywhere,
                  listen: (everywhere) => radius.listen(radiusEndpoints(config, { radius: { everywhere } })),
                },
              })
            : webPorts;
        const watched = { ...service, clock: systemClock, radius: radius.counters };
        const monitor =
          monitoring && opened(await monitoring.startMonitor(config.metrics.listen!, metrics!, watched));
        opened(await startControl(config.data, makeDesk(service, config, warn, "command line"), log));
        process.stdout.write(`data        ${config.data}\n`);
        process.stdout.write(`RADIUS      ${radius.all.authentication.map(printEndpoint).join(" ")}\n`);
        process.stdout.write(`accounting  ${radius.all.accounting.map(printEndpoint).join(" ")}\n`);
        if (secretFile)
          process.stdout.write(`secret      in ${secretFile}, for RADIUS clients on this machine\n`);
        for (const { socket, name } of config.openvpn)
          process.stdout.write(`OpenVPN     ${name}, management socket ${socket}\n`);
        if (web && "problem" in web) process.stdout.write(`pages       off: ${web.problem}\n`);
        else if (web) process.stdout.write(`pages       ${web.url}\n`);
        if (web && "alsoUrls" in web)
          for (const url of web.alsoUrls) process.stdout.write(`pages       ${url}\n`);
        if (web && "enrolUrl" in web) process.stdout.write(`enrolment   ${web.enrolUrl}\n`);
        // A journal keeps what is printed: the link is for a terminal only.
        if (web && "setup" in web && web.setup) {
          const { link, file } = web.setup;
          process.stdout.write(
            process.stdout.isTTY ? `set-up      ${link}\n` : `set-up      by the link in ${file}\n`,
          );
        }
        if (monitor)
          process.stdout.write(`metrics     http://${printEndpoint(monitor.address)}/metrics and /healthz\n`);
        process.on("SIGHUP", () => {
          try {
            apply(loadConfig(options.config, options.data));
            audit?.reopen();
            log.info("the configuration has been read again: clients, log level, audit file");
          } catch (error) {
            log.error({ why: (error as Error).message }, "the configuration was not read again");
          }
        });
        // The profiles of many users are opened beside the first logins.
        await Promise.race([service.admission.warm(), setTimeout(WARM_MS, undefined, { ref: false })]);
        process.stdout.write("ready\n");
        await stopped;
      } finally {
        await Promise.all(doors.map(async (door) => door.close()));
        await service?.close();
        flush();
      }
    });
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
}
