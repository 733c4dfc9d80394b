// A port for a program that must be told one, instead of choosing it by itself.
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A port of loopback that nobody has. It is below those that the system gives to connections, so that none of them takes
 * it before the program does, or while the program is being started again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) =>
      probe.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true)),
    );
    if (!free) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}

/** The same for UDP. */
export async function freeUdpPort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const probe = createSocket("udp4");
    const free = await new Promise<boolean>((resolve) =>
      probe.once("error", () => resolve(false)).bind(port, "127.0.0.1", () => resolve(true)),
    );
    await new Promise<void>((resolve) => probe.close(resolve));
    if (free) return port;
  }
}
