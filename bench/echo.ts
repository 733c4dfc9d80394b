// The limits of any RADIUS server here: what the kernel takes to bring a datagram in and another one out, by a loop in C, and
// the same by node:dgram without any work in between.

import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import type { Dialogue, Step } from "./conversation.ts";
import { pin, stop, type Server } from "./servers.ts";

const NODE = `import { createSocket } from "node:dgram";
const socket = createSocket({ type: "udp4", lookup: (host, _, callback) => callback(null, host, 4) });
socket.on("message", (datagram, from) => socket.send(datagram, from.port, from.address));
socket.bind(0, "127.0.0.1", () => console.log(socket.address().port));
`;

/** A datagram of a PAP login's length that comes back as it is. */
export class Echo implements Dialogue {
  readonly #bytes = randomBytes(100);

  start(identifier: number): Buffer {
    this.#bytes[0] = 1;
    this.#bytes[1] = identifier;
    return this.#bytes;
  }

  take(datagram: Buffer): Step {
    return datagram.equals(this.#bytes) ? "accept" : "wrong";
  }
}

/** Starts an echo: of C, undefined where it cannot be compiled, or of Node. */
export async function startEcho(
  folder: string,
  kind: "C" | "dgram",
  core: number | undefined,
): Promise<Server | undefined> {
  let command: string[];
  if (kind === "C") {
    const program = `${folder}/echo`;
    if (spawnSync("gcc", ["-O2", "-o", program, "bench/c/echo.c"]).status !== 0) return undefined;
    command = [program];
  } else {
    writeFileSync(`${folder}/echo.mjs`, NODE);
    command = [process.execPath, `${folder}/echo.mjs`];
  }
  const [program, ...rest] = pin(core, command);
  const child = spawn(program!, rest, { stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface({ input: child.stdout }))
    return {
      endpoint: { address: "127.0.0.1", port: Number(line) },
      pid: child.pid!,
      stop: () => stop(child),
    };
  return undefined;
}
