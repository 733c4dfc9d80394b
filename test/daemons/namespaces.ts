// Two network namespaces joined by a link, a server's and a client's, named after this process.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

export const SERVER = "10.87.0.1";
const CLIENT = "10.87.0.2";
/** Behind the server: what a tunnel leads to, and nothing else does. */
export const LAN = "10.99.0.1";

export interface Namespaces {
  server: string;
  client: string;
}

/** The names, which tell whose they are. */
export function nameNamespaces(): Namespaces {
  return { server: `dw-srv-${process.pid}`, client: `dw-cli-${process.pid}` };
}

/** Makes both, and removes those of a run that was killed. */
export function makeNamespaces({ server, client }: Namespaces): void {
  for (const [name, pid] of ip("netns list").matchAll(/dw-(?:srv|cli)-(\d+)/g))
    if (!existsSync(`/proc/${pid}`) || Number(pid) === process.pid) removeNamespace(name);
  ip("netns add", server);
  ip("netns add", client);
  ip(`-n ${server} link add dw0 type veth peer name dw0 netns ${client}`);
  for (const [space, address] of [
    [server, SERVER],
    [client, CLIENT],
  ] as const) {
    ip(`-n ${space} link set lo up`);
    ip(`-n ${space} address add ${address}/24 dev dw0`);
    ip(`-n ${space} link set dw0 up`);
  }
  ip(`-n ${server} address add ${LAN}/32 dev lo`);
}

/** Ends what runs in a namespace, and removes it. */
export function removeNamespace(name: string): void {
  if (!existsSync(`/run/netns/${name}`)) return;
  try {
    for (const pid of ip("netns pids", name).split("\n").filter(Boolean)) {
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // it has ended meanwhile
      }
    }
    ip("netns delete", name);
  } catch (error) {
    // Another file of tests, which begins at the same time, may have removed it.
    if (existsSync(`/run/netns/${name}`)) throw error;
  }
}

function ip(...words: string[]): string {
  return execFileSync("ip", words.join(" ").split(" "), { encoding: "utf8" });
}
